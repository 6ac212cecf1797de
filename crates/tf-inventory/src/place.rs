//! A region of an account, and how lists are read there.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;
use tf_aws::signed::{Answer, Element, Paging, Request, Service};
use tf_aws::{AwsError, Connection};

use crate::resource::Tags;

/// Where something is listed.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) connection: Connection,
    pub(crate) account: Arc<str>,
    pub(crate) partition: &'static str,
}

impl Place {
    pub(crate) fn region(&self) -> &str {
        self.connection.region()
    }

    /// The ARN of something of this account in this region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let Place {
            partition, account, ..
        } = self;
        format!("arn:{partition}:{service}:{}:{account}:{resource}", self.region())
    }

    /// A list operation here.
    pub(crate) fn request(&self, service: Service, operation: &str, what: &str) -> Request {
        Request::new(service, operation, format_args!("{what} of {}", self.region()))
    }

    /// Reads all pages of an answer in XML.
    pub(crate) async fn xml(
        &self,
        request: Request,
        paging: Paging,
        mut each: impl FnMut(&Element),
    ) -> Result<(), AwsError> {
        let mut pages = self.connection.pages(request, paging);
        while let Some(page) = pages.next().await? {
            each(&page.xml()?);
        }
        Ok(())
    }

    /// Reads all pages of an answer in JSON.
    pub(crate) async fn json(
        &self,
        request: Request,
        paging: Paging,
        mut each: impl FnMut(&Json),
    ) -> Result<(), AwsError> {
        let mut pages = self.connection.pages(request, paging);
        while let Some(page) = pages.next().await? {
            each(&page.json()?);
        }
        Ok(())
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, AwsError> {
        self.connection.send(request).await
    }
}

/// Text of a child that is there and not empty.
pub(crate) fn text<'e>(element: &'e Element, path: &str) -> Option<&'e str> {
    element.text_at(path).filter(|text| !text.is_empty())
}

/// Text of a child, or nothing.
pub(crate) fn word(element: &Element, path: &str) -> String {
    element.text_at(path).unwrap_or_default().to_owned()
}

/// A text of an object that is there and not empty.
pub(crate) fn member<'j>(json: &'j Json, name: &str) -> Option<&'j str> {
    json.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The elements of a list of an object; none where there is no list.
pub(crate) fn items<'j>(json: &'j Json, name: &str) -> impl Iterator<Item = &'j Json> {
    json.get(name).and_then(Json::as_array).into_iter().flatten()
}

/// The texts of a list of an object.
pub(crate) fn texts(json: &Json, name: &str) -> Vec<String> {
    items(json, name)
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// Tags in XML: EC2's are `tagSet`, `key` and `value`, those of others `Key` and `Value`.
pub(crate) fn xml_tags(element: &Element, path: &str, key: &str, value: &str) -> Tags {
    element
        .items(path)
        .filter_map(|tag| Some((tag.text_at(key)?.to_owned(), word(tag, value))))
        .collect()
}

/// Tags in JSON: a list of pairs, or an object.
pub(crate) fn json_tags(json: Option<&Json>) -> Tags {
    match json {
        Some(Json::Array(pairs)) => pairs
            .iter()
            .filter_map(|pair| {
                let part = |upper: &str, lower: &str| {
                    pair.get(upper)
                        .or_else(|| pair.get(lower))
                        .and_then(Json::as_str)
                        .map(str::to_owned)
                };
                Some((part("Key", "key")?, part("Value", "value").unwrap_or_default()))
            })
            .collect(),
        Some(Json::Object(pairs)) => pairs
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        _ => Tags::new(),
    }
}

/// A time as XML has it: RFC 3339.
pub(crate) fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// A time as JSON has it: seconds since 1970, with parts of them, or RFC 3339.
pub(crate) fn json_time(json: Option<&Json>) -> Option<Timestamp> {
    match json? {
        Json::String(text) => time(Some(text)),
        Json::Number(seconds) => millis(seconds.as_f64()? * 1000.0),
        _ => None,
    }
}

/// A time in milliseconds since 1970.
pub(crate) fn millis(number: f64) -> Option<Timestamp> {
    #[allow(clippy::cast_possible_truncation, reason = "times are far below")]
    Timestamp::from_millisecond(number.round() as i64).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_and_tags_of_all_spellings() {
        for (value, text) in [
            (json!(1_700_000_000), Some("2023-11-14T22:13:20Z")),
            (json!(1_700_000_000.25), Some("2023-11-14T22:13:20.25Z")),
            (json!("2024-01-02T03:04:05.000Z"), Some("2024-01-02T03:04:05Z")),
            (json!("2024-01-02T03:04:05+00:00"), Some("2024-01-02T03:04:05Z")),
            (json!("yesterday"), None),
            (json!(null), None),
        ] {
            let time = json_time(Some(&value)).map(|time| time.to_string());
            assert_eq!(time.as_deref(), text, "{value}");
        }
        for value in [
            json!([{"Key": "a", "Value": "b"}]),
            json!([{"key": "a", "value": "b"}]),
            json!({"a": "b"}),
        ] {
            assert_eq!(
                json_tags(Some(&value)),
                Tags::from([("a".to_owned(), "b".to_owned())])
            );
        }
    }
}
