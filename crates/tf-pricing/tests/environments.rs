//! The repository's own roots: what each environment costs, by the built-in models and catalogue, without any usage.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use std::path::Path;

use tf_model::{Options as LoadOptions, Project};
use tf_prices::Catalogue;
use tf_pricing::{Document, Estimate, Models, Options, Root, State, estimate};

const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
const STACKS: [&str; 3] = ["services", "data", "cluster"];

fn estimate_of(environment: &str, stack: &str) -> (tf_model::Graph, Estimate) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../environments")
        .join(environment)
        .join(stack);
    // Installed modules of a registry are not there; the repository's own are.
    let project = Project::load(&folder, &LoadOptions::default()).unwrap();
    let root = project.roots().first().unwrap();
    let graph = project.graph(root);
    let options = Options {
        models: Models::builtin(),
        catalogue: Catalogue::embedded(),
        usage: None,
        region: None,
        terms: None,
    };
    let estimate = estimate(&graph, &options);
    (graph, estimate)
}

#[test]
fn prod_costs_more_than_staging_and_that_more_than_dev() {
    for stack in STACKS {
        let sums: Vec<_> = ENVIRONMENTS
            .iter()
            .map(|environment| estimate_of(environment, stack).1.totals.monthly)
            .collect();
        let [dev, staging, prod] = sums.as_slice() else {
            panic!("three environments");
        };
        assert!(
            prod.low > staging.low && staging.low > dev.low && dev.low > tf_prices::Decimal::ZERO,
            "{stack}: dev {}, staging {}, prod {}",
            dev.low,
            staging.low,
            prod.low
        );
    }
}

#[test]
fn every_line_has_a_sum_or_a_reason() {
    for stack in STACKS {
        for environment in ENVIRONMENTS {
            let (graph, estimate) = estimate_of(environment, stack);
            let priced: usize = estimate.resources.len();
            assert!(priced > 10, "{environment}/{stack}: {priced}");
            for resource in &estimate.resources {
                // A copy for backups is in a second region, by a provider with an alias.
                let region = resource.region.as_deref();
                assert!(
                    region.is_some_and(|region| REGIONS.contains(&region)),
                    "{} {region:?}",
                    resource.address
                );
                for line in resource.lines.iter() {
                    let explained = match &line.state {
                        State::Priced => line.monthly.is_some(),
                        State::DependsOnUsage(keys) => !keys.is_empty(),
                        State::DependsOn(reasons) => !reasons.is_empty(),
                        State::Unpriced(reason) => {
                            // A model that fails is no reason.
                            !reason.is_empty() && !reason.contains("a bug of ours")
                        }
                    };
                    assert!(explained, "{environment}/{stack} {} {line:?}", resource.address);
                }
            }
            // The sum is that of its lines, to the last digit.
            let document = Document::new(
                "test",
                "0",
                &[Root {
                    name: "r".to_owned(),
                    environment: None,
                    graph: &graph,
                    estimate: &estimate,
                }],
            );
            let lines = document
                .resources
                .iter()
                .flat_map(|resource| &resource.components);
            let sum: tf_prices::Decimal = lines.filter_map(|line| line.monthly).sum();
            assert_eq!(sum, document.total_monthly, "{environment}/{stack}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let debug = |(_, estimate): (tf_model::Graph, Estimate)| format!("{estimate:?}");
    assert_eq!(
        debug(estimate_of("prod", "data")),
        debug(estimate_of("prod", "data"))
    );
}

const REGIONS: [&str; 2] = ["eu-west-1", "eu-central-1"];
