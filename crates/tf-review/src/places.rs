//! Where the resources of a plan are written: a plan knows no lines, the configuration that is evaluated beside it does.

use std::collections::HashMap;

use tf_model::Graph;
use tf_model::graph::Declaration;

use crate::changes::block_of;

/// The blocks of a configuration.
#[derive(Debug)]
pub struct Places<'g> {
    written: &'g Graph,
    /// By address without keys, for instances that only Terraform can tell.
    blocks: HashMap<String, &'g Declaration>,
}

impl<'g> Places<'g> {
    /// Those of an evaluated configuration.
    pub fn new(written: &'g Graph) -> Places<'g> {
        let mut blocks = HashMap::new();
        for resource in &written.resources {
            if let Some(declaration) = &resource.declaration {
                blocks.entry(block_of(&resource.text)).or_insert(declaration);
            }
        }
        Places { written, blocks }
    }

    /// Gives a world of the plan the places of its resources.
    pub fn give(&self, world: &mut Graph) {
        world.sources = self.written.sources.clone();
        for resource in &mut world.resources {
            let same = self.written.find(&resource.address);
            let same = same.and_then(|at| self.written.resources.get(at)?.declaration.as_ref());
            resource.declaration = same
                .or_else(|| self.blocks.get(&block_of(&resource.text)).copied())
                .cloned();
        }
    }
}
