//! Any text as the JSON of a plan: loaded and judged.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;

static PACK: LazyLock<Vec<Arc<tf_policy::Policy>>> = LazyLock::new(tf_policy::pack::builtin);

fuzz_target!(|text: &str| {
    if let Ok(review) = tf_model::plan::changes(text) {
        let _ = tf_policy::judge(&review.after, &PACK);
        let _ = tf_policy::judge_changes(&review, &PACK);
    }
});
