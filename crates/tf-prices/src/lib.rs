//! AWS's on-demand prices.
//!
//! [`Catalogue`] finds the price of a usage type: in the embedded catalogue, which is compiled from the text under
//! `catalog/`, or in one that [`bulk`] made of AWS's own price files.
//!
//! Prices are decimals, in US dollars. What is not found is an error that names the query; it is never $0.

mod blob;
pub mod bulk;
mod catalogue;
mod error;
mod price;
pub mod row;
mod section;
pub mod sync;

pub use catalogue::{Catalogue, Coverage, GLOBAL, Info};
pub use error::{CatalogueError, LookupError};
/// The date type of prices.
pub use jiff::civil::Date;
pub use price::{Price, Tier};
/// The number type of prices.
pub use rust_decimal::Decimal;
