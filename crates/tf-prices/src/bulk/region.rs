//! Regions: the prefixes of their usage types.

use std::path::Path;

use crate::catalogue::GLOBAL;

/// The prefixes AWS uses in usage types (and, after them, for the other end of a transfer).
const PREFIXES: &[(&str, &[&str])] = &[
    ("af-south-1", &["AFS1"]),
    ("ap-east-1", &["APE1"]),
    ("ap-northeast-1", &["APN1"]),
    ("ap-northeast-2", &["APN2"]),
    ("ap-northeast-3", &["APN3"]),
    ("ap-south-1", &["APS3"]),
    ("ap-south-2", &["APS5"]),
    ("ap-southeast-1", &["APS1"]),
    ("ap-southeast-2", &["APS2"]),
    ("ap-southeast-3", &["APS4"]),
    ("ap-southeast-4", &["APS6"]),
    ("ca-central-1", &["CAN1"]),
    ("eu-central-1", &["EUC1"]),
    ("eu-central-2", &["EUC2"]),
    ("eu-north-1", &["EUN1"]),
    ("eu-south-1", &["EUS1"]),
    ("eu-south-2", &["EUS2"]),
    ("eu-west-1", &["EU", "EUW1"]),
    ("eu-west-2", &["EUW2"]),
    ("eu-west-3", &["EUW3"]),
    ("il-central-1", &["ILC1"]),
    ("me-central-1", &["MEC1"]),
    ("me-south-1", &["MES1"]),
    ("sa-east-1", &["SAE1"]),
    ("us-east-1", &["USE1"]),
    ("us-east-2", &["USE2"]),
    ("us-gov-east-1", &["UGE1"]),
    ("us-gov-west-1", &["UGW1"]),
    ("us-west-1", &["USW1"]),
    ("us-west-2", &["USW2"]),
];

/// The catalogue's name of a region code of AWS's files.
pub(super) fn named(code: &str) -> &str {
    match code {
        "" | "aws-other" | "aws-global" | "global" | "Any" | "NA" => GLOBAL,
        region => region,
    }
}

/// The region whose file it is, by the folder that AWS's addresses put it in: `…/eu-west-1/index.csv`.
pub(super) fn of_file(path: &Path) -> Option<&str> {
    let folder = path.parent()?.file_name()?.to_str()?;
    let parts: Vec<&str> = folder.split('-').collect();
    let letters = |part: &&&str| part.bytes().all(|byte| byte.is_ascii_lowercase()) && !part.is_empty();
    let region = parts.len() >= 3
        && parts.iter().take(2).filter(letters).count() == 2
        && parts
            .last()
            .is_some_and(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()));
    match folder {
        "aws-other" | "aws-global" => Some(GLOBAL),
        _ => region.then_some(folder),
    }
}

/// A usage type without its region's prefix.
pub(super) fn without_prefix<'u>(region: &str, usage_type: &'u str) -> &'u str {
    if region == GLOBAL {
        return usage_type;
    }
    // KMS writes the region's code: `eu-west-1-KMS-Keys`.
    if let Some(rest) = usage_type
        .strip_prefix(region)
        .and_then(|rest| rest.strip_prefix('-'))
    {
        return rest;
    }
    let Some((prefix, rest)) = usage_type.split_once('-') else {
        return usage_type;
    };
    if rest.is_empty() {
        return usage_type;
    }
    let own = match PREFIXES.binary_search_by(|(name, _)| (*name).cmp(region)) {
        Ok(at) => PREFIXES
            .get(at)
            .is_some_and(|(_, prefixes)| prefixes.contains(&prefix)),
        // A region newer than this list, or a local zone: three or four letters and a digit.
        Err(_) => looks_like_prefix(prefix),
    };
    if own { rest } else { usage_type }
}

fn looks_like_prefix(prefix: &str) -> bool {
    let bytes = prefix.as_bytes();
    (3..=4).contains(&bytes.len())
        && bytes.last().is_some_and(u8::is_ascii_digit)
        && bytes.iter().rev().skip(1).all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_taken_off_once() {
        for (region, usage_type, expected) in [
            ("us-east-1", "BoxUsage:m5.large", "BoxUsage:m5.large"),
            ("us-east-1", "USE1-Fargate-GB-Hours", "Fargate-GB-Hours"),
            ("us-east-1", "USE1-USW2-AWS-Out-Bytes", "USW2-AWS-Out-Bytes"),
            ("us-east-1", "NatGateway-Hours", "NatGateway-Hours"),
            ("eu-west-1", "EU-BoxUsage:m5.large", "BoxUsage:m5.large"),
            ("eu-west-1", "EUW1-EKS-Hours", "EKS-Hours"),
            ("eu-west-1", "EU-EUC1-AWS-Out-Bytes", "EUC1-AWS-Out-Bytes"),
            ("eu-west-1", "eu-west-1-KMS-Keys", "KMS-Keys"),
            ("eu-central-1", "EUC1-NatGateway-Bytes", "NatGateway-Bytes"),
            ("xx-south-9", "XXS9-BoxUsage:t3.nano", "BoxUsage:t3.nano"),
            (
                "xx-south-9",
                "Multi-AZUsage:db.t3.small",
                "Multi-AZUsage:db.t3.small",
            ),
            ("global", "EU-DataTransfer-Out-Bytes", "EU-DataTransfer-Out-Bytes"),
        ] {
            assert_eq!(
                without_prefix(region, usage_type),
                expected,
                "{usage_type} in {region}"
            );
        }
    }

    #[test]
    fn folders_name_regions() {
        for (path, expected) in [
            ("aws/AmazonEC2/20260720/eu-west-1/index.csv", Some("eu-west-1")),
            ("20260720/us-gov-west-1/index.json", Some("us-gov-west-1")),
            ("20260720/us-west-2-lax-1/index.csv", Some("us-west-2-lax-1")),
            ("20260720/aws-other/index.csv", Some("global")),
            ("AmazonEC2/current/index.csv", None),
            ("20260720134430/index.csv", None),
            ("my-prices-v1/index.csv", None),
            ("index.csv", None),
        ] {
            assert_eq!(of_file(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(PREFIXES.is_sorted());
    }
}
