//! What a service answered.

use serde_json::Value as Json;

use super::request::Request;
use super::service::Protocol;
use super::xml::Element;
use crate::error::{AwsError, ErrorKind, Failure, kind_of_answer};

/// An answer, which says that it was done.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) about: Box<Request>,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, taken out.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; an empty one is null.
    ///
    /// # Errors
    /// Where it is none.
    pub fn json(&self) -> Result<Json, AwsError> {
        match self.body.is_empty() {
            true => Ok(Json::Null),
            false => serde_json::from_slice(&self.body).map_err(|error| self.unreadable(&error.to_string())),
        }
    }

    /// The body as XML.
    ///
    /// # Errors
    /// Where it is none.
    pub fn xml(&self) -> Result<Element, AwsError> {
        let text = std::str::from_utf8(&self.body).map_err(|error| self.unreadable(&error.to_string()))?;
        Element::parse(text).map_err(|error| self.unreadable(&error))
    }

    /// An error about what the answer says.
    pub fn unreadable(&self, reason: &str) -> AwsError {
        AwsError::from(Failure {
            kind: ErrorKind::Other,
            message: format!("the answer cannot be read: {reason}"),
            request_id: self.request_id().map(str::to_owned),
            status: Some(self.status),
            ..failure(&self.about)
        })
    }

    fn request_id(&self) -> Option<&str> {
        self.header("x-amzn-requestid")
            .or(self.header("x-amz-request-id"))
    }

    /// The error that an answer is which says that it was not done.
    pub(super) fn error(&self) -> AwsError {
        let said = match self.about.service.protocol {
            Protocol::Query(_) | Protocol::RestXml => Said::xml(&self.body),
            Protocol::Json(..) | Protocol::RestJson => Said::json(&self.body),
        };
        // SQS's codes of old, which everybody knows, are in the first; what the second says may have a URL after a colon.
        let header = (self
            .header("x-amzn-query-error")
            .and_then(|text| text.split(';').next()))
        .or(self
            .header("x-amzn-errortype")
            .and_then(|text| text.split(':').next()));
        let code = header.map(str::to_owned).or(said.code).map(|code| {
            let name = code.rsplit('#').next().unwrap_or_default();
            name.split(':').next().unwrap_or_default().to_owned()
        });
        let code = code.filter(|code| !code.is_empty());
        let message = match (said.message.filter(|message| !message.is_empty()), &code) {
            (Some(message), _) => message,
            (None, Some(code)) => format!("{code} (HTTP {})", self.status),
            (None, None) => format!("HTTP {}", self.status),
        };
        AwsError::from(Failure {
            kind: kind_of_answer(code.as_deref(), Some(self.status)),
            message,
            request_id: self.request_id().map(str::to_owned).or(said.request_id),
            status: Some(self.status),
            bucket_region: self
                .header("x-amz-bucket-region")
                .map(str::to_owned)
                .or(said.region),
            code,
            ..failure(&self.about)
        })
    }
}

/// A failure of a request, with nothing said yet.
pub(super) fn failure(request: &Request) -> Failure {
    Failure {
        service: request.service.name.to_owned(),
        operation: request.operation.clone(),
        resource: request.resource.clone(),
        kind: ErrorKind::Other,
        code: None,
        message: String::new(),
        request_id: None,
        status: None,
        bucket_region: None,
    }
}

/// What the body of an error says.
#[derive(Default)]
struct Said {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    region: Option<String>,
}

impl Said {
    /// `<ErrorResponse><Error>`, EC2's `<Response><Errors><Error>`, S3's `<Error>`.
    fn xml(body: &[u8]) -> Said {
        let Ok(root) = Element::parse(&String::from_utf8_lossy(body)) else {
            return Said::default();
        };
        let error = root.child("Error").or(root.at("Errors/Error")).unwrap_or(&root);
        let text = |name: &str| error.text_at(name).map(str::to_owned);
        let id = |name: &str| root.text_at(name).map(str::to_owned);
        Said {
            code: text("Code"),
            message: text("Message"),
            request_id: id("RequestId").or(id("RequestID")),
            region: text("Region"),
        }
    }

    fn json(body: &[u8]) -> Said {
        let Ok(body) = serde_json::from_slice::<Json>(body) else {
            return Said::default();
        };
        let text = |name: &str| body.get(name).and_then(Json::as_str).map(str::to_owned);
        Said {
            code: text("__type").or(text("code")),
            message: text("message").or(text("Message")).or(text("errorMessage")),
            ..Said::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::service::Service;
    use super::*;

    fn error(service: Service, status: u16, headers: &[(&str, &str)], body: &str) -> AwsError {
        Answer {
            about: Box::new(Request::new(service, "Do", "thing")),
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
        .error()
    }

    #[test]
    fn errors_of_each_protocol() {
        for (error, kind, code, message, id) in [
            (
                error(
                    Service::EC2,
                    403,
                    &[],
                    "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r1</RequestID></Response>",
                ),
                ErrorKind::AccessDenied,
                Some("UnauthorizedOperation"),
                "no",
                Some("r1"),
            ),
            (
                error(
                    Service::IAM,
                    404,
                    &[],
                    "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>gone</Message></Error><RequestId>r2</RequestId></ErrorResponse>",
                ),
                ErrorKind::NotFound,
                Some("NoSuchEntity"),
                "gone",
                Some("r2"),
            ),
            (
                error(
                    Service::S3,
                    412,
                    &[("x-amz-request-id", "r3")],
                    "<Error><Code>PreconditionFailed</Code><Message>there</Message><RequestId>r3</RequestId></Error>",
                ),
                ErrorKind::PreconditionFailed,
                Some("PreconditionFailed"),
                "there",
                Some("r3"),
            ),
            (
                error(
                    Service::KMS,
                    400,
                    &[("x-amzn-requestid", "r4")],
                    "{\"__type\":\"com.amazonaws.kms#ExpiredTokenException\",\"message\":\"late\"}",
                ),
                ErrorKind::Expired,
                Some("ExpiredTokenException"),
                "late",
                Some("r4"),
            ),
            (
                error(
                    Service::LAMBDA,
                    429,
                    &[("x-amzn-errortype", "TooManyRequestsException:http://internal/")],
                    "{\"Message\":\"slow\"}",
                ),
                ErrorKind::Throttled,
                Some("TooManyRequestsException"),
                "slow",
                None,
            ),
            (
                error(
                    Service::SQS,
                    400,
                    &[(
                        "x-amzn-query-error",
                        "AWS.SimpleQueueService.NonExistentQueue;Sender",
                    )],
                    "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"gone\"}",
                ),
                ErrorKind::NotFound,
                Some("AWS.SimpleQueueService.NonExistentQueue"),
                "gone",
                None,
            ),
            (
                error(Service::S3, 404, &[], ""),
                ErrorKind::NotFound,
                None,
                "HTTP 404",
                None,
            ),
            (
                error(Service::EKS, 503, &[], "<html>no</html>"),
                ErrorKind::Throttled,
                None,
                "HTTP 503",
                None,
            ),
        ] {
            assert_eq!(error.kind, kind, "{error}");
            assert_eq!(error.code.as_deref(), code);
            assert_eq!(error.message, message);
            assert_eq!(error.request_id.as_deref(), id);
        }
    }
}
