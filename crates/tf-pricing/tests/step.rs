//! Lines that hold for both worlds of a change are worked out once: the difference must be that of two estimates made apart.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use tf_model::plan::review;
use tf_model::{Graph, Project};
use tf_policy::Worlds;
use tf_pricing::{Decimal, Difference, Models, Pricing};

/// The difference, worked out in both ways, which must agree.
fn step(pricing: &Pricing, before: &Graph, after: &Graph, what: &str) -> Difference {
    let apart = pricing.difference("test", "0", &[(".", before)], &[(".", after)]);
    let summary_apart = pricing.costs("test", "0", &[(".", after)]).summary;
    let (step, summary) = pricing.step("test", "0", &Worlds::new(before, after));
    assert_eq!(step, apart, "{what}");
    assert_eq!(summary, summary_apart, "{what}");
    step
}

#[test]
fn what_looks_at_others_is_priced_in_each_world() {
    let template =
        |ty: &str| format!(r#"{{"id": "lt-1", "name": "t", "instance_type": "{ty}", "image_id": "ami-1"}}"#);
    let group = r#"{"name": "g", "min_size": 2, "max_size": 2, "desired_capacity": 2, "launch_template": [{"id": "lt-1", "name": "t", "version": "1"}],
        "mixed_instances_policy": []}"#;
    let instance = r#"{"id": "i-1", "instance_type": "m5.large", "ami": "ami-1", "availability_zone": "us-east-1a", "tenancy": "default"}"#;
    let change = |address: &str, before: &str, after: &str| {
        let ty = address.split('.').next().unwrap();
        format!(
            r#"{{"address": "{address}", "mode": "managed", "type": "{ty}",
              "change": {{"actions": ["update"], "before": {before}, "after": {after}, "after_unknown": {{}}}}}}"#
        )
    };
    let plan = format!(
        r#"{{"format_version": "1.2", "resource_changes": [{}, {}, {}, {}],
            "configuration": {{"provider_config": {{"aws": {{"name": "aws", "expressions": {{"region": {{"constant_value": "us-east-1"}}}}}}}},
              "root_module": {{"resources": [
                {{"address": "aws_launch_template.t", "mode": "managed", "type": "aws_launch_template", "name": "t", "provider_config_key": "aws"}},
                {{"address": "aws_instance.same", "mode": "managed", "type": "aws_instance", "name": "same", "provider_config_key": "aws"}},
                {{"address": "aws_instance.new", "mode": "managed", "type": "aws_instance", "name": "new", "provider_config_key": "aws"}},
                {{"address": "aws_autoscaling_group.g", "mode": "managed", "type": "aws_autoscaling_group", "name": "g", "provider_config_key": "aws",
                  "expressions": {{"launch_template": [{{"id": {{"references": ["aws_launch_template.t.id", "aws_launch_template.t"]}}}}]}}}}]}}}}}}"#,
        change(
            "aws_launch_template.t",
            &template("m5.large"),
            &template("m5.xlarge")
        ),
        // It stays as it is, and costs twice as much.
        change("aws_autoscaling_group.g", group, group),
        change("aws_instance.same", instance, instance),
        change("aws_instance.new", "null", instance),
    );
    let review = review(plan).unwrap();
    let step = step(&Pricing::default(), &review.before, &review.after, "the plan");
    let of = |address: &str| step.resources.iter().find(|resource| resource.address == address);
    let group = of("aws_autoscaling_group.g").unwrap_or_else(|| panic!("{:#?}", step.resources));
    let monthly = |price: &str| price.parse::<Decimal>().unwrap() * Decimal::from(730);
    // Two machines: 0.096 USD an hour before, 0.192 after.
    assert_eq!(
        group.delta,
        (monthly("0.192") * Decimal::TWO - monthly("0.096") * Decimal::TWO).normalize()
    );
    assert!(of("aws_instance.same").is_none());
    assert_eq!(
        of("aws_instance.new").unwrap().delta,
        monthly("0.096").normalize()
    );
}

#[test]
fn both_ways_agree_on_each_example() {
    let pricing = Pricing::default();
    let mut compared = 0;
    for model in Models::builtin().all() {
        let graphs: Vec<Graph> = model
            .examples
            .iter()
            .map(|example| Project::from_text("example.tf", &example.source))
            .collect();
        for (at, after) in graphs.iter().enumerate() {
            let what = format!("{:?}, line {}", model.types, model.examples.get(at).unwrap().line);
            let same = step(&pricing, after, after, &what);
            assert!(same.resources.is_empty(), "{what}");
            if let Some(before) = graphs.get(at + 1) {
                step(&pricing, before, after, &what);
            }
            compared += 1;
        }
    }
    assert!(compared > 150, "{compared}");
}
