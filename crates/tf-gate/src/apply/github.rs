//! Who let a workflow's run into its environment in GitHub, after the plan was there to be read.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tf_forge::client::{Client, Settings};
use tf_forge::github::GitHub;
use tf_forge::{SystemClock, Token, surroundings};

/// How long rate limits and failures of the server are waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// The logins of those who approved.
///
/// GitHub keeps the approvals of all attempts of a run together, and a plan is made anew in each: only those of the first attempt are
/// certain to be for this plan.
pub(super) fn approved(environment: &str) -> anyhow::Result<Vec<String>> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let needed = |name: &str| {
        variable(name).with_context(|| {
            format!("--github-environment is for workflows of GitHub Actions, and {name} is not set")
        })
    };
    let repository = needed("GITHUB_REPOSITORY")?;
    let run = needed("GITHUB_RUN_ID")?;
    let number: u64 = run
        .parse()
        .with_context(|| format!("GITHUB_RUN_ID is {run:?}, which is no number"))?;
    let attempt = needed("GITHUB_RUN_ATTEMPT")?;
    if attempt != "1" {
        bail!(
            "this is attempt {attempt} of the run, and GitHub does not say in which one somebody approved: start a new run instead of \
             running this one again"
        );
    }
    let (name, token, scheme) = surroundings::token(surroundings::GITHUB_TOKENS, &variable).context(
        "no token: set GITHUB_TOKEN, in a workflow to ${{ github.token }} with permissions: actions: read",
    )?;
    let api = variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned());
    let settings = Settings {
        token: Token::new(&token).with_context(|| format!("{name} cannot be used"))?,
        scheme,
        proxy: surroundings::proxy(&api, &variable),
        patience: PATIENCE,
        api,
    };
    let client = Client::new(settings, Arc::new(SystemClock))?;
    Ok(GitHub::new(client, &repository)?.environment_approvals(number, environment)?)
}
