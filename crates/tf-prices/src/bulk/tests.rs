use std::path::{Path, PathBuf};

use super::*;
use crate::Catalogue;

const HEAD: &str = r#""FormatVersion","v1.0"
"Disclaimer","This pricing list is for informational purposes only, with ""quotes""."
"Publication Date","2026-07-20T13:44:30Z"
"Version","20260720134430"
"OfferCode","AmazonEC2"
"#;

const COLUMNS: &str = r#""SKU","OfferTermCode","RateCode","TermType","PriceDescription","EffectiveDate","StartingRange","EndingRange","Unit","PricePerUnit","Currency","RelatedTo","LeaseContractLength","PurchaseOption","OfferingClass","Product Family","serviceCode","Location","Location Type","Instance Type","vCPU","Operating System","Pre Installed S/W","Tenancy","CapacityStatus","usageType","operation","Region Code","serviceName""#;

/// A line of a CSV file, by what differs.
#[derive(Clone, Copy)]
struct Price<'p> {
    sku: &'p str,
    tier: &'p str,
    term: &'p str,
    description: &'p str,
    range: (&'p str, &'p str),
    usd: &'p str,
    currency: &'p str,
    system: &'p str,
    usage_type: &'p str,
    region: &'p str,
}

const LARGE: Price<'static> = Price {
    sku: "QVAEB3SWZQMPBQJ5",
    tier: "6YS6EN2CT7",
    term: "OnDemand",
    description: "$0.107 per On Demand Linux m5.large Instance Hour",
    range: ("0", "Inf"),
    usd: "0.1070000000",
    currency: "USD",
    system: "Linux",
    usage_type: "EU-BoxUsage:m5.large",
    region: "eu-west-1",
};

fn line(price: &Price<'_>) -> String {
    let code = match price.term {
        "OnDemand" => "JRTCKXETXF",
        _ => "HU7G6KETJZ",
    };
    let (lease, purchase, class) = match price.term {
        "OnDemand" => ("", "", ""),
        _ => ("1yr", "Partial Upfront", "standard"),
    };
    let fields = [
        price.sku,
        code,
        &format!("{}.{code}.{}", price.sku, price.tier),
        price.term,
        price.description,
        "2026-07-01",
        price.range.0,
        price.range.1,
        "Hrs",
        price.usd,
        price.currency,
        "",
        lease,
        purchase,
        class,
        "Compute Instance",
        "AmazonEC2",
        "EU (Ireland)",
        "AWS Region",
        "m5.large",
        "2",
        price.system,
        "NA",
        "Shared",
        "Used",
        price.usage_type,
        "RunInstances",
        price.region,
        "Amazon Elastic Compute Cloud",
    ];
    let quoted: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
    quoted.join(",") + "\n"
}

fn csv(prices: &[Price<'_>]) -> String {
    let lines: String = prices.iter().map(line).collect();
    format!("{HEAD}{COLUMNS}\n{lines}")
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

struct Built {
    folder: tempfile::TempDir,
    reports: Vec<FileReport>,
}

impl Built {
    fn catalogue(&self) -> Catalogue {
        Catalogue::open(&self.folder.path().join("catalogue")).unwrap()
    }
}

fn built(text: &str, options: &Options) -> Result<Built, BuildError> {
    let folder = tempfile::tempdir().unwrap();
    let source = write(folder.path(), "index", text);
    let reports = build(&source, Output::File(&folder.path().join("catalogue")), options)?;
    Ok(Built { folder, reports })
}

fn problem(text: &str) -> String {
    match built(text, &Options::default()) {
        Ok(_) => panic!("built"),
        Err(BuildError::Malformed { line, problem, .. }) => format!("{line}: {problem}"),
        Err(error) => panic!("{error}"),
    }
}

fn usd(catalogue: &Catalogue, region: &str, usage_type: &str, attributes: &[(&str, &str)]) -> String {
    match catalogue.find(region, "AmazonEC2", usage_type, attributes) {
        Ok(price) => {
            let tiers: Vec<String> = price
                .tiers
                .iter()
                .map(|tier| format!("{}+: {}", tier.start, tier.usd))
                .collect();
            tiers.join(", ")
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_csv_file_becomes_a_catalogue() {
    let windows = Price {
        sku: "XVZJ9AQJWSXQYVYR",
        usd: "0.199",
        system: "Windows",
        ..LARGE
    };
    let built = built(&csv(&[LARGE, windows]), &Options::default()).unwrap();
    let catalogue = built.catalogue();
    let price = catalogue
        .find(
            "eu-west-1",
            "AmazonEC2",
            "BoxUsage:m5.large",
            &[("operatingSystem", "Linux")],
        )
        .unwrap();
    insta::assert_debug_snapshot!(price, @r#"
    Price {
        sku: Some(
            "QVAEB3SWZQMPBQJ5",
        ),
        unit: "Hrs",
        effective: 2026-07-01,
        attributes: {
            "capacitystatus": "Used",
            "instanceType": "m5.large",
            "operatingSystem": "Linux",
            "operation": "RunInstances",
            "preInstalledSw": "NA",
            "tenancy": "Shared",
        },
        tiers: [
            Tier {
                start: 0,
                usd: 0.107,
                rate_code: Some(
                    "QVAEB3SWZQMPBQJ5.JRTCKXETXF.6YS6EN2CT7",
                ),
            },
        ],
    }
    "#);
    assert_eq!(
        usd(
            &catalogue,
            "eu-west-1",
            "BoxUsage:m5.large",
            &[("operatingSystem", "Windows")]
        ),
        "0+: 0.199"
    );
    assert_eq!(
        usd(
            &catalogue,
            "eu-west-1",
            "BoxUsage:m5.large",
            &[("sku", "XVZJ9AQJWSXQYVYR")]
        ),
        "0+: 0.199"
    );
    insta::assert_snapshot!(usd(&catalogue, "eu-west-1", "BoxUsage:m5.large", &[]), @"AmazonEC2 BoxUsage:m5.large in eu-west-1: 2 prices match; attributes must tell them apart: QVAEB3SWZQMPBQJ5 (capacitystatus = Used, instanceType = m5.large, operatingSystem = Linux, operation = RunInstances, preInstalledSw = NA, tenancy = Shared) or XVZJ9AQJWSXQYVYR (capacitystatus = Used, instanceType = m5.large, operatingSystem = Windows, operation = RunInstances, preInstalledSw = NA, tenancy = Shared)");
    assert_eq!((built.reports[0].read, built.reports[0].kept), (2, 2));
    let coverage = &catalogue.info().regions["eu-west-1"]["AmazonEC2"];
    assert_eq!(coverage.published.as_deref(), Some("2026-07-20T13:44:30Z"));
    assert_eq!((coverage.usage_types, coverage.prices, coverage.rows), (1, 2, 2));
}

#[test]
fn reserved_terms_other_currencies_and_other_regions_are_counted() {
    let text = csv(&[
        LARGE,
        Price {
            term: "Reserved",
            range: ("", ""),
            usd: "400",
            ..LARGE
        },
        Price {
            sku: "A",
            currency: "CNY",
            ..LARGE
        },
        Price {
            sku: "B",
            region: "eu-west-2",
            usage_type: "EUW2-BoxUsage:m5.large",
            ..LARGE
        },
    ]);
    let options = Options {
        regions: vec!["eu-west-1".to_owned()],
        ..Options::default()
    };
    let built = built(&text, &options).unwrap();
    let report = FileReport {
        path: PathBuf::new(),
        ..built.reports[0].clone()
    };
    insta::assert_debug_snapshot!(report, @r#"
    FileReport {
        path: "",
        service: "AmazonEC2",
        published: "2026-07-20T13:44:30Z",
        read: 4,
        kept: 1,
        reserved: 1,
        free_tier: 0,
        other_region: 1,
        other_currency: 1,
        repeated: 0,
    }
    "#);
}

#[test]
fn reserved_terms_are_found_only_when_asked_for() {
    let text = csv(&[
        LARGE,
        Price {
            term: "Reserved",
            range: ("", ""),
            usd: "400",
            ..LARGE
        },
    ]);
    let options = Options {
        reserved: true,
        ..Options::default()
    };
    let built = built(&text, &options).unwrap();
    let catalogue = built.catalogue();
    assert_eq!(
        usd(&catalogue, "eu-west-1", "BoxUsage:m5.large", &[]),
        "0+: 0.107"
    );
    let one_year = [
        ("termType", "Reserved"),
        ("leaseContractLength", "1yr"),
        ("purchaseOption", "Partial Upfront"),
    ];
    assert_eq!(
        usd(&catalogue, "eu-west-1", "BoxUsage:m5.large", &one_year),
        "0+: 400"
    );
}

#[test]
fn tiers_are_sorted_and_the_free_one_is_left_out() {
    let tier = |tier, range, usd, description| Price {
        tier,
        range,
        usd,
        description,
        usage_type: "EU-Out",
        ..LARGE
    };
    let prices = [
        tier("C", ("10240", "Inf"), "0.085", "$0.085 per GB"),
        tier(
            "A",
            ("0", "100"),
            "0.0000000000",
            "$0.00 per GB - first 100 GB are FREE",
        ),
        tier("B", ("100", "10240"), "0.09", "$0.09 per GB"),
    ];
    for (free_tier, expected, dropped) in [
        (false, "0+: 0.09, 10240+: 0.085", 1),
        (true, "0+: 0, 100+: 0.09, 10240+: 0.085", 0),
    ] {
        let built = built(
            &csv(&prices),
            &Options {
                free_tier,
                ..Options::default()
            },
        )
        .unwrap();
        assert_eq!(usd(&built.catalogue(), "eu-west-1", "Out", &[]), expected);
        assert_eq!(built.reports[0].free_tier, dropped);
    }
    // What costs nothing at all is a price of $0.
    let inbound = tier("A", ("0", "Inf"), "0", "$0.00 per GB - data transfer in is free");
    let built = built(&csv(&[inbound]), &Options::default()).unwrap();
    assert_eq!(usd(&built.catalogue(), "eu-west-1", "Out", &[]), "0+: 0");
}

#[test]
fn a_sku_that_differs_in_nothing_is_left_out() {
    let built = built(
        &csv(&[LARGE, Price { sku: "ZZZZ", ..LARGE }]),
        &Options::default(),
    )
    .unwrap();
    assert_eq!(
        built
            .catalogue()
            .find("eu-west-1", "AmazonEC2", "BoxUsage:m5.large", &[])
            .unwrap()
            .sku
            .as_deref(),
        Some(LARGE.sku)
    );
    assert_eq!(built.reports[0].repeated, 1);
    // One that costs something else stays, and the look-up says so.
    let other = built_two_prices();
    assert!(usd(&other.catalogue(), "eu-west-1", "BoxUsage:m5.large", &[]).contains("2 prices match"));
}

fn built_two_prices() -> Built {
    built(
        &csv(&[
            LARGE,
            Price {
                sku: "ZZZZ",
                usd: "0.2",
                ..LARGE
            },
        ]),
        &Options::default(),
    )
    .unwrap()
}

#[test]
fn what_has_no_region_is_global() {
    let edge = Price {
        region: "",
        usage_type: "EU-DataTransfer-Out-Bytes",
        usd: "0.085",
        ..LARGE
    };
    let local = Price { sku: "A", ..LARGE };
    let options = Options {
        regions: vec!["eu-west-1".to_owned()],
        ..Options::default()
    };
    let built = built(&csv(&[edge, local]), &options).unwrap();
    let catalogue = built.catalogue();
    assert!(catalogue.info().regions.contains_key("global"));
    assert_eq!(
        usd(&catalogue, "ap-south-1", "EU-DataTransfer-Out-Bytes", &[]),
        "0+: 0.085"
    );
}

#[test]
fn malformed_files_name_the_line() {
    let good = csv(&[LARGE, LARGE]);
    let cut = |at: usize| good[..good.len() - at].to_owned();
    insta::assert_snapshot!(problem(&cut(60)), @"8: 26 fields instead of 29; the file is cut short or damaged: download it again");
    insta::assert_snapshot!(problem(&cut(5)), @"8: the file ends within a line; download it again");
    insta::assert_snapshot!(problem(&good.replace("0.1070000000", "0,107")), @r#"7: PricePerUnit "0,107" is no number"#);
    insta::assert_snapshot!(problem(&good.replace("0.1070000000", "-1")), @"7: PricePerUnit -1 is negative");
    insta::assert_snapshot!(problem(&good.replace("\"2026-07-01\"", "\"July\"")), @r#"7: EffectiveDate "July" is no date"#);
    insta::assert_snapshot!(problem(&good.replace("\"0\",\"Inf\"", "\"none\",\"Inf\"")), @r#"7: StartingRange "none" is no number"#);
    insta::assert_snapshot!(problem(&good.replace("\"PricePerUnit\",\"Currency\"", "\"Price\",\"Money\"")), @"6: the header has no column PricePerUnit, Currency");
    insta::assert_snapshot!(problem(&good.replace("\"Tenancy\"", "\"Operating System\"")), @"6: the header has column operatingSystem twice");
    insta::assert_snapshot!(problem(&good.replace("\"OfferCode\",\"AmazonEC2\"\n", "")), @"5: the lines before the header do not give the OfferCode");
    insta::assert_snapshot!(problem("a,b\n1,2\n"), @"3: this is no price file of AWS: there is no header that begins with SKU after at most five lines of metadata");
    insta::assert_snapshot!(problem(""), @"1: this is no price file of AWS: there is no header that begins with SKU after at most five lines of metadata");
}

#[test]
fn nothing_is_left_of_a_build_that_failed() {
    let folder = tempfile::tempdir().unwrap();
    let source = write(
        folder.path(),
        "index.csv",
        &csv(&[LARGE]).replace("0.1070000000", "x"),
    );
    let wanted = folder.path().join("catalogue");
    for output in [Output::File(&wanted), Output::Text(&wanted)] {
        build(&source, output, &Options::default()).unwrap_err();
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["index.csv"]);
    }
}

const JSON: &str = r#"{
  "formatVersion" : "v1.0",
  "disclaimer" : "This pricing list is for informational purposes only.",
  "offerCode" : "AmazonEC2",
  "version" : "20260720134430",
  "publicationDate" : "2026-07-20T13:44:30Z",
  "products" : {
    "QVAEB3SWZQMPBQJ5" : {
      "sku" : "QVAEB3SWZQMPBQJ5",
      "productFamily" : "Compute Instance",
      "attributes" : {
        "servicecode" : "AmazonEC2", "location" : "EU (Ireland)", "locationType" : "AWS Region",
        "instanceType" : "m5.large", "vcpu" : "2", "operatingSystem" : "Linux", "preInstalledSw" : "NA",
        "tenancy" : "Shared", "capacitystatus" : "Used", "usagetype" : "EU-BoxUsage:m5.large",
        "operation" : "RunInstances", "regionCode" : "eu-west-1", "servicename" : "Amazon Elastic Compute Cloud"
      }
    },
    "NOUSAGE" : { "sku" : "NOUSAGE", "attributes" : { "regionCode" : "eu-west-1" } }
  },
  "terms" : {
    "OnDemand" : {
      "QVAEB3SWZQMPBQJ5" : {
        "QVAEB3SWZQMPBQJ5.JRTCKXETXF" : {
          "offerTermCode" : "JRTCKXETXF",
          "sku" : "QVAEB3SWZQMPBQJ5",
          "effectiveDate" : "2026-07-01T00:00:00Z",
          "priceDimensions" : {
            "QVAEB3SWZQMPBQJ5.JRTCKXETXF.6YS6EN2CT7" : {
              "rateCode" : "QVAEB3SWZQMPBQJ5.JRTCKXETXF.6YS6EN2CT7",
              "description" : "$0.107 per On Demand Linux m5.large Instance Hour",
              "beginRange" : "0",
              "endRange" : "Inf",
              "unit" : "Hrs",
              "pricePerUnit" : { "USD" : "0.1070000000" },
              "appliesTo" : [ ]
            }
          },
          "termAttributes" : { }
        }
      }
    },
    "Reserved" : {
      "QVAEB3SWZQMPBQJ5" : {
        "QVAEB3SWZQMPBQJ5.HU7G6KETJZ" : {
          "offerTermCode" : "HU7G6KETJZ",
          "sku" : "QVAEB3SWZQMPBQJ5",
          "effectiveDate" : "2026-07-01T00:00:00Z",
          "priceDimensions" : {
            "QVAEB3SWZQMPBQJ5.HU7G6KETJZ.2TG2D8R56U" : {
              "unit" : "Quantity", "rateCode" : "QVAEB3SWZQMPBQJ5.HU7G6KETJZ.2TG2D8R56U",
              "pricePerUnit" : { "USD" : "400" }
            }
          },
          "termAttributes" : { "LeaseContractLength" : "1yr", "OfferingClass" : "standard", "PurchaseOption" : "Partial Upfront" }
        }
      }
    }
  }
}
"#;

#[test]
fn json_and_csv_make_the_same_catalogue() {
    let text = csv(&[LARGE]);
    let of = |text: &str| {
        std::fs::read(
            built(text, &Options::default())
                .unwrap()
                .folder
                .path()
                .join("catalogue"),
        )
        .unwrap()
    };
    assert_eq!(of(JSON), of(&text));
    let reserved = built(
        JSON,
        &Options {
            reserved: true,
            ..Options::default()
        },
    )
    .unwrap();
    let terms = [
        ("termType", "Reserved"),
        ("leaseContractLength", "1yr"),
        ("rateUnit", "Quantity"),
    ];
    assert_eq!(
        usd(&reserved.catalogue(), "eu-west-1", "BoxUsage:m5.large", &terms),
        "0+: 400"
    );
}

#[test]
fn malformed_json_names_the_line() {
    insta::assert_snapshot!(problem(&JSON[..JSON.len() / 2]), @"27: EOF while parsing a string at line 27 column 23; the file is cut short: download it again");
    insta::assert_snapshot!(problem(&JSON.replace("0.1070000000", "much")), @r#"41: QVAEB3SWZQMPBQJ5: pricePerUnit "much" is no number at line 41 column 5"#);
    insta::assert_snapshot!(problem(&JSON.replace("\"offerCode\" : \"AmazonEC2\",", "")), @"59: this is no price file of AWS: it has no offerCode, products or terms at line 59 column 1");
    insta::assert_snapshot!(problem("{}"), @"1: this is no price file of AWS: it has no offerCode, products or terms at line 1 column 2");
    insta::assert_snapshot!(problem(&JSON.replace("\"products\"", "\"product\"")), @"20: terms come before the products they are of at line 20 column 11");
}

#[test]
fn text_reads_back_and_is_reproducible() {
    let folder = tempfile::tempdir().unwrap();
    let odd = Price {
        sku: "ODD",
        usage_type: "EU-A;b\\c",
        system: "a;b\\c=d",
        ..LARGE
    };
    let source = write(folder.path(), "index.csv", &csv(&[odd, LARGE]));
    let text = |name: &str| {
        let out = folder.path().join(name);
        build(&source, Output::Text(&out), &Options::default()).unwrap();
        std::fs::read_to_string(out.join("eu-west-1/AmazonEC2.csv")).unwrap()
    };
    let first = text("first");
    assert_eq!(first, text("second"));
    let rows = row::read(first.as_bytes(), "AmazonEC2.csv").unwrap();
    assert_eq!(rows.len(), 2);
    assert!(
        rows[0]
            .attributes
            .contains(&("operatingSystem".to_owned(), "a;b\\c=d".to_owned()))
    );
    let mut again = Vec::new();
    row::write(&mut again, &rows).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), first);
}

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
