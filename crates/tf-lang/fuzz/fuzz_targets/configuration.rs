//! Any text as a configuration: parsed, evaluated and judged, as native and as JSON syntax.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;

static PACK: LazyLock<Vec<Arc<tf_policy::Policy>>> = LazyLock::new(tf_policy::pack::builtin);

fuzz_target!(|text: &str| {
    // The stack that the binaries give to parsing and evaluating.
    let text = text.to_owned();
    let worker = std::thread::Builder::new().stack_size(tf_model::config::STACK).spawn(move || {
        let graph = tf_model::Project::from_text("main.tf", &text);
        let _ = tf_policy::judge(&graph, &PACK);
        let _ = tf_lang::parse::parse_json_body(tf_lang::FileId(0), &text);
        let _ = tf_lang::parse::comments(&text);
    });
    worker.expect("a thread").join().expect("no panic");
});
