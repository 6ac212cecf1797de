//! Tags of things whose own lists say nothing of them: one list for a region, not one call for each thing.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>. It lists what has, or once had,
//! tags.

use std::collections::HashMap;

use tf_aws::AwsError;
use tf_aws::signed::{Paging, Service};

use crate::place::{Place, items, json_tags, member};
use crate::resource::Tags;

const PAGES: Paging = Paging(&[("PaginationToken", "PaginationToken")]);

/// Tags by ARN.
///
/// # Errors
/// Where the list ends early.
pub(crate) async fn tags(
    place: &Place,
    services: &[&'static str],
    found: &mut HashMap<String, Tags>,
) -> Result<(), AwsError> {
    let request = place
        .request(Service::RESOURCE_GROUPS_TAGGING, "GetResources", "tags")
        .parameter("ResourcesPerPage", 100)
        .parameter("ResourceTypeFilters", services.to_vec());
    place
        .json(request, PAGES, |page| {
            for item in items(page, "ResourceTagMappingList") {
                if let Some(arn) = member(item, "ResourceARN") {
                    let arn = arn.trim_end_matches(":*").to_owned();
                    found.insert(arn, json_tags(item.get("Tags")));
                }
            }
        })
        .await
}
