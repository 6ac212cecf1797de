//! [GitLab](https://docs.gitlab.com/api/notes/#merge-requests): the notes of a merge request.

use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use crate::Error;
use crate::client::{Ask, Client, Repeat, Scheme, percent_encoded};
use crate::thread::{Comment, Thread};

/// What [GitLab takes](https://docs.gitlab.com/administration/instance_limits/#size-of-comments-and-descriptions-of-issues-merge-requests-and-epics)
/// as a note, in characters.
pub const NOTE_LIMIT: usize = 1_000_000;

/// A merge request.
#[derive(Debug)]
pub struct MergeRequest {
    client: Client,
    /// The project's number, or its path in its escaped form.
    project: String,
    /// Its number in its project.
    number: u64,
    /// Where people read it, where that is known.
    page: Option<String>,
}

#[derive(Deserialize)]
struct ApiNote {
    id: u64,
    #[serde(default)]
    body: String,
    author: Option<ApiUser>,
    /// Whether GitLab itself wrote it: "changed the description".
    #[serde(default)]
    system: bool,
}

#[derive(Deserialize)]
struct ApiUser {
    id: u64,
}

#[derive(Deserialize)]
struct ApiJob {
    user: Option<ApiUser>,
}

impl MergeRequest {
    /// The merge request of a number in a project: a number, or `group/name`.
    ///
    /// # Errors
    /// Where the project is none.
    pub fn new(
        client: Client,
        project: &str,
        number: u64,
        page: Option<String>,
    ) -> Result<MergeRequest, Error> {
        let is_number = !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit());
        let is_path = project.contains('/') && project.split('/').all(|part| !part.is_empty());
        if !is_number && !is_path {
            return Err(Error::Repository(project.to_owned()));
        }
        Ok(MergeRequest {
            client,
            project: percent_encoded(project),
            number,
            page,
        })
    }

    fn path(&self) -> String {
        format!("/projects/{}/merge_requests/{}/notes", self.project, self.number)
    }

    fn comment(&self, note: ApiNote) -> Comment {
        let page = self.page.as_deref();
        Comment {
            id: note.id,
            author: note.author.map_or(0, |author| author.id),
            url: page.map_or_else(
                || format!("note {}", note.id),
                |page| format!("{page}#note_{}", note.id),
            ),
            body: note.body,
        }
    }

    fn send(&self, method: Method, path: &str, body: Option<&str>, what: &str) -> Result<Vec<u8>, Error> {
        let repeat = match method == Method::POST {
            true => Repeat::Doubles,
            false => Repeat::Harmless,
        };
        let what = format!("{what} the merge request !{}", self.number);
        let answer = self.client.send(Ask {
            method,
            path,
            body: body.map(|body| json!({ "body": body })),
            repeat,
            what: &what,
        });
        answer
            .map(|answer| answer.body)
            .map_err(|error| self.hinted(error))
    }

    fn hinted(&self, error: Error) -> Error {
        let Error::Refused {
            what,
            status,
            message,
            ..
        } = error
        else {
            return error;
        };
        let hint = match (status, self.client.scheme()) {
            (401 | 403 | 404, Scheme::JobToken) => {
                "CI_JOB_TOKEN may not write notes: make a project access token with the scope `api` and the role Reporter or higher, \
                 and give it to the job as GITLAB_TOKEN, masked"
            }
            (401, _) => "the token is not valid, or has expired",
            (403, _) => {
                "the token needs the scope `api`, and its user the role Reporter or higher in this project"
            }
            (404, _) => {
                "there is no such merge request, or the token may not see it: it needs the scope `api`, and its user the role Reporter \
                 or higher in this project"
            }
            _ => "",
        };
        Error::Refused {
            what,
            status,
            message,
            hint: hint.to_owned(),
        }
    }
}

impl Thread for MergeRequest {
    fn forge(&self) -> &'static str {
        "GitLab"
    }

    fn limit(&self) -> usize {
        NOTE_LIMIT
    }

    fn me(&self) -> Result<u64, Error> {
        let what = "asking whose token this is";
        // A job's token is that of who started it, and may ask for its job only.
        let user = match self.client.scheme() {
            Scheme::JobToken => {
                let answer = self
                    .client
                    .get("/job", what)
                    .map_err(|error| self.hinted(error))?;
                self.client.read::<ApiJob>(&answer.body)?.user
            }
            _ => {
                let answer = self
                    .client
                    .get("/user", what)
                    .map_err(|error| self.hinted(error))?;
                Some(self.client.read::<ApiUser>(&answer.body)?)
            }
        };
        user.map(|user| user.id).ok_or_else(|| Error::Nobody {
            host: self.client.host(),
            problem: "the job has no user".to_owned(),
        })
    }

    fn comments(&self) -> Result<Vec<Comment>, Error> {
        let path = format!("{}?order_by=created_at&sort=asc&per_page=100", self.path());
        let what = format!("reading the notes of the merge request !{}", self.number);
        let notes = self.client.list::<ApiNote>(&path, &what);
        let notes = notes.map_err(|error| self.hinted(error))?;
        let written = notes.into_iter().filter(|note| !note.system);
        Ok(written.map(|note| self.comment(note)).collect())
    }

    fn create(&self, body: &str) -> Result<Comment, Error> {
        let made = self.send(Method::POST, &self.path(), Some(body), "a note on")?;
        Ok(self.comment(self.client.read(&made)?))
    }

    fn update(&self, id: u64, body: &str) -> Result<Comment, Error> {
        let path = format!("{}/{id}", self.path());
        let changed = self.send(Method::PUT, &path, Some(body), "a change of our note on")?;
        Ok(self.comment(self.client.read(&changed)?))
    }

    fn delete(&self, id: u64) -> Result<(), Error> {
        let path = format!("{}/{id}", self.path());
        match self.send(Method::DELETE, &path, None, "deleting our second note on") {
            Err(error) if error.is_missing() => Ok(()),
            other => other.map(drop),
        }
    }

    fn pause(&self, attempt: u32) {
        self.client.pause(attempt);
    }
}
