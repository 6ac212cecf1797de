//! Telling people: one issue that is there as long as there is drift, and messages with what is new.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value as Json, json};

use tf_cli::steps::say;
use tf_forge::client::{Client, Settings};
use tf_forge::github::GitHub;
use tf_forge::webhook::Webhook;
use tf_forge::{SystemClock, Token, surroundings};
use tf_report::render::escape::{one_line, shorten};

use crate::finding::{Document, Finding, State, Status};
use crate::render::{cost_text, findings_line, markdown};

/// By which our issue is found.
const MARKER: &str = "<!-- plumbline:drift -->";

/// Characters of the issue.
const ISSUE: usize = 60_000;

/// Findings that a message lists.
const LISTED: usize = 20;

/// How long may be waited for rate limits and failures.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a webhook understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Tell it by the address
    Auto,
    /// Slack's incoming webhooks
    Slack,
    /// Workflows of Microsoft Teams
    Teams,
    /// JSON with the new findings
    Plain,
}

/// Who is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct NotifyArgs {
    /// Keep one issue in this repository of GitHub: opened, updated, and closed when there is no drift any more. The token comes from
    /// GH_TOKEN or GITHUB_TOKEN, and needs `issues: write`
    #[arg(long, value_name = "OWNER/NAME")]
    issue: Option<String>,
    /// Address of GitHub's API, for GitHub Enterprise
    #[arg(long, value_name = "URL", env = "GITHUB_API_URL")]
    api_url: Option<String>,
    /// Send what is new to this address, which is a secret; may be given several times
    #[arg(long, value_name = "URL", env = "TF_DRIFT_WEBHOOK", hide_env_values = true)]
    webhook: Vec<String>,
    /// What the webhooks understand
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        env = "TF_DRIFT_WEBHOOK_FORMAT",
        default_value = "auto"
    )]
    webhook_format: Kind,
}

impl NotifyArgs {
    /// Whether anybody is to be told.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.issue.is_some() || self.webhooks().next().is_some()
    }

    /// A secret that is not set is an empty variable.
    fn webhooks(&self) -> impl Iterator<Item = &String> {
        self.webhook.iter().filter(|address| !address.trim().is_empty())
    }

    /// Tells them. One that cannot be told does not keep the others from it.
    pub(crate) fn tell(&self, document: &Document) -> anyhow::Result<()> {
        let mut failed = Vec::new();
        if let Some(repository) = &self.issue
            && let Err(error) = self.keep_issue(repository, document)
        {
            failed.push(format!("the issue: {error:#}"));
        }
        for address in self.webhooks() {
            if let Err(error) = self.send(address, document) {
                failed.push(format!("the webhook: {error:#}"));
            }
        }
        match failed.is_empty() {
            true => Ok(()),
            false => bail!("not everybody was told: {}", failed.join("; ")),
        }
    }

    fn keep_issue(&self, repository: &str, document: &Document) -> anyhow::Result<()> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let api = self
            .api_url
            .clone()
            .filter(|api| !api.is_empty())
            .unwrap_or_else(|| "https://api.github.com".to_owned());
        let (_, token, scheme) = surroundings::token(surroundings::GITHUB_TOKENS, &variable)
            .context("no token: set GITHUB_TOKEN, in a workflow to ${{ github.token }} with permissions: issues: write")?;
        let settings = Settings {
            proxy: surroundings::proxy(&api, &variable),
            api,
            token: Token::new(&token)?,
            scheme,
            patience: PATIENCE,
        };
        let github = GitHub::new(Client::new(settings, Arc::new(SystemClock))?, repository)?;
        let open = !document.summary.severities.is_empty() || document.is_incomplete();
        let kept = match open {
            true => {
                let title = format!("Drift: {}", title(document));
                github.keep_issue(MARKER, &title, &markdown(document, ISSUE))?
            }
            false => github.close_issue(MARKER)?,
        };
        say(format!("issue: {} {}", kept.done.as_str(), kept.url).trim_end());
        Ok(())
    }

    fn send(&self, address: &str, document: &Document) -> anyhow::Result<()> {
        let Some(news) = News::of(document) else {
            return Ok(());
        };
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let webhook = Webhook::new(
            address,
            surroundings::proxy(address, &variable),
            PATIENCE,
            Arc::new(SystemClock),
        )?;
        let message = match self.webhook_format {
            Kind::Auto => news.message(kind_of(address)),
            kind => news.message(kind),
        };
        webhook.send(message)?;
        say("webhook: told");
        Ok(())
    }
}

fn title(document: &Document) -> String {
    match document.summary.severities.is_empty() {
        true => format!("{} roots could not be read", document.summary.failed),
        false => findings_line(&document.summary),
    }
}

fn kind_of(address: &str) -> Kind {
    let host = address.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let teams = [".office.com", ".logic.azure.com", ".powerplatform.com"];
    match host {
        "hooks.slack.com" | "hooks.slack-gov.com" => Kind::Slack,
        host if teams.iter().any(|ending| host.ends_with(ending)) => Kind::Teams,
        _ => Kind::Plain,
    }
}

/// What the last scan did not have, and what could not be read.
struct News<'d> {
    document: &'d Document,
    findings: Vec<(&'d str, &'d Finding)>,
    failed: Vec<(&'d str, &'d str)>,
}

impl<'d> News<'d> {
    /// None where there is nothing to tell.
    fn of(document: &'d Document) -> Option<News<'d>> {
        let roots = || document.roots.iter();
        let findings: Vec<_> = roots()
            .flat_map(|root| root.findings.iter().map(|finding| (root.root.as_str(), finding)))
            .filter(|(_, finding)| finding.state == State::New)
            .collect();
        let failed: Vec<_> = roots()
            .filter(|root| root.status == Status::Failed)
            .map(|root| (root.root.as_str(), root.error.as_deref().unwrap_or_default()))
            .collect();
        (!findings.is_empty() || !failed.is_empty() || !document.errors.is_empty()).then_some(News {
            document,
            findings,
            failed,
        })
    }

    /// One line each, the worst first.
    fn lines(&self) -> Vec<String> {
        let mut findings = self.findings.clone();
        findings.sort_by(|(root_a, a), (root_b, b)| {
            (b.severity, root_a, &a.address).cmp(&(a.severity, root_b, &b.address))
        });
        let mut lines: Vec<String> = findings
            .iter()
            .take(LISTED)
            .map(|(root, finding)| {
                let mut text = format!(
                    "{}: {} in {root} ({}): {}",
                    finding.severity.as_str(),
                    finding.address,
                    finding.class.as_str(),
                    finding.why
                );
                if let Some(cost) = &finding.cost {
                    text.push_str(&format!(" (cost: {})", cost_text(cost)));
                }
                shorten(&one_line(&text), 400)
            })
            .collect();
        if findings.len() > LISTED {
            lines.push(format!("… and {} more", findings.len() - LISTED));
        }
        for (root, error) in &self.failed {
            let first = error.lines().next().unwrap_or_default();
            lines.push(shorten(
                &one_line(&format!("could not be read: {root}: {first}")),
                400,
            ));
        }
        lines.extend(self.document.errors.iter().map(|error| one_line(error)));
        lines
    }

    fn title(&self) -> String {
        let new = match self.findings.len() {
            0 => "Drift: nothing new".to_owned(),
            1 => "Drift: 1 new finding".to_owned(),
            many => format!("Drift: {many} new findings"),
        };
        match self.failed.len() {
            0 => new,
            1 => format!("{new}, 1 root could not be read"),
            many => format!("{new}, {many} roots could not be read"),
        }
    }

    fn message(&self, kind: Kind) -> Json {
        match kind {
            // https://api.slack.com/reference/surfaces/formatting#escaping
            Kind::Slack => {
                let escaped = |text: &str| {
                    text.replace('&', "&amp;")
                        .replace('<', "&lt;")
                        .replace('>', "&gt;")
                };
                let mut text = format!("*{}*", escaped(&self.title()));
                for line in self.lines() {
                    text.push_str(&format!("\n• {}", escaped(&line)));
                }
                json!({ "text": text })
            }
            // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
            Kind::Teams => {
                let block = |text: &str, weight: &str| json!({ "type": "TextBlock", "text": text, "wrap": true, "weight": weight });
                let mut body = vec![block(&self.title(), "bolder")];
                // Cards are Markdown, in which names of resources would lose their underscores.
                let plain = |line: &str| {
                    line.replace('\\', "\\\\")
                        .replace('_', "\\_")
                        .replace('*', "\\*")
                        .replace('[', "\\[")
                };
                body.extend(self.lines().iter().map(|line| block(&plain(line), "default")));
                json!({
                    "type": "message",
                    "attachments": [{
                        "contentType": "application/vnd.microsoft.card.adaptive",
                        "content": {
                            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                            "type": "AdaptiveCard",
                            "version": "1.4",
                            "body": body,
                        },
                    }],
                })
            }
            Kind::Auto | Kind::Plain => {
                let findings = self.findings.iter().map(|(root, finding)| {
                    json!({
                        "root": root,
                        "address": finding.address,
                        "type": finding.ty,
                        "class": finding.class,
                        "severity": finding.severity,
                        "why": finding.why,
                        "policies": finding.policies,
                        "cost": finding.cost,
                        "attributes": finding.attributes,
                        "fingerprint": finding.fingerprint,
                        "file": finding.file,
                        "lines": finding.lines,
                    })
                });
                json!({
                    "schema": "plumbline.drift-news/1",
                    "tool": "tf-drift",
                    "version": env!("CARGO_PKG_VERSION"),
                    "run": self.document.run,
                    "at": self.document.at,
                    "title": self.title(),
                    "summary": self.document.summary,
                    "findings": findings.collect::<Vec<Json>>(),
                    "failed": self.failed.iter().map(|(root, error)| json!({ "root": root, "error": error })).collect::<Vec<Json>>(),
                    "errors": self.document.errors,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Class, Remedy, RootReport};
    use tf_report::Severity;

    fn document(state: State, failed: bool) -> Document {
        let mut root = RootReport::failed(
            "environments/dev",
            "terraform plan fails: <secret>\nmore".to_owned(),
        );
        if !failed {
            root.status = Status::Drifted;
            root.error = None;
            root.findings.push(Finding {
                address: "aws_sns_topic.my_topic".to_owned(),
                ty: "aws_sns_topic".to_owned(),
                class: Class::Reverted,
                severity: Severity::High,
                why: "a & b".to_owned(),
                attributes: Vec::new(),
                policies: Vec::new(),
                cost: None,
                fingerprint: "f".to_owned(),
                subject: "s".to_owned(),
                first_seen: String::new(),
                last_seen: String::new(),
                state,
                file: None,
                lines: None,
                remedy: Remedy::default(),
                acknowledged: None,
                resource: None,
                who: None,
            });
        }
        Document::new(
            "1".to_owned(),
            "2026-01-31T06:00:00Z".to_owned(),
            vec![root],
            Vec::new(),
        )
    }

    #[test]
    fn only_what_is_new_is_told() {
        assert!(News::of(&document(State::Ongoing, false)).is_none());
        assert!(News::of(&document(State::Acknowledged, false)).is_none());
        let new = document(State::New, false);
        let news = News::of(&new).unwrap();
        assert_eq!(
            news.message(Kind::Slack),
            json!({ "text": "*Drift: 1 new finding*\n• high: aws_sns_topic.my_topic in environments/dev (reverted): a &amp; b" })
        );
        let card = news.message(Kind::Teams);
        assert_eq!(
            card.pointer("/attachments/0/content/body/1/text"),
            Some(&json!(
                "high: aws\\_sns\\_topic.my\\_topic in environments/dev (reverted): a & b"
            ))
        );
        assert_eq!(news.message(Kind::Plain)["findings"][0]["severity"], "high");
        let broken = document(State::New, true);
        let news = News::of(&broken).unwrap();
        assert_eq!(news.title(), "Drift: nothing new, 1 root could not be read");
        assert_eq!(
            news.lines(),
            ["could not be read: environments/dev: terraform plan fails: <secret>"]
        );
    }

    #[test]
    fn the_address_tells_the_kind() {
        for (address, kind) in [
            ("https://hooks.slack.com/services/T/B/x", Kind::Slack),
            ("https://x.webhook.office.com/webhookb2/y", Kind::Teams),
            (
                "https://prod-1.westeurope.logic.azure.com:443/workflows/x?sig=y",
                Kind::Teams,
            ),
            ("https://example.com/hooks.slack.com/", Kind::Plain),
        ] {
            assert_eq!(kind_of(address), kind, "{address}");
        }
    }
}
