//! Where a service is.

use super::service::Service;

/// An endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Endpoint {
    /// Without a slash at its end.
    pub(crate) url: String,
    /// The region of signatures.
    pub(crate) region: String,
    /// Whether it was given by the caller, as emulators are.
    pub(crate) given: bool,
}

/// What the caller's configuration says.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) region: &'a str,
    /// An endpoint of the caller's.
    pub(crate) url: Option<&'a str>,
    pub(crate) dual_stack: bool,
    pub(crate) fips: bool,
}

/// A partition: <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>. The names are those
/// of the SDKs' `partitions.json`.
struct Partition {
    id: &'static str,
    suffix: &'static str,
    dual_stack_suffix: &'static str,
    /// Beginnings of its regions' names.
    prefixes: &'static [&'static str],
    /// The region in which its global services are.
    global: &'static str,
}

const PARTITIONS: &[Partition] = &[
    Partition {
        id: "aws-cn",
        suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
        prefixes: &["cn-"],
        global: "cn-northwest-1",
    },
    Partition {
        id: "aws-us-gov",
        suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        prefixes: &["us-gov-"],
        global: "us-gov-west-1",
    },
    Partition {
        id: "aws-eusc",
        suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
        prefixes: &["eusc-"],
        global: "eusc-de-east-1",
    },
    Partition {
        id: "aws-iso",
        suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
        prefixes: &["us-iso-"],
        global: "us-iso-east-1",
    },
    Partition {
        id: "aws-iso-b",
        suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
        prefixes: &["us-isob-"],
        global: "us-isob-east-1",
    },
];

/// The rest of the world.
const COMMERCIAL: Partition = Partition {
    id: "aws",
    suffix: "amazonaws.com",
    dual_stack_suffix: "api.aws",
    prefixes: &[],
    global: "us-east-1",
};

fn partition(region: &str) -> &'static Partition {
    PARTITIONS
        .iter()
        .find(|partition| partition.prefixes.iter().any(|prefix| region.starts_with(prefix)))
        .unwrap_or(&COMMERCIAL)
}

/// The partition of a region: `aws`, `aws-cn`, `aws-us-gov`.
pub fn partition_of(region: &str) -> &'static str {
    partition(region).id
}

/// The region in which the global services of a region's partition are, and where their events and tags are kept: `us-east-1`.
pub fn global_region_of(region: &str) -> &'static str {
    partition(region).global
}

/// Finds the endpoint of a service.
pub(crate) fn resolve(service: &Service, wanted: Wanted<'_>) -> Endpoint {
    let partition = partition(wanted.region);
    let region = match service.global {
        true => global_region(service, partition),
        false => wanted.region,
    };
    let url = match wanted.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("https://{}", host(service, partition, region, wanted)),
    };
    Endpoint {
        url,
        region: region.to_owned(),
        given: wanted.url.is_some(),
    }
}

/// IAM of China is the one that is not where the others are.
fn global_region(service: &Service, partition: &Partition) -> &'static str {
    match (service.endpoint, partition.id) {
        ("iam", "aws-cn") => "cn-north-1",
        _ => partition.global,
    }
}

fn host(service: &Service, partition: &Partition, region: &str, wanted: Wanted<'_>) -> String {
    let Partition {
        id,
        suffix,
        dual_stack_suffix,
        ..
    } = partition;
    let name = service.endpoint;
    let fips = if wanted.fips { "-fips" } else { "" };
    match (name, *id) {
        // <https://docs.aws.amazon.com/general/latest/gr/iam-service.html>, r53.html, cf_region.html, ao.html
        ("iam", "aws") if wanted.dual_stack => format!("iam{fips}.global.api.aws"),
        ("iam" | "route53" | "cloudfront", "aws") => format!("{name}{fips}.{suffix}"),
        ("iam" | "route53", "aws-us-gov") => format!("{name}.us-gov.{suffix}"),
        ("iam", "aws-cn") => format!("iam.{region}.{suffix}"),
        ("route53", "aws-cn") => format!("route53.{suffix}"),
        ("organizations", "aws") => format!("organizations{fips}.{region}.{suffix}"),
        ("s3", _) if wanted.dual_stack => format!("s3{fips}.dualstack.{region}.{suffix}"),
        _ if wanted.dual_stack => format!("{name}{fips}.{region}.{dual_stack_suffix}"),
        _ => format!("{name}{fips}.{region}.{suffix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_by_partition_and_region() {
        for (service, region, url, signed) in [
            (
                Service::EC2,
                "eu-west-1",
                "https://ec2.eu-west-1.amazonaws.com",
                "eu-west-1",
            ),
            (
                Service::ECR,
                "eu-west-1",
                "https://api.ecr.eu-west-1.amazonaws.com",
                "eu-west-1",
            ),
            (
                Service::CLOUDWATCH,
                "eu-west-1",
                "https://monitoring.eu-west-1.amazonaws.com",
                "eu-west-1",
            ),
            (
                Service::S3,
                "us-east-1",
                "https://s3.us-east-1.amazonaws.com",
                "us-east-1",
            ),
            (
                Service::IAM,
                "eu-west-1",
                "https://iam.amazonaws.com",
                "us-east-1",
            ),
            (
                Service::ROUTE53,
                "ap-south-1",
                "https://route53.amazonaws.com",
                "us-east-1",
            ),
            (
                Service::CLOUDFRONT,
                "eu-west-1",
                "https://cloudfront.amazonaws.com",
                "us-east-1",
            ),
            (
                Service::ORGANIZATIONS,
                "eu-west-1",
                "https://organizations.us-east-1.amazonaws.com",
                "us-east-1",
            ),
            (
                Service::EC2,
                "cn-north-1",
                "https://ec2.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                Service::IAM,
                "cn-northwest-1",
                "https://iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                Service::ROUTE53,
                "cn-north-1",
                "https://route53.amazonaws.com.cn",
                "cn-northwest-1",
            ),
            (
                Service::CLOUDFRONT,
                "cn-north-1",
                "https://cloudfront.cn-northwest-1.amazonaws.com.cn",
                "cn-northwest-1",
            ),
            (
                Service::KMS,
                "us-gov-east-1",
                "https://kms.us-gov-east-1.amazonaws.com",
                "us-gov-east-1",
            ),
            (
                Service::IAM,
                "us-gov-east-1",
                "https://iam.us-gov.amazonaws.com",
                "us-gov-west-1",
            ),
            (
                Service::STS,
                "eusc-de-east-1",
                "https://sts.eusc-de-east-1.amazonaws.eu",
                "eusc-de-east-1",
            ),
        ] {
            let wanted = Wanted {
                region,
                ..Wanted::default()
            };
            let found = resolve(&service, wanted);
            assert_eq!(
                (found.url.as_str(), found.region.as_str()),
                (url, signed),
                "{service:?}"
            );
        }
    }

    #[test]
    fn endpoints_of_two_stacks_and_of_fips() {
        for (service, dual_stack, fips, url) in [
            (Service::EC2, true, false, "https://ec2.eu-west-1.api.aws"),
            (
                Service::S3,
                true,
                false,
                "https://s3.dualstack.eu-west-1.amazonaws.com",
            ),
            (
                Service::KMS,
                false,
                true,
                "https://kms-fips.eu-west-1.amazonaws.com",
            ),
            (Service::IAM, false, true, "https://iam-fips.amazonaws.com"),
            (Service::KMS, true, true, "https://kms-fips.eu-west-1.api.aws"),
        ] {
            let wanted = Wanted {
                region: "eu-west-1",
                url: None,
                dual_stack,
                fips,
            };
            assert_eq!(resolve(&service, wanted).url, url);
        }
    }

    #[test]
    fn an_endpoint_of_the_callers_is_taken_as_it_is() {
        let wanted = Wanted {
            region: "eu-west-1",
            url: Some("http://127.0.0.1:5000/"),
            dual_stack: true,
            fips: true,
        };
        let found = resolve(&Service::IAM, wanted);
        assert_eq!(found.url, "http://127.0.0.1:5000");
        assert_eq!((found.region.as_str(), found.given), ("us-east-1", true));
    }
}
