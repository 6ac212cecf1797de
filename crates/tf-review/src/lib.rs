//! What a plan changes, as a person reads it: the differences of values, and what must not be shown of them.

mod changes;
mod diff;
mod markdown;
mod mask;
mod risk;

pub use changes::{Changes, Counts, OutputChange, ResourceChange};
pub use diff::{Change, Difference, Line, Shown, differences};
pub use markdown::{COMMENT_LIMIT, Document, Finding};
pub use mask::Mask;
pub use risk::Risk;
