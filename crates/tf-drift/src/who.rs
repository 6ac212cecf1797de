//! Who changed what drifted: one batched look-up in CloudTrail for all findings of a scan. What it cannot say is a note, and no failure.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use tf_aws::Options;
use tf_inventory::who::{Answers, Change, Outcome, Subject, Window, ask};

use crate::backend::Backend;
use crate::finding::{Class, Finding, Who};
use crate::history::Entry;
use crate::roots::Job;
use crate::states::Aws;

/// How far back is looked where nobody knows when a state was written: as long as CloudTrail keeps events.
const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How many addresses a note names.
const NAMED: usize = 5;

/// Says of each finding who changed the resource last since its state was written. `workspace` is that of the command line.
pub(crate) fn add(jobs: &[Job], entries: &mut [Entry], workspace: &str, now: Timestamp) {
    if entries.iter().all(|entry| entry.report.findings.is_empty()) {
        return;
    }
    let oldest = now.checked_sub(LONGEST).unwrap_or(now);
    let aws = match Aws::open(Options::default()) {
        Ok(aws) => aws,
        Err(error) => {
            for entry in drifted(entries) {
                entry
                    .report
                    .notes
                    .push(format!("who changed things is not known: {error:#}"));
            }
            return;
        }
    };
    let mut subjects = Vec::new();
    let mut since: Vec<Option<Timestamp>> = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        if entry.report.findings.is_empty() {
            since.push(None);
            continue;
        }
        let job = jobs.iter().find(|job| job.name == entry.root);
        since.push(job.and_then(|job| written(job, workspace)));
        for (number, finding) in entry.report.findings.iter().enumerate() {
            subjects.extend(subject(&key(at, number), finding, aws.connection.region()));
        }
    }
    let from = since
        .iter()
        .zip(entries.iter())
        .filter(|(_, entry)| !entry.report.findings.is_empty());
    let from = from
        .map(|(since, _)| since.unwrap_or(oldest))
        .min()
        .unwrap_or(oldest);
    let answers = aws
        .blocking
        .wait(ask(&aws.connection, &subjects, &Window::new(from, now)));
    for (at, (entry, since)) in entries.iter_mut().zip(since).enumerate() {
        told(entry, at, since, &answers);
    }
}

fn drifted(entries: &mut [Entry]) -> impl Iterator<Item = &mut Entry> {
    entries
        .iter_mut()
        .filter(|entry| !entry.report.findings.is_empty())
}

fn key(entry: usize, finding: usize) -> String {
    format!("{entry}/{finding}")
}

fn subject(key: &str, finding: &Finding, region: &str) -> Option<Subject> {
    let named = finding.resource.as_ref()?;
    let region = named.region.as_deref().unwrap_or(region);
    let (arn, name) = (named.arn.as_deref(), named.name.as_deref());
    Some(Subject::new(key, &finding.ty, region, &named.id, arn, name))
}

/// Gives the findings of a root their answers.
fn told(entry: &mut Entry, at: usize, since: Option<Timestamp>, answers: &Answers) {
    let mut unknown: Vec<String> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    let has_state = entry
        .report
        .findings
        .iter()
        .any(|finding| finding.class != Class::Unmanaged);
    for (number, finding) in entry.report.findings.iter_mut().enumerate() {
        let problem = match answers.outcomes.get(&key(at, number)) {
            Some(Outcome::Changes { changes, .. }) => {
                finding.who = newest(changes, since);
                None
            }
            Some(Outcome::Failed(error)) => Some(error.to_string()),
            Some(Outcome::NotAsked(reason)) => Some(reason.clone()),
            // Nothing is known that CloudTrail could call it.
            None => None,
        };
        match problem {
            Some(problem) => {
                let note = format!("who changed things is not known: {problem}");
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            None if finding.who.is_none() => unknown.push(finding.address.clone()),
            None => {}
        }
    }
    if !unknown.is_empty() {
        let window = match since {
            Some(since) => format!("since its state was written at {}", since.strftime("%FT%TZ")),
            None => "in the last 90 days".to_owned(),
        };
        let more = match unknown.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        unknown.truncate(NAMED);
        notes.push(format!(
            "CloudTrail has no change of {}{more} {window}; it shows events some minutes late",
            unknown.join(", ")
        ));
    } else if since.is_none()
        && has_state
        && entry.report.findings.iter().any(|finding| finding.who.is_some())
    {
        notes.push("when the state was written is not known: what CloudTrail has may be older".to_owned());
    }
    entry.report.notes.extend(notes);
}

/// The newest change since a state was written.
fn newest(changes: &[Change], since: Option<Timestamp>) -> Option<Who> {
    // Times are of whole seconds: what Terraform does in the second in which it writes the state is in it already.
    let counts = |change: &&Change| match (change.time, since) {
        (Some(time), Some(since)) => time > since || (time == since && !change.is_terraform()),
        (None, Some(_)) => false,
        (_, None) => true,
    };
    let mut all: Vec<&Change> = changes.iter().filter(counts).collect();
    all.sort_by_key(|event| std::cmp::Reverse(event.time));
    let first = all.first()?;
    Some(Who {
        by: first.who.to_string(),
        arn: first.who.arn.clone(),
        at: first.time.map(|time| time.strftime("%FT%TZ").to_string()),
        event: first.event.clone(),
        source: first.source.clone(),
        from: first.ip.clone(),
        program: first.user_agent.clone(),
        id: first.id.clone(),
        others: all.len() - 1,
    })
}

/// When the state of a root was written; `None` where that is not to be found out.
fn written(job: &Job, workspace: &str) -> Option<Timestamp> {
    let workspace = job.workspace.as_deref().unwrap_or(workspace);
    let object = |aws: &Aws, bucket: &str, key: &str| {
        let listed = aws.listed(bucket, key).ok().flatten()?;
        listed.modified.parse::<Timestamp>().ok()
    };
    if let Some(orphan) = &job.orphan {
        return object(&Aws::open(Options::default()).ok()?, &orphan.bucket, &orphan.key);
    }
    match Backend::initialised(&job.dir) {
        Backend::S3(s3) => {
            let aws = Aws::open(s3.options()).ok()?;
            object(&aws, s3.bucket.as_deref()?, &s3.state(workspace)?)
        }
        Backend::Local(path) => {
            let modified = std::fs::metadata(local(&path, workspace)).ok()?.modified().ok()?;
            Timestamp::try_from(modified).ok()
        }
        Backend::Other => None,
    }
}

/// The file of a workspace.
fn local(path: &Path, workspace: &str) -> PathBuf {
    match (workspace, path.parent(), path.file_name()) {
        ("default", ..) | (_, None, _) | (_, _, None) => path.to_path_buf(),
        (named, Some(dir), Some(file)) => dir.join("terraform.tfstate.d").join(named).join(file),
    }
}

#[cfg(test)]
mod tests {
    use tf_inventory::who::Identity;

    use super::*;

    fn change(id: &str, time: Option<&str>, program: &str) -> Change {
        Change {
            id: id.to_owned(),
            time: time.map(|time| time.parse().unwrap()),
            event: "PutParameter".to_owned(),
            source: "ssm.amazonaws.com".to_owned(),
            who: Identity {
                name: Some("anna".to_owned()),
                ..Identity::default()
            },
            ip: None,
            user_agent: Some(program.to_owned()),
        }
    }

    #[test]
    fn the_newest_change_since_the_state_was_written_counts() {
        const TERRAFORM: &str = "APN/1.0 HashiCorp/1.0 Terraform/1.11.4";
        let changes = [
            change("c", Some("2026-01-03T00:00:00Z"), "console"),
            change("d", Some("2026-01-04T00:00:00Z"), "console"),
            change("b", Some("2026-01-02T00:00:00Z"), TERRAFORM),
            change("a", Some("2026-01-01T00:00:00Z"), "console"),
            change("x", None, "console"),
        ];
        for (since, want) in [
            (None, Some(("d", 4))),
            (Some("2026-01-01T00:00:00Z"), Some(("d", 3))),
            // What Terraform did in the second in which it wrote the state.
            (Some("2026-01-02T00:00:00Z"), Some(("d", 1))),
            (Some("2026-01-04T00:00:00Z"), Some(("d", 0))),
            (Some("2026-01-04T00:00:01Z"), None),
        ] {
            let since = since.map(|since| since.parse().unwrap());
            let found = newest(&changes, since);
            let found = found.as_ref().map(|who| (who.id.as_str(), who.others));
            assert_eq!(found, want, "{since:?}");
        }
    }

    #[test]
    fn workspaces_of_files_have_folders() {
        let path = Path::new("/r/terraform.tfstate");
        assert_eq!(local(path, "default"), path);
        assert_eq!(
            local(path, "blue"),
            Path::new("/r/terraform.tfstate.d/blue/terraform.tfstate")
        );
    }
}
