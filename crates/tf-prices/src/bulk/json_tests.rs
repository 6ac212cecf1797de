use super::tests::{LARGE, built, csv, problem, usd};
use super::*;

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
