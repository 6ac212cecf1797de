//! What is asked of a service.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json};

use super::endpoint::Endpoint;
use super::service::{Protocol, Service};

/// What RFC 3986 lets stand as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same, and the slashes between the parts of an object's key.
const KEY: &AsciiSet = &COMPONENT.remove(b'/');

/// A request, before it has an endpoint and a signature.
#[derive(Clone)]
pub struct Request {
    pub(super) service: Service,
    pub(super) operation: String,
    pub(super) resource: String,
    method: &'static str,
    /// Encoded.
    path: String,
    /// The host's first part, or the first part of the path.
    bucket: Option<String>,
    parameters: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    json: Map<String, Json>,
    body: Vec<u8>,
}

/// A request with its endpoint.
pub(super) struct Prepared {
    pub(super) method: &'static str,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// An operation of a service, `DescribeVpcs`, on what a person would call so: `VPCs of eu-west-1`.
    pub fn new(service: Service, operation: &str, resource: impl fmt::Display) -> Request {
        Request {
            service,
            operation: operation.to_owned(),
            resource: resource.to_string(),
            method: match service.protocol {
                Protocol::Query(_) | Protocol::Json(..) => "POST",
                Protocol::RestJson | Protocol::RestXml => "GET",
            },
            path: "/".to_owned(),
            bucket: None,
            parameters: Vec::new(),
            headers: Vec::new(),
            json: Map::new(),
            body: Vec::new(),
        }
    }

    /// The path of a service that has paths; each part is encoded.
    pub fn path(mut self, parts: &[&str]) -> Request {
        self.path = parts
            .iter()
            .map(|part| format!("/{}", utf8_percent_encode(part, COMPONENT)))
            .collect();
        self
    }

    /// The method of a service that has paths, where it is not `GET`.
    pub fn method(mut self, method: &'static str) -> Request {
        self.method = method;
        self
    }

    /// A bucket of S3, and a key in it; the bucket itself where it is empty. What S3 has of a bucket beside its objects is a parameter
    /// without a value, such as `tagging`.
    pub fn object(mut self, bucket: &str, key: &str) -> Request {
        self.path = format!("/{}", utf8_percent_encode(key, KEY));
        self.bucket = Some(bucket.to_owned());
        self
    }

    /// A parameter: of the form where the service takes forms, a member of the JSON where it takes JSON at one path, else of the query.
    pub fn parameter(mut self, name: &str, value: impl Into<Json>) -> Request {
        self.set(name, value.into());
        self
    }

    /// The same; one of that name goes.
    pub(super) fn set(&mut self, name: &str, value: Json) {
        if let Protocol::Json(..) = self.service.protocol {
            self.json.insert(name.to_owned(), value);
            return;
        }
        let text = match value {
            Json::String(text) => text,
            other => other.to_string(),
        };
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.push((name.to_owned(), text));
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.json.shift_remove(name);
        self.parameters.retain(|(known, _)| known != name);
    }

    /// The members of an object as JSON.
    pub fn json(mut self, members: Json) -> Request {
        if let Json::Object(members) = members {
            self.json.extend(members);
        }
        self
    }

    /// A header.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body, where it is no JSON.
    pub fn body(mut self, body: Vec<u8>) -> Request {
        self.body = body;
        self
    }

    pub(super) fn prepare(&self, endpoint: &Endpoint) -> Prepared {
        let mut headers = self.headers.clone();
        let mut set = |name: &str, value: String| headers.push((name.to_owned(), value));
        let mut query = String::new();
        let body = match self.service.protocol {
            Protocol::Query(version) => {
                set(
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
                );
                let own = [("Action", self.operation.as_str()), ("Version", version)];
                let rest = self.parameters.iter().map(|(name, value)| (&**name, &**value));
                encoded(own.into_iter().chain(rest)).into_bytes()
            }
            Protocol::Json(version, target) => {
                set("content-type", format!("application/x-amz-json-{version}"));
                set("x-amz-target", format!("{target}.{}", self.operation));
                Json::Object(self.json.clone()).to_string().into_bytes()
            }
            Protocol::RestJson | Protocol::RestXml => {
                query = encoded(self.parameters.iter().map(|(name, value)| (&**name, &**value)));
                match self.json.is_empty() {
                    true => self.body.clone(),
                    false => {
                        set("content-type", "application/json".to_owned());
                        Json::Object(self.json.clone()).to_string().into_bytes()
                    }
                }
            }
        };
        let mut url = match &self.bucket {
            // A certificate of `*.s3.…` is not one for names with dots.
            Some(bucket) if endpoint.given || bucket.contains('.') => {
                format!("{}/{bucket}{}", endpoint.url, self.path)
            }
            Some(bucket) => {
                let host = endpoint.url.trim_start_matches("https://");
                format!("https://{bucket}.{host}{}", self.path)
            }
            None => format!("{}{}", endpoint.url, self.path),
        };
        if !query.is_empty() {
            url = format!("{url}?{query}");
        }
        Prepared {
            method: self.method,
            url,
            headers,
            body,
        }
    }
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let parts: Vec<String> = pairs
        .map(|(name, value)| {
            format!(
                "{}={}",
                utf8_percent_encode(name, COMPONENT),
                utf8_percent_encode(value, COMPONENT)
            )
        })
        .collect();
    parts.join("&")
}

/// Bodies may hold what nobody else should read.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} on {}", self.service.name, self.operation, self.resource)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(url: &str, given: bool) -> Endpoint {
        Endpoint {
            url: url.to_owned(),
            region: "eu-west-1".to_owned(),
            given,
        }
    }

    fn shown(request: &Request, endpoint: &Endpoint) -> String {
        let Prepared {
            method,
            url,
            headers,
            body,
        } = request.prepare(endpoint);
        let headers: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        format!(
            "{method} {url}|{}|{}",
            headers.join(","),
            String::from_utf8(body).unwrap()
        )
    }

    #[test]
    fn each_protocol_has_its_shape() {
        let here = at("https://x", false);
        for (request, shape) in [
            (
                Request::new(Service::EC2, "DescribeVpcs", "VPCs").parameter("Filter.1.Name", "tag:a b"),
                "POST https://x/|content-type: application/x-www-form-urlencoded; charset=utf-8|Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=tag%3Aa%20b",
            ),
            (
                Request::new(Service::ECS, "ListTasks", "tasks")
                    .json(json!({"cluster": "c"}))
                    .parameter("maxResults", 5),
                "POST https://x/|content-type: application/x-amz-json-1.1,x-amz-target: AmazonEC2ContainerServiceV20141113.ListTasks|{\"cluster\":\"c\",\"maxResults\":5}",
            ),
            (
                Request::new(Service::SQS, "ListQueues", "queues"),
                "POST https://x/|content-type: application/x-amz-json-1.0,x-amz-target: AmazonSQS.ListQueues|{}",
            ),
            (
                Request::new(Service::LAMBDA, "GetFunction", "function")
                    .path(&["2015-03-31", "functions", "arn:aws:f/x"])
                    .parameter("Marker", "a+b"),
                "GET https://x/2015-03-31/functions/arn%3Aaws%3Af%2Fx?Marker=a%2Bb||",
            ),
            (
                Request::new(Service::LAMBDA, "TagResource", "function")
                    .method("POST")
                    .path(&["2017-03-31", "tags"])
                    .json(json!({"Tags": {"a": "b"}})),
                "POST https://x/2017-03-31/tags|content-type: application/json|{\"Tags\":{\"a\":\"b\"}}",
            ),
        ] {
            assert_eq!(shown(&request, &here), shape);
        }
    }

    #[test]
    fn buckets_are_in_the_host_where_that_can_be() {
        let request = Request::new(Service::S3, "GetObject", "o");
        let url =
            |bucket: &str, key: &str, endpoint| request.clone().object(bucket, key).prepare(&endpoint).url;
        let real = || at("https://s3.eu-west-1.amazonaws.com", false);
        assert_eq!(
            url("states", "a b/c+d", real()),
            "https://states.s3.eu-west-1.amazonaws.com/a%20b/c%2Bd"
        );
        assert_eq!(
            url("my.states", "k", real()),
            "https://s3.eu-west-1.amazonaws.com/my.states/k"
        );
        assert_eq!(
            url("states", "k", at("http://127.0.0.1:5000", true)),
            "http://127.0.0.1:5000/states/k"
        );
    }

    #[test]
    fn bodies_are_not_shown() {
        let request = Request::new(Service::SECRETS_MANAGER, "PutSecretValue", "secret s")
            .json(json!({"SecretString": "hunter2"}));
        assert_eq!(
            format!("{request:?}"),
            "secretsmanager:PutSecretValue on secret s"
        );
    }
}
