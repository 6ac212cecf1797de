//! IAM, KMS, Secrets Manager.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use tf_aws::signed::{Element, Paging, Request, Service};
use tf_aws::{AwsError, ErrorKind};

use super::{Found, SIDE_BY_SIDE};
use crate::place::{Place, items, json_tags, json_time, member, text, time, xml_tags};
use crate::resource::{Origin, Resource};

/// Users or roles. `ListRoles` says nothing of tags, so the details are asked for, and the list where they are denied.
struct Identities {
    type_name: &'static str,
    filter: &'static str,
    details: &'static str,
    operation: &'static str,
    list: &'static str,
    name: &'static str,
    what: &'static str,
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>
pub(crate) async fn roles(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let roles = Identities {
        type_name: "aws_iam_role",
        filter: "Role",
        details: "GetAccountAuthorizationDetailsResult/RoleDetailList",
        operation: "ListRoles",
        list: "ListRolesResult/Roles",
        name: "RoleName",
        what: "roles",
    };
    identities(&roles, place, found).await
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>
pub(crate) async fn users(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let users = Identities {
        type_name: "aws_iam_user",
        filter: "User",
        details: "GetAccountAuthorizationDetailsResult/UserDetailList",
        operation: "ListUsers",
        list: "ListUsersResult/Users",
        name: "UserName",
        what: "users",
    };
    identities(&users, place, found).await
}

async fn identities(these: &Identities, place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = Request::new(Service::IAM, "GetAccountAuthorizationDetails", these.what)
        .parameter("Filter.member.1", these.filter)
        .parameter("MaxItems", 1000);
    let before = found.resources.len();
    let detailed = place
        .xml(request, Paging::MARKER, |root| {
            for item in root.items(these.details) {
                let tags = xml_tags(item, "Tags", "Key", "Value");
                let resource = identity(item, these);
                found
                    .resources
                    .extend(resource.map(|resource| resource.tags(tags)));
            }
        })
        .await;
    match detailed {
        // Their tags are missing, and with them who made them.
        Err(error) if error.kind == ErrorKind::AccessDenied && error.status.is_some() => {
            found.problems.push(error);
        }
        result => return result,
    }
    found.resources.truncate(before);
    let request = Request::new(Service::IAM, these.operation, these.what).parameter("MaxItems", 1000);
    place
        .xml(request, Paging::MARKER, |root| {
            for item in root.items(these.list) {
                found.resources.extend(identity(item, these));
            }
        })
        .await
}

fn identity(item: &Element, these: &Identities) -> Option<Resource> {
    let name = text(item, these.name)?;
    let mut resource = Resource::named(these.type_name, name)
        .created(time(text(item, "CreateDate")))
        .made_by_if(identity_origin(name, text(item, "Path").unwrap_or("/")));
    resource.arn = text(item, "Arn").map(str::to_owned);
    Some(resource)
}

/// Who makes roles at these paths and with these names.
fn identity_origin(name: &str, path: &str) -> Option<Origin> {
    if let Some(service) = path.strip_prefix("/aws-service-role/") {
        let service = service.trim_end_matches('/');
        return Some(Origin::Service(format!("the service-linked role of {service}")));
    }
    let by = match name {
        _ if path.starts_with("/aws-reserved/sso.amazonaws.com/") => "IAM Identity Center",
        _ if path.starts_with("/aws-reserved/") => "AWS",
        "OrganizationAccountAccessRole" => "AWS Organizations, with the account",
        "AWSControlTowerExecution" => "AWS Control Tower",
        _ if name.starts_with("aws-controltower-") => "AWS Control Tower",
        _ if name.starts_with("stacksets-exec-") => "CloudFormation StackSets",
        _ => return None,
    };
    Some(Origin::Service(format!("made by {by}")))
}

/// Those of the account: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>.
pub(crate) async fn policies(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = Request::new(Service::IAM, "ListPolicies", "policies")
        .parameter("Scope", "Local")
        .parameter("MaxItems", 1000);
    place
        .xml(request, Paging::MARKER, |root| {
            for item in root.items("ListPoliciesResult/Policies") {
                let Some(arn) = text(item, "Arn") else {
                    continue;
                };
                let mut resource = Resource::new("aws_iam_policy", arn)
                    .arn(arn)
                    .created(time(text(item, "CreateDate")));
                resource.name = text(item, "PolicyName").map(str::to_owned);
                found.push(resource);
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>. Only `DescribeKey` says whose a key is; aliases spare the
/// call for most of AWS's own.
pub(crate) async fn keys(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let mut aliases: BTreeMap<String, String> = BTreeMap::new();
    let request = place
        .request(Service::KMS, "ListAliases", "aliases of keys")
        .parameter("Limit", 100);
    place
        .json(request, Paging::NEXT_MARKER, |page| {
            for item in items(page, "Aliases") {
                if let (Some(name), Some(key)) = (member(item, "AliasName"), member(item, "TargetKeyId")) {
                    // The first by its name, whatever the order is.
                    let kept = aliases.entry(key.to_owned()).or_insert_with(|| name.to_owned());
                    if name < kept.as_str() {
                        name.clone_into(kept);
                    }
                }
            }
        })
        .await?;
    let mut keys: Vec<Resource> = Vec::new();
    let request = place
        .request(Service::KMS, "ListKeys", "keys")
        .parameter("Limit", 1000);
    let result = place
        .json(request, Paging::NEXT_MARKER, |page| {
            for item in items(page, "Keys") {
                let Some(id) = member(item, "KeyId") else {
                    continue;
                };
                let mut key = Resource::new("aws_kms_key", id);
                key.arn = member(item, "KeyArn").map(str::to_owned);
                key.name = aliases.get(id).cloned();
                keys.push(key);
            }
        })
        .await;
    let mut described = futures_util::stream::iter(keys)
        .map(|key| describe(key, place))
        .buffered(SIDE_BY_SIDE);
    while let Some((key, problem)) = described.next().await {
        found.push(key);
        found.problems.extend(problem);
    }
    result
}

async fn describe(mut key: Resource, place: &Place) -> (Resource, Option<AwsError>) {
    if key
        .name
        .as_ref()
        .is_some_and(|alias| alias.starts_with("alias/aws/"))
    {
        return (key.made_by(aws_key()), None);
    }
    let id = key.import_id.clone();
    let request =
        Request::new(Service::KMS, "DescribeKey", format_args!("key {id}")).parameter("KeyId", id.as_str());
    match place.send(&request).await.and_then(|answer| answer.json()) {
        Ok(answer) => {
            let metadata = answer.get("KeyMetadata").unwrap_or(&answer);
            let replica = metadata
                .get("MultiRegionConfiguration")
                .is_some_and(|it| member(it, "MultiRegionKeyType") == Some("REPLICA"));
            let external = member(metadata, "Origin") == Some("EXTERNAL");
            key.type_name = match (replica, external) {
                (false, false) => "aws_kms_key",
                (false, true) => "aws_kms_external_key",
                (true, false) => "aws_kms_replica_key",
                (true, true) => "aws_kms_replica_external_key",
            };
            let origin = match (member(metadata, "KeyManager"), member(metadata, "KeyState")) {
                (Some("AWS"), _) => Some(aws_key()),
                (_, Some("PendingDeletion" | "PendingReplicaDeletion")) => {
                    Some(Origin::Leaving("it waits for its deletion".to_owned()))
                }
                _ => None,
            };
            (
                key.created(json_time(metadata.get("CreationDate")))
                    .made_by_if(origin),
                None,
            )
        }
        Err(error) => (key, Some(error)),
    }
}

fn aws_key() -> Origin {
    Origin::Service("a key that AWS manages".to_owned())
}

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>
pub(crate) async fn secrets(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::SECRETS_MANAGER, "ListSecrets", "secrets")
        .parameter("MaxResults", 100);
    place
        .json(request, Paging::NEXT_TOKEN, |page| {
            for item in items(page, "SecretList") {
                let Some(arn) = member(item, "ARN") else {
                    continue;
                };
                let primary = member(item, "PrimaryRegion").filter(|region| *region != place.region());
                let origin = match (item.get("DeletedDate"), member(item, "OwningService")) {
                    (Some(date), _) if !date.is_null() => {
                        Some(Origin::Leaving("it waits for its deletion".to_owned()))
                    }
                    (_, Some(service)) => Some(Origin::Service(format!("made by {service}"))),
                    // The ARNs of replicas differ in the region alone.
                    (_, None) => primary.map(|primary| Origin::PartOf {
                        type_name: "aws_secretsmanager_secret",
                        id: arn.replacen(&format!(":{}:", place.region()), &format!(":{primary}:"), 1),
                    }),
                };
                let mut resource = Resource::new("aws_secretsmanager_secret", arn)
                    .arn(arn)
                    .created(json_time(item.get("CreatedDate")))
                    .made_by_if(origin);
                resource.name = member(item, "Name").map(str::to_owned);
                found.push(resource.tags(json_tags(item.get("Tags"))));
            }
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_that_nobody_of_the_account_made() {
        for (name, path, reason) in [
            (
                "AWSServiceRoleForAutoScaling",
                "/aws-service-role/autoscaling.amazonaws.com/",
                Some("the service-linked role of autoscaling.amazonaws.com"),
            ),
            (
                "AWSReservedSSO_Admin_0123",
                "/aws-reserved/sso.amazonaws.com/eu-west-1/",
                Some("made by IAM Identity Center"),
            ),
            (
                "OrganizationAccountAccessRole",
                "/",
                Some("made by AWS Organizations, with the account"),
            ),
            ("web", "/service-role/", None),
            ("AWSServiceRoleForMe", "/", None),
        ] {
            let origin = identity_origin(name, path).map(|origin| origin.to_string());
            assert_eq!(origin.as_deref(), reason, "{name}");
        }
    }
}
