//! Outputs of root modules.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::View;
use crate::finding::{Findings, Layer};

pub(super) fn compare(view: &View<'_>, out: &mut Findings) {
    let names: BTreeSet<&Arc<str>> = view
        .stacks
        .iter()
        .flatten()
        .flat_map(|stack| stack.graph.outputs.keys())
        .collect();
    for name in names {
        let mut comparison = view.comparison();
        comparison.values(&view.slots(|_, stack| stack.graph.outputs.get(name)));
        view.take(
            comparison,
            Layer::Outputs,
            &format!("output.{name}"),
            out,
            |path, values| view.tracer.output(name, path, values),
        );
    }
}
