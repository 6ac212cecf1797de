//! Override files: what they declare is merged into what other files declared.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/files/override>.

use tf_lang::Diagnostic;
use tf_lang::ast::{Block, Body};

/// Merges the blocks of an override file into those of the primary files.
pub(super) fn merge(base: &mut Vec<Block>, overriding: Body) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for block in overriding.blocks {
        match &*block.kind.name {
            "locals" => problems.extend(merge_locals(base, block)),
            "terraform" => merge_terraform(base, block),
            _ => match base.iter_mut().find(|candidate| same_object(candidate, &block)) {
                Some(target) => merge_block(target, block),
                // An override of a provider configuration that is not there declares it.
                None if &*block.kind.name == "provider" => base.push(block),
                None => problems.push(Diagnostic::error(
                    format!("Missing {} to override", noun(&block)),
                    format!(
                        "There is no {} declaration for {}. An override file can only override what was declared in a \
                         primary configuration file.",
                        noun(&block),
                        block.labels.iter().map(|label| &*label.name).collect::<Vec<_>>().join(".")
                    ),
                    block.header,
                )),
            },
        }
    }
    problems
}

fn noun(block: &Block) -> &str {
    match &*block.kind.name {
        "resource" => "resource",
        "data" => "data resource",
        "module" => "module call",
        other => other,
    }
}

fn same_object(a: &Block, b: &Block) -> bool {
    let alias = |block: &Block| {
        block
            .body
            .attribute("alias")
            .map(|alias| alias.value.kind.clone())
    };
    let same = a.kind.name == b.kind.name
        && a.labels
            .iter()
            .map(|l| &l.name)
            .eq(b.labels.iter().map(|l| &l.name));
    same && (&*a.kind.name != "provider" || alias(a) == alias(b))
}

fn merge_block(target: &mut Block, overriding: Block) {
    for attribute in overriding.body.attributes {
        match target
            .body
            .attributes
            .iter_mut()
            .find(|existing| existing.name.name == attribute.name.name)
        {
            Some(existing) => *existing = attribute,
            None => {
                // count and for_each exclude each other: the override's wins.
                let rival = match &*attribute.name.name {
                    "count" => "for_each",
                    "for_each" => "count",
                    _ => "",
                };
                target
                    .body
                    .attributes
                    .retain(|existing| &*existing.name.name != rival);
                target.body.attributes.push(attribute);
            }
        }
    }
    let mut replaced: Vec<String> = Vec::new();
    for block in overriding.body.blocks {
        // A dynamic block stands for blocks of its label.
        let kind = match &*block.kind.name {
            "dynamic" => block.label(0).unwrap_or_default().to_owned(),
            kind => kind.to_owned(),
        };
        if kind == "lifecycle"
            && let Some(existing) = target
                .body
                .blocks
                .iter_mut()
                .find(|b| &*b.kind.name == "lifecycle")
        {
            merge_block(existing, block);
            continue;
        }
        if !replaced.contains(&kind) {
            target.body.blocks.retain(|existing| {
                *existing.kind.name != *kind
                    && !(&*existing.kind.name == "dynamic" && existing.label(0) == Some(kind.as_str()))
            });
            replaced.push(kind);
        }
        target.body.blocks.push(block);
    }
}

fn merge_locals(base: &mut [Block], overriding: Block) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for attribute in overriding.body.attributes {
        let existing = base
            .iter_mut()
            .filter(|block| &*block.kind.name == "locals")
            .flat_map(|block| block.body.attributes.iter_mut())
            .find(|existing| existing.name.name == attribute.name.name);
        match existing {
            Some(existing) => *existing = attribute,
            None => problems.push(Diagnostic::error(
                "Missing base local value definition to override",
                format!(
                    "There is no local value named \"{}\". An override file can only override a local value that was \
                     defined in a primary configuration file.",
                    attribute.name.name
                ),
                attribute.span,
            )),
        }
    }
    problems
}

/// `required_providers` is merged by provider; a backend replaces the one that was there.
fn merge_terraform(base: &mut Vec<Block>, overriding: Block) {
    let Some(target) = base.iter_mut().find(|block| &*block.kind.name == "terraform") else {
        base.push(overriding);
        return;
    };
    for block in overriding.body.blocks {
        let rival = |existing: &Block| match &*block.kind.name {
            "backend" | "cloud" => matches!(&*existing.kind.name, "backend" | "cloud"),
            _ => false,
        };
        target.body.blocks.retain(|existing| !rival(existing));
        match target.body.blocks.iter_mut().find(|existing| {
            &*existing.kind.name == "required_providers" && &*block.kind.name == "required_providers"
        }) {
            Some(existing) => merge_block(existing, block),
            None => target.body.blocks.push(block),
        }
    }
    for attribute in overriding.body.attributes {
        target
            .body
            .attributes
            .retain(|existing| existing.name.name != attribute.name.name);
        target.body.attributes.push(attribute);
    }
}
