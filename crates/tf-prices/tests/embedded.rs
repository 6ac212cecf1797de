//! The embedded catalogue against figures of AWS's pricing pages, typed in by hand.

use tf_prices::{Catalogue, LookupError};

const REGIONS: [&str; 5] = ["us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1"];

type Attributes = &'static [(&'static str, &'static str)];

const LINUX: Attributes = &[
    ("operatingSystem", "Linux"),
    ("tenancy", "Shared"),
    ("preInstalledSw", "NA"),
    ("capacitystatus", "Used"),
    ("licenseModel", "No License required"),
];
const WINDOWS: Attributes = &[
    ("operatingSystem", "Windows"),
    ("preInstalledSw", "NA"),
    ("tenancy", "Shared"),
];
const WINDOWS_SQL: Attributes = &[("operatingSystem", "Windows"), ("preInstalledSw", "SQL Ent")];
const SUSE: Attributes = &[("operatingSystem", "SUSE"), ("tenancy", "Shared")];
const MYSQL: Attributes = &[("databaseEngine", "MySQL"), ("deploymentOption", "Single-AZ")];
const MYSQL_MULTI: Attributes = &[("databaseEngine", "MySQL"), ("deploymentOption", "Multi-AZ")];
const POSTGRES: Attributes = &[
    ("databaseEngine", "PostgreSQL"),
    ("deploymentOption", "Single-AZ"),
];
const AURORA: Attributes = &[("databaseEngine", "Aurora PostgreSQL")];

/// A service, a usage type, its attributes, and dollars in the five regions; `-` where it is not sold or not known.
const PRICES: &[(&str, &str, Attributes, [&str; 5])] = &[
    (
        "AmazonEC2",
        "BoxUsage:m5.large",
        LINUX,
        ["0.096", "0.096", "0.096", "0.107", "0.115"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:m5.large",
        WINDOWS,
        ["0.188", "0.188", "0.188", "0.199", "0.207"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:x2iedn.32xlarge",
        WINDOWS_SQL,
        ["80.564", "80.564", "80.564", "85.9", "91.236"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:m5.2xlarge",
        SUSE,
        ["0.484", "0.484", "0.484", "0.528", "0.56"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:t3.medium",
        LINUX,
        ["0.0416", "0.0416", "0.0416", "0.0456", "0.048"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:t3.medium",
        WINDOWS,
        ["0.06", "0.06", "0.06", "0.064", "0.0664"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:t4g.micro",
        LINUX,
        ["0.0084", "0.0084", "0.0084", "0.0092", "0.0096"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:c6g.xlarge",
        LINUX,
        ["0.136", "0.136", "0.136", "0.1459", "0.1552"],
    ),
    (
        "AmazonEC2",
        "BoxUsage:r5.2xlarge",
        LINUX,
        ["0.504", "0.504", "0.504", "0.564", "0.608"],
    ),
    (
        "AmazonEC2",
        "EBS:VolumeUsage.gp3",
        &[],
        ["0.08", "0.08", "0.08", "0.088", "0.0952"],
    ),
    (
        "AmazonEC2",
        "EBS:VolumeUsage.gp2",
        &[],
        ["0.1", "0.1", "0.1", "0.11", "0.119"],
    ),
    (
        "AmazonEC2",
        "EBS:VolumeP-Throughput.gp3",
        &[],
        ["40.96", "40.96", "40.96", "45.056", "49.152"],
    ),
    (
        "AmazonEC2",
        "NatGateway-Hours",
        &[],
        ["0.045", "0.045", "0.045", "0.048", "0.052"],
    ),
    (
        "AmazonVPC",
        "PublicIPv4:InUseAddress",
        &[],
        ["0.005", "0.005", "0.005", "0.005", "0.005"],
    ),
    (
        "AmazonVPC",
        "VpcEndpoint-Hours",
        &[],
        ["0.01", "0.01", "0.01", "0.011", "0.012"],
    ),
    (
        "AmazonVPC",
        "TransitGateway-Hours",
        &[("operation", "TransitGatewayVPC")],
        ["0.05", "0.05", "0.05", "0.05", "0.06"],
    ),
    (
        "AWSELB",
        "LoadBalancerUsage",
        &[("operation", "LoadBalancing:Application")],
        ["0.0225", "0.0225", "0.0225", "0.0252", "0.027"],
    ),
    (
        "AWSELB",
        "LCUUsage",
        &[("operation", "LoadBalancing:Network")],
        ["0.006", "0.006", "0.006", "0.006", "0.006"],
    ),
    (
        "AmazonRDS",
        "InstanceUsage:db.m5.large",
        MYSQL,
        ["0.171", "0.171", "0.171", "0.189", "0.203"],
    ),
    (
        "AmazonRDS",
        "Multi-AZUsage:db.m5.large",
        MYSQL_MULTI,
        ["0.342", "0.342", "0.342", "0.378", "0.406"],
    ),
    (
        "AmazonRDS",
        "InstanceUsage:db.m5.2xl",
        POSTGRES,
        ["0.712", "0.712", "0.712", "0.788", "0.848"],
    ),
    (
        "AmazonRDS",
        "InstanceUsage:db.r6g.large",
        AURORA,
        ["0.26", "0.26", "0.26", "0.286", "0.313"],
    ),
    (
        "AmazonRDS",
        "RDS:GP2-Storage",
        &[],
        ["0.115", "0.115", "0.115", "0.127", "0.137"],
    ),
    (
        "AmazonElastiCache",
        "NodeUsage:cache.r5.large",
        &[("cacheEngine", "Redis")],
        ["0.216", "0.216", "0.216", "0.241", "0.26"],
    ),
    (
        "AmazonECS",
        "Fargate-vCPU-Hours:perCPU",
        &[],
        ["0.04048", "0.04048", "0.04048", "0.04048", "0.04656"],
    ),
    (
        "AmazonECS",
        "Fargate-ARM-GB-Hours",
        &[],
        ["0.00356", "0.00356", "0.00356", "0.00356", "0.00409"],
    ),
    (
        "AmazonEKS",
        "AmazonEKS-Hours:perCluster",
        &[],
        ["0.1", "0.1", "0.1", "0.1", "0.1"],
    ),
    (
        "AmazonDynamoDB",
        "WriteRequestUnits",
        &[],
        [
            "0.000000625",
            "0.000000625",
            "0.000000625",
            "0.000000705",
            "0.0000007625",
        ],
    ),
    (
        "AmazonDynamoDB",
        "TimedStorage-ByteHrs",
        &[],
        ["0.25", "0.25", "0.25", "0.283", "0.306"],
    ),
    (
        "AmazonEFS",
        "TimedStorage-ByteHrs",
        &[],
        ["0.3", "0.3", "0.3", "0.33", "0.36"],
    ),
    ("awskms", "KMS-Keys", &[], ["1", "1", "1", "1", "1"]),
    (
        "AWSSecretsManager",
        "AWSSecretsManager-Secrets",
        &[],
        ["0.4", "0.4", "0.4", "0.4", "0.4"],
    ),
    (
        "AmazonRedshift",
        "Node:ra3.4xlarge",
        &[],
        ["3.26", "3.26", "3.26", "3.606", "3.894"],
    ),
    (
        "AmazonRoute53",
        "HostedZone",
        &[],
        ["0.5", "0.5", "0.5", "0.5", "0.5"],
    ),
];

#[test]
fn prices_are_those_of_awss_pages() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    for (service, usage_type, attributes, expected) in PRICES {
        for (region, expected) in REGIONS.iter().zip(expected) {
            let found = match catalogue.find(region, service, usage_type, attributes) {
                Ok(price) => price
                    .tiers
                    .first()
                    .map_or_else(String::new, |tier| tier.usd.to_string()),
                Err(error) => error.to_string(),
            };
            if found != *expected {
                wrong.push(format!(
                    "{service} {usage_type} in {region}: {found}, expected {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tiers_are_those_of_awss_pages() {
    let catalogue = Catalogue::embedded();
    for (region, service, usage_type, expected) in [
        (
            "us-east-1",
            "AmazonS3",
            "TimedStorage-ByteHrs",
            "0: 0.023, 51200: 0.022, 512000: 0.021",
        ),
        (
            "eu-central-1",
            "AmazonS3",
            "TimedStorage-ByteHrs",
            "0: 0.0245, 51200: 0.0235, 512000: 0.0225",
        ),
        (
            "us-east-1",
            "AWSDataTransfer",
            "DataTransfer-Out-Bytes",
            "0: 0.09, 10240: 0.085, 51200: 0.07, 153600: 0.05",
        ),
        (
            "us-east-1",
            "AWSLambda",
            "Lambda-GB-Second",
            "0: 0.0000166667, 6000000000: 0.000015, 15000000000: 0.0000133334",
        ),
        (
            "us-west-2",
            "AmazonApiGateway",
            "ApiGatewayHttpRequest",
            "0: 0.000001, 300000000: 0.0000009",
        ),
        (
            "eu-west-1",
            "AmazonRoute53",
            "Geo-Queries",
            "0: 0.0000007, 1000000000: 0.00000035",
        ),
        (
            "us-east-2",
            "AmazonCloudWatch",
            "CW:MetricMonitorUsage",
            "0: 0.3, 10000: 0.1, 250000: 0.05, 1000000: 0.02",
        ),
    ] {
        let price = catalogue.find(region, service, usage_type, &[]).unwrap();
        let tiers: Vec<String> = price
            .tiers
            .iter()
            .map(|tier| format!("{}: {}", tier.start, tier.usd))
            .collect();
        assert_eq!(tiers.join(", "), expected, "{usage_type} in {region}");
    }
}

#[test]
fn every_instance_family_is_there() {
    for region in REGIONS {
        for family in [
            "m5", "m6g", "m6i", "m7g", "m7i", "c5", "c6g", "c6i", "c7g", "c7i", "r5", "r6g", "r6i", "r7g",
            "r7i", "t3", "t4g",
        ] {
            let usage_type = format!("BoxUsage:{family}.large");
            let found = Catalogue::embedded().find(region, "AmazonEC2", &usage_type, LINUX);
            assert!(found.is_ok(), "{usage_type} in {region}: {found:?}");
        }
        for (service, usage_type) in [
            ("AmazonRDS", "InstanceUsage:db.r5.xl"),
            ("AmazonElastiCache", "NodeUsage:cache.m6g.large"),
        ] {
            let found = Catalogue::embedded().find(region, service, usage_type, &[]);
            assert!(
                matches!(found, Err(LookupError::Several { .. })),
                "{usage_type} in {region}: {found:?}"
            );
        }
    }
}

#[test]
fn other_regions_have_no_prices() {
    let found = Catalogue::embedded().find("ap-south-1", "AmazonEC2", "BoxUsage:m5.large", LINUX);
    assert!(
        matches!(found, Err(LookupError::UnknownRegion { .. })),
        "{found:?}"
    );
}

#[test]
fn looking_up_a_thousand_times_finds_the_same() {
    for region in REGIONS {
        let find = || Catalogue::embedded().find(region, "AmazonEC2", "BoxUsage:m5.large", LINUX);
        let first = find().unwrap();
        // Looked up anew each time, a thousand would be seconds.
        assert!((0..200).all(|_| find().unwrap() == first));
    }
}
