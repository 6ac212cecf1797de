//! Answers in pages.

use serde_json::Value as Json;

use super::answer::Answer;
use super::request::Request;
use super::service::Protocol;
use crate::connection::Connection;
use crate::error::AwsError;

/// How the next page is asked for: the names of tokens in an answer, and what they are called in the next request. In XML a name is
/// looked for in the outermost element and in those directly in it, since many answers have a `…Result` around them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paging(pub &'static [(&'static str, &'static str)]);

impl Paging {
    /// `NextToken` both ways: most services.
    pub const NEXT_TOKEN: Paging = Paging(&[("NextToken", "NextToken")]);
    /// `nextToken` both ways: ECS, ECR, Logs, EKS.
    pub const LOWER_NEXT_TOKEN: Paging = Paging(&[("nextToken", "nextToken")]);
    /// EC2, whose answers begin with a small letter.
    pub const EC2: Paging = Paging(&[("nextToken", "NextToken")]);
    /// `Marker` both ways: IAM, RDS, ElastiCache, Redshift.
    pub const MARKER: Paging = Paging(&[("Marker", "Marker")]);
    /// `NextMarker`, asked for as `Marker`: Lambda, KMS, load balancers, CloudFront.
    pub const NEXT_MARKER: Paging = Paging(&[("NextMarker", "Marker")]);
    /// Route 53's lists of zones.
    pub const ZONES: Paging = Paging(&[("NextMarker", "marker")]);
    /// Route 53's lists of records.
    pub const RECORDS: Paging = Paging(&[
        ("NextRecordName", "name"),
        ("NextRecordType", "type"),
        ("NextRecordIdentifier", "identifier"),
    ]);
    /// S3's `ListObjectsV2`.
    pub const OBJECTS: Paging = Paging(&[("NextContinuationToken", "continuation-token")]);
    /// DynamoDB's `ListTables`.
    pub const TABLES: Paging = Paging(&[("LastEvaluatedTableName", "ExclusiveStartTableName")]);
}

/// The pages of an answer, one after the other.
#[derive(Debug)]
pub struct Pages {
    connection: Connection,
    /// The next request; none after the last page.
    request: Option<Request>,
    paging: Paging,
    /// What asked for the page before.
    last: Vec<Option<Json>>,
}

impl Connection {
    /// The pages of an answer. Nothing is sent until the first is asked for.
    pub fn pages(&self, request: Request, paging: Paging) -> Pages {
        Pages {
            connection: self.clone(),
            request: Some(request),
            paging,
            last: Vec::new(),
        }
    }
}

impl Pages {
    /// The next page; none after the last one.
    ///
    /// # Errors
    /// Where the call fails, or a service asks for the same page for ever. After an error there are no more.
    pub async fn next(&mut self) -> Result<Option<Answer>, AwsError> {
        let Some(mut request) = self.request.take() else {
            return Ok(None);
        };
        let answer = self.connection.send(&request).await?;
        let tokens = self.paging.tokens(&answer)?;
        if tokens.iter().any(Option::is_some) {
            if tokens == self.last {
                return Err(answer.unreadable("it says that the same page comes next again"));
            }
            for ((_, name), token) in self.paging.0.iter().zip(&tokens) {
                match token {
                    Some(token) => request.set(name, token.clone()),
                    None => request.unset(name),
                }
            }
            self.last = tokens;
            self.request = Some(request);
        }
        Ok(Some(answer))
    }
}

impl Paging {
    fn tokens(self, answer: &Answer) -> Result<Vec<Option<Json>>, AwsError> {
        let some = |text: &str| (!text.is_empty()).then(|| Json::from(text));
        let names = self.0.iter().map(|(name, _)| name);
        Ok(match answer.about.service.protocol {
            Protocol::Json(..) | Protocol::RestJson => {
                let body = answer.json()?;
                names
                    .map(|name| match body.get(name) {
                        None | Some(Json::Null) => None,
                        Some(Json::String(text)) => some(text),
                        Some(other) => Some(other.clone()),
                    })
                    .collect()
            }
            Protocol::Query(_) | Protocol::RestXml => {
                let root = answer.xml()?;
                names
                    .map(|name| {
                        let inner = || root.children.iter().find_map(|child| child.text_at(name));
                        root.text_at(name).or_else(inner).and_then(some)
                    })
                    .collect()
            }
        })
    }
}
