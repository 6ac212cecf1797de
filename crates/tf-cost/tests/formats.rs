//! Every format says the same: of an estimate with types that no model knows, and of a difference.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod program;

use program::{folder, json, said, tf_cost};
use serde_json::Value as Json;

const FORMATS: [&str; 6] = ["text", "json", "markdown", "html", "csv", "infracost"];

fn shown(dir: &tempfile::TempDir, args: &[&str]) -> String {
    let output = tf_cost(dir.path(), args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_type_that_nothing_is_known_of_is_named_in_every_format() {
    let dir = folder(&[(
        "main.tf",
        "provider \"aws\" {\n  region = \"us-east-1\"\n}\nresource \"aws_thing_of_tomorrow\" \"x\" {}\n\
         resource \"aws_dx_connection\" \"l\" {\n  name      = \"a\"\n  bandwidth = \"1Gbps\"\n  location  = \"b\"\n}\n",
    )]);
    for format in FORMATS {
        let text = shown(&dir, &["estimate", "--format", format]);
        assert!(
            text.contains("aws_thing_of_tomorrow") && text.contains("aws_dx_connection"),
            "{format}: {text}"
        );
        let words = match format {
            "json" => "\"not_known_types\"",
            "infracost" => "\"totalUnsupportedResources\": 2",
            "csv" => "not known",
            _ => "Not known",
        };
        assert!(text.contains(words), "{format}: {text}");
    }
    let document = json(&tf_cost(dir.path(), &["estimate", "--format", "json"]));
    assert_eq!(document["summary"]["not_known_types"]["aws_thing_of_tomorrow"], 1);
    assert_eq!(document["summary"]["not_priced_types"]["aws_dx_connection"], 1);
    assert_eq!(document["summary"]["not_priced_resources"], 1);
    let explained = shown(&dir, &["explain", "aws_thing_of_tomorrow.x"]);
    assert!(
        explained.starts_with("aws_thing_of_tomorrow.x: not known: "),
        "{explained}"
    );
    let explained = shown(&dir, &["explain", "aws_dx_connection.l"]);
    assert!(explained.contains("there is no cost model of aws_dx_connection yet"));
}

/// Before: a NAT gateway, a volume of 100 GB, and an address. After: no address, a volume of 150 GB, and a database whose class is sold by
/// nobody.
fn two_roots() -> tempfile::TempDir {
    let root = |size: u32, rest: &str| {
        format!(
            "provider \"aws\" {{\n  region = \"us-east-1\"\n}}\nresource \"aws_nat_gateway\" \"n\" {{\n  subnet_id = \"s\"\n}}\n\
             resource \"aws_ebs_volume\" \"v\" {{\n  availability_zone = \"us-east-1a\"\n  type = \"gp3\"\n  size = {size}\n}}\n{rest}"
        )
    };
    folder(&[
        ("base/main.tf", &root(100, "resource \"aws_eip\" \"old\" {\n}\n")),
        (
            "head/main.tf",
            &root(
                150,
                "resource \"aws_db_instance\" \"d\" {\n  engine = \"postgres\"\n  instance_class = \"db.z9.large\"\n  allocated_storage = 20\n  storage_type = \"gp3\"\n}\n",
            ),
        ),
    ])
}

#[test]
fn a_difference_is_a_table_of_lines_for_spreadsheets() {
    let dir = two_roots();
    let text = shown(&dir, &["diff", "base", "head", "--format", "csv"]);
    let rows: Vec<&str> = text.split("\r\n").filter(|row| !row.is_empty()).collect();
    assert!(rows[0].starts_with("root,address,type,resource_change,"));
    // 50 GB more at 0.08; 730 h of an address at 0.005.
    assert!(
        rows.contains(
            &",aws_ebs_volume.v,aws_ebs_volume,configuration,,\"Storage (general purpose SSD, gp3)\",configuration,GB,100,150,,,0.08,0.08,8,12,,,4,priced,priced,,"
        ),
        "{text}"
    );
    assert!(
        rows.iter()
            .any(|row| row.starts_with(",aws_eip.old,aws_eip,removed,")
                && row.contains(",-3.65,priced,none,,")),
        "{text}"
    );
    let unpriced = rows.iter().find(|row| row.contains("db.z9.large")).unwrap();
    assert!(unpriced.contains(",0,none,unpriced,,"), "{unpriced}");
    let columns = rows[0].split(',').count();
    for row in &rows {
        let mut quoted = false;
        let commas = row.chars().filter(|letter| {
            quoted ^= *letter == '"';
            *letter == ',' && !quoted
        });
        assert_eq!(commas.count() + 1, columns, "{row}");
    }
}

#[test]
fn a_difference_is_a_page() {
    let dir = two_roots();
    let text = shown(&dir, &["diff", "base", "head", "--format", "html"]);
    // +4 of the volume, -3.65 of the address, +2.30 of the database's storage.
    for part in [
        "<h1>Cost a month: +2.65 USD</h1>",
        "Lines without a price, not counted: 0 before, 1 after.",
        "aws_ebs_volume.v",
        "<td class=\"n\">8.00</td><td class=\"n\">12.00</td><td class=\"n\">+4.00</td>",
        "<td class=\"n\">nothing</td><td class=\"n\">unpriced</td><td class=\"n\">not known</td>",
        "bar less",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<script") && !text.contains("http"));
    let same = shown(&dir, &["diff", "base", "base", "--format", "html"]);
    assert!(same.contains("Nothing that costs anything differs."));
}

#[test]
fn a_difference_is_what_infracost_diff_prints() {
    let dir = two_roots();
    let output = tf_cost(dir.path(), &["diff", "base", "head", "--format", "infracost"]);
    let document = json(&output);
    let text = |path: &str| {
        document
            .pointer(path)
            .unwrap_or_else(|| panic!("{path}: {document:#}"))
            .clone()
    };
    assert_eq!(text("/version"), "0.2");
    assert_eq!(text("/metadata/infracostCommand"), "diff");
    // 32.85 + 8 + 3.65 before; 32.85 + 12 + 2.3 after.
    assert_eq!(text("/pastTotalMonthlyCost"), "44.5");
    assert_eq!(text("/totalMonthlyCost"), "47.15");
    assert_eq!(text("/diffTotalMonthlyCost"), "2.65");
    assert_eq!(text("/projects/0/pastBreakdown/totalMonthlyCost"), "44.5");
    assert_eq!(text("/projects/0/breakdown/totalMonthlyCost"), "47.15");
    assert_eq!(text("/projects/0/diff/totalMonthlyCost"), "2.65");
    let changed = text("/projects/0/diff/resources");
    let names: Vec<&Json> = changed
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| &resource["name"])
        .collect();
    assert_eq!(names, ["aws_db_instance.d", "aws_ebs_volume.v", "aws_eip.old"]);
    let volume = &changed[1]["costComponents"][0];
    assert_eq!(
        [
            &volume["monthlyQuantity"],
            &volume["price"],
            &volume["monthlyCost"]
        ],
        ["50", "0", "4"]
    );
    let address = &changed[2]["costComponents"][0];
    assert_eq!(
        [
            &address["monthlyQuantity"],
            &address["price"],
            &address["monthlyCost"]
        ],
        ["-730", "-0.005", "-3.65"]
    );
    let database = changed[0]["costComponents"].as_array().unwrap();
    let unpriced = database
        .iter()
        .find(|line| line["priceNotFound"] == true)
        .unwrap();
    assert_eq!(unpriced["monthlyCost"], Json::Null);
    // The breakdowns are those of an estimate.
    let estimate = json(&tf_cost(
        dir.path(),
        &["estimate", "head", "--format", "infracost"],
    ));
    assert_eq!(
        estimate.pointer("/projects/0/breakdown"),
        document.pointer("/projects/0/breakdown")
    );
}

#[test]
fn projects_of_a_difference_are_its_roots() {
    let root = |gateways: usize| {
        let mut text = String::from("provider \"aws\" {\n  region = \"us-east-1\"\n}\n");
        for at in 0..gateways {
            text.push_str(&format!(
                "resource \"aws_nat_gateway\" \"n{at}\" {{\n  subnet_id = \"s\"\n}}\n"
            ));
        }
        text
    };
    let dir = folder(&[
        ("base/a/main.tf", &root(1)),
        ("base/b/main.tf", &root(1)),
        ("head/a/main.tf", &root(2)),
        ("head/c/main.tf", &root(1)),
    ]);
    let document = json(&tf_cost(
        dir.path(),
        &["diff", "base", "head", "--format", "infracost"],
    ));
    let projects = document["projects"].as_array().unwrap().iter();
    let found: Vec<[&Json; 4]> = projects
        .map(|project| {
            [
                &project["name"],
                &project["pastBreakdown"]["totalMonthlyCost"],
                &project["breakdown"]["totalMonthlyCost"],
                &project["diff"]["totalMonthlyCost"],
            ]
        })
        .collect();
    assert_eq!(
        found,
        [
            ["a", "32.85", "65.7", "32.85"],
            ["b", "32.85", "0", "-32.85"],
            ["c", "0", "32.85", "32.85"],
        ]
    );
    assert_eq!(document["diffTotalMonthlyCost"], "32.85");
}

#[test]
fn every_format_of_a_difference_is_written_beside_the_first() {
    let dir = two_roots();
    let reports: Vec<String> = FORMATS
        .iter()
        .map(|format| format!("--report={format}={format}.out"))
        .collect();
    let mut args = vec!["diff", "base", "head", "--quiet"];
    args.extend(reports.iter().map(String::as_str));
    let sums = shown(&dir, &args);
    assert!(sums.starts_with("Total a month, USD: 44.50 → 47.15"), "{sums}");
    for format in FORMATS {
        let text = std::fs::read_to_string(dir.path().join(format!("{format}.out"))).unwrap();
        assert!(
            text.contains("aws_ebs_volume.v") || text.contains("aws\\_ebs\\_volume.v"),
            "{format}: {text}"
        );
    }
}
