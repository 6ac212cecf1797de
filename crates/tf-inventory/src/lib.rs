//! What exists in an AWS account, what of it is in Terraform's states, and who changed it.
//!
//! [`list`] asks the services what exists; a service that fails or is denied is an entry of its own ([`Unlisted`]), never "nothing
//! there". [`States`] are what Terraform knows, [`compare`] puts the two side by side, [`imports`] makes `import` blocks of what nobody
//! looks after, and [`who::ask`] finds out in CloudTrail who changed something.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::collections::BTreeSet;
//! use tf_inventory::{States, Wanted, compare, import_file, imports, list};
//!
//! let connection = tf_aws::Connection::open(tf_aws::Options::default()).await?;
//! let inventory = list(&connection, &Wanted::everything([connection.region()])).await?;
//!
//! let mut states = States::default();
//! # let text = "";
//! states.add("environments/dev/app", &tf_model::state::load(text)?);
//!
//! let coverage = compare(&inventory, &states);
//! let unmanaged = coverage.unmanaged.iter().filter_map(|at| inventory.resources.get(*at));
//! let file = import_file(&imports(unmanaged, connection.region(), &BTreeSet::new()));
//! # Ok(())
//! # }
//! ```

mod coverage;
mod import;
mod inventory;
mod kind;
mod listing;
mod origin;
mod place;
mod resource;
mod states;
mod tagging;
pub mod who;

pub use coverage::{Count, Coverage, LeftOut, Managed, compare};
pub use import::{Import, import_file, imports};
pub use inventory::{Inventory, InventoryError, Missing, Unlisted, Wanted, account, enabled_regions, list};
pub use kind::Kind;
pub use resource::{Class, Origin, Resource, Tags};
pub use states::{Holder, States};
