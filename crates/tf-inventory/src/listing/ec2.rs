//! EC2: instances, volumes, networks.
//!
//! Shapes: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html>.

use std::collections::BTreeSet;

use tf_aws::AwsError;
use tf_aws::signed::{Element, Paging, Request, Service};

use super::Found;
use crate::kind::Kind;
use crate::place::{Place, text, time, word, xml_tags};
use crate::resource::{Origin, Resource};

/// A list operation.
struct Call {
    operation: &'static str,
    what: &'static str,
    /// The most that one page can have; none where an operation has no pages.
    page: Option<u32>,
    /// Where the answer has its items.
    items: &'static str,
    /// What an item is; none for what exists no more.
    read: fn(&Element, &Known<'_>) -> Option<Resource>,
}

/// What items are read by.
struct Known<'p> {
    place: &'p Place,
    /// Ids of default VPCs, where the kind needs them.
    default_vpcs: BTreeSet<String>,
}

const fn call(
    operation: &'static str,
    what: &'static str,
    page: Option<u32>,
    items: &'static str,
    read: fn(&Element, &Known<'_>) -> Option<Resource>,
) -> Call {
    Call {
        operation,
        what,
        page,
        items,
        read,
    }
}

fn call_of(kind: Kind) -> Call {
    match kind {
        Kind::Volumes => call("DescribeVolumes", "volumes", Some(500), "volumeSet", volume),
        Kind::SecurityGroups => call(
            "DescribeSecurityGroups",
            "security groups",
            Some(1000),
            "securityGroupInfo",
            security_group,
        ),
        Kind::Addresses => call("DescribeAddresses", "addresses", None, "addressesSet", address),
        Kind::NatGateways => call(
            "DescribeNatGateways",
            "NAT gateways",
            Some(1000),
            "natGatewaySet",
            nat_gateway,
        ),
        Kind::Vpcs => call("DescribeVpcs", "VPCs", Some(1000), "vpcSet", vpc),
        Kind::Subnets => call("DescribeSubnets", "subnets", Some(1000), "subnetSet", subnet),
        Kind::InternetGateways => call(
            "DescribeInternetGateways",
            "internet gateways",
            Some(1000),
            "internetGatewaySet",
            internet_gateway,
        ),
        Kind::RouteTables => call(
            "DescribeRouteTables",
            "route tables",
            Some(100),
            "routeTableSet",
            route_table,
        ),
        Kind::NetworkAcls => call(
            "DescribeNetworkAcls",
            "network ACLs",
            Some(1000),
            "networkAclSet",
            network_acl,
        ),
        Kind::NetworkInterfaces => call(
            "DescribeNetworkInterfaces",
            "network interfaces",
            Some(1000),
            "networkInterfaceSet",
            network_interface,
        ),
        Kind::VpcEndpoints => call(
            "DescribeVpcEndpoints",
            "VPC endpoints",
            Some(1000),
            "vpcEndpointSet",
            vpc_endpoint,
        ),
        Kind::LaunchTemplates => call(
            "DescribeLaunchTemplates",
            "launch templates",
            Some(200),
            "launchTemplates",
            launch_template,
        ),
        Kind::KeyPairs => call("DescribeKeyPairs", "key pairs", None, "keySet", key_pair),
        _ => call(
            "DescribeInstances",
            "instances",
            Some(1000),
            "reservationSet",
            instance,
        ),
    }
}

pub(crate) async fn list(kind: Kind, place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let Call {
        operation,
        what,
        page,
        items,
        read,
    } = call_of(kind);
    let mut known = Known {
        place,
        default_vpcs: BTreeSet::new(),
    };
    if kind == Kind::InternetGateways {
        known.default_vpcs = default_vpcs(place).await?;
    }
    let request = paged(place.request(Service::EC2, operation, what), page);
    place
        .xml(request, Paging::EC2, |root| {
            for item in root.items(items) {
                if kind == Kind::Instances {
                    // Instances come in reservations.
                    let inner = item.items("instancesSet");
                    found
                        .resources
                        .extend(inner.filter_map(|item| read(item, &known)));
                } else {
                    found.resources.extend(read(item, &known));
                }
            }
        })
        .await
}

fn paged(request: Request, page: Option<u32>) -> Request {
    match page {
        Some(page) => request.parameter("MaxResults", page),
        None => request,
    }
}

async fn default_vpcs(place: &Place) -> Result<BTreeSet<String>, AwsError> {
    let mut ids = BTreeSet::new();
    let request = place
        .request(Service::EC2, "DescribeVpcs", "the default VPC")
        .parameter("Filter.1.Name", "is-default")
        .parameter("Filter.1.Value.1", "true");
    place
        .xml(request, Paging::EC2, |root| {
            ids.extend(root.items("vpcSet").map(|vpc| word(vpc, "vpcId")));
        })
        .await?;
    Ok(ids)
}

fn is(item: &Element, path: &str) -> bool {
    item.text_at(path) == Some("true")
}

/// A thing with an id at `path`, tags, an ARN, and what every item of EC2 may say of who made it.
fn thing(
    item: &Element,
    known: &Known<'_>,
    type_name: &'static str,
    path: &str,
    noun: &str,
) -> Option<Resource> {
    let id = text(item, path)?;
    Some(
        Resource::new(type_name, id)
            .arn(known.place.arn("ec2", &format!("{noun}/{id}")))
            .tags(xml_tags(item, "tagSet", "key", "value"))
            .made_by_if(foreign(item, known)),
    )
}

/// What belongs to another account that shares it, or to a service that operates it here.
fn foreign(item: &Element, known: &Known<'_>) -> Option<Origin> {
    if let Some(owner) = text(item, "ownerId")
        && owner != &*known.place.account
        && owner.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(Origin::Service(format!("shared by the account {owner}")));
    }
    if is(item, "operator/managed") {
        let principal = text(item, "operator/principal").unwrap_or("an AWS service");
        return Some(Origin::Service(format!("operated by {principal}")));
    }
    None
}

fn instance(item: &Element, known: &Known<'_>) -> Option<Resource> {
    if matches!(
        item.text_at("instanceState/name"),
        Some("terminated" | "shutting-down")
    ) {
        return None;
    }
    let mut resource = thing(item, known, "aws_instance", "instanceId", "instance")?;
    let root = text(item, "rootDeviceName");
    let volumes = item
        .items("blockDeviceMapping")
        .filter(|device| text(device, "deviceName") == root || is(device, "ebs/deleteOnTermination"))
        .filter_map(|device| text(device, "ebs/volumeId"));
    let volumes = volumes.map(|id| ("aws_ebs_volume", id.to_owned()));
    resource.parts.extend(volumes);
    Some(resource.created(time(text(item, "launchTime"))))
}

fn volume(item: &Element, known: &Known<'_>) -> Option<Resource> {
    if matches!(item.text_at("status"), Some("deleting" | "deleted")) {
        return None;
    }
    let part = item.items("attachmentSet").find_map(|attachment| {
        is(attachment, "deleteOnTermination").then(|| Origin::PartOf {
            type_name: "aws_instance",
            id: word(attachment, "instanceId"),
        })
    });
    Some(
        thing(item, known, "aws_ebs_volume", "volumeId", "volume")?
            .created(time(text(item, "createTime")))
            .made_by_if(part),
    )
}

fn security_group(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let name = word(item, "groupName");
    let vpc = text(item, "vpcId").unwrap_or("the region");
    let default = match name.as_str() {
        "default" => Some(Origin::Default(format!("the default security group of {vpc}"))),
        // For classic load balancers that are given none.
        _ if name.starts_with("default_elb_") => {
            Some(Origin::Service("made by Elastic Load Balancing".to_owned()))
        }
        _ if name.starts_with("ElasticMapReduce-") => Some(Origin::Service("made by EMR".to_owned())),
        _ => None,
    };
    let mut resource =
        thing(item, known, "aws_security_group", "groupId", "security-group")?.made_by_if(default);
    resource.name = Some(name);
    Some(resource)
}

fn address(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let service =
        text(item, "serviceManaged").map(|service| Origin::Service(format!("made by a service ({service})")));
    let mut resource = thing(item, known, "aws_eip", "allocationId", "elastic-ip")?.made_by_if(service);
    if resource.name.is_none() {
        resource.name = text(item, "publicIp").map(str::to_owned);
    }
    Some(resource)
}

fn nat_gateway(item: &Element, known: &Known<'_>) -> Option<Resource> {
    if matches!(item.text_at("state"), Some("deleted" | "deleting" | "failed")) {
        return None;
    }
    let mut resource = thing(item, known, "aws_nat_gateway", "natGatewayId", "natgateway")?;
    // Its addresses are made before it, and stay.
    let interfaces = item
        .items("natGatewayAddressSet")
        .filter_map(|address| text(address, "networkInterfaceId"))
        .map(|id| ("aws_network_interface", id.to_owned()));
    resource.parts.extend(interfaces);
    Some(resource.created(time(text(item, "createTime"))))
}

fn vpc(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let default = is(item, "isDefault").then(|| Origin::Default("the default VPC of the region".to_owned()));
    Some(thing(item, known, "aws_vpc", "vpcId", "vpc")?.made_by_if(default))
}

fn subnet(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let default = is(item, "defaultForAz").then(|| {
        let zone = text(item, "availabilityZone").unwrap_or("a zone");
        Origin::Default(format!("the default subnet of {zone}"))
    });
    Some(thing(item, known, "aws_subnet", "subnetId", "subnet")?.made_by_if(default))
}

fn internet_gateway(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let default = item
        .items("attachmentSet")
        .filter_map(|attachment| text(attachment, "vpcId"))
        .find(|vpc| known.default_vpcs.contains(*vpc))
        .map(|vpc| Origin::Default(format!("the internet gateway of the default VPC {vpc}")));
    Some(
        thing(
            item,
            known,
            "aws_internet_gateway",
            "internetGatewayId",
            "internet-gateway",
        )?
        .made_by_if(default),
    )
}

fn route_table(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let main = item
        .items("associationSet")
        .any(|association| is(association, "main"));
    let default = main.then(|| Origin::Default(format!("the main route table of {}", word(item, "vpcId"))));
    Some(thing(item, known, "aws_route_table", "routeTableId", "route-table")?.made_by_if(default))
}

fn network_acl(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let default = is(item, "default")
        .then(|| Origin::Default(format!("the default network ACL of {}", word(item, "vpcId"))));
    Some(thing(item, known, "aws_network_acl", "networkAclId", "network-acl")?.made_by_if(default))
}

fn network_interface(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let resource = thing(
        item,
        known,
        "aws_network_interface",
        "networkInterfaceId",
        "network-interface",
    )?;
    Some(resource.made_by_if(interface_origin(item, known)))
}

/// Most network interfaces are of services, and of instances.
fn interface_origin(item: &Element, known: &Known<'_>) -> Option<Origin> {
    let service = || {
        let what = text(item, "description")
            .or(text(item, "requesterId"))
            .unwrap_or("no description");
        Some(Origin::Service(format!("made by a service ({what})")))
    };
    let of_customers = ["interface", "efa", "efa-only", "trunk", "branch"];
    if is(item, "requesterManaged")
        || text(item, "interfaceType").is_some_and(|it| !of_customers.contains(&it))
    {
        return service();
    }
    let attachment = item.child("attachment")?;
    // `amazon-elb`, or the account of the service.
    if text(attachment, "instanceOwnerId").is_some_and(|owner| owner != &*known.place.account) {
        return service();
    }
    let first = text(attachment, "deviceIndex") == Some("0");
    let id = text(attachment, "instanceId")?.to_owned();
    (first || is(attachment, "deleteOnTermination")).then_some(Origin::PartOf {
        type_name: "aws_instance",
        id,
    })
}

fn vpc_endpoint(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let state = text(item, "state").unwrap_or_default().to_ascii_lowercase();
    if matches!(state.as_str(), "deleted" | "deleting" | "expired" | "rejected") {
        return None;
    }
    let service = is(item, "requesterManaged").then(|| Origin::Service("made by a service".to_owned()));
    Some(
        thing(item, known, "aws_vpc_endpoint", "vpcEndpointId", "vpc-endpoint")?
            .created(time(text(item, "creationTimestamp")))
            .made_by_if(service),
    )
}

fn launch_template(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let by = text(item, "createdBy").unwrap_or_default();
    let service = by
        .contains(":assumed-role/AWSServiceRoleFor")
        .then(|| Origin::Service(format!("made by {by}")));
    let mut resource = thing(
        item,
        known,
        "aws_launch_template",
        "launchTemplateId",
        "launch-template",
    )?;
    resource.name = text(item, "launchTemplateName").map(str::to_owned);
    Some(
        resource
            .created(time(text(item, "createTime")))
            .made_by_if(service),
    )
}

/// Its import ID is its name, its ARN has its id.
fn key_pair(item: &Element, known: &Known<'_>) -> Option<Resource> {
    let id = word(item, "keyPairId");
    Some(
        Resource::named("aws_key_pair", text(item, "keyName")?)
            .arn(known.place.arn("ec2", &format!("key-pair/{id}")))
            .tags(xml_tags(item, "tagSet", "key", "value"))
            .created(time(text(item, "createTime"))),
    )
}
