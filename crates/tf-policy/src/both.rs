//! The two worlds of a change, and what they have in common.

use std::sync::{Arc, OnceLock};

use tf_lang::Value;
use tf_lang::value::Kind;
use tf_model::{Graph, Resource};

use crate::engine::{Applicable, Judgements, Known, Passed, World};
use crate::functions;
use crate::policy::Policy;
use crate::relations::Relations;

/// The world before a change and the one after it. Worked out when it is first asked for, for all threads and for all who ask.
pub struct Worlds<'g> {
    /// What is there.
    pub before: Relations<'g>,
    /// What will be.
    pub after: Relations<'g>,
    /// By resource of the world after.
    twins: OnceLock<Vec<Option<Twin>>>,
}

/// A resource that is in both worlds.
#[derive(Clone, Debug)]
pub struct Twin {
    /// The resource of the world before: its index in [`Graph::resources`].
    pub at: u32,
    /// The attributes that differ, in order.
    pub differing: Arc<[Arc<str>]>,
}

impl Twin {
    /// Whether an attribute differs.
    pub fn differs(&self, name: &str) -> bool {
        self.differing.iter().any(|other| **other == *name)
    }
}

impl<'g> Worlds<'g> {
    /// The worlds; nothing is worked out yet.
    pub fn new(before: &'g Graph, after: &'g Graph) -> Worlds<'g> {
        Worlds {
            before: Relations::new(before),
            after: Relations::new(after),
            twins: OnceLock::new(),
        }
    }

    /// Works out what nearly every run asks for, on several threads. Without it the first who asks does, and all others wait.
    pub fn prepare(&self) {
        rayon::join(
            || {
                self.before.prepare();
                self.twins();
            },
            || self.after.prepare(),
        );
    }

    /// What a resource of the world after has in common with that of the world before.
    pub fn twin(&self, after: usize) -> Option<&Twin> {
        self.twins().get(after)?.as_ref()
    }

    /// Whether an attribute of a resource of the world after is the same before.
    pub fn stays(&self, after: u32, name: &str) -> bool {
        self.twin(after as usize).is_some_and(|twin| !twin.differs(name))
    }

    /// Whether all attributes of a resource of the world after are the same before.
    pub fn stays_whole(&self, after: u32) -> bool {
        self.twin(after as usize)
            .is_some_and(|twin| twin.differing.is_empty())
    }

    /// Whether a resource of the world after in which there is no secret had none before either.
    pub fn had_no_secrets(&self, after: u32) -> bool {
        self.twin(after as usize).is_some_and(|twin| {
            let before = self.before.resource(twin.at);
            before.is_some_and(|before| functions::secrets::none_in(&before.values, &twin.differing))
        })
    }

    /// Whether `linked` with these arguments, which gave this in the world after, gives the same resources in the world before.
    pub fn links_stay(&self, args: &[Value], linked: &Value) -> bool {
        let Some((first, types)) = args.split_first() else {
            return false;
        };
        let types: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
        let (Some(first), Some(expected)) = (self.earlier(first), self.earlier(linked)) else {
            return false;
        };
        let was = self.before.linked_to(&first, &types);
        let (was, expected) = (
            was.as_items().unwrap_or_default(),
            expected.as_items().unwrap_or_default(),
        );
        was.len() == expected.len()
            && was
                .iter()
                .zip(expected)
                .all(|(one, other)| match (one.kind(), other.kind()) {
                    (Kind::Handle(one), Kind::Handle(other)) => one == other,
                    _ => false,
                })
    }

    /// A resource of the world after, or a list of some, as those of the world before; none where one of them is not there.
    fn earlier(&self, value: &Value) -> Option<Value> {
        match value.kind() {
            Kind::Handle(handle) => Some(Value::handle(self.twin(*handle as usize)?.at)),
            _ => {
                let items = value.as_items()?.iter();
                Some(Value::tuple(
                    items.map(|item| self.earlier(item)).collect::<Option<_>>()?,
                ))
            }
        }
    }

    fn twins(&self) -> &[Option<Twin>] {
        self.twins.get_or_init(|| {
            let twin = |resource: &Resource| {
                let at = self.before.graph.find(&resource.address)?;
                twin(at, self.before.graph.resources.get(at)?, resource)
            };
            self.after.graph.resources.iter().map(twin).collect()
        })
    }
}

fn twin(at: usize, is: &Resource, will: &Resource) -> Option<Twin> {
    let at = u32::try_from(at).ok()?;
    if is.values.is_one_with(&will.values) {
        return Some(Twin {
            at,
            differing: Arc::default(),
        });
    }
    let (old, new) = (is.values.as_entries()?, will.values.as_entries()?);
    if is.values.marks() != will.values.marks() || old.beyond().is_some() || new.beyond().is_some() {
        return None;
    }
    let differing: Vec<Arc<str>> = old
        .beside(new)
        .filter(|(_, one, other)| !matches!((one, other), (Some(one), Some(other)) if one.is_same(other)))
        .map(|(name, ..)| name.clone())
        .collect();
    Some(Twin {
        at,
        differing: differing.into(),
    })
}

/// The judgements of both worlds of a change.
#[derive(Debug, Default)]
pub struct Both {
    /// What did not pass in the world before, but for what stays.
    pub(crate) before: Judgements,
    /// What did not pass in the world after.
    pub(crate) after: Judgements,
    /// What passes in the world after.
    pub(crate) passed: Vec<Passed>,
    /// By verdict of the world after: whether it is the same before.
    pub(crate) stays: Vec<bool>,
}

/// Judges both worlds of a change. Where all that a policy reads stays as it is, of its subject and of what is tied to it, the verdict
/// holds for both worlds, and is worked out once.
pub fn judge_both(worlds: &Worlds<'_>, policies: &[Arc<Policy>]) -> Both {
    let applicable = Applicable::new(policies);
    let known = Known {
        worlds: Some(worlds),
        only_faults: true,
        ..Known::default()
    };
    let later = World::judge(&worlds.after, &applicable, &known);
    let mut open = vec![None; worlds.before.graph.resources.len()];
    for (at, policies) in later.open {
        if let Some(slot) = open.get_mut(at as usize) {
            *slot = Some(policies);
        }
    }
    let known = Known {
        open,
        only_faults: true,
        ..Known::default()
    };
    Both {
        before: World::judge(&worlds.before, &applicable, &known).judgements,
        after: later.judgements,
        passed: later.passed,
        stays: later.stays,
    }
}
