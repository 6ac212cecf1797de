//! Every example of every model.

use tf_prices::Catalogue;
use tf_pricing::{Models, test_model};

#[test]
fn every_example_of_every_model_holds() {
    let models = Models::builtin();
    let catalogue = Catalogue::embedded();
    let only = std::env::var("TF_COST_MODEL").ok();
    let failures: Vec<String> = models
        .all()
        .iter()
        .filter(|model| {
            only.as_ref()
                .is_none_or(|only| model.types.iter().any(|ty| ty.contains(only)))
        })
        .flat_map(|model| test_model(model, models, catalogue))
        .map(|failure| format!("{}\n  {}", failure.place, failure.message))
        .collect();
    assert!(
        failures.is_empty(),
        "{} examples do not hold:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
