//! The models that are built in, and which types are priced, free, or neither.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::model::{Model, Pack};

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/models.bin"));

/// What is known of a resource type's cost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// It has a model.
    Priced,
    /// It costs nothing by itself.
    Free,
    /// It costs something, and no model says what yet.
    NotPriced,
    /// It is AWS's, and nothing is known of its cost: the provider that we know does not have it.
    NotKnown,
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

    /// The types that cost something and have no model yet, in order.
    pub fn not_priced(&self) -> &[Arc<str>] {
        &self.pack.not_priced
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
            _ if has(&self.pack.free, ty) => Standing::Free,
            _ if has(&self.pack.not_priced, ty) => Standing::NotPriced,
            _ => Standing::NotKnown,
        }
    }
}

fn has(ordered: &[Arc<str>], ty: &str) -> bool {
    ordered.binary_search_by(|other| (**other).cmp(ty)).is_ok()
}
