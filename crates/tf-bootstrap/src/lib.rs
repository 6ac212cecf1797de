//! `tf-bootstrap`.
#![allow(dead_code)]
mod state;
