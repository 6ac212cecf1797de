//! Auto Scaling, Lambda, load balancers, Route 53.

use tf_aws::AwsError;
use tf_aws::signed::{Paging, Service};

use super::Found;
use crate::place::{Place, items, member, text, time, xml_tags};
use crate::resource::{Origin, Resource};

/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html>
pub(crate) async fn groups(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(
            Service::AUTO_SCALING,
            "DescribeAutoScalingGroups",
            "Auto Scaling groups",
        )
        .parameter("MaxRecords", 100);
    place
        .xml(request, Paging::NEXT_TOKEN, |root| {
            for item in root.items("DescribeAutoScalingGroupsResult/AutoScalingGroups") {
                let Some(name) = text(item, "AutoScalingGroupName") else {
                    continue;
                };
                let leaving = text(item, "Status").map(|status| Origin::Leaving(status.to_ascii_lowercase()));
                let mut resource = Resource::named("aws_autoscaling_group", name)
                    .tags(xml_tags(item, "Tags", "Key", "Value"))
                    .created(time(text(item, "CreatedTime")))
                    .made_by_if(leaving);
                resource.arn = text(item, "AutoScalingGroupARN").map(str::to_owned);
                found.push(resource);
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>. It also lists what the functions' environments hold, which
/// is not kept.
pub(crate) async fn functions(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::LAMBDA, "ListFunctions", "functions")
        .path(&["2015-03-31", "functions"])
        .parameter("MaxItems", 50);
    place
        .json(request, Paging::NEXT_MARKER, |page| {
            for item in items(page, "Functions") {
                let Some(name) = member(item, "FunctionName") else {
                    continue;
                };
                // A function's own name has no dot.
                let replica = name
                    .contains('.')
                    .then(|| Origin::Service("a replica that Lambda@Edge made".to_owned()));
                let mut resource = Resource::named("aws_lambda_function", name).made_by_if(replica);
                resource.arn = member(item, "FunctionArn").map(str::to_owned);
                found.push(resource);
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html>
pub(crate) async fn load_balancers(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::ELB_V2, "DescribeLoadBalancers", "load balancers")
        .parameter("PageSize", 400);
    place
        .xml(request, Paging::NEXT_MARKER, |root| {
            for item in root.items("DescribeLoadBalancersResult/LoadBalancers") {
                let Some(arn) = text(item, "LoadBalancerArn") else {
                    continue;
                };
                let mut resource = Resource::new("aws_lb", arn)
                    .arn(arn)
                    .created(time(text(item, "CreatedTime")));
                resource.name = text(item, "LoadBalancerName").map(str::to_owned);
                found.push(resource);
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DescribeLoadBalancers.html>
pub(crate) async fn classic_load_balancers(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::ELB, "DescribeLoadBalancers", "classic load balancers")
        .parameter("PageSize", 400);
    place
        .xml(request, Paging::NEXT_MARKER, |root| {
            for item in root.items("DescribeLoadBalancersResult/LoadBalancerDescriptions") {
                let Some(name) = text(item, "LoadBalancerName") else {
                    continue;
                };
                found.push(
                    Resource::named("aws_elb", name)
                        .arn(place.arn("elasticloadbalancing", &format!("loadbalancer/{name}")))
                        .created(time(text(item, "CreatedTime"))),
                );
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetGroups.html>
pub(crate) async fn target_groups(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::ELB_V2, "DescribeTargetGroups", "target groups")
        .parameter("PageSize", 400);
    place
        .xml(request, Paging::NEXT_MARKER, |root| {
            for item in root.items("DescribeTargetGroupsResult/TargetGroups") {
                let Some(arn) = text(item, "TargetGroupArn") else {
                    continue;
                };
                let mut resource = Resource::new("aws_lb_target_group", arn).arn(arn);
                resource.name = text(item, "TargetGroupName").map(str::to_owned);
                found.push(resource);
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html>
pub(crate) async fn zones(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::ROUTE53, "ListHostedZones", "hosted zones")
        .path(&["2013-04-01", "hostedzone"])
        .parameter("maxitems", 100);
    place
        .xml(request, Paging::ZONES, |root| {
            for item in root.items("HostedZones") {
                let Some(id) = text(item, "Id") else {
                    continue;
                };
                let id = id.trim_start_matches("/hostedzone/");
                let service = text(item, "LinkedService/ServicePrincipal")
                    .map(|service| Origin::Service(format!("made by {service}")));
                let mut resource = Resource::new("aws_route53_zone", id)
                    .arn(format!("arn:{}:route53:::hostedzone/{id}", place.partition))
                    .made_by_if(service);
                resource.name = text(item, "Name").map(|name| name.trim_end_matches('.').to_owned());
                found.push(resource);
            }
        })
        .await
}
