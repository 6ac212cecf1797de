//! Running a child so that it can be stopped as a person would stop it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long a child that was asked to stop may take for putting its state in order.
const GRACE: Duration = Duration::from_secs(120);

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

/// Runs a child to its end. It has no standard input, a process group of its own (so that Ctrl-C reaches it once, from us), and
/// `line` gets each line of its standard output.
pub(crate) fn run(
    command: &mut Command,
    stop: &Stop,
    limit: Option<Duration>,
    mut line: impl FnMut(Vec<u8>),
) -> std::io::Result<Finished> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
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
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let over = Mutex::new(false);
    let ended = Condvar::new();
    let timed_out = Mutex::new(false);
    let result = thread::scope(|scope| {
        let errors = scope.spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.map(|mut stderr| stderr.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        });
        if let Some(limit) = limit {
            let (over, ended, timed_out) = (&over, &ended, &timed_out);
            scope.spawn(move || {
                for (wait, signal) in [(limit, Signal::INT), (GRACE, Signal::KILL)] {
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
        if let Some(stdout) = stdout {
            for text in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                line(text);
            }
        }
        let status = child.wait();
        *over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        ended.notify_all();
        let stderr = errors.join().unwrap_or_default();
        status.map(|status| (status, stderr))
    });
    stop.state().children.retain(|other| *other != pid);
    let (status, stderr) = result?;
    Ok(Finished {
        status,
        stderr,
        timed_out: timed_out.into_inner().unwrap_or_else(PoisonError::into_inner),
    })
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

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lines_and_errors_are_kept_apart() {
        let mut lines = Vec::new();
        let finished = run(
            &mut shell("echo a; echo b >&2; echo c; exit 3"),
            &Stop::new(),
            None,
            |line| lines.push(line),
        )
        .unwrap();
        assert_eq!(lines, [b"a", b"c"]);
        assert_eq!(
            (finished.stderr.as_str(), finished.status.code()),
            ("b\n", Some(3))
        );
        assert!(!finished.timed_out);
    }

    #[test]
    fn a_request_is_one_interrupt() {
        let stop = Stop::new();
        let count = "n=0; trap 'n=$((n+1)); echo got $n; [ $n = 2 ] && exit 9' INT; echo ready; while :; do sleep 0.05; done";
        let mut lines = Vec::new();
        let finished = run(&mut shell(count), &stop, None, |line| {
            lines.push(String::from_utf8(line).unwrap());
            stop.request();
        })
        .unwrap();
        assert_eq!(lines, ["ready", "got 1", "got 2"]);
        // Its second trap ends it, or the third request, whichever the system delivers first.
        assert!(finished.status.code().is_none_or(|code| code == 9));
        assert!(stop.is_requested());
        assert!(run(&mut shell("true"), &stop, None, |_| ()).is_err());
    }

    #[test]
    fn who_takes_too_long_is_stopped() {
        let limit = Some(Duration::from_millis(50));
        let finished = run(
            &mut shell("trap 'exit 4' INT; while :; do sleep 0.01; done"),
            &Stop::new(),
            limit,
            |_| (),
        );
        let finished = finished.unwrap();
        assert!(finished.timed_out);
        assert_eq!(finished.status.code(), Some(4));
    }
}
