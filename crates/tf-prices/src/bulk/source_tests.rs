use super::tests::{LARGE, Price, csv, usd, write};
use super::*;
use crate::Catalogue;

#[test]
fn the_indexes_lead_to_the_current_files() {
    let folder = tempfile::tempdir().unwrap();
    let offer = |code: &str| {
        format!(
            r#""{code}": {{"offerCode": "{code}", "versionIndexUrl": "/x", "currentVersionUrl": "/offers/v1.0/aws/{code}/current/index.json",
            "currentRegionIndexUrl": "/offers/v1.0/aws/{code}/current/region_index.json"}}"#
        )
    };
    write(
        folder.path(),
        OFFER_INDEX,
        &format!(
            "{{\"formatVersion\": \"v1.0\", \"offers\": {{{}, {}}}}}",
            offer("AmazonEC2"),
            offer("AWSLambda")
        ),
    );
    let region = |code: &str, version: &str| {
        format!(
            r#""{code}": {{"regionCode": "{code}", "currentVersionUrl": "/offers/v1.0/aws/AmazonEC2/{version}/{code}/index.json"}}"#
        )
    };
    write(
        folder.path(),
        "offers/v1.0/aws/AmazonEC2/current/region_index.json",
        &format!(
            "{{\"regions\": {{{}, {}}}}}",
            region("eu-west-1", "2"),
            region("eu-west-2", "2")
        ),
    );
    write(
        folder.path(),
        "offers/v1.0/aws/AmazonEC2/1/eu-west-1/index.csv",
        &csv(&[Price { usd: "9", ..LARGE }]),
    );
    write(
        folder.path(),
        "offers/v1.0/aws/AmazonEC2/2/eu-west-1/index.csv",
        &csv(&[LARGE]),
    );
    let other = Price {
        region: "eu-west-2",
        usage_type: "EUW2-BoxUsage:m5.large",
        ..LARGE
    };
    write(
        folder.path(),
        "offers/v1.0/aws/AmazonEC2/2/eu-west-2/index.csv",
        &csv(&[other]),
    );
    let out = folder.path().join("catalogue");
    let reports = build(folder.path(), Output::File(&out), &Options::default()).unwrap();
    assert_eq!(reports.len(), 2);
    assert_eq!(
        usd(
            &Catalogue::open(&out).unwrap(),
            "eu-west-1",
            "BoxUsage:m5.large",
            &[]
        ),
        "0+: 0.107"
    );
    let none = build(
        folder.path(),
        Output::File(&out),
        &Options {
            services: vec!["AWSLambda".to_owned()],
            ..Options::default()
        },
    );
    assert!(none.unwrap_err().to_string().contains("holds no price file"));
}

#[test]
fn the_same_prices_from_two_files_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "source/a.csv", &csv(&[LARGE]));
    write(folder.path(), "source/b.csv", &csv(&[LARGE]));
    let error = build(
        &folder.path().join("source"),
        Output::File(&folder.path().join("out")),
        &Options::default(),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("b.csv: has prices of AmazonEC2 in eu-west-1"),
        "{error}"
    );
}

#[test]
fn files_of_regions_hold_what_is_of_the_region() {
    let folder = tempfile::tempdir().unwrap();
    for (region, prefix) in [("eu-west-1", "EU"), ("eu-west-2", "EUW2")] {
        let usage_type = format!("{prefix}-Out");
        let own = Price {
            sku: "OWN",
            region,
            usage_type: &usage_type,
            ..LARGE
        };
        let without = Price {
            sku: "WITHOUT",
            region: "",
            usage_type: "In",
            ..LARGE
        };
        let other = Price {
            sku: "OTHER",
            region: "us-east-1",
            usage_type: "USE1-Out",
            ..LARGE
        };
        write(
            folder.path(),
            &format!("source/{region}/index.csv"),
            &csv(&[own, without, other]),
        );
    }
    let out = folder.path().join("out");
    let reports = build(
        &folder.path().join("source"),
        Output::File(&out),
        &Options::default(),
    )
    .unwrap();
    assert_eq!(
        reports
            .iter()
            .map(|report| (report.kept, report.other_region))
            .collect::<Vec<_>>(),
        [(2, 1), (2, 1)]
    );
    let catalogue = Catalogue::open(&out).unwrap();
    for region in ["eu-west-1", "eu-west-2"] {
        for usage_type in ["Out", "In"] {
            assert_eq!(usd(&catalogue, region, usage_type, &[]), "0+: 0.107");
        }
    }
    assert_eq!(
        catalogue.info().regions.keys().collect::<Vec<_>>(),
        ["eu-west-1", "eu-west-2"]
    );
}
