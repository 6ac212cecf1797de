//! Data sources that need no network, and Terraform's built-in resource.

mod policy;
mod regions;

use std::sync::Arc;

use tf_lang::convert::unknown_from;
use tf_lang::value::Reason;
use tf_lang::{Type, Value};

pub(super) use policy::escaped;
use regions::description;

type Entry = (Arc<str>, Value);

/// What a data source computes from its arguments; `None` where it asks AWS. One that is deferred is read when what
/// it waits for is there.
pub(super) fn compute(
    ty: &str,
    value: &Value,
    deferred: bool,
    region: Option<Value>,
    default_tags: &dyn Fn() -> Option<Value>,
) -> Option<Vec<Entry>> {
    match ty {
        "aws_iam_policy_document" => Some(policy::policy_document(value, deferred)),
        "aws_arn" => arn(value),
        "aws_partition" => partition(region?),
        "aws_region" => aws_region(value, region),
        "aws_elb_service_account" => elb_service_account(value, region),
        "aws_service_principal" => service_principal(value, region),
        "aws_default_tags" => {
            let tags = default_tags().unwrap_or_else(|| Value::map(Type::String, []));
            let tags = tf_lang::convert::convert(&tags, &Type::map(Type::String)).ok()?;
            Some(vec![entry("tags", tags)])
        }
        "null_data_source" => {
            let inputs = value.get("inputs").cloned().unwrap_or(Value::NULL);
            Some(vec![entry("outputs", inputs)])
        }
        _ => None,
    }
}

fn entry(name: &str, value: Value) -> Entry {
    (name.into(), value)
}

/// `terraform_data`: the output is the input once it is applied.
pub(super) fn terraform_data(value: &Value, address: &str) -> Value {
    let get = |name: &str| value.get(name).cloned().unwrap_or(Value::NULL);
    let after_apply = |name: &str, ty: Type| {
        Value::unknown(ty, Reason::KnownAfterApply(format!("{address}.{name}").into()))
    };
    let input = get("input");
    let output = match input.is_null() {
        true => Value::null(input.ty()),
        false => after_apply("output", input.ty()),
    };
    Value::object([
        entry("id", after_apply("id", Type::String).not_null()),
        entry("input", input),
        entry("output", output),
        entry("triggers_replace", get("triggers_replace")),
    ])
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

/// `arn:partition:service:region:account:resource`.
fn arn(value: &Value) -> Option<Vec<Entry>> {
    let arn = text(value, "arn")?;
    let mut parts = arn.splitn(6, ':').skip(1);
    let names = ["partition", "service", "region", "account", "resource"];
    let mut entries: Vec<Entry> = names
        .iter()
        .map(|name| parts.next().map(|part| entry(name, part.into())))
        .collect::<Option<_>>()?;
    entries.push(entry("id", arn.into()));
    Some(entries)
}

/// Partition, DNS suffix and reverse DNS prefix of a region.
fn partition_of(region: &str) -> (&'static str, &'static str, &'static str) {
    match region {
        region if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws"),
        region if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com", "com.amazonaws"),
        region if region.starts_with("us-isob-") => ("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s"),
        region if region.starts_with("us-iso-") => ("aws-iso", "c2s.ic.gov", "gov.ic.c2s"),
        _ => ("aws", "amazonaws.com", "com.amazonaws"),
    }
}

fn partition(region: Value) -> Option<Vec<Entry>> {
    let Some(region) = region.as_str() else {
        return Some(
            ["id", "partition", "dns_suffix", "reverse_dns_prefix"]
                .iter()
                .map(|name| entry(name, unknown_from(Type::String, &region).not_null()))
                .collect(),
        );
    };
    let (partition, suffix, prefix) = partition_of(region);
    Some(vec![
        entry("id", partition.into()),
        entry("partition", partition.into()),
        entry("dns_suffix", suffix.into()),
        entry("reverse_dns_prefix", prefix.into()),
    ])
}

/// The region is that of the provider where none is named.
fn aws_region(value: &Value, region: Option<Value>) -> Option<Vec<Entry>> {
    let named = value
        .get("name")
        .filter(|name| !name.is_null() && name.is_known())
        .cloned();
    let region = named.or(region)?;
    let description = region.as_str().and_then(description);
    let endpoint = match region.as_str() {
        Some(name) => format!("ec2.{name}.{}", partition_of(name).1).into(),
        None => unknown_from(Type::String, &region),
    };
    let mut entries = vec![
        entry("id", region.clone()),
        entry("name", region),
        entry("endpoint", endpoint),
    ];
    entries.extend(description.map(|text| entry("description", text.into())));
    Some(entries)
}

/// Accounts of AWS's own that write the logs of load balancers, by region.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-access-logs.html>.
const ELB_ACCOUNTS: [(&str, &str); 26] = [
    ("af-south-1", "098369216593"),
    ("ap-east-1", "754344448648"),
    ("ap-northeast-1", "582318560864"),
    ("ap-northeast-2", "600734575887"),
    ("ap-northeast-3", "383597477331"),
    ("ap-south-1", "718504428378"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ap-southeast-3", "589379963580"),
    ("ca-central-1", "985666609251"),
    ("cn-north-1", "638102146993"),
    ("cn-northwest-1", "037604701340"),
    ("eu-central-1", "054676820928"),
    ("eu-north-1", "897822967062"),
    ("eu-south-1", "635631232127"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-west-3", "009996457667"),
    ("me-south-1", "076674570225"),
    ("sa-east-1", "507241528517"),
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-gov-east-1", "190560391635"),
    ("us-gov-west-1", "048591011584"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
];

/// The account of a region; the partition is that of the provider, whatever region is asked for.
fn elb_service_account(value: &Value, region: Option<Value>) -> Option<Vec<Entry>> {
    let configured = region?;
    let (partition, _, _) = partition_of(configured.as_str()?);
    let asked = text(value, "region").or(configured.as_str())?;
    let (_, account) = ELB_ACCOUNTS.iter().find(|(name, _)| *name == asked)?;
    Some(vec![
        entry("id", (*account).into()),
        entry("region", asked.into()),
        entry("arn", format!("arn:{partition}:iam::{account}:root").into()),
    ])
}

fn service_principal(value: &Value, region: Option<Value>) -> Option<Vec<Entry>> {
    let service = text(value, "service_name")?;
    let region = text(value, "region").map(Value::from).or(region)?;
    let region = region.as_str()?;
    let (_, suffix, prefix) = partition_of(region);
    // Services have principals under amazonaws.com, but for a few in China.
    let in_china = ["codedeploy", "elasticmapreduce", "logs"].contains(&service);
    let suffix = if suffix == "amazonaws.com.cn" && !in_china {
        "amazonaws.com"
    } else {
        suffix
    };
    Some(vec![
        entry("id", format!("{prefix}.{region}.{service}").into()),
        entry("name", format!("{service}.{suffix}").into()),
        entry("suffix", suffix.into()),
        entry("region", region.into()),
    ])
}
