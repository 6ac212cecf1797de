//! Running a child so that it can be stopped as a person would stop it.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long a child that was asked to stop may take for putting its state in order.
const GRACE: Duration = Duration::from_secs(120);

/// How long a child may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limit {
    /// Then it is asked to stop.
    pub(crate) time: Duration,
    /// So long after that, it is killed.
    pub(crate) grace: Duration,
}

impl From<Duration> for Limit {
    fn from(time: Duration) -> Limit {
        Limit { time, grace: GRACE }
    }
}

/// Asks all children that share it to stop. The first request is what Ctrl-C is to Terraform: it finishes what it is doing and
/// writes its state. The second is its second Ctrl-C, and the third ends it.
#[derive(Clone, Default, Debug)]
pub struct Stop {
    shared: Arc<Shared>,
}

#[derive(Default, Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default, Debug)]
struct State {
    requests: u32,
    children: Vec<Pid>,
}

impl Stop {
    /// One that nobody has asked for yet.
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Asks for it; each call is one Ctrl-C.
    pub fn request(&self) {
        let mut state = self.state();
        state.requests += 1;
        for child in &state.children {
            // One that has just ended is no error.
            let _ = match state.requests {
                1 | 2 => kill_process(*child, Signal::INT),
                _ => kill_process_group(*child, Signal::KILL),
            };
        }
        self.shared.changed.notify_all();
    }

    /// Whether it was asked for.
    pub fn is_requested(&self) -> bool {
        self.state().requests > 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child that has ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it wrote to standard error.
    pub stderr: String,
    /// Whether it was given up because it took too long.
    pub timed_out: bool,
}

/// Where the output of a child goes on its way to us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// Through pipes: fast, and nothing is written anywhere. A child that writes when we are gone ends with us.
    Pipes,
    /// Through files that have no name: a child that holds a lock or changes something carries on when we are killed, and puts its
    /// state and its lock in order.
    Files,
}

/// How often files are looked at for news.
const LOOK: Duration = Duration::from_millis(30);

/// Runs a child to its end. It has no standard input, a process group of its own (so that Ctrl-C reaches it once, from us), and
/// `chunk` gets its standard output in the pieces in which it comes.
pub(crate) fn run(
    command: &mut Command,
    stop: &Stop,
    limit: Option<Limit>,
    way: Way,
    mut chunk: impl FnMut(&[u8]),
) -> std::io::Result<Finished> {
    command.stdin(Stdio::null()).process_group(0);
    let files = match way {
        Way::Pipes => {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            None
        }
        Way::Files => {
            let (out, errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
            command.stdout(out.try_clone()?).stderr(errors.try_clone()?);
            Some((out, errors))
        }
    };
    let (mut child, pid) = {
        // Under the lock, so that no request falls between the start and the list.
        let mut state = stop.state();
        if state.requests > 0 {
            return Err(std::io::Error::new(
                std::io::ErrorKind::Interrupted,
                "stopped before it began",
            ));
        }
        let child = command.spawn()?;
        let pid = Pid::from_child(&child);
        state.children.push(pid);
        (child, pid)
    };
    let pipes = (child.stdout.take(), child.stderr.take());
    let over = Mutex::new(false);
    let ended = Condvar::new();
    let timed_out = Mutex::new(false);
    let result = thread::scope(|scope| {
        if let Some(limit) = limit {
            let (over, ended, timed_out) = (&over, &ended, &timed_out);
            scope.spawn(move || {
                for (wait, signal) in [(limit.time, Signal::INT), (limit.grace, Signal::KILL)] {
                    if finished_within(over, ended, wait) {
                        return;
                    }
                    *timed_out.lock().unwrap_or_else(PoisonError::into_inner) = true;
                    let _ = match signal {
                        Signal::KILL => kill_process_group(pid, signal),
                        _ => kill_process(pid, signal),
                    };
                }
            });
        }
        let end = |over: &Mutex<bool>, ended: &Condvar| {
            *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
            ended.notify_all();
        };
        match (files, pipes) {
            (None, (out, errors)) => {
                let errors = scope.spawn(move || {
                    let mut text = Vec::new();
                    let _ = errors.map(|mut errors| errors.read_to_end(&mut text));
                    text
                });
                let mut buffer = vec![0; 1 << 16];
                if let Some(mut out) = out {
                    while let Ok(read @ 1..) = out.read(&mut buffer) {
                        chunk(buffer.get(..read).unwrap_or_default());
                    }
                }
                let status = child.wait();
                end(&over, &ended);
                status.map(|status| (status, errors.join().unwrap_or_default()))
            }
            (Some((out, errors)), _) => {
                let (its_over, its_ended) = (&over, &ended);
                let waited = scope.spawn(move || {
                    let status = child.wait();
                    end(its_over, its_ended);
                    status
                });
                let mut at = 0;
                loop {
                    let is_over = finished_within(&over, &ended, LOOK);
                    at = read_on(&out, at, &mut chunk)?;
                    if is_over {
                        break;
                    }
                }
                let status = waited
                    .join()
                    .map_err(|_| std::io::Error::other("the thread that waits for it panicked"))?;
                let mut text = Vec::new();
                read_on(&errors, 0, &mut |part| text.extend_from_slice(part))?;
                status.map(|status| (status, text))
            }
        }
    });
    stop.state().children.retain(|other| *other != pid);
    let (status, stderr) = result?;
    Ok(Finished {
        status,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        timed_out: timed_out.into_inner().unwrap_or_else(PoisonError::into_inner),
    })
}

/// Reads what a file has from a place on; gives the place where it ends now.
fn read_on(file: &File, from: u64, chunk: &mut impl FnMut(&[u8])) -> std::io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut at = from;
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => return Ok(at),
            read => {
                chunk(buffer.get(..read).unwrap_or_default());
                at += read as u64;
            }
        }
    }
}

/// Makes lines of what comes in pieces.
#[derive(Default)]
pub(crate) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Gives each line that is complete, without its end.
    pub(crate) fn add(&mut self, piece: &[u8], mut line: impl FnMut(&[u8])) {
        let mut pieces = piece.split(|byte| *byte == b'\n');
        self.rest.extend_from_slice(pieces.next().unwrap_or_default());
        for next in pieces {
            line(&self.rest);
            self.rest.clear();
            self.rest.extend_from_slice(next);
        }
    }

    /// Gives the last line, where it has no end.
    pub(crate) fn finish(self, mut line: impl FnMut(&[u8])) {
        if !self.rest.is_empty() {
            line(&self.rest);
        }
    }
}

fn finished_within(over: &Mutex<bool>, ended: &Condvar, wait: Duration) -> bool {
    let deadline = Instant::now() + wait;
    let mut is_over = over.lock().unwrap_or_else(PoisonError::into_inner);
    while !*is_over {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        is_over = ended
            .wait_timeout(is_over, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the tests were started with Ctrl-C ignored, as shells start what runs in the background, children would ignore it too;
    /// what is caught here is not ignored there.
    fn shell(script: &str) -> Command {
        let caught = Arc::new(std::sync::atomic::AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGINT, caught).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_and_errors_are_kept_apart() {
        for way in [Way::Pipes, Way::Files] {
            let mut out = Vec::new();
            let mut child = shell("echo a; echo b >&2; sleep 0.1; echo c; printf d; exit 3");
            let finished = run(&mut child, &Stop::new(), None, way, |piece| {
                out.extend_from_slice(piece)
            })
            .unwrap();
            assert_eq!(out, b"a\nc\nd", "{way:?}");
            assert_eq!(
                (finished.stderr.as_str(), finished.status.code()),
                ("b\n", Some(3))
            );
            assert!(!finished.timed_out);
        }
    }

    #[test]
    fn pieces_become_lines() {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for piece in ["a", "b\n", "\ncd\ne", ""] {
            lines.add(piece.as_bytes(), |line| {
                found.push(String::from_utf8_lossy(line).into_owned())
            });
        }
        lines.finish(|line| found.push(String::from_utf8_lossy(line).into_owned()));
        assert_eq!(found, ["ab", "", "cd", "e"]);
    }

    #[test]
    fn a_request_is_one_interrupt() {
        let stop = Stop::new();
        let count = "n=0; trap 'n=$((n+1)); echo got $n; [ $n = 2 ] && exit 9' INT; echo ready; while :; do sleep 0.05; done";
        let mut out = Vec::new();
        let finished = run(&mut shell(count), &stop, None, Way::Pipes, |piece| {
            out.extend_from_slice(piece);
            stop.request();
        })
        .unwrap();
        assert_eq!(String::from_utf8_lossy(&out), "ready\ngot 1\ngot 2\n");
        // Its second trap ends it, or the third request, whichever the system delivers first.
        assert!(finished.status.code().is_none_or(|code| code == 9));
        assert!(stop.is_requested());
        assert!(run(&mut shell("true"), &stop, None, Way::Files, |_| ()).is_err());
    }

    #[test]
    fn who_takes_too_long_is_stopped() {
        let limit = Some(Duration::from_millis(50).into());
        let finished = run(
            &mut shell("trap 'exit 4' INT; while :; do sleep 0.01; done"),
            &Stop::new(),
            limit,
            Way::Files,
            |_| (),
        );
        let finished = finished.unwrap();
        assert!(finished.timed_out);
        assert_eq!(finished.status.code(), Some(4));

        // Whoever does not listen is killed, with all that it started.
        let limit = Limit {
            time: Duration::from_millis(50),
            grace: Duration::from_millis(50),
        };
        let deaf = "trap '' INT; while :; do sleep 0.01; done";
        let finished = run(&mut shell(deaf), &Stop::new(), Some(limit), Way::Files, |_| ()).unwrap();
        assert!(finished.timed_out);
        assert_eq!(finished.status.code(), None);
    }
}
