//! S3, RDS, DynamoDB.

use futures_util::StreamExt as _;
use tf_aws::AwsError;
use tf_aws::signed::{Element, Paging, Request, Service};

use super::{Found, SIDE_BY_SIDE};
use crate::place::{Place, text, texts, time, xml_tags};
use crate::resource::{Origin, Resource};

const BUCKETS: Paging = Paging(&[("ContinuationToken", "continuation-token")]);

/// Buckets of all regions, with the region of each:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>.
pub(crate) async fn buckets(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    // Without a parameter S3 does not say in which region a bucket is.
    let request = Request::new(Service::S3, "ListBuckets", "buckets").parameter("max-buckets", 1000);
    let mut buckets: Vec<Resource> = Vec::new();
    let result = place
        .xml(request, BUCKETS, |root| {
            for item in root.items("Buckets") {
                let Some(name) = text(item, "Name") else {
                    continue;
                };
                let mut bucket = Resource::named("aws_s3_bucket", name)
                    .arn(format!("arn:{}:s3:::{name}", place.partition))
                    .created(time(text(item, "CreationDate")))
                    .made_by_if(bucket_origin(name, place));
                bucket.region = text(item, "BucketRegion").map(str::to_owned);
                buckets.push(bucket);
            }
        })
        .await;
    let mut located = futures_util::stream::iter(buckets)
        .map(|bucket| locate(bucket, place))
        .buffered(SIDE_BY_SIDE);
    while let Some((bucket, problem)) = located.next().await {
        found.push(bucket);
        found.problems.extend(problem);
    }
    result
}

/// Finds the region of a bucket whose region the list did not say.
async fn locate(mut bucket: Resource, place: &Place) -> (Resource, Option<AwsError>) {
    if bucket.region.is_some() {
        return (bucket, None);
    }
    let name = bucket.import_id.clone();
    let request = Request::new(Service::S3, "GetBucketLocation", format_args!("bucket {name}"))
        .path(&[&name])
        .parameter("location", "");
    match place.send(&request).await.and_then(|answer| answer.xml()) {
        Ok(root) => {
            bucket.region = Some(match root.text.as_str() {
                "" => "us-east-1".to_owned(),
                "EU" => "eu-west-1".to_owned(),
                region => region.to_owned(),
            });
            (bucket, None)
        }
        // In another region S3 refuses, and says in which.
        Err(error) => {
            bucket.region.clone_from(&error.bucket_region);
            let problem = bucket.region.is_none().then_some(error);
            (bucket, problem)
        }
    }
}

/// Buckets that consoles make, by names that nobody else uses.
fn bucket_origin(name: &str, place: &Place) -> Option<Origin> {
    let account = &place.account;
    if name.starts_with("elasticbeanstalk-") && name.ends_with(&**account) {
        return Some(Origin::Service("made by Elastic Beanstalk".to_owned()));
    }
    name.starts_with("cf-templates-")
        .then(|| Origin::Service("made by CloudFormation for templates".to_owned()))
}

/// The type of an engine's clusters, and of their instances. RDS lists those of DocumentDB and Neptune too.
fn types_of(engine: Option<&str>) -> (&'static str, &'static str) {
    match engine {
        Some("docdb") => ("aws_docdb_cluster", "aws_docdb_cluster_instance"),
        Some("neptune") => ("aws_neptune_cluster", "aws_neptune_cluster_instance"),
        _ => ("aws_rds_cluster", "aws_rds_cluster_instance"),
    }
}

fn leaving(status: Option<&str>) -> Option<Origin> {
    (status == Some("deleting")).then(|| Origin::Leaving("it is being deleted".to_owned()))
}

fn database(
    item: &Element,
    type_name: &'static str,
    [id, arn, created, status]: [&str; 4],
) -> Option<Resource> {
    let mut resource = Resource::named(type_name, text(item, id)?)
        .tags(xml_tags(item, "TagList", "Key", "Value"))
        .created(time(text(item, created)))
        .made_by_if(leaving(text(item, status)));
    resource.arn = text(item, arn).map(str::to_owned);
    Some(resource)
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html>
pub(crate) async fn instances(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::RDS, "DescribeDBInstances", "database instances")
        .parameter("MaxRecords", 100);
    place
        .xml(request, Paging::MARKER, |root| {
            for item in root.items("DescribeDBInstancesResult/DBInstances") {
                let type_name = match text(item, "DBClusterIdentifier") {
                    Some(_) => types_of(text(item, "Engine")).1,
                    None => "aws_db_instance",
                };
                found.resources.extend(database(
                    item,
                    type_name,
                    [
                        "DBInstanceIdentifier",
                        "DBInstanceArn",
                        "InstanceCreateTime",
                        "DBInstanceStatus",
                    ],
                ));
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html>
pub(crate) async fn clusters(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::RDS, "DescribeDBClusters", "database clusters")
        .parameter("MaxRecords", 100);
    place
        .xml(request, Paging::MARKER, |root| {
            for item in root.items("DescribeDBClustersResult/DBClusters") {
                found.resources.extend(database(
                    item,
                    types_of(text(item, "Engine")).0,
                    [
                        "DBClusterIdentifier",
                        "DBClusterArn",
                        "ClusterCreateTime",
                        "Status",
                    ],
                ));
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>
pub(crate) async fn tables(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place.request(Service::DYNAMODB, "ListTables", "tables");
    place
        .json(request, Paging::TABLES, |page| {
            for name in texts(page, "TableNames") {
                let arn = place.arn("dynamodb", &format!("table/{name}"));
                found.push(Resource::named("aws_dynamodb_table", name).arn(arn));
            }
        })
        .await
}
