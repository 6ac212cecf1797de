//! [GitHub](https://docs.github.com/rest/issues/comments): a pull request's comments are those of the issue of its number.

pub mod issues;

use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use crate::Error;
use crate::client::{Ask, Client, Repeat};
use crate::thread::{Comment, Thread};

/// What GitHub takes as a comment. Its message says 65,536 characters; measured were 262,144 bytes, which is as many characters of the
/// longest kind: below both is below either.
pub const COMMENT_LIMIT: usize = 65_536;

/// A repository.
#[derive(Debug)]
pub struct GitHub {
    client: Client,
    /// `owner/name`.
    repository: String,
}

/// A pull request or an issue.
#[derive(Debug)]
pub struct Issue<'g> {
    github: &'g GitHub,
    number: u64,
}

#[derive(Deserialize)]
struct ApiComment {
    id: u64,
    /// Null where the account is gone.
    user: Option<ApiUser>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    html_url: String,
}

#[derive(Clone, Debug, Deserialize)]
struct ApiUser {
    id: u64,
}

/// What somebody said of the environments that a workflow's run waited for.
#[derive(Deserialize)]
struct ApiRunReview {
    state: String,
    /// Null where the account is gone.
    user: Option<ApiLogin>,
    #[serde(default)]
    environments: Vec<ApiEnvironment>,
}

#[derive(Deserialize)]
struct ApiLogin {
    login: String,
}

#[derive(Deserialize)]
struct ApiEnvironment {
    name: String,
}

#[derive(Deserialize)]
struct Viewer {
    data: Option<ViewerData>,
}

#[derive(Deserialize)]
struct ViewerData {
    viewer: ViewerUser,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewerUser {
    database_id: u64,
}

impl From<ApiComment> for Comment {
    fn from(comment: ApiComment) -> Comment {
        Comment {
            id: comment.id,
            author: comment.user.map_or(0, |user| user.id),
            body: comment.body.unwrap_or_default(),
            url: comment.html_url,
        }
    }
}

impl GitHub {
    /// A repository by its name, `owner/name`.
    ///
    /// # Errors
    /// Where that is none.
    pub fn new(client: Client, repository: &str) -> Result<GitHub, Error> {
        let is_name = |name: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !name.is_empty() && name.chars().all(allowed) && name != "." && name != ".."
        };
        match repository.split_once('/') {
            Some((owner, name)) if is_name(owner) && is_name(name) => Ok(GitHub {
                client,
                repository: repository.to_owned(),
            }),
            _ => Err(Error::Repository(repository.to_owned())),
        }
    }

    /// The pull request or issue of a number.
    pub fn issue(&self, number: u64) -> Issue<'_> {
        Issue { github: self, number }
    }

    /// The logins of those who let a workflow's run into an
    /// [environment](https://docs.github.com/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run). GitHub does not say in
    /// which attempt.
    ///
    /// # Errors
    /// Where GitHub cannot be asked, or refuses.
    pub fn environment_approvals(&self, run: u64, environment: &str) -> Result<Vec<String>, Error> {
        let path = format!("/repos/{}/actions/runs/{run}/approvals", self.repository);
        let answer = self
            .client
            .get(&path, "asking who approved the environment of this run");
        let answer = answer.map_err(|error| {
            hinted_with(error, |status| match status {
                403 | 404 => "the token needs the permission `actions: read` (in a workflow: permissions: actions: read)",
                _ => "",
            })
        })?;
        let reviews: Vec<ApiRunReview> = self.client.read(&answer.body)?;
        let mut logins: Vec<String> = reviews
            .into_iter()
            .filter(|review| review.state == "approved")
            .filter(|review| review.environments.iter().any(|other| other.name == environment))
            .filter_map(|review| Some(review.user?.login))
            .collect();
        logins.sort();
        logins.dedup();
        Ok(logins)
    }

    /// The number of the token's own user.
    ///
    /// The token of a workflow is that of an app, which may not ask for `/user`. Everybody may ask GraphQL for the viewer.
    fn me(&self) -> Result<u64, Error> {
        let api = self.client.api();
        let address = match api.strip_suffix("/api/v3") {
            Some(server) => format!("{server}/api/graphql"),
            None => format!("{api}/graphql"),
        };
        let viewer = self.client.send(Ask {
            method: Method::POST,
            path: &address,
            body: Some(json!({ "query": "query { viewer { databaseId } }" })),
            repeat: Repeat::Harmless,
            what: "asking whose token this is",
        });
        match viewer {
            Ok(answer) => {
                if let Ok(Viewer { data: Some(data) }) = serde_json::from_slice(&answer.body) {
                    return Ok(data.viewer.database_id);
                }
            }
            Err(error @ Error::Refused { status: 401, .. }) => return Err(hinted(error)),
            Err(Error::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        let user = self.client.get("/user", "asking whose token this is");
        match user {
            Ok(answer) => Ok(self.client.read::<ApiUser>(&answer.body)?.id),
            Err(error @ Error::Refused { status: 401, .. }) => Err(hinted(error)),
            Err(Error::Refused { status, message, .. }) => Err(Error::Nobody {
                host: self.client.host(),
                problem: format!("{status}{message}"),
            }),
            Err(error) => Err(error),
        }
    }
}

/// An error with what to do about it.
fn hinted(error: Error) -> Error {
    hinted_with(error, |status| match status {
        403 => {
            "the token needs the permission `pull-requests: write` (in a workflow: permissions: pull-requests: write; for a \
             fine-grained token: Pull requests, read and write). A pull request from a fork gets a token that may only read"
        }
        404 => {
            "there is no such pull request, or the token may not see it: it needs the permission `pull-requests: write` for this \
             repository"
        }
        _ => "",
    })
}

fn hinted_with(error: Error, hint: impl Fn(u16) -> &'static str) -> Error {
    let Error::Refused {
        what,
        status,
        message,
        ..
    } = error
    else {
        return error;
    };
    let hint = match status {
        401 => "the token is not valid, or has expired",
        other => hint(other),
    };
    Error::Refused {
        what,
        status,
        message,
        hint: hint.to_owned(),
    }
}

impl Issue<'_> {
    fn send(&self, method: Method, path: &str, body: Option<&str>, what: &str) -> Result<Vec<u8>, Error> {
        let repeat = match method == Method::POST {
            true => Repeat::Doubles,
            false => Repeat::Harmless,
        };
        let what = format!("{what} {}#{}", self.github.repository, self.number);
        let answer = self.github.client.send(Ask {
            method,
            path,
            body: body.map(|body| json!({ "body": body })),
            repeat,
            what: &what,
        });
        answer.map(|answer| answer.body).map_err(hinted)
    }

    fn comment(&self, body: &[u8]) -> Result<Comment, Error> {
        Ok(self.github.client.read::<ApiComment>(body)?.into())
    }
}

impl Thread for Issue<'_> {
    fn forge(&self) -> &'static str {
        "GitHub"
    }

    fn limit(&self) -> usize {
        COMMENT_LIMIT
    }

    fn me(&self) -> Result<u64, Error> {
        self.github.me()
    }

    fn comments(&self) -> Result<Vec<Comment>, Error> {
        let GitHub { client, repository } = self.github;
        let path = format!("/repos/{repository}/issues/{}/comments?per_page=100", self.number);
        let what = format!("reading the comments of {repository}#{}", self.number);
        let comments = client.list::<ApiComment>(&path, &what).map_err(hinted)?;
        Ok(comments.into_iter().map(Comment::from).collect())
    }

    fn create(&self, body: &str) -> Result<Comment, Error> {
        let path = format!(
            "/repos/{}/issues/{}/comments",
            self.github.repository, self.number
        );
        let made = self.send(Method::POST, &path, Some(body), "a comment on")?;
        self.comment(&made)
    }

    fn update(&self, id: u64, body: &str) -> Result<Comment, Error> {
        let path = format!("/repos/{}/issues/comments/{id}", self.github.repository);
        let changed = self.send(Method::PATCH, &path, Some(body), "a change of our comment on")?;
        self.comment(&changed)
    }

    fn delete(&self, id: u64) -> Result<(), Error> {
        let path = format!("/repos/{}/issues/comments/{id}", self.github.repository);
        match self.send(Method::DELETE, &path, None, "deleting our second comment on") {
            Err(error) if error.is_missing() => Ok(()),
            other => other.map(drop),
        }
    }

    fn pause(&self, attempt: u32) {
        self.github.client.pause(attempt);
    }
}
