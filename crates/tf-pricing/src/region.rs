//! In which region a resource is.

use tf_lang::value::Reason;
use tf_lang::{Type, Value};
use tf_model::Resource;

/// The region of a resource: what it says itself, else what its provider's configuration says, else what its own ARN or zone
/// tells, else the given one. Unknown, with the reason, where nothing does.
pub(crate) fn region(resource: &Resource, given: Option<&str>) -> Value {
    if let Some(own) = resource
        .values
        .get("region")
        .filter(|value| value.as_str().is_some())
    {
        return own.clone().unmark_deep().0;
    }
    let configured = resource.region.as_ref().filter(|value| !value.is_null());
    if let Some(configured) = configured.filter(|value| value.as_str().is_some()) {
        return configured.clone().unmark_deep().0;
    }
    if let Some(told) = told(resource) {
        return told;
    }
    match (given, configured) {
        (Some(given), _) => Value::from(given),
        (None, Some(unknown)) => Value::unknown_because(Type::String, unknown.reasons()),
        (None, None) => Value::unknown(
            Type::String,
            Reason::Variable("the region of its provider".into()),
        ),
    }
}

/// The region that the values of a resource that exists tell.
fn told(resource: &Resource) -> Option<Value> {
    let text = |name: &str| resource.values.get(name).and_then(Value::as_str);
    if let Some(region) = text("arn").and_then(|arn| arn.split(':').nth(3))
        && !region.is_empty()
    {
        return Some(Value::from(region));
    }
    // us-east-1a; the zone of a local zone (us-west-2-lax-1a) is no region's name and a letter.
    let zone = text("availability_zone")?;
    let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let well_formed = region.len() + 1 == zone.len() && region.split('-').count() == 3;
    well_formed.then(|| Value::from(region))
}
