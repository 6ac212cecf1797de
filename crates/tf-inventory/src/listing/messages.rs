//! SNS, SQS, CloudWatch Logs.

use serde_json::Value as Json;
use tf_aws::AwsError;
use tf_aws::signed::{Paging, Service};

use super::Found;
use crate::place::{Place, items, member, millis, text, texts};
use crate::resource::Resource;

/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>
pub(crate) async fn topics(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place.request(Service::SNS, "ListTopics", "topics");
    place
        .xml(request, Paging::NEXT_TOKEN, |root| {
            for item in root.items("ListTopicsResult/Topics") {
                let Some(arn) = text(item, "TopicArn") else {
                    continue;
                };
                let mut resource = Resource::new("aws_sns_topic", arn).arn(arn);
                resource.name = arn.rsplit(':').next().map(str::to_owned);
                found.push(resource);
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>. There are pages only where the
/// most of one is given.
pub(crate) async fn queues(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::SQS, "ListQueues", "queues")
        .parameter("MaxResults", 1000);
    place
        .json(request, Paging::NEXT_TOKEN, |page| {
            for url in texts(page, "QueueUrls") {
                let name = url.rsplit('/').next().unwrap_or_default().to_owned();
                let arn = place.arn("sqs", &name);
                let mut resource = Resource::new("aws_sqs_queue", url).arn(arn);
                resource.name = Some(name);
                found.push(resource);
            }
        })
        .await
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
pub(crate) async fn log_groups(place: &Place, found: &mut Found) -> Result<(), AwsError> {
    let request = place
        .request(Service::LOGS, "DescribeLogGroups", "log groups")
        .parameter("limit", 50);
    place
        .json(request, Paging::LOWER_NEXT_TOKEN, |page| {
            for item in items(page, "logGroups") {
                let Some(name) = member(item, "logGroupName") else {
                    continue;
                };
                let arn = place.arn("logs", &format!("log-group:{name}"));
                let created = item.get("creationTime").and_then(Json::as_f64);
                found.push(
                    Resource::named("aws_cloudwatch_log_group", name)
                        .arn(arn)
                        .created(created.and_then(millis)),
                );
            }
        })
        .await
}
