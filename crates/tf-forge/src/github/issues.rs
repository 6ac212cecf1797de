//! One [issue](https://docs.github.com/rest/issues/issues) for each marker: opened when there is something to say, updated while there
//! is, and closed when there is no more.
//!
//! An issue is ours where the first line of its text is the marker *and* the token's own user or app opened it.

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Method;

use super::{ApiUser, GitHub};
use crate::Error;
use crate::client::{Ask, Repeat};

/// How often an issue is opened that perhaps was opened already.
const ATTEMPTS: u32 = 4;

/// Characters that GitHub takes as a title.
const TITLE: usize = 256;

#[derive(Clone, Debug, Deserialize)]
struct ApiIssue {
    number: u64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: Option<String>,
    /// Null where the account is gone.
    user: Option<ApiUser>,
    #[serde(default)]
    html_url: String,
    /// Lists of issues hold pull requests too.
    #[serde(default)]
    pull_request: Option<Value>,
}

impl ApiIssue {
    fn is(&self, marker: &str, me: u64) -> bool {
        let body = self.body.as_deref().unwrap_or_default();
        self.pull_request.is_none()
            && self.user.as_ref().is_some_and(|user| user.id == me)
            && body.lines().next().unwrap_or_default().trim_end() == marker
    }
}

/// What became of the issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// There was none, and it was opened.
    Opened,
    /// It says something else now.
    Updated,
    /// It says the same already.
    Unchanged,
    /// It is closed.
    Closed,
    /// There is none, and none is needed.
    Nothing,
}

impl Done {
    /// Its name in results.
    pub fn as_str(self) -> &'static str {
        match self {
            Done::Opened => "opened",
            Done::Updated => "updated",
            Done::Unchanged => "unchanged",
            Done::Closed => "closed",
            Done::Nothing => "not needed",
        }
    }
}

/// The issue of a marker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// What was done.
    pub done: Done,
    /// Where people read it; empty where there is none.
    pub url: String,
}

impl GitHub {
    /// Sees to it that there is exactly one open issue with a marker, and that it says this. The text gets the marker as its first
    /// line. Where two runs opened one each at the same time, the oldest stays and the others are closed.
    ///
    /// # Errors
    /// Where that could not be done.
    pub fn keep_issue(&self, marker: &str, title: &str, text: &str) -> Result<Kept, Error> {
        let body = format!("{marker}\n{text}");
        let title: String = title.chars().take(TITLE).collect();
        let count = body.chars().count();
        if count > super::COMMENT_LIMIT {
            return Err(Error::TooLong {
                forge: "GitHub",
                count,
                limit: super::COMMENT_LIMIT,
            });
        }
        let me = self.me()?;
        let ours = self.ours(marker, me)?;
        let Some((oldest, later)) = ours.split_first() else {
            return self.open(marker, me, &title, &body);
        };
        for issue in later {
            self.close(issue)?;
        }
        // Forges change the ends of lines, and drop blanks at the end.
        let plain = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        let says = plain(oldest.body.as_deref().unwrap_or_default());
        if oldest.title == title && says == plain(&body) {
            return Ok(Kept {
                done: Done::Unchanged,
                url: oldest.html_url.clone(),
            });
        }
        let path = format!("/repos/{}/issues/{}", self.repository, oldest.number);
        let what = format!("a change of {}#{}", self.repository, oldest.number);
        self.ask(
            Method::PATCH,
            &path,
            json!({ "title": title, "body": body }),
            Repeat::Harmless,
            &what,
        )?;
        Ok(Kept {
            done: Done::Updated,
            url: oldest.html_url.clone(),
        })
    }

    /// Closes all our open issues with a marker.
    ///
    /// # Errors
    /// Where one of them is still open.
    pub fn close_issue(&self, marker: &str) -> Result<Kept, Error> {
        let me = self.me()?;
        let ours = self.ours(marker, me)?;
        for issue in &ours {
            self.close(issue)?;
        }
        Ok(match ours.first() {
            Some(first) => Kept {
                done: Done::Closed,
                url: first.html_url.clone(),
            },
            None => Kept {
                done: Done::Nothing,
                url: String::new(),
            },
        })
    }

    /// Our open issues with a marker, the oldest first.
    fn ours(&self, marker: &str, me: u64) -> Result<Vec<ApiIssue>, Error> {
        let path = format!("/repos/{}/issues?state=open&per_page=100", self.repository);
        let what = format!("reading the issues of {}", self.repository);
        let mut issues = self.client.list::<ApiIssue>(&path, &what).map_err(hinted)?;
        issues.retain(|issue| issue.is(marker, me));
        issues.sort_by_key(|issue| issue.number);
        // Pages shift while they are read, and one issue may be on two.
        issues.dedup_by_key(|issue| issue.number);
        Ok(issues)
    }

    fn open(&self, marker: &str, me: u64, title: &str, body: &str) -> Result<Kept, Error> {
        let path = format!("/repos/{}/issues", self.repository);
        let what = format!("opening an issue in {}", self.repository);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let asked = json!({ "title": title, "body": body });
            let error = match self.ask(Method::POST, &path, asked, Repeat::Doubles, &what) {
                Ok(made) => {
                    let made: ApiIssue = self.client.read(&made)?;
                    return Ok(Kept {
                        done: Done::Opened,
                        url: made.html_url,
                    });
                }
                Err(error) => error,
            };
            if !error.perhaps_done() || attempt >= ATTEMPTS {
                return Err(error);
            }
            // Whoever lost the answer cannot know whether it was opened. Looking can.
            self.client.pause(attempt);
            if let Some(made) = self.ours(marker, me)?.first() {
                return Ok(Kept {
                    done: Done::Opened,
                    url: made.html_url.clone(),
                });
            }
        }
    }

    fn close(&self, issue: &ApiIssue) -> Result<(), Error> {
        let path = format!("/repos/{}/issues/{}", self.repository, issue.number);
        let what = format!("closing {}#{}", self.repository, issue.number);
        let asked = json!({ "state": "closed", "state_reason": "completed" });
        self.ask(Method::PATCH, &path, asked, Repeat::Harmless, &what)
            .map(drop)
    }

    fn ask(
        &self,
        method: Method,
        path: &str,
        body: Value,
        repeat: Repeat,
        what: &str,
    ) -> Result<Vec<u8>, Error> {
        let answer = self.client.send(Ask {
            method,
            path,
            body: Some(body),
            repeat,
            what,
        });
        answer.map(|answer| answer.body).map_err(hinted)
    }
}

/// An error with what to do about it.
fn hinted(error: Error) -> Error {
    match error {
        Error::Refused {
            what,
            status,
            message,
            ..
        } => Error::Refused {
            hint: match status {
                401 => "the token is not valid, or has expired",
                403 | 404 => {
                    "the token needs the permission `issues: write` for this repository (in a workflow: permissions: issues: write)"
                }
                410 => "issues are switched off in the settings of this repository",
                _ => "",
            }
            .to_owned(),
            what,
            status,
            message,
        },
        other => other,
    }
}
