//! The comments below a pull request, and the one of them that we keep for each marker.
//!
//! A comment is ours where its first line is the marker *and* the token's own user or app wrote it: anybody can write a marker, and
//! what somebody else wrote is never touched.

use crate::Error;

/// How often a comment is sent that perhaps was made already.
const ATTEMPTS: u32 = 4;

/// A comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comment {
    /// Its number; later ones have greater numbers.
    pub id: u64,
    /// Who wrote it: the number of a user or of an app's user.
    pub author: u64,
    /// Its Markdown.
    pub body: String,
    /// Where people read it.
    pub url: String,
}

impl Comment {
    /// What it is found by.
    pub fn first_line(&self) -> &str {
        self.body.lines().next().unwrap_or_default().trim_end()
    }

    fn says(&self, body: &str) -> bool {
        // Forges change the ends of lines, and drop blanks at the end.
        let plain = |text: &str| text.replace("\r\n", "\n").trim_end().to_owned();
        plain(&self.body) == plain(body)
    }
}

/// A pull request, a merge request or an issue, below which comments stand.
pub trait Thread {
    /// The forge's name.
    fn forge(&self) -> &'static str;
    /// Characters that a comment may have.
    fn limit(&self) -> usize;
    /// The number of the token's own user or app.
    ///
    /// # Errors
    /// Where nobody can tell, and where no answer comes.
    fn me(&self) -> Result<u64, Error>;
    /// All comments, of everybody.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn comments(&self) -> Result<Vec<Comment>, Error>;
    /// Makes a comment.
    ///
    /// # Errors
    /// Where it was not made, or where nobody knows whether it was.
    fn create(&self, body: &str) -> Result<Comment, Error>;
    /// Gives a comment another text.
    ///
    /// # Errors
    /// Where it has not got it.
    fn update(&self, id: u64, body: &str) -> Result<Comment, Error>;
    /// Deletes a comment. One that is not there is no error.
    ///
    /// # Errors
    /// Where it is still there.
    fn delete(&self, id: u64) -> Result<(), Error>;
    /// Waits for a while, longer with each attempt.
    fn pause(&self, attempt: u32);
}

/// What became of a comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// What was done.
    pub done: Done,
    /// Where people read it.
    pub url: String,
    /// Later comments of ours with the same marker that were deleted.
    pub deleted: usize,
}

/// What was done to a comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// It was made.
    Created,
    /// It says something else now.
    Updated,
    /// It says the same already.
    Unchanged,
}

impl Done {
    /// Its name in results.
    pub fn as_str(self) -> &'static str {
        match self {
            Done::Created => "created",
            Done::Updated => "updated",
            Done::Unchanged => "unchanged",
        }
    }
}

/// Our own comments below one pull request.
pub struct Ours<'t> {
    thread: &'t dyn Thread,
    me: u64,
    comments: Vec<Comment>,
}

impl std::fmt::Debug for Ours<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ours")
            .field("comments", &self.comments)
            .finish_non_exhaustive()
    }
}

impl<'t> Ours<'t> {
    /// Reads them.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn read(thread: &'t dyn Thread) -> Result<Ours<'t>, Error> {
        let me = thread.me()?;
        let mut ours = Ours {
            thread,
            me,
            comments: Vec::new(),
        };
        ours.reread()?;
        Ok(ours)
    }

    fn reread(&mut self) -> Result<(), Error> {
        let mut comments = self.thread.comments()?;
        comments.retain(|comment| comment.author == self.me);
        comments.sort_by_key(|comment| comment.id);
        self.comments = comments;
        Ok(())
    }

    /// They, the oldest first.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    fn marked(&self, marker: &str) -> Vec<Comment> {
        let ours = self
            .comments
            .iter()
            .filter(|comment| comment.first_line() == marker);
        ours.cloned().collect()
    }

    /// Sees to it that there is exactly one comment with a marker, and that it says this. Where two runs made one each at the
    /// same time, the oldest stays: links to it go on working, and two that say different things mislead.
    ///
    /// # Errors
    /// Where that could not be done.
    pub fn keep(&mut self, marker: &str, body: &str) -> Result<Kept, Error> {
        let count = body.chars().count();
        if count > self.thread.limit() {
            return Err(Error::TooLong {
                forge: self.thread.forge(),
                count,
                limit: self.thread.limit(),
            });
        }
        let marked = self.marked(marker);
        let [oldest, later @ ..] = marked.as_slice() else {
            return self.create(marker, body);
        };
        let (done, url) = match oldest.says(body) {
            true => (Done::Unchanged, oldest.url.clone()),
            false => match self.thread.update(oldest.id, body) {
                Ok(comment) => (Done::Updated, comment.url),
                // Somebody deleted it since it was read.
                Err(error) if error.is_missing() => {
                    self.reread()?;
                    return match self.marked(marker).iter().any(|comment| comment.id == oldest.id) {
                        true => Err(error),
                        false => self.keep(marker, body),
                    };
                }
                Err(error) => return Err(error),
            },
        };
        for comment in later {
            self.thread.delete(comment.id)?;
        }
        self.comments
            .retain(|comment| comment.id == oldest.id || comment.first_line() != marker);
        Ok(Kept {
            done,
            url,
            deleted: later.len(),
        })
    }

    fn create(&mut self, marker: &str, body: &str) -> Result<Kept, Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match self.thread.create(body) {
                Ok(comment) => {
                    let url = comment.url.clone();
                    self.comments.push(comment);
                    return Ok(Kept {
                        done: Done::Created,
                        url,
                        deleted: 0,
                    });
                }
                Err(error) => error,
            };
            if !error.perhaps_done() || attempt >= ATTEMPTS {
                return Err(error);
            }
            // Whoever lost the answer cannot know whether the comment was made. Looking can.
            self.thread.pause(attempt);
            self.reread()?;
            if let [made, ..] = self.marked(marker).as_slice() {
                let url = made.url.clone();
                return match made.says(body) {
                    true => Ok(Kept {
                        done: Done::Created,
                        url,
                        deleted: 0,
                    }),
                    // Another run made one meanwhile.
                    false => self.keep(marker, body),
                };
            }
        }
    }
}
