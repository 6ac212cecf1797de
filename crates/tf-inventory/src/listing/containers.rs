//! ECS, EKS, ECR.

use futures_util::StreamExt as _;
use serde_json::{Value as Json, json};
use tf_aws::AwsError;
use tf_aws::signed::{Paging, Request, Service};

use super::{Found, SIDE_BY_SIDE};
use crate::place::{Place, items, json_tags, json_time, member, texts};
use crate::resource::{Origin, Resource};

/// The most that one call describes.
const DESCRIBED: usize = 100;

async fn ecs_cluster_arns(place: &Place) -> Result<Vec<String>, AwsError> {
    let mut arns = Vec::new();
    let request = place
        .request(Service::ECS, "ListClusters", "ECS clusters")
        .parameter("maxResults", 100);
    place
        .json(request, Paging::LOWER_NEXT_TOKEN, |page| {
            arns.extend(texts(page, "clusterArns"));
        })
        .await?;
    Ok(arns)
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html>
pub(crate) async fn ecs_clusters(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let arns = ecs_cluster_arns(place).await?;
    for batch in arns.chunks(DESCRIBED) {
        let request = place
            .request(Service::ECS, "DescribeClusters", "ECS clusters")
            .json(json!({ "clusters": batch, "include": ["TAGS"] }));
        let answer = place.send(&request).await?.json()?;
        for item in items(&answer, "clusters") {
            let Some(name) = member(item, "clusterName") else {
                continue;
            };
            if member(item, "status") == Some("INACTIVE") {
                continue;
            }
            let batch = name
                .starts_with("AWSBatch-")
                .then(|| Origin::Service("made by AWS Batch".to_owned()));
            let mut resource = Resource::named("aws_ecs_cluster", name)
                .tags(json_tags(item.get("tags")))
                .made_by_if(batch);
            resource.arn = member(item, "clusterArn").map(str::to_owned);
            found.push(resource);
        }
    }
    Ok(())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html>
pub(crate) async fn ecs_services(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let arns = ecs_cluster_arns(place).await?;
    let mut lists = futures_util::stream::iter(arns)
        .map(|arn| services_of(arn, place))
        .buffered(SIDE_BY_SIDE);
    while let Some((services, problem)) = lists.next().await {
        found.resources.extend(services);
        found.problems.extend(problem);
    }
    Ok(())
}

async fn services_of(cluster_arn: String, place: &Place) -> (Vec<Resource>, Option<AwsError>) {
    let cluster = last(&cluster_arn).to_owned();
    let mut services = Vec::new();
    let request = Request::new(
        Service::ECS,
        "ListServices",
        format_args!("ECS cluster {cluster}"),
    )
    .parameter("cluster", cluster_arn.as_str())
    .parameter("maxResults", 100);
    let result = place
        .json(request, Paging::LOWER_NEXT_TOKEN, |page| {
            for arn in texts(page, "serviceArns") {
                let name = last(&arn).to_owned();
                let mut service = Resource::new("aws_ecs_service", format!("{cluster}/{name}")).arn(arn);
                service.name = Some(name);
                services.push(service);
            }
        })
        .await;
    (services, result.err())
}

/// The part of an ARN after its last slash.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

async fn eks_cluster_names(place: &Place) -> Result<Vec<String>, AwsError> {
    let mut names = Vec::new();
    let request = place
        .request(Service::EKS, "ListClusters", "EKS clusters")
        .path(&["clusters"])
        .parameter("maxResults", 100);
    place
        .json(request, Paging::LOWER_NEXT_TOKEN, |page| {
            names.extend(texts(page, "clusters"));
        })
        .await?;
    Ok(names)
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html>
pub(crate) async fn eks_clusters(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let names = eks_cluster_names(place).await?;
    let mut described = futures_util::stream::iter(names)
        .map(|name| eks_cluster(name, place))
        .buffered(SIDE_BY_SIDE);
    while let Some((cluster, problem)) = described.next().await {
        found.push(cluster);
        found.problems.extend(problem);
    }
    Ok(())
}

async fn eks_cluster(name: String, place: &Place) -> (Resource, Option<AwsError>) {
    let request = Request::new(
        Service::EKS,
        "DescribeCluster",
        format_args!("EKS cluster {name}"),
    )
    .path(&["clusters", &name]);
    let cluster =
        Resource::named("aws_eks_cluster", name.as_str()).arn(place.arn("eks", &format!("cluster/{name}")));
    match place.send(&request).await.and_then(|answer| answer.json()) {
        Ok(answer) => {
            let item = answer.get("cluster").unwrap_or(&Json::Null);
            let leaving = (member(item, "status") == Some("DELETING"))
                .then(|| Origin::Leaving("it is being deleted".to_owned()));
            let cluster = cluster
                .created(json_time(item.get("createdAt")))
                .tags(json_tags(item.get("tags")))
                .made_by_if(leaving);
            (cluster, None)
        }
        Err(error) => (cluster, Some(error)),
    }
}

/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_ListNodegroups.html>
pub(crate) async fn eks_node_groups(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let names = eks_cluster_names(place).await?;
    let mut lists = futures_util::stream::iter(names)
        .map(|name| node_groups_of(name, place))
        .buffered(SIDE_BY_SIDE);
    while let Some((groups, problem)) = lists.next().await {
        found.resources.extend(groups);
        found.problems.extend(problem);
    }
    Ok(())
}

async fn node_groups_of(cluster: String, place: &Place) -> (Vec<Resource>, Option<AwsError>) {
    let mut groups = Vec::new();
    let request = Request::new(
        Service::EKS,
        "ListNodegroups",
        format_args!("EKS cluster {cluster}"),
    )
    .path(&["clusters", &cluster, "node-groups"])
    .parameter("maxResults", 100);
    let result = place
        .json(request, Paging::LOWER_NEXT_TOKEN, |page| {
            for name in texts(page, "nodegroups") {
                let mut group = Resource::new("aws_eks_node_group", format!("{cluster}:{name}"));
                group.name = Some(name);
                groups.push(group);
            }
        })
        .await;
    (groups, result.err())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html>
pub(crate) async fn repositories(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::ECR, "DescribeRepositories", "repositories")
        .parameter("maxResults", 1000);
    place
        .json(request, Paging::LOWER_NEXT_TOKEN, |page| {
            for item in items(page, "repositories") {
                let Some(name) = member(item, "repositoryName") else {
                    continue;
                };
                let mut resource =
                    Resource::named("aws_ecr_repository", name).created(json_time(item.get("createdAt")));
                resource.arn = member(item, "repositoryArn").map(str::to_owned);
                found.push(resource);
            }
        })
        .await
}
