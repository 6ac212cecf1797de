//! Every example of every built-in policy.

use rayon::prelude::*;
use tf_policy::{pack, test_policy};

#[test]
fn every_example_shows_what_it_should() {
    let (count, failures) = tf_model::config::thread_pool().unwrap().install(|| {
        let policies = pack::builtin();
        let failures: Vec<_> = policies.par_iter().flat_map_iter(test_policy).collect();
        (policies.len(), failures)
    });
    assert!(count >= 110, "only {count} policies");
    let lines: Vec<String> = failures
        .iter()
        .map(|failure| format!("{}: {}: {}", failure.policy, failure.example, failure.message))
        .collect();
    assert!(
        failures.is_empty(),
        "{} examples fail:\n{}",
        failures.len(),
        lines.join("\n")
    );
}
