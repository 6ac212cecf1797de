//! [SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), with what [GitHub's code
//! scanning](https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning)
//! reads of it.
//!
//! A failure is of kind `fail`; an unknown is `open` ("insufficient information") and therefore of level
//! `none`; what has passed is listed only with everything. Braces are not doubled in messages, as section
//! 3.11.5 would have it: no message has arguments, and no reader is known that halves them again.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::finding::{Fingerprints, describe_suppression, is_open, service, subject, verdict};
use super::place::{Place, chain};
use super::{Options, json, markdown, snippet};
use crate::{Finding, PolicyInfo, Problem, Report, Severity, Snippet, Suppression, Verdict};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The top of the repository, to which all paths are relative: code scanning looks for its files there.
const ROOT: &str = "%SRCROOT%";
/// GitHub refuses a rule with more tags.
const MOST_TAGS: usize = 20;

/// GitHub refuses a file with more results, as a whole.
const MOST_RESULTS: usize = 25_000;

/// The report as one run.
pub(super) fn render(report: &Report, options: &Options) -> String {
    json::document(&log(report, options))
}

/// The same, to be written as JSON: of a large plan the text takes tens of megabytes.
pub fn log<'r>(report: &'r Report, options: &Options) -> impl Serialize + use<'r> {
    let shown: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| options.all || is_open(finding) || verdict(finding) == Verdict::Skipped)
        .collect();
    let found = shown.len();
    let shown = most_pressing(shown, MOST_RESULTS);
    let left = found - shown.len();
    let rules = Rules::new(report, &shown);
    let driver = object([
        ("name", report.tool.as_str().into()),
        ("version", report.version.as_str().into()),
        ("rules", rules.descriptors().into()),
    ]);
    Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: object([("driver", driver)]),
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: json!({ ROOT: { "description": { "text": "The top of the repository." } } }),
            invocations: [invocation(report, left)],
            results: Results {
                states: baseline_states(&shown),
                shown,
                rules,
            },
        }],
    }
}

/// Those that a reader needs first, where there are more than so many, in their old order: failures before what is unknown, and what
/// counts for nothing any more; new ones before those that were there; severe ones before others.
fn most_pressing(shown: Vec<&Finding>, most: usize) -> Vec<&Finding> {
    if shown.len() <= most {
        return shown;
    }
    let rank = |finding: &Finding| {
        let verdict = match verdict(finding) {
            Verdict::Failed => 0,
            Verdict::Unknown => 1,
            Verdict::Skipped => 2,
            Verdict::Passed => 3,
        };
        let is_old = finding.change.as_deref() == Some("existing");
        (verdict, is_old, Reverse(finding.severity))
    };
    let mut order: Vec<usize> = (0..shown.len()).collect();
    order.sort_by_cached_key(|at| shown.get(*at).map(|finding| rank(finding)));
    order.truncate(most);
    order.sort_unstable();
    order
        .into_iter()
        .filter_map(|at| shown.get(at).copied())
        .collect()
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    original_uri_base_ids: Value,
    invocations: [Value; 1],
    results: Results<'a>,
}

/// The results, each made when it is written: all of them at once take many times the room of what they are made of.
struct Results<'a> {
    shown: Vec<&'a Finding>,
    rules: Rules<'a>,
    states: Option<Vec<&'static str>>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fingerprints = Fingerprints::default();
        serializer.collect_seq(self.shown.iter().enumerate().map(|(at, finding)| {
            let state = self.states.as_ref().and_then(|states| states.get(at));
            result(
                finding,
                &self.rules,
                fingerprints.distinct(finding),
                state.copied(),
            )
        }))
    }
}

/// A result, as the standard names its parts. What there is nothing to say of is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
    partial_fingerprints: Partial<'a>,
    suppressions: Vec<Value>,
    properties: Properties<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<Physical<'a>>,
    logical_locations: [Logical<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Related<'a> {
    id: usize,
    message: Message,
    physical_location: Physical<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_region: Option<Context<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    end_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    start_line: u32,
    end_line: u32,
    snippet: Text<'a>,
}

/// Lines of a file.
#[derive(Serialize)]
struct Text<'a> {
    #[serde(serialize_with = "lines")]
    text: &'a [String],
}

fn lines<S: Serializer>(lines: &&[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&lines.join("\n"))
}

#[derive(Serialize)]
struct Partial<'a> {
    #[serde(rename = "plumblineFingerprint/v1")]
    fingerprint: &'a str,
    #[serde(rename = "primaryLocationLineHash")]
    line: String,
}

#[derive(Serialize)]
struct Properties<'a> {
    severity: &'static str,
    root: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'a str>,
}

/// The policies that the results name, with the worst severity at which they do so.
struct Rules<'a> {
    report: &'a Report,
    severities: BTreeMap<&'a str, Severity>,
    indices: BTreeMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    fn new(report: &'a Report, shown: &[&'a Finding]) -> Rules<'a> {
        let mut severities: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in shown {
            let severity = severities.entry(&finding.policy).or_insert(finding.severity);
            *severity = finding.severity.max(*severity);
        }
        let indices = severities
            .keys()
            .enumerate()
            .map(|(index, id)| (*id, index))
            .collect();
        Rules {
            report,
            severities,
            indices,
        }
    }

    fn descriptors(&self) -> Vec<Value> {
        let none = PolicyInfo::default();
        let rules = self.severities.iter();
        rules
            .map(|(id, severity)| rule(id, *severity, self.report.policies.get(*id).unwrap_or(&none)))
            .collect()
    }
}

fn rule(id: &str, severity: Severity, info: &PolicyInfo) -> Value {
    let title = if info.title.is_empty() { id } else { &info.title };
    let why = if info.why.is_empty() { title } else { &info.why };
    let fix = if info.fix.is_empty() { why } else { &info.fix };
    let help = format!(
        "**{}**\n\n{}\n\n**Fix:** {}",
        prose(title),
        prose(why),
        prose(fix)
    );
    let frameworks: BTreeSet<&str> = info.frameworks.keys().map(String::as_str).collect();
    let tags: Vec<&str> = ["security", "terraform", service(id)]
        .into_iter()
        .filter(|tag| !frameworks.contains(tag))
        .chain(frameworks.iter().copied())
        .take(MOST_TAGS)
        .collect();
    json!({
        "id": id,
        "name": pascal_case(id),
        "shortDescription": { "text": text(title) },
        "fullDescription": { "text": text(why) },
        "help": { "text": text(&format!("{why}\n\nFix: {fix}")), "markdown": help },
        "defaultConfiguration": { "level": level(severity) },
        "properties": {
            "security-severity": security_severity(severity),
            "precision": "very-high",
            "tags": tags,
            "severity": severity,
            "checkov": info.checkov,
            "frameworks": info.frameworks,
        },
    })
}

fn result<'a>(
    finding: &'a Finding,
    rules: &Rules<'a>,
    fingerprint: String,
    baseline_state: Option<&'static str>,
) -> Found<'a> {
    let kind = kind(finding);
    Found {
        rule_id: &finding.policy,
        rule_index: rules.indices.get(finding.policy.as_str()).copied(),
        kind,
        level: match kind {
            "fail" => level(finding.severity),
            _ => "none",
        },
        message: Message {
            text: message(rules.report, finding),
        },
        locations: [Location {
            physical_location: Place::of_finding(finding)
                .map(|place| physical(&place, finding.snippet.as_ref())),
            logical_locations: [Logical {
                fully_qualified_name: &finding.address,
                kind: "resource",
            }],
        }],
        related_locations: chain(&finding.called_from)
            .zip(1..)
            .map(|(place, id)| Related {
                id,
                message: Message {
                    text: "The module is called here.".to_owned(),
                },
                physical_location: physical(&place, None),
            })
            .collect(),
        partial_fingerprints: Partial {
            fingerprint: &finding.fingerprint,
            line: fingerprint,
        },
        suppressions: suppressions(finding),
        properties: Properties {
            severity: finding.severity.as_str(),
            root: &finding.root,
            attribute: finding.attribute.as_deref(),
            reason: finding.reason.as_deref(),
            change: finding.change.as_deref(),
        },
        baseline_state,
    }
}

/// Whether a skipped one failed or was unknown is told by its reason.
fn kind(finding: &Finding) -> &'static str {
    match verdict(finding) {
        Verdict::Passed => "pass",
        Verdict::Unknown => "open",
        Verdict::Skipped if finding.reason.is_some() => "open",
        Verdict::Failed | Verdict::Skipped => "fail",
    }
}

fn message(report: &Report, finding: &Finding) -> String {
    let found = if finding.message.is_empty() {
        &finding.policy
    } else {
        &finding.message
    };
    let reason = finding
        .reason
        .as_ref()
        .map(|reason| format!(" Unknown because {reason}"))
        .unwrap_or_default();
    text(&format!("{}: {found}{reason}", subject(report, finding)))
}

/// Empty where it is not suppressed: all results have them or none, as the standard demands.
fn suppressions(finding: &Finding) -> Vec<Value> {
    match (verdict(finding), &finding.suppression) {
        (Verdict::Skipped, Some(given)) => vec![suppression(given)],
        (Verdict::Skipped, None) => vec![json!({ "kind": "external" })],
        _ => Vec::new(),
    }
}

fn suppression(suppression: &Suppression) -> Value {
    let kind = match suppression.kind {
        "inline" => "inSource",
        _ => "external",
    };
    let terms = [
        ("until", suppression.until.as_deref().into()),
        ("owner", suppression.owner.as_deref().into()),
    ];
    object([
        ("kind", kind.into()),
        ("status", "accepted".into()),
        ("justification", describe_suppression(suppression).into()),
        ("properties", object(terms)),
    ])
}

fn physical<'a>(place: &Place<'_>, snippet: Option<&'a Snippet>) -> Physical<'a> {
    Physical {
        artifact_location: Artifact {
            uri: uri(place.in_repository),
            uri_base_id: ROOT,
        },
        region: place.lines.map(|(first, last)| Region {
            start_line: first,
            start_column: place.column,
            end_line: last,
            end_column: place.end_column,
        }),
        context_region: snippet.and_then(|snippet| context(place, snippet)),
    }
}

/// The snippet's lines where they are more than the region, as the standard demands of a context.
fn context<'a>(place: &Place<'_>, snippet: &'a Snippet) -> Option<Context<'a>> {
    let (first, last) = place.lines?;
    let end = snippet::last_line(snippet)?;
    let contains = snippet.first_line <= first && end >= last;
    let is_more = snippet.first_line < first || end > last || place.column.is_some();
    (contains && is_more).then(|| Context {
        start_line: snippet.first_line,
        end_line: end,
        snippet: Text { text: &snippet.lines },
    })
}

/// `new` or `unchanged` for all results or for none, as the standard demands.
fn baseline_states(shown: &[&Finding]) -> Option<Vec<&'static str>> {
    shown
        .iter()
        .map(|finding| match finding.change.as_deref() {
            Some("introduced") => Some("new"),
            Some("existing") => Some("unchanged"),
            _ => None,
        })
        .collect()
}

fn invocation(report: &Report, left: usize) -> Value {
    let mut notifications: Vec<Value> = report.problems.iter().map(notification).collect();
    if left > 0 {
        let words = format!(
            "{left} results are left out, the least pressing ones, as code scanning refuses a file with more than {MOST_RESULTS}. The report in JSON has them all."
        );
        notifications.push(json!({ "level": "warning", "message": { "text": words } }));
    }
    json!({
        "executionSuccessful": report.unread == 0 && report.problems.iter().all(|problem| !problem.error),
        "toolExecutionNotifications": notifications,
    })
}

fn notification(problem: &Problem) -> Value {
    let place = Place::of_problem(problem);
    let places = place
        .into_iter()
        .map(|place| physical(&place, problem.snippet.as_ref()));
    let called_from = chain(&problem.called_from).map(|place| physical(&place, None));
    let locations: Vec<Value> = places
        .chain(called_from)
        .map(|physical| json!({ "physicalLocation": physical }))
        .collect();
    json!({
        "level": if problem.error { "error" } else { "warning" },
        "message": { "text": text(&problem.message) },
        "locations": locations,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A number in the middle of the range that GitHub calls by the same name; 0.0 is none of them.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

/// Plain text in which nothing is an embedded link, and which is not empty.
fn text(text: &str) -> String {
    if text.is_empty() {
        "(no text)".to_owned()
    } else {
        text.replace("](", "] (")
    }
}

fn prose(text: &str) -> String {
    markdown::plain(text, usize::MAX)
}

/// `aws-s3-versioning` as `AwsS3Versioning`.
fn pascal_case(id: &str) -> String {
    let words = id.split(|character: char| !character.is_alphanumeric());
    words
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

/// A relative path as a URI reference ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.3)):
/// everything but unreserved characters and `/` is percent-encoded, so that no `:` or `//` begins anything
/// else.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.trim_start_matches('/').bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// An object without the keys whose value is null, which SARIF does not know. Moves what `json!` would copy.
fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let known = entries.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(known.map(|(key, value)| (key.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    fn run(report: &Report, all: bool) -> Value {
        let text = render(
            report,
            &Options {
                all,
                ..Options::default()
            },
        );
        let mut document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["version"], "2.1.0");
        document["runs"][0].take()
    }

    fn results(run: &Value) -> &[Value] {
        run["results"].as_array().unwrap()
    }

    #[test]
    fn what_is_less_pressing_is_left_out_first() {
        let finding = |result, severity, change: &str| Finding {
            result,
            severity,
            change: Some(change.to_owned()),
            ..sample::rich().findings.first().unwrap().clone()
        };
        let all = [
            finding(Verdict::Skipped, Severity::Critical, "introduced"),
            finding(Verdict::Failed, Severity::Low, "existing"),
            finding(Verdict::Unknown, Severity::High, "introduced"),
            finding(Verdict::Failed, Severity::High, "existing"),
            finding(Verdict::Failed, Severity::Low, "introduced"),
            finding(Verdict::Failed, Severity::Critical, "fixed"),
        ];
        let kept = |most| {
            let kept = most_pressing(all.iter().collect(), most);
            let places = kept
                .into_iter()
                .map(|kept| all.iter().position(|it| it == kept).unwrap());
            places.collect::<Vec<_>>()
        };
        assert_eq!(kept(1), [4]);
        assert_eq!(kept(2), [3, 4]);
        assert_eq!(kept(3), [1, 3, 4]);
        assert_eq!(kept(4), [1, 2, 3, 4]);
        assert_eq!(kept(5), [0, 1, 2, 3, 4]);
        assert_eq!(kept(6), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_file_that_github_takes_says_what_it_leaves_out() {
        let mut report = sample::rich();
        let failed = report
            .findings
            .iter()
            .find(|it| it.result == Verdict::Failed)
            .unwrap()
            .clone();
        report.findings = vec![failed; MOST_RESULTS + 3];
        let run = run(&report, false);
        assert_eq!(results(&run).len(), MOST_RESULTS);
        let told = run["invocations"][0]["toolExecutionNotifications"]
            .as_array()
            .unwrap();
        let words = told.last().unwrap()["message"]["text"].as_str().unwrap();
        assert!(words.starts_with("3 results are left out"), "{words}");
    }

    #[test]
    fn a_result_points_at_its_rule() {
        let run = run(&sample::rich(), true);
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in results(&run) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
        for rule in rules {
            assert!(
                ["error", "warning", "note"]
                    .contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
            );
            assert!(
                rule["properties"]["security-severity"]
                    .as_str()
                    .unwrap()
                    .parse::<f64>()
                    .unwrap()
                    <= 10.0
            );
            assert!(rule["properties"]["tags"].as_array().unwrap().len() <= MOST_TAGS);
        }
    }

    #[test]
    fn only_a_failure_has_a_level() {
        for result in results(&run(&sample::rich(), true)) {
            let (kind, level) = (
                result["kind"].as_str().unwrap(),
                result["level"].as_str().unwrap(),
            );
            assert!(["fail", "open", "pass"].contains(&kind));
            assert_eq!(kind == "fail", level != "none", "{kind} {level}");
        }
    }

    #[test]
    fn passed_ones_are_listed_only_with_everything() {
        let kinds = |all| {
            let run = run(&sample::rich(), all);
            results(&run)
                .iter()
                .map(|result| result["kind"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert!(!kinds(false).contains(&"pass".to_owned()));
        assert!(kinds(true).contains(&"pass".to_owned()));
    }

    #[test]
    fn a_context_is_more_than_its_region() {
        let run = run(&sample::rich(), true);
        let physical = results(&run)
            .iter()
            .map(|result| &result["locations"][0]["physicalLocation"]);
        let contexts: Vec<_> = physical
            .filter(|physical| !physical["contextRegion"].is_null())
            .collect();
        assert_eq!(contexts.len(), 3);
        for physical in contexts {
            let (context, region) = (&physical["contextRegion"], &physical["region"]);
            assert!(context["startLine"].as_u64() <= region["startLine"].as_u64());
            assert!(context["endLine"].as_u64() >= region["endLine"].as_u64());
        }
    }

    #[test]
    fn all_results_say_whether_they_are_suppressed() {
        let run = run(&sample::rich(), true);
        let kinds: Vec<&str> = results(&run)
            .iter()
            .flat_map(|result| result["suppressions"].as_array().unwrap())
            .map(|suppression| suppression["kind"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["inSource", "external"]);
    }

    #[test]
    fn regions_are_valid_and_paths_encoded() {
        let run = run(&sample::rich(), true);
        let mut related = 0;
        for result in results(&run) {
            let locations = result["locations"].as_array().unwrap();
            related += result["relatedLocations"].as_array().map_or(0, Vec::len);
            assert!(locations[0]["logicalLocations"][0]["fullyQualifiedName"].is_string());
            let physical = &locations[0]["physicalLocation"];
            if physical.is_null() {
                continue;
            }
            assert_eq!(physical["artifactLocation"]["uriBaseId"], ROOT);
            assert!(
                !physical["artifactLocation"]["uri"]
                    .as_str()
                    .unwrap()
                    .contains(' ')
            );
            let region = &physical["region"];
            assert!(region["startLine"].as_u64().unwrap() >= 1);
            assert!(region["endLine"].as_u64() >= region["startLine"].as_u64());
        }
        assert!(related > 0);
    }

    #[test]
    fn a_run_that_could_not_read_everything_did_not_succeed() {
        let incomplete = run(&sample::rich(), false);
        assert_eq!(incomplete["invocations"][0]["executionSuccessful"], false);
        assert_eq!(
            run(&sample::empty(), false)["invocations"][0]["executionSuccessful"],
            true
        );
    }

    #[test]
    fn states_against_the_baseline_are_for_all_or_none() {
        let mut report = sample::rich();
        assert!(
            results(&run(&report, true))
                .iter()
                .all(|result| result["baselineState"].is_null())
        );
        for finding in &mut report.findings {
            finding.change = Some("introduced".to_owned());
        }
        assert!(
            results(&run(&report, true))
                .iter()
                .all(|result| result["baselineState"] == "new")
        );
    }

    #[test]
    fn a_path_is_a_uri_reference() {
        assert_eq!(uri("a b/ä[0]%20:#?.tf"), "a%20b/%C3%A4%5B0%5D%2520%3A%23%3F.tf");
        assert_eq!(uri("//host/x"), "host/x");
        assert_eq!(pascal_case("aws-s3--versioning"), "AwsS3Versioning");
    }
}
