//! Usage files: what is read, what wins, and what is refused.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

use tf_pricing::{Models, Usage};

fn read(text: &str) -> Result<Usage, Vec<String>> {
    Usage::read("usage.yml", text, Models::builtin()).map_err(|error| error.problems)
}

fn value(usage: &Usage, address: &str, ty: &str, path: &[&str]) -> Option<String> {
    let whole = usage.of(address, ty);
    let value = path.iter().try_fold(&whole, |value, name| value.get(name))?;
    Some(tf_lang::console::format_value(value))
}

#[test]
fn an_address_wins_over_a_wildcard_and_that_over_the_type_key_by_key() {
    let usage = read(
        "version: 0.1\n\
         resource_type_default_usage:\n  aws_lambda_function:\n    monthly_requests: 1\n    request_duration_ms: 1\n\
         resource_usage:\n  aws_lambda_function.f[*]:\n    monthly_requests: 2\n  aws_lambda_function.f[\"a\"]:\n    monthly_requests: 3\n\
         \x20 module.m[*].aws_lambda_function.f[*]:\n    monthly_requests: 4\n  module.m[0].aws_lambda_function.f[*]:\n    monthly_requests: 5\n",
    )
    .unwrap();
    let ty = "aws_lambda_function";
    for (address, requests) in [
        ("aws_lambda_function.other", "1"),
        ("aws_lambda_function.f[0]", "2"),
        ("aws_lambda_function.f[\"b\"]", "2"),
        ("aws_lambda_function.f[\"a\"]", "3"),
        ("module.m[1].aws_lambda_function.f[\"a]b\"]", "4"),
        ("module.m[0].aws_lambda_function.f[0]", "5"),
        ("module.m.aws_lambda_function.f[0]", "1"),
    ] {
        assert_eq!(
            value(&usage, address, ty, &["monthly_requests"]).as_deref(),
            Some(requests),
            "{address}"
        );
        assert_eq!(
            value(&usage, address, ty, &["request_duration_ms"]).as_deref(),
            Some("1"),
            "{address}"
        );
    }
}

#[test]
fn nested_keys_merge_too() {
    let usage = read(
        "version: 0.1\nresource_type_default_usage:\n  aws_s3_bucket:\n    standard:\n      storage_gb: 1\n      monthly_tier_1_requests: 2\n\
         resource_usage:\n  aws_s3_bucket.b:\n    standard:\n      storage_gb: 9\n",
    )
    .unwrap();
    let of = |name: &str| value(&usage, "aws_s3_bucket.b", "aws_s3_bucket", &["standard", name]);
    assert_eq!(of("storage_gb").as_deref(), Some("9"));
    assert_eq!(of("monthly_tier_1_requests").as_deref(), Some("2"));
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_was_perhaps_meant() {
    let lambda =
        |line: &str| format!("version: 0.1\nresource_usage:\n  aws_lambda_function.f:\n    {line}\n");
    let cases = [
        (
            lambda("monthly_request: 1"),
            "usage.yml:4,5: aws_lambda_function has no usage key \"monthly_request\"; did you mean \"monthly_requests\"?; it has monthly_requests, request_duration_ms",
        ),
        (
            lambda("monthly_requests: -1"),
            "usage.yml:4,23: monthly_requests is negative: -1",
        ),
        (
            lambda("monthly_requests: many"),
            "usage.yml:4,23: monthly_requests is a number, or a range such as 100..200, not \"many\"",
        ),
        (
            lambda("monthly_requests: [1]"),
            "usage.yml:4,23: monthly_requests is a single value, not a list or mapping",
        ),
        (
            lambda("monthly_requests: 5..1"),
            "usage.yml:4,23: monthly_requests: the range 5..1 ends before it begins",
        ),
        (
            "resource_usage:\n".to_owned(),
            "usage.yml:1,1: the version is missing: begin the file with: version: 0.1",
        ),
        (
            "version: 2\n".to_owned(),
            "usage.yml:1,10: usage files of version 0.1 are read, no others",
        ),
        (
            "version: 0.1\nresource_usages:\n".to_owned(),
            "usage.yml:2,1: \"resource_usages\" is not a part of a usage file; did you mean \"resource_usage\"?; there are version, resource_type_default_usage, resource_usage",
        ),
        (
            "version: 0.1\nresource_usage:\n  nonsense:\n    a: 1\n".to_owned(),
            "usage.yml:3,3: \"nonsense\" is no address of a resource, such as aws_lambda_function.api or module.a.aws_sqs_queue.jobs[*]",
        ),
        (
            "version: 0.1\nresource_type_default_usage:\n  aws_lamda_function:\n    a: 1\n".to_owned(),
            "usage.yml:3,3: there is no resource type aws_lamda_function; did you mean \"aws_lambda_function\"?",
        ),
        (
            String::new(),
            "usage.yml:1,1: the file is empty; a usage file begins with: version: 0.1",
        ),
        (
            "version: 0.1\nresource_usage:\n  aws_instance.i:\n    operating_system: widows\n".to_owned(),
            "usage.yml:4,23: \"widows\" is not a value of operating_system; did you mean \"windows\"?: linux, windows, suse, rhel, windows_sql_web, windows_sql_standard, windows_sql_enterprise",
        ),
    ];
    for (text, problem) in cases {
        assert_eq!(read(&text).unwrap_err(), [problem], "{text}");
    }
    let broken = read("version: [0.1\n").unwrap_err();
    assert!(broken[0].contains("this is not YAML"), "{broken:?}");
}

#[test]
fn usage_of_what_is_not_priced_is_ignored_with_a_warning() {
    let usage = read("version: 0.1\nresource_usage:\n  aws_dx_connection.c:\n    a: 1\n  google_x.y:\n    a: 1\n  aws_vpc.v:\n    a: 1\n").unwrap();
    assert_eq!(
        usage.warnings,
        [
            "usage.yml:3: aws_dx_connection has no cost model yet: its usage is ignored",
            "usage.yml:7: aws_vpc costs nothing by itself: its usage is ignored",
        ]
    );
}

#[test]
fn a_file_that_repeats_itself_without_end_is_refused() {
    let mut text = String::from("a: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for at in 1..8 {
        let all = vec![format!("*a{}", at - 1); 10].join(", ");
        text.push_str(&format!("b{at}: &a{at} [{all}]\n"));
    }
    let problems = read(&text).unwrap_err();
    assert!(problems[0].contains("too many values"), "{problems:?}");
    let deep = format!(
        "version: 0.1\nresource_usage: {}{}\n",
        "[".repeat(100),
        "]".repeat(100)
    );
    assert!(read(&deep).is_err());
}

#[test]
fn addresses_that_name_nothing_are_found() {
    let usage = read("version: 0.1\nresource_usage:\n  aws_sqs_queue.a:\n    monthly_requests: 1\n  aws_sqs_queue.b[*]:\n    monthly_requests: 1\n").unwrap();
    let there = ["aws_sqs_queue.a", "aws_sqs_queue.c[0]"];
    let unmatched = usage.unmatched(there.iter().copied());
    assert_eq!(unmatched, [("aws_sqs_queue.b[*]".to_owned(), 5)]);
}

/// The types of Infracost's usage format whose usage is not read, and why. All keys of its other types of AWS are.
const NOT_READ: [(&str, &str); 8] = [
    (
        "aws_cloudformation_stack",
        "billed by operations of third-party extensions only; no model yet",
    ),
    (
        "aws_cloudformation_stack_set",
        "billed by operations of third-party extensions only; no model yet",
    ),
    (
        "aws_dx_connection",
        "ports are priced by location, which no public list gives by usage type; no model yet",
    ),
    (
        "aws_elastic_beanstalk_environment",
        "made of other resources that the configuration does not show; no model yet",
    ),
    (
        "aws_globalaccelerator_endpoint_group",
        "its data is counted by the accelerator's model",
    ),
    (
        "aws_kinesis_analytics_application",
        "no prices in the catalogue; no model yet",
    ),
    (
        "aws_kinesisanalyticsv2_application",
        "no prices in the catalogue; no model yet",
    ),
    (
        "aws_kinesisanalyticsv2_application_snapshot",
        "no prices in the catalogue; no model yet",
    ),
];

#[test]
fn what_of_infracosts_format_is_not_read_is_known() {
    for (ty, reason) in NOT_READ {
        assert!(!reason.is_empty());
        assert_eq!(
            Models::builtin().standing(ty),
            tf_pricing::Standing::NotPriced,
            "{ty} has a model or is free now: take it off the list, and see that its keys are Infracost's"
        );
    }
}

/// Every key of Infracost's format for AWS: the keys are its, the amounts are ours.
const EVERY_KEY: &str = include_str!("usage/every-key.yml");

/// What the file above says: the address, the keys from the outermost inwards, and the value as it is written. The file is plain, so that
/// this need not be the reader that is tested.
fn written() -> Vec<(String, Vec<String>, String)> {
    let mut found = Vec::new();
    let mut address = String::new();
    let mut path: Vec<String> = Vec::new();
    let lines = EVERY_KEY.lines().skip_while(|line| *line != "resource_usage:");
    for line in lines.skip(1) {
        let (key, value) = line.trim().split_once(':').unwrap();
        let depth = (line.len() - line.trim_start().len()) / 2;
        if depth == 1 {
            key.clone_into(&mut address);
            continue;
        }
        path.truncate(depth - 2);
        path.push(key.to_owned());
        if !value.is_empty() {
            found.push((address.clone(), path.clone(), value.trim().to_owned()));
        }
    }
    found
}

#[test]
fn every_key_of_infracosts_format_is_read() {
    let usage = read(EVERY_KEY).unwrap_or_else(|problems| panic!("{problems:#?}"));
    for warning in &usage.warnings {
        let known = NOT_READ
            .iter()
            .any(|(ty, _)| warning.contains(&format!(" {ty} ")));
        assert!(known, "{warning}");
    }
    let written = written();
    assert_eq!(written.len(), 347);
    let mut not_read: Vec<&str> = Vec::new();
    for (address, path, text) in &written {
        let ty = address.split('.').next().unwrap();
        if NOT_READ.iter().any(|(other, _)| *other == ty) {
            not_read.push(ty);
            continue;
        }
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let value = value(&usage, address, ty, &path).unwrap_or_else(|| panic!("{address} lacks {path:?}"));
        assert_eq!(value.trim_matches('"'), text, "{address} {path:?}");
    }
    not_read.dedup();
    let mut expected: Vec<&str> = NOT_READ.iter().map(|(ty, _)| *ty).collect();
    not_read.sort_unstable();
    expected.sort_unstable();
    assert_eq!(not_read, expected, "each of them is in the file");
}

#[test]
fn every_key_is_read_as_a_default_of_its_type_too() {
    let text = EVERY_KEY
        .replace("resource_usage:", "resource_type_default_usage:")
        .replace(".every_key:", ":");
    let usage = read(&text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let of = |ty: &str, path: &[&str]| value(&usage, &format!("module.a.{ty}.b[0]"), ty, path);
    for (address, path, text) in written() {
        let ty = address.split('.').next().unwrap();
        if NOT_READ.iter().all(|(other, _)| *other != ty) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let value = of(ty, &path).unwrap_or_else(|| panic!("{ty} lacks {path:?}"));
            assert_eq!(value.trim_matches('"'), text, "{ty} {path:?}");
        }
    }
}

#[test]
fn every_way_to_write_it_in_yaml_is_read() {
    let text = "\u{feff}# a comment\r\nversion: \"0.1\"\r\n\r\nresource_type_default_usage: {}\r\nresource_usage:\r\n\
                \x20 aws_lambda_function.flow: { monthly_requests: 1.5e3, request_duration_ms: '250' } # and another\r\n\
                \x20 \"aws_lambda_function.each[\\\"a.b\\\"]\":\r\n    monthly_requests: &many 20\r\n\
                \x20 module.m[0].module.n[\"k\"].aws_lambda_function.alias:\r\n    monthly_requests: *many\r\n\
                \x20 aws_lambda_function.nothing:\r\n    monthly_requests:\r\n    request_duration_ms: ~\r\n\
                \x20 aws_lambda_function.range:\r\n    monthly_requests: 10..20\r\n";
    let usage = read(text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let ty = "aws_lambda_function";
    for (address, key, expected) in [
        ("aws_lambda_function.flow", "monthly_requests", Some("1500")),
        ("aws_lambda_function.flow", "request_duration_ms", Some("250")),
        (
            "aws_lambda_function.each[\"a.b\"]",
            "monthly_requests",
            Some("20"),
        ),
        (
            "module.m[0].module.n[\"k\"].aws_lambda_function.alias",
            "monthly_requests",
            Some("20"),
        ),
        ("aws_lambda_function.nothing", "monthly_requests", None),
        ("aws_lambda_function.nothing", "request_duration_ms", None),
    ] {
        assert_eq!(
            value(&usage, address, ty, &[key]).as_deref(),
            expected,
            "{address} {key}"
        );
    }
    assert!(value(&usage, "aws_lambda_function.range", ty, &["monthly_requests"]).is_some());
}

#[test]
fn addresses_of_other_providers_are_passed_over() {
    let usage = read("version: 0.1\nresource_usage:\n  google_logging.my.config:\n    a: 1\n").unwrap();
    assert!(usage.warnings.is_empty());
    assert!(
        read("version: 0.1\nresource_usage:\n  aws_lambda_function.a.b:\n    monthly_requests: 1\n").is_err()
    );
}
