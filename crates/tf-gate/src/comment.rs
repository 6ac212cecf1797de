//! `tf-gate comment`

mod review;
mod target;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde::Deserialize;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_forge::client::{Client, Settings};
use tf_forge::github::GitHub;
use tf_forge::gitlab::MergeRequest;
use tf_forge::thread::{Ours, Thread};
use tf_forge::{Error, SystemClock};

use review::Review;
use target::{Kind, Target, Wanted};

/// Write reviews as comments on the pull request: one for each root, made or updated
///
/// Each REVIEW is a folder that `tf-gate plan` wrote. The comment of a root is found again by its hidden first line and by its author:
/// only comments of the token's own user or app are changed. In GitHub Actions and GitLab CI, the pull request is found in the
/// environment. The token comes from GH_TOKEN or GITHUB_TOKEN, which needs `pull-requests: write`, or from GITLAB_TOKEN, which needs
/// the scope `api`.
#[derive(Args, Debug)]
pub(crate) struct CommentArgs {
    /// Review folders
    #[arg(value_name = "REVIEW", required_unless_present = "changed")]
    reviews: Vec<PathBuf>,
    /// The roots that this pull request changes, as `tf-gate changed --format json` writes them: our comments about others are
    /// updated to say that they change no more
    #[arg(long, value_name = "FILE")]
    changed: Option<PathBuf>,
    /// Where the pull request is
    #[arg(long, value_enum, value_name = "FORGE")]
    forge: Option<Kind>,
    /// The repository, as owner/name; with GitLab, the project's path or number
    #[arg(long, value_name = "OWNER/NAME")]
    repository: Option<String>,
    /// The number of the pull request or merge request
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pull_request: Option<u64>,
    /// Address of the API, for GitHub Enterprise and for GitLab on a host of its own
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,
    /// How long one request may wait at most for rate limits and failures of the server, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,
    /// Print the comments instead; asks nobody, and needs no token
    #[arg(long)]
    dry_run: bool,
}

/// What `tf-gate changed --format json` writes, as far as it matters here.
#[derive(Deserialize)]
struct Changed {
    schema: String,
    roots: Vec<ChangedRoot>,
}

#[derive(Deserialize)]
struct ChangedRoot {
    root: String,
}

pub(crate) fn run(args: CommentArgs) -> anyhow::Result<Exit> {
    let reviews = read_reviews(&args.reviews)?;
    let changed = args.changed.as_ref().map(read_changed).transpose()?;
    if let Some(changed) = &changed {
        for review in &reviews {
            if !changed.contains(&review.root) {
                bail!(
                    "{} is a review of {}, which is not among the changed roots",
                    review.folder.display(),
                    review.root
                );
            }
        }
    }
    let wanted = Wanted {
        forge: args.forge,
        repository: args.repository.clone(),
        number: args.pull_request,
        api: args.api_url.clone(),
    };
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let found = Target::find(&wanted, &variable);
    if args.dry_run {
        return dry_run(&reviews, found);
    }
    let target = found?;
    let client = client(&target, &variable, Duration::from_secs(args.wait))?;
    match target.kind {
        Kind::Github => {
            let github = GitHub::new(client, &target.repository)?;
            write(&github.issue(target.number), &reviews, changed.as_deref())
        }
        Kind::Gitlab => {
            let merge_request =
                MergeRequest::new(client, &target.repository, target.number, target.page.clone())?;
            write(&merge_request, &reviews, changed.as_deref())
        }
    }
}

fn read_reviews(folders: &[PathBuf]) -> anyhow::Result<Vec<Review>> {
    let mut reviews: Vec<Review> = Vec::new();
    for folder in folders {
        let review = Review::read(folder)?;
        if let Some(other) = reviews.iter().find(|other| other.root == review.root) {
            bail!(
                "{} and {} are both reviews of {}: give one of them",
                other.folder.display(),
                folder.display(),
                review.root
            );
        }
        reviews.push(review);
    }
    Ok(reviews)
}

fn read_changed(file: &PathBuf) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let changed: Changed = serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is not what `tf-gate changed --format json` writes",
            file.display()
        )
    })?;
    if changed.schema != "plumbline.changed/1" {
        bail!(
            "{} is of the schema \"{}\", not \"plumbline.changed/1\": write it with `tf-gate changed --format json`",
            file.display(),
            changed.schema
        );
    }
    Ok(changed.roots.into_iter().map(|root| root.root).collect())
}

/// What would be sent, to standard output; where to, to standard error.
fn dry_run(reviews: &[Review], found: anyhow::Result<Target>) -> anyhow::Result<Exit> {
    let limit = match &found {
        Ok(Target {
            kind: Kind::Gitlab, ..
        }) => tf_forge::gitlab::NOTE_LIMIT,
        _ => tf_forge::github::COMMENT_LIMIT,
    };
    let place = match &found {
        Ok(target) => format!("would comment on {target}"),
        Err(error) => format!("no pull request: {error}"),
    };
    report_error(&place);
    let mut exit = Exit::Clean;
    let mut text = String::new();
    for review in reviews {
        let count = review.body.chars().count();
        if count > limit {
            let forge = match &found {
                Ok(Target {
                    kind: Kind::Gitlab, ..
                }) => "GitLab",
                _ => "GitHub",
            };
            report_error(&format!(
                "error: {}: {}",
                review.root,
                Error::TooLong { forge, count, limit }
            ));
            exit = Exit::Failed;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&review.body);
    }
    output::print(&text)?;
    Ok(exit)
}

fn client(
    target: &Target,
    variable: &dyn Fn(&str) -> Option<String>,
    patience: Duration,
) -> anyhow::Result<Client> {
    let (name, token, scheme) = target.token(variable)?;
    let token = tf_forge::Token::new(&token).with_context(|| format!("{name} cannot be used"))?;
    let settings = Settings {
        api: target.api.clone(),
        token,
        scheme,
        proxy: tf_forge::surroundings::proxy(&target.api, variable),
        patience,
    };
    Ok(Client::new(settings, Arc::new(SystemClock))?)
}

/// One root's failure does not keep the others from being written.
fn write(thread: &dyn Thread, reviews: &[Review], changed: Option<&[String]>) -> anyhow::Result<Exit> {
    let mut ours = Ours::read(thread)?;
    let mut failed = false;
    let mut keep = |ours: &mut Ours<'_>, root: &str, marker: &str, body: &str| -> anyhow::Result<()> {
        match ours.keep(marker, body) {
            Ok(kept) => {
                let more = match kept.deleted {
                    0 => String::new(),
                    1 => "; 1 later comment of ours about it deleted".to_owned(),
                    many => format!("; {many} later comments of ours about it deleted"),
                };
                output::print(&format!(
                    "{}: {} {}{more}\n",
                    plain(root),
                    kept.done.as_str(),
                    plain(&kept.url)
                ))
            }
            Err(error) => {
                report_error(&format!("error: {}: {error}", plain(root)));
                failed = true;
                Ok(())
            }
        }
    };
    for review in reviews {
        keep(&mut ours, &review.root, &review.marker, &review.body)?;
    }
    if let Some(changed) = changed {
        let mut settled: Vec<(String, String)> = ours
            .comments()
            .iter()
            .filter_map(|comment| {
                let marker = comment.first_line();
                Some((tf_review::marked(marker)?, marker.to_owned()))
            })
            .filter(|(root, _)| !changed.contains(root))
            .collect();
        settled.sort();
        settled.dedup();
        for (root, marker) in settled {
            keep(&mut ours, &root, &marker, &tf_review::unchanged(&root))?;
        }
    }
    Ok(if failed { Exit::Failed } else { Exit::Clean })
}

fn report_error(line: &str) {
    use std::io::Write;
    // Where nobody reads errors, there is nobody to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Names may hold what steers a terminal.
fn plain(text: &str) -> String {
    let escape = |letter: char| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(escape).collect()
}
