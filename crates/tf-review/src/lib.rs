//! What a plan changes, as a person reads it: the differences of values, and what must not be shown of them.

mod changes;
mod cost;
mod diff;
mod html;
mod markdown;
mod marker;
mod mask;
mod places;
mod risk;
mod text;

pub use changes::{Changes, Counts, OutputChange, ResourceChange, block_of};
pub use cost::{Cost, ResourceCost};
pub use diff::{Change, Difference, Line, Shown, differences};
pub use markdown::{COMMENT_LIMIT, Document, Finding, unchanged, unplanned};
pub use marker::{marked, marker};
pub use mask::Mask;
pub use places::Places;
pub use risk::Risk;
pub use text::TextOptions;
