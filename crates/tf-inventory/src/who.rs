//! Who changed something, from CloudTrail's event history.
//!
//! `LookupEvents` takes one name of a resource a call, is let through twice a second in each region of an account, and knows the last
//! 90 days: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use tf_aws::signed::{Request, Service, global_region_of};
use tf_aws::{AwsError, Connection, ErrorKind};
use tokio::time::{Instant, sleep_until};

use crate::place::{items, json_time, member};
use crate::states::family;

/// How long CloudTrail keeps events.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Something whose changes are looked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subject {
    /// What the caller calls it, such as its address; answers come under it.
    pub key: String,
    /// The region that has its events.
    pub region: String,
    /// What events may call it, the likeliest first. The next is only looked up where nothing was found by those before.
    pub names: Vec<String>,
}

impl Subject {
    /// What CloudTrail calls a resource of Terraform's: `id` and `arn` as in its state, `name` its name where it has one. `region` is
    /// its own; events about what is global are kept elsewhere.
    pub fn new(
        key: &str,
        type_name: &str,
        region: &str,
        id: &str,
        arn: Option<&str>,
        name: Option<&str>,
    ) -> Subject {
        let global = [
            "aws_iam_",
            "aws_route53_",
            "aws_cloudfront_",
            "aws_organizations_",
        ];
        let global = global.iter().any(|prefix| type_name.starts_with(prefix));
        let own = Some(id).filter(|id| !id.starts_with("arn:"));
        // Which of them events have is what the call had that made them.
        let order = match family(type_name) {
            // Here the id is one that only states know.
            "aws_db_instance" | "aws_rds_cluster" => [name, arn, own],
            "aws_iam_policy"
            | "aws_lb"
            | "aws_lb_target_group"
            | "aws_sns_topic"
            | "aws_secretsmanager_secret"
            | "aws_dynamodb_table"
            | "aws_kms_key" => [arn, name, own],
            _ => [own, name, arn],
        };
        let mut names: Vec<String> = Vec::new();
        for name in order.into_iter().flatten().filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        Subject {
            key: key.to_owned(),
            region: match global {
                true => global_region_of(region).to_owned(),
                false => region.to_owned(),
            },
            names,
        }
    }
}

/// What is looked for, and how much of it.
#[derive(Clone, Debug)]
pub struct Window {
    /// From when.
    pub from: Timestamp,
    /// Until when, which is also what the 90 days are counted from.
    pub until: Timestamp,
    /// How many changes of one subject are enough, newest first.
    pub changes: usize,
    /// The most calls in one region; what is left then is [`Outcome::NotAsked`].
    pub calls: usize,
    /// The least time between two calls in one region.
    pub pace: Duration,
}

impl Window {
    /// The last five changes of each, with at most 200 calls in a region, two a second.
    pub fn new(from: Timestamp, until: Timestamp) -> Window {
        Window {
            from,
            until,
            changes: 5,
            calls: 200,
            pace: Duration::from_millis(500),
        }
    }
}

/// What was found out about one subject.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The changes, newest first; none where nobody changed it in the window, or CloudTrail calls it otherwise.
    Changes {
        /// The changes.
        changes: Vec<Change>,
        /// Whether older ones in the window were not read.
        more: bool,
    },
    /// It could not be looked up.
    Failed(AwsError),
    /// It was not looked up, because of an earlier failure in its region, or because there were too many calls already.
    NotAsked(String),
}

/// A change that somebody made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// CloudTrail's id of the event.
    pub id: String,
    /// When.
    pub time: Option<Timestamp>,
    /// The operation: `AuthorizeSecurityGroupIngress`.
    pub event: String,
    /// The service: `ec2.amazonaws.com`.
    pub source: String,
    /// Who.
    pub who: Identity,
    /// The address that the call came from, or the service.
    pub ip: Option<String>,
    /// The program that made the call, as it says.
    pub user_agent: Option<String>,
}

impl Change {
    /// Whether the program says that it is Terraform or OpenTofu.
    pub fn is_terraform(&self) -> bool {
        let agent = self.user_agent.as_deref().unwrap_or_default();
        agent.contains("Terraform/")
            || agent.contains("OpenTofu/")
            || agent.contains("terraform-provider-aws")
    }
}

/// Who made a call.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Identity {
    /// `IAMUser`, `AssumedRole`, `Root`, `AWSService`, …
    pub kind: String,
    /// ARN of the user or the session.
    pub arn: Option<String>,
    /// Name of the user, or of the role that was assumed.
    pub name: Option<String>,
    /// Name of the session, which is a person's with single sign-on.
    pub session: Option<String>,
    /// The service that called in somebody's name.
    pub invoked_by: Option<String>,
}

/// As a person reads it: `anna as role admin`.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.session, &self.name, &self.invoked_by, &self.arn) {
            (Some(session), Some(role), ..) => write!(f, "{session} as role {role}"),
            (None, Some(name), ..) => f.write_str(name),
            (_, None, _, _) if self.kind == "Root" => f.write_str("the root user"),
            (_, None, Some(service), _) => f.write_str(service),
            (_, None, None, Some(arn)) => f.write_str(arn),
            (_, None, None, None) if self.kind.is_empty() => f.write_str("somebody"),
            (_, None, None, None) => f.write_str(&self.kind),
        }
    }
}

/// The answers.
#[derive(Clone, Debug)]
pub struct Answers {
    /// By [`Subject::key`].
    pub outcomes: BTreeMap<String, Outcome>,
    /// From when events were looked at: later than [`Window::from`] where that is longer ago than CloudTrail keeps events.
    pub from: Timestamp,
    /// How many calls it took, retries not counted.
    pub calls: usize,
}

impl Answers {
    /// The IAM action that is missing, where that is why something could not be looked up.
    pub fn permission(&self) -> Option<String> {
        self.outcomes.values().find_map(|outcome| match outcome {
            Outcome::Failed(error) if error.kind == ErrorKind::AccessDenied && error.status.is_some() => {
                Some(error.permission())
            }
            _ => None,
        })
    }
}

/// Looks up who changed these. Subjects that have a name in common are looked up once; regions side by side.
pub async fn ask(connection: &Connection, subjects: &[Subject], window: &Window) -> Answers {
    let oldest = window.until.checked_sub(KEPT).unwrap_or(window.from);
    let from = window.from.max(oldest);
    let mut by_region: BTreeMap<&str, Vec<&Subject>> = BTreeMap::new();
    for subject in subjects {
        by_region.entry(&subject.region).or_default().push(subject);
    }
    let regions = by_region.into_iter().map(|(region, subjects)| {
        let lookup = Lookup {
            connection: connection.in_region(region),
            window,
            from,
            calls: 0,
            next: None,
            known: BTreeMap::new(),
            stopped: None,
        };
        lookup.all(subjects)
    });
    let mut answers = Answers {
        outcomes: BTreeMap::new(),
        from,
        calls: 0,
    };
    for (outcomes, calls) in join_all(regions).await {
        answers.outcomes.extend(outcomes);
        answers.calls += calls;
    }
    answers
}

/// What is found under one name.
type Events = (Vec<Change>, bool);

/// The calls of one region.
struct Lookup<'w> {
    connection: Connection,
    window: &'w Window,
    from: Timestamp,
    calls: usize,
    /// When the next call may be made.
    next: Option<Instant>,
    /// What was looked up already.
    known: BTreeMap<String, Events>,
    /// Why no more calls are made.
    stopped: Option<String>,
}

/// Why a name has no answer.
enum Not {
    Failed(AwsError),
    Asked(String),
}

impl Lookup<'_> {
    async fn all(mut self, subjects: Vec<&Subject>) -> (Vec<(String, Outcome)>, usize) {
        let mut outcomes = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let outcome = self.one(subject).await;
            outcomes.push((subject.key.clone(), outcome));
        }
        (outcomes, self.calls)
    }

    async fn one(&mut self, subject: &Subject) -> Outcome {
        for name in &subject.names {
            match self.events(name).await {
                Ok((changes, more)) if !changes.is_empty() || more => {
                    return Outcome::Changes { changes, more };
                }
                Ok(_) => {}
                Err(Not::Failed(error)) => return Outcome::Failed(error),
                Err(Not::Asked(reason)) => return Outcome::NotAsked(reason),
            }
        }
        Outcome::Changes {
            changes: Vec::new(),
            more: false,
        }
    }

    async fn events(&mut self, name: &str) -> Result<Events, Not> {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let mut changes: Vec<Change> = Vec::new();
        let mut token: Option<String> = None;
        let more = loop {
            let page = self.page(name, token.as_deref()).await?;
            let found = items(&page, "Events").filter_map(change);
            changes.extend(found);
            let next = member(&page, "NextToken").map(str::to_owned);
            if next.is_none() || next == token {
                break false;
            }
            if changes.len() >= self.window.changes {
                break true;
            }
            token = next;
        };
        let more = more || changes.len() > self.window.changes;
        changes.truncate(self.window.changes);
        let events = (changes, more);
        self.known.insert(name.to_owned(), events.clone());
        Ok(events)
    }

    async fn page(&mut self, name: &str, token: Option<&str>) -> Result<Json, Not> {
        if let Some(reason) = &self.stopped {
            return Err(Not::Asked(reason.clone()));
        }
        if self.calls >= self.window.calls {
            let reason = format!(
                "{} calls were made in {} already",
                self.calls,
                self.connection.region()
            );
            self.stopped = Some(reason.clone());
            return Err(Not::Asked(reason));
        }
        if let Some(next) = self.next {
            sleep_until(next).await;
        }
        self.next = Some(Instant::now() + self.window.pace);
        self.calls += 1;
        let what = format_args!("the event history of {}", self.connection.region());
        let attribute = serde_json::json!([{ "AttributeKey": "ResourceName", "AttributeValue": name }]);
        let mut request = Request::new(Service::CLOUDTRAIL, "LookupEvents", what)
            .parameter("LookupAttributes", attribute)
            .parameter("StartTime", self.from.as_second())
            .parameter("EndTime", self.window.until.as_second())
            .parameter("MaxResults", 50);
        if let Some(token) = token {
            request = request.parameter("NextToken", token);
        }
        let answer = self.connection.send(&request).await;
        answer.and_then(|answer| answer.json()).map_err(|error| {
            // What one name is denied, or has no connection for, the next one is too. Others may only be wrong about the name.
            if error.kind != ErrorKind::Other {
                let region = self.connection.region();
                self.stopped = Some(format!("{} failed in {region} before", error.operation));
            }
            Not::Failed(error)
        })
    }
}

/// An event that changed something; none for those that only read, and for those that failed.
fn change(event: &Json) -> Option<Change> {
    if member(event, "ReadOnly") == Some("true") {
        return None;
    }
    let text = member(event, "CloudTrailEvent").unwrap_or("{}");
    let details: Json = serde_json::from_str(text).unwrap_or(Json::Null);
    if member(&details, "errorCode").is_some() || details.get("readOnly") == Some(&Json::Bool(true)) {
        return None;
    }
    let owned = |json: &Json, name: &str| member(json, name).map(str::to_owned);
    Some(Change {
        id: owned(event, "EventId").unwrap_or_default(),
        time: json_time(event.get("EventTime")).or_else(|| json_time(details.get("eventTime"))),
        event: owned(event, "EventName").unwrap_or_default(),
        source: owned(event, "EventSource").unwrap_or_default(),
        who: identity(details.get("userIdentity"), member(event, "Username")),
        ip: owned(&details, "sourceIPAddress"),
        user_agent: owned(&details, "userAgent"),
    })
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
fn identity(identity: Option<&Json>, user: Option<&str>) -> Identity {
    let nothing = Json::Null;
    let identity = identity.unwrap_or(&nothing);
    let owned = |json: &Json, name: &str| member(json, name).map(str::to_owned);
    let arn = owned(identity, "arn");
    let invoked_by = owned(identity, "invokedBy");
    let issuer = identity
        .get("sessionContext")
        .and_then(|context| context.get("sessionIssuer"));
    let role = issuer.and_then(|issuer| owned(issuer, "userName"));
    // arn:aws:sts::123456789012:assumed-role/admin/anna
    let of_session = arn
        .as_deref()
        .and_then(|arn| arn.split_once(":assumed-role/"))
        .and_then(|(_, rest)| rest.split_once('/'));
    let session = of_session.map(|(_, session)| session.to_owned());
    let name = role
        .or_else(|| of_session.map(|(role, _)| role.to_owned()))
        .or_else(|| owned(identity, "userName"))
        .or_else(|| {
            let alone = arn.is_none() && invoked_by.is_none();
            user.filter(|_| alone).map(str::to_owned)
        });
    Identity {
        kind: owned(identity, "type").unwrap_or_default(),
        arn,
        name,
        session,
        invoked_by,
    }
}
