//! State files, digests and lock information as data: no calls here.
