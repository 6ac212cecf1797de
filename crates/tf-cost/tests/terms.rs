//! What is paid other than the list price, and budgets: sums worked out by hand from the catalogue's figures.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod program;

use program::{folder, json, said, tf_cost};
use serde_json::Value as Json;

const INSTANCES: &str = r#"
provider "aws" {
  region = "us-east-1"
}

resource "aws_instance" "web" {
  count         = 3
  ami           = "ami-1"
  instance_type = "m5.large"
  root_block_device {
    volume_type = "gp3"
    volume_size = 100
  }
}
"#;

/// The document of a root with these settings.
fn estimated(configuration: &str, settings: &str) -> Json {
    let dir = folder(&[("main.tf", configuration), ("plumbline.hcl", settings)]);
    let output = tf_cost(dir.path(), &["estimate", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    json(&output)
}

#[test]
fn terms_change_what_is_paid() {
    // List price: 3 × 730 h × 0.096 = 210.24; 3 × 100 GB × 0.08 = 24.
    for (settings, total) in [
        ("", "234.24"),
        // 210.24 × 0.9 + 24.
        (
            "discount \"edp\" {\n percent = 10\n services = [\"AmazonEC2\"]\n regions = [\"us-east-1\"]\n}",
            "210.816",
        ),
        (
            "discount \"edp\" {\n percent = 10\n services = [\"AmazonRDS\"]\n}",
            "234.24",
        ),
        (
            "discount \"edp\" {\n percent = 10\n regions = [\"eu-west-1\"]\n}",
            "234.24",
        ),
        // 234.24 × 0.9 × 0.95: one after the other.
        (
            "discount \"a\" {\n percent = 10\n}\ndiscount \"b\" {\n percent = 5\n}",
            "200.2752",
        ),
        // 2 × 730 × 0.06 + 730 × 0.096 + 24.
        (
            "reserved \"web\" {\n instance_type = \"m5.large\"\n count = 2\n hourly = 0.06\n}",
            "181.68",
        ),
        // 4 are reserved and 3 run: 3 × 730 × 0.096 × 0.6 + 24.
        (
            "reserved \"web\" {\n instance_type = \"m5.large\"\n count = 4\n percent = 40\n}",
            "150.144",
        ),
        (
            "reserved \"web\" {\n instance_type = \"m5.xlarge\"\n percent = 40\n}",
            "234.24",
        ),
        (
            "reserved \"web\" {\n instance_type = \"m5.large\"\n region = \"eu-west-1\"\n percent = 40\n}",
            "234.24",
        ),
        (
            "reserved \"web\" {\n instance_type = \"m5.large\"\n attributes = { operatingSystem = \"Windows\" }\n percent = 40\n}",
            "234.24",
        ),
        // 210.24 × 0.73 + 24.
        (
            "savings_plan \"all\" {\n type = \"compute\"\n percent = 27\n}",
            "177.4752",
        ),
        // 0.096 × 0.75 = 0.072 an hour; 0.072 × 730 = 52.56 buys one of the three: 52.56 + 2 × 70.08 + 24.
        (
            "savings_plan \"all\" {\n type = \"compute\"\n percent = 25\n commitment = 0.072\n}",
            "216.72",
        ),
        (
            "savings_plan \"m6\" {\n type = \"ec2_instance\"\n family = \"m6i\"\n region = \"us-east-1\"\n percent = 27\n}",
            "234.24",
        ),
        (
            "savings_plan \"m5\" {\n type = \"ec2_instance\"\n family = \"m5\"\n region = \"us-east-1\"\n percent = 50\n}",
            "129.12",
        ),
        // One is reserved for 0.05, the others are under the plan, and all of it is discounted:
        // (730 × 0.05 + 1460 × 0.048 + 24) × 0.9.
        (
            "reserved \"web\" {\n instance_type = \"m5.large\"\n count = 1\n hourly = 0.05\n}\n\
             savings_plan \"all\" {\n type = \"compute\"\n percent = 50\n}\ndiscount \"edp\" {\n percent = 10\n}",
            "117.522",
        ),
        // 234.24 × 0.92.
        ("currency = \"EUR\"\nexchange_rate = 0.92", "215.5008"),
    ] {
        let document = estimated(INSTANCES, &format!("cost {{\n{settings}\n}}\n"));
        assert_eq!(document["total_monthly"], total, "{settings}");
        // Each line is its quantity times its price, and the sum is that of the lines.
        let lines = document["resources"].as_array().unwrap().iter();
        let lines = lines.flat_map(|resource| resource["components"].as_array().unwrap());
        let sum: tf_pricing::Decimal = lines
            .filter(|line| !line["monthly"].is_null())
            .map(|line| {
                let number =
                    |name: &str| -> tf_pricing::Decimal { line[name].as_str().unwrap().parse().unwrap() };
                assert_eq!(number("quantity") * number("price"), number("monthly"), "{line}");
                number("monthly")
            })
            .sum();
        assert_eq!(sum.normalize().to_string(), total, "{settings}");
    }
}

#[test]
fn what_is_committed_and_not_used_is_said() {
    let document = estimated(
        INSTANCES,
        "cost {\n reserved \"web\" {\n instance_type = \"m5.large\"\n count = 4\n percent = 40\n}\n}\n",
    );
    let commitment = &document["commitments"][0];
    assert_eq!(commitment["kind"], "reserved");
    assert_eq!(commitment["committed"], "2920");
    assert_eq!(commitment["used"], "2190");
    let line = &document["resources"][0]["components"][0];
    assert_eq!(
        line["name"],
        "Instance usage (Linux/UNIX, on-demand, m5.large), reserved \"web\""
    );
    assert_eq!(line["adjustments"][0]["before"], "0.096");
    assert_eq!(line["adjustments"][0]["after"], "0.0576");
}

#[test]
fn spot_prices_are_the_teams() {
    let spot = INSTANCES.replace(
        "ami           = \"ami-1\"",
        "ami = \"ami-1\"\n  instance_market_options {\n    market_type = \"spot\"\n  }",
    );
    let document = estimated(&spot, "cost {\n}\n");
    assert_eq!(
        (&document["total_monthly"], &document["unpriced"]),
        (&"24".into(), &3.into())
    );
    for (settings, total) in [
        // 3 × 730 × 0.035 + 24.
        ("prices = { \"m5.large\" = 0.035 }", "100.65"),
        // 3 × 730 × 0.096 × 0.4 + 24.
        ("percent = 60", "108.096"),
        ("percent = 60\n prices = { \"m5.large\" = 0.035 }", "100.65"),
        ("percent = 60\n regions = [\"us-east-1\"]", "108.096"),
    ] {
        let document = estimated(&spot, &format!("cost {{\n spot {{\n {settings}\n }}\n}}\n"));
        assert_eq!(document["total_monthly"], total, "{settings}");
        assert_eq!(document["unpriced"], 0, "{settings}");
    }
    for settings in [
        "percent = 60\n regions = [\"eu-west-1\"]",
        "prices = { \"m5.xlarge\" = 0.035 }",
    ] {
        let document = estimated(&spot, &format!("cost {{\n spot {{\n {settings}\n }}\n}}\n"));
        assert_eq!(document["unpriced"], 3, "{settings}");
    }
    // Plans and discounts of machines on demand are not for Spot, but an enterprise discount is: (76.65 + 24) × 0.9.
    let all = "cost {\n spot {\n  prices = { \"m5.large\" = 0.035 }\n }\n savings_plan \"a\" {\n  type = \"compute\"\n  percent = 50\n }\n \
               discount \"edp\" {\n  percent = 10\n }\n}\n";
    assert_eq!(estimated(&spot, all)["total_monthly"], "90.585");
}

#[test]
fn fargate_and_lambda_are_under_compute_plans_as_far_as_the_plan_says() {
    let configuration = r#"
provider "aws" {
  region = "us-east-1"
}
resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = "[]"
  cpu                   = "1024"
  memory                = "2048"
}
resource "aws_ecs_service" "api" {
  name            = "api"
  desired_count   = 2
  task_definition = aws_ecs_task_definition.api.arn
  capacity_provider_strategy {
    capacity_provider = "FARGATE_SPOT"
    weight            = 1
  }
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
}
"#;
    // One task on demand, 730 × (2 × 0.004445 + 0.04048) = 36.0401, and one on Spot.
    for (settings, total, unpriced) in [
        ("", "36.0401", 2),
        (
            "savings_plan \"a\" {\n type = \"compute\"\n percent = 50\n}",
            "36.0401",
            2,
        ),
        (
            "savings_plan \"a\" {\n type = \"compute\"\n percent = 50\n fargate_percent = 20\n}",
            "28.83208",
            2,
        ),
        // 36.0401 × 1.3.
        ("spot {\n percent = 70\n}", "46.85213", 0),
    ] {
        let document = estimated(configuration, &format!("cost {{\n{settings}\n}}\n"));
        assert_eq!(document["total_monthly"], total, "{settings}");
        assert_eq!(document["unpriced"], unpriced, "{settings}");
    }
}

#[test]
fn a_sensitive_type_is_not_told_by_its_terms() {
    let configuration = INSTANCES.replace("\"m5.large\"", "var.kind")
        + "variable \"kind\" {\n  default   = \"m5.large\"\n  sensitive = true\n}\n";
    let settings = "cost {\n reserved \"web\" {\n instance_type = \"m5.large\"\n count = 1\n term = \"1_year\"\n }\n \
                    discount \"d\" {\n percent = 10\n services = [\"AmazonEC2\"]\n }\n}\n";
    let dir = folder(&[("main.tf", &configuration), ("plumbline.hcl", settings)]);
    for args in [
        &["estimate", "--verbose", "--format", "json"][..],
        &["estimate", "--verbose"],
        &["estimate", "--format", "markdown"],
        &["estimate", "--format", "html"],
        &["explain", "aws_instance.web[0]"],
    ] {
        let output = tf_cost(dir.path(), args);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!shown.contains("m5"), "{args:?}: {shown}");
    }
}

#[test]
fn explain_goes_from_the_list_price_to_what_is_paid() {
    let settings =
        "cost {\n currency = \"EUR\"\n exchange_rate = 0.9\n discount \"edp\" {\n percent = 10\n }\n}\n";
    let dir = folder(&[("main.tf", INSTANCES), ("plumbline.hcl", settings)]);
    let output = tf_cost(dir.path(), &["explain", "aws_instance.web[0]"]);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in [
        "list price: 0.096 USD",
        "discount \"edp\": 0.0864 USD",
        "currency \"EUR\": 0.07776 EUR",
        "730 hours × 0.07776 EUR = 56.7648 EUR",
        // (70.08 + 8) × 0.81.
        "63.24 EUR a month",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}

#[test]
fn terms_about_nothing_are_errors() {
    for (settings, message) in [
        (
            "cost {\n discount \"edp\" {\n  percent  = 10\n  services = [\"AmazonEC3\"]\n }\n}\n",
            "plumbline.hcl, line 2: \"AmazonEC3\" is none of AWS's offer codes that have prices here; did you mean \"AmazonEC2\"?",
        ),
        (
            "cost {\n spot {\n  discount = 10\n }\n}\n",
            "plumbline.hcl:3,3: \"discount\" is not a setting here",
        ),
        (
            "cost {\n currency = \"EUR\"\n}\n",
            "plumbline.hcl:2,13: AWS's prices are in USD",
        ),
    ] {
        let dir = folder(&[("main.tf", INSTANCES), ("plumbline.hcl", settings)]);
        let output = tf_cost(dir.path(), &["estimate"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains(message), "{}", said(&output));
    }
}

#[test]
fn a_reserved_term_that_the_catalogue_does_not_have_is_unpriced() {
    let document = estimated(
        INSTANCES,
        "cost {\n reserved \"web\" {\n instance_type = \"m5.large\"\n count = 2\n term = \"1_year\"\n}\n}\n",
    );
    // One runs on demand; of the two others no price is known.
    assert_eq!(
        (&document["total_monthly"], &document["unpriced"]),
        (&"94.08".into(), &2.into())
    );
    let reason = document["resources"][0]["components"][0]["unpriced"]
        .as_str()
        .unwrap();
    assert!(reason.contains("prices build --reserved"), "{reason}");
}

#[test]
fn the_currency_of_two_sides_is_one() {
    let dir = folder(&[("main.tf", INSTANCES), ("other/plumbline.hcl", "")]);
    let output = tf_cost(dir.path(), &["estimate", "--format", "json", "-o", "base.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let settings = "cost {\n currency = \"EUR\"\n exchange_rate = 0.9\n}\n";
    std::fs::write(dir.path().join("plumbline.hcl"), settings).unwrap();
    let output = tf_cost(dir.path(), &["diff", "base.json", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("BASE is in USD and HEAD in EUR"),
        "{}",
        said(&output)
    );
}

/// Budgets by environment, module, tag and total: two roots, of which one is tagged and has a module.
#[test]
fn budgets_count_what_they_are_for() {
    let nat = "resource \"aws_nat_gateway\" \"main\" {\n  subnet_id = \"subnet-1\"\n  tags = { Team = \"net\", Environment = \"prod\" }\n}\n";
    let provider = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n";
    let files = [
        (
            "envs/prod/net/main.tf",
            format!("{provider}{nat}module \"edge\" {{\n  source = \"../../../modules/edge\"\n}}\n"),
        ),
        (
            "envs/dev/net/main.tf",
            format!("{provider}resource \"aws_eip\" \"a\" {{\n}}\n"),
        ),
        (
            "modules/edge/main.tf",
            "resource \"aws_eip\" \"a\" {\n}\n".to_owned(),
        ),
    ];
    // prod: 32.85 + 3.65 in the module; dev: 3.65.
    for (budget, exceeded) in [
        ("monthly = 40", Some("40.15")),
        ("monthly = 40.15", None),
        ("monthly = 36\n root = \"envs/prod/*\"", Some("36.50")),
        ("monthly = 36.5\n root = \"envs/prod/*\"", None),
        ("monthly = 3\n root = \"envs/dev/*\"", Some("3.65")),
        ("monthly = 3\n address = \"module.edge.*\"", Some("3.65")),
        ("monthly = 4\n address = \"module.edge.*\"", None),
        ("monthly = 32\n tags = { Team = \"net\" }", Some("32.85")),
        ("monthly = 33\n tags = { Team = \"net\" }", None),
        ("monthly = 0\n tags = { Team = \"other\" }", None),
        ("monthly = 36\n environment = \"prod\"", Some("36.50")),
        ("monthly = 3\n environment = \"dev\"", Some("3.65")),
        ("monthly = 0\n environment = \"staging\"", None),
    ] {
        let settings = format!("cost {{\n budget \"b\" {{\n {budget}\n }}\n}}\n");
        let mut all: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        all.push(("plumbline.hcl", &settings));
        all.push((".git/HEAD", "ref: refs/heads/main\n"));
        let dir = folder(&all);
        let output = tf_cost(dir.path(), &["estimate", "envs", "--fail-over-budget", "-q"]);
        let said = said(&output);
        let code = if exceeded.is_some() { 1 } else { 0 };
        assert_eq!(output.status.code(), Some(code), "{budget}: {said}");
        if let Some(sum) = exceeded {
            assert!(said.contains(&format!("costs up to {sum}")), "{budget}: {said}");
        }
        // From within the roots too, as far as they are what is estimated.
        if budget.contains("envs/dev") || budget.contains("\"dev\"") {
            let output = tf_cost(
                &dir.path().join("envs/dev/net"),
                &["estimate", "--fail-over-budget", "-q"],
            );
            assert_eq!(output.status.code(), Some(1), "{budget}");
        }
        // Without the flag it is said, and that is all.
        assert_eq!(
            tf_cost(dir.path(), &["estimate", "envs", "-q"]).status.code(),
            Some(0)
        );
    }
}
