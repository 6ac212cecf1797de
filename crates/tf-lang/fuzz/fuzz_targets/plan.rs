//! Any text as the JSON of a plan: loaded and judged.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(graph) = tf_model::plan::load(text) {
        let _ = tf_policy::judge(&graph, &tf_policy::pack::builtin());
    }
});
