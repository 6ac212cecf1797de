//! Which pull request is meant: by flags, or by what a CI system says of the run.
//!
//! GitHub: [variables](https://docs.github.com/actions/reference/workflows-and-actions/variables) and the event's file. GitLab:
//! [predefined variables](https://docs.gitlab.com/ci/variables/predefined_variables/).

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde_json::Value;
use tf_forge::client::Scheme;

/// A kind of forge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Kind {
    /// github.com, or GitHub Enterprise
    Github,
    /// gitlab.com, or a GitLab of one's own
    Gitlab,
}

/// What flags say.
#[derive(Clone, Default, Debug)]
pub(super) struct Wanted {
    pub(super) forge: Option<Kind>,
    pub(super) repository: Option<String>,
    pub(super) number: Option<u64>,
    pub(super) api: Option<String>,
}

/// A pull request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Target {
    pub(super) kind: Kind,
    /// Address of the API.
    pub(super) api: String,
    /// `owner/name`, or a project's number.
    pub(super) repository: String,
    pub(super) number: u64,
    /// Where people read it, where that is known.
    pub(super) page: Option<String>,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Target {
            api,
            repository,
            number,
            ..
        } = self;
        match self.kind {
            Kind::Github => write!(f, "{repository}#{number} at {api}"),
            Kind::Gitlab => write!(f, "merge request !{number} of project {repository} at {api}"),
        }
    }
}

type Variable<'v> = &'v dyn Fn(&str) -> Option<String>;

impl Target {
    /// The pull request that flags and the environment mean.
    pub(super) fn find(wanted: &Wanted, variable: Variable<'_>) -> anyhow::Result<Target> {
        let is_true = |name: &str| variable(name).as_deref() == Some("true");
        let kind = match wanted.forge {
            Some(kind) => kind,
            None if is_true("GITHUB_ACTIONS") => Kind::Github,
            None if is_true("GITLAB_CI") => Kind::Gitlab,
            None => bail!(
                "this runs neither in GitHub Actions nor in GitLab CI: say where the pull request is with --forge, --repository and \
                 --pull-request"
            ),
        };
        match kind {
            Kind::Github => Target::github(wanted, variable),
            Kind::Gitlab => Target::gitlab(wanted, variable),
        }
    }

    fn github(wanted: &Wanted, variable: Variable<'_>) -> anyhow::Result<Target> {
        let here = variable("GITHUB_REPOSITORY");
        let repository = match wanted.repository.clone().or_else(|| here.clone()) {
            Some(repository) => repository,
            None => bail!("which repository? Give it with --repository owner/name, or as GITHUB_REPOSITORY"),
        };
        let number = match wanted.number {
            Some(number) => number,
            // The run is one of another repository, whose numbers say nothing.
            None if here.as_ref() != Some(&repository) => {
                bail!("which pull request of {repository}? Give its number with --pull-request")
            }
            None => github_number(variable)?,
        };
        let api = wanted.api.clone().or_else(|| variable("GITHUB_API_URL"));
        Ok(Target {
            kind: Kind::Github,
            api: api.unwrap_or_else(|| "https://api.github.com".to_owned()),
            repository,
            number,
            page: None,
        })
    }

    fn gitlab(wanted: &Wanted, variable: Variable<'_>) -> anyhow::Result<Target> {
        // A merge request from a fork is one of the project that it goes to, and its pipeline may be one of the fork.
        let here = variable("CI_MERGE_REQUEST_PROJECT_ID").or_else(|| variable("CI_PROJECT_ID"));
        let repository = match wanted.repository.clone().or_else(|| here.clone()) {
            Some(repository) => repository,
            None => bail!("which project? Give it with --repository group/name, or as CI_PROJECT_ID"),
        };
        let names = [
            variable("CI_MERGE_REQUEST_PROJECT_PATH"),
            variable("CI_PROJECT_PATH"),
            here,
        ];
        let is_here = names.iter().flatten().any(|name| *name == repository);
        let number = match (wanted.number, variable("CI_MERGE_REQUEST_IID")) {
            (Some(number), _) => number,
            (None, Some(number)) if is_here => number
                .parse()
                .with_context(|| format!("CI_MERGE_REQUEST_IID is {number:?}, which is no number"))?,
            (None, _) => bail!(
                "this is no pipeline of a merge request of {repository}: let the job run with `rules: - if: $CI_PIPELINE_SOURCE == \
                 \"merge_request_event\"`, or give --pull-request"
            ),
        };
        let page = variable("CI_MERGE_REQUEST_PROJECT_URL").filter(|_| is_here);
        let api = wanted.api.clone().or_else(|| variable("CI_API_V4_URL"));
        Ok(Target {
            kind: Kind::Gitlab,
            api: api.unwrap_or_else(|| "https://gitlab.com/api/v4".to_owned()),
            repository,
            number,
            page: page.map(|page| format!("{page}/-/merge_requests/{number}")),
        })
    }

    /// The variable that holds the token, the token, and how it is sent.
    pub(super) fn token(&self, variable: Variable<'_>) -> anyhow::Result<(&'static str, String, Scheme)> {
        let (names, help): (&[(&'static str, Scheme)], &str) = match self.kind {
            // In this order for `gh`, too.
            Kind::Github => (
                &[("GH_TOKEN", Scheme::Bearer), ("GITHUB_TOKEN", Scheme::Bearer)],
                "no token: set GITHUB_TOKEN, in a workflow to ${{ github.token }} with permissions: pull-requests: write",
            ),
            Kind::Gitlab => (
                &[
                    ("GITLAB_TOKEN", Scheme::PrivateToken),
                    ("CI_JOB_TOKEN", Scheme::JobToken),
                ],
                "no token: set GITLAB_TOKEN to a project access token with the scope `api`",
            ),
        };
        let found = names
            .iter()
            .find_map(|(name, scheme)| Some((*name, variable(name)?, *scheme)));
        found.with_context(|| help.to_owned())
    }

    /// The proxy that the usual variables name for the address of the API, and the hosts that need none.
    pub(super) fn proxy(&self, variable: Variable<'_>) -> Option<(String, Vec<String>)> {
        tf_cli::proxy::of(&self.api, variable)
    }
}

/// The pull request that a workflow runs for.
fn github_number(variable: Variable<'_>) -> anyhow::Result<u64> {
    if let Some(file) = variable("GITHUB_EVENT_PATH") {
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read the event in {file}"))?;
        let event: Value =
            serde_json::from_str(&text).with_context(|| format!("the event in {file} is not JSON"))?;
        if let Some(number) = number_of(&event) {
            return Ok(number);
        }
    }
    let reference = variable("GITHUB_REF").unwrap_or_default();
    let number = reference
        .strip_prefix("refs/pull/")
        .and_then(|rest| rest.split('/').next()?.parse().ok());
    number.context(
        "this run is of no pull request: let the workflow run `on: pull_request`, or give --pull-request",
    )
}

/// The events `pull_request…` name it, `issue_comment` names an issue that may be one, and `workflow_run` those that it ran for.
fn number_of(event: &Value) -> Option<u64> {
    let number = |value: &Value| value.get("number")?.as_u64();
    if let Some(number) = event.get("pull_request").and_then(number) {
        return Some(number);
    }
    if let Some(issue) = event
        .get("issue")
        .filter(|issue| issue.get("pull_request").is_some())
    {
        return number(issue);
    }
    match event
        .pointer("/workflow_run/pull_requests")?
        .as_array()?
        .as_slice()
    {
        [one] => number(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(wanted: &Wanted, variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let found = Target::find(wanted, &variable);
        found
            .map(|target| target.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_names_the_pull_request_and_flags_win() {
        let none = Wanted::default();
        let flags = Wanted {
            forge: Some(Kind::Github),
            repository: Some("o/r".to_owned()),
            number: Some(7),
            api: Some("https://ghe.example/api/v3".to_owned()),
        };
        let number = Wanted {
            number: Some(9),
            ..none.clone()
        };
        let other = Wanted {
            repository: Some("x/y".to_owned()),
            ..none.clone()
        };
        let actions = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_REF", "refs/pull/12/merge"),
        ];
        let push = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_REF", "refs/heads/main"),
        ];
        let gitlab = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_ID", "5"),
            ("CI_PROJECT_PATH", "g/fork"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "4"),
            ("CI_MERGE_REQUEST_PROJECT_PATH", "g/p"),
            ("CI_MERGE_REQUEST_IID", "3"),
            ("CI_API_V4_URL", "https://gl.example/api/v4"),
        ];
        let gitlab_push = [("GITLAB_CI", "true"), ("CI_PROJECT_ID", "5")];
        let path = Wanted {
            repository: Some("g/p".to_owned()),
            ..none.clone()
        };
        // What was wanted, the environment, and what comes of it.
        type Row<'a> = (&'a Wanted, &'a [(&'a str, &'a str)], Result<&'a str, &'a str>);
        let table: &[Row<'_>] = &[
            (&none, &[], Err("neither in GitHub Actions nor in GitLab CI")),
            (&flags, &[], Ok("o/r#7 at https://ghe.example/api/v3")),
            (&flags, &actions, Ok("o/r#7 at https://ghe.example/api/v3")),
            (&none, &actions, Ok("a/b#12 at https://api.github.com")),
            (&number, &actions, Ok("a/b#9 at https://api.github.com")),
            (&other, &actions, Err("which pull request of x/y?")),
            (&none, &push, Err("this run is of no pull request")),
            (&number, &push, Ok("a/b#9 at https://api.github.com")),
            (
                &none,
                &gitlab,
                Ok("merge request !3 of project 4 at https://gl.example/api/v4"),
            ),
            (
                &path,
                &gitlab,
                Ok("merge request !3 of project g/p at https://gl.example/api/v4"),
            ),
            (&other, &gitlab, Err("no pipeline of a merge request of x/y")),
            (&none, &gitlab_push, Err("no pipeline of a merge request of 5")),
        ];
        for (wanted, variables, expected) in table {
            let found = find(wanted, variables);
            match (&found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                _ => panic!("{wanted:?} {variables:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn events_name_the_pull_request() {
        for (event, expected) in [
            (r#"{"number": 1, "pull_request": {"number": 4}}"#, Some(4)),
            (r#"{"issue": {"number": 5, "pull_request": {}}}"#, Some(5)),
            (r#"{"issue": {"number": 5}}"#, None),
            (r#"{"workflow_run": {"pull_requests": [{"number": 6}]}}"#, Some(6)),
            (
                r#"{"workflow_run": {"pull_requests": [{"number": 6}, {"number": 7}]}}"#,
                None,
            ),
            (r#"{"workflow_run": {"pull_requests": []}}"#, None),
            (r#"{"ref": "refs/heads/main"}"#, None),
        ] {
            assert_eq!(
                number_of(&serde_json::from_str(event).unwrap()),
                expected,
                "{event}"
            );
        }
    }

    #[test]
    fn the_proxy_is_that_of_the_scheme() {
        let target = |api: &str| Target {
            kind: Kind::Github,
            api: api.to_owned(),
            repository: "a/b".to_owned(),
            number: 1,
            page: None,
        };
        let variable = |name: &str| match name {
            "http_proxy" => Some("http://plain:1".to_owned()),
            "HTTPS_PROXY" => Some("http://secure:2".to_owned()),
            "no_proxy" => Some("localhost, .internal".to_owned()),
            _ => None,
        };
        let hosts = vec!["localhost".to_owned(), ".internal".to_owned()];
        assert_eq!(
            target("https://a").proxy(&variable),
            Some(("http://secure:2".to_owned(), hosts.clone()))
        );
        assert_eq!(
            target("http://127.0.0.1").proxy(&variable),
            Some(("http://plain:1".to_owned(), hosts))
        );
        assert_eq!(target("https://a").proxy(&|_| None), None);
    }
}
