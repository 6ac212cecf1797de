//! The models that are built in, and which types are priced, free, or neither.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use tf_model::schema::{self, Kind};

use crate::model::{Model, Pack};

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/models.bin"));

/// What is known of a resource type's cost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// It has a model.
    Priced,
    /// It costs nothing by itself.
    Free,
    /// It may cost something, and no model says what.
    NotPriced,
    /// It is not AWS's.
    Foreign,
}

/// Cost models by resource type.
#[derive(Debug)]
pub struct Models {
    pack: Pack,
    by_type: HashMap<Arc<str>, usize>,
}

impl Models {
    /// The built-in models. Compiled by the build script: starting a program parses no text.
    pub fn builtin() -> &'static Models {
        static BUILTIN: LazyLock<Models> = LazyLock::new(|| {
            // The build script has written it and read it back.
            Models::new(postcard::from_bytes(BLOB).unwrap_or_default())
        });
        &BUILTIN
    }

    fn new(pack: Pack) -> Models {
        let mut by_type = HashMap::new();
        for (at, model) in pack.models.iter().enumerate() {
            by_type.extend(model.types.iter().map(|ty| (ty.clone(), at)));
        }
        Models { pack, by_type }
    }

    /// All models, in order of their types.
    pub fn all(&self) -> &[Model] {
        &self.pack.models
    }

    /// The types that cost nothing by themselves, in order.
    pub fn free(&self) -> &[Arc<str>] {
        &self.pack.free
    }

    /// The types of the provider's schema that are neither priced nor free, in order.
    pub fn not_priced(&self) -> Vec<&'static str> {
        let mut names = schema::names(Kind::Resource);
        names.retain(|name| self.standing(name) == Standing::NotPriced);
        names
    }

    /// The model of a type.
    pub fn of(&self, ty: &str) -> Option<&Model> {
        self.by_type.get(ty).and_then(|at| self.pack.models.get(*at))
    }

    /// What is known of a type's cost.
    pub fn standing(&self, ty: &str) -> Standing {
        match (self.by_type.contains_key(ty), ty.starts_with("aws_")) {
            (true, _) => Standing::Priced,
            (_, false) => Standing::Foreign,
            _ if self.pack.free.binary_search_by(|free| (**free).cmp(ty)).is_ok() => Standing::Free,
            _ => Standing::NotPriced,
        }
    }
}
