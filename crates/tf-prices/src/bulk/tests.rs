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
pub(super) struct Price<'p> {
    pub(super) sku: &'p str,
    pub(super) tier: &'p str,
    pub(super) term: &'p str,
    pub(super) description: &'p str,
    pub(super) range: (&'p str, &'p str),
    pub(super) usd: &'p str,
    pub(super) currency: &'p str,
    pub(super) system: &'p str,
    pub(super) usage_type: &'p str,
    pub(super) region: &'p str,
}

pub(super) const LARGE: Price<'static> = Price {
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

pub(super) fn csv(prices: &[Price<'_>]) -> String {
    let lines: String = prices.iter().map(line).collect();
    format!("{HEAD}{COLUMNS}\n{lines}")
}

pub(super) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

pub(super) struct Built {
    pub(super) folder: tempfile::TempDir,
    reports: Vec<FileReport>,
}

impl Built {
    pub(super) fn catalogue(&self) -> Catalogue {
        Catalogue::open(&self.folder.path().join("catalogue")).unwrap()
    }
}

pub(super) fn built(text: &str, options: &Options) -> Result<Built, BuildError> {
    let folder = tempfile::tempdir().unwrap();
    let source = write(folder.path(), "index", text);
    let reports = build(&source, Output::File(&folder.path().join("catalogue")), options)?;
    Ok(Built { folder, reports })
}

pub(super) fn problem(text: &str) -> String {
    match built(text, &Options::default()) {
        Ok(_) => panic!("built"),
        Err(BuildError::Malformed { line, problem, .. }) => format!("{line}: {problem}"),
        Err(error) => panic!("{error}"),
    }
}

pub(super) fn usd(
    catalogue: &Catalogue,
    region: &str,
    usage_type: &str,
    attributes: &[(&str, &str)],
) -> String {
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
