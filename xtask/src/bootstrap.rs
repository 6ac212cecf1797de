//! `cargo xtask bootstrap`

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::{moto, succeeds, tf_bootstrap, workspace};

const LOCAL: &str = "--local";
const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// Makes or completes the backend of the account whose credentials are at hand; arguments go to `tf-bootstrap create`. With
/// `--local` the account is an emulated one, which ends with the command.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let program = tf_bootstrap()?;
    let (local, args): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| *arg == LOCAL);
    if local.is_empty() {
        let mut create = Command::new(program);
        return succeeds(create.current_dir(workspace()).arg("create").args(args));
    }
    let emulator = Emulator::start()?;
    println!("an emulated AWS account at {}", emulator.url);
    for (command, flags) in [
        // The files would point the roots to an account that is gone in a moment.
        ("create", vec!["--yes", "--no-files", "--no-bucket-policy"]),
        ("check", vec!["--no-bucket-policy"]),
    ] {
        let mut step = Command::new(&program);
        step.current_dir(workspace())
            .arg(command)
            .args(flags)
            .args(args.iter().filter(|_| command == "create"))
            .args(["--endpoint-url", &emulator.url])
            .env("AWS_REGION", std::env::var("AWS_REGION").unwrap_or_else(|_| "eu-west-1".to_owned()))
            // Whatever the shell has, it is nothing to an emulator.
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .env("AWS_ACCESS_KEY_ID", "local")
            .env("AWS_SECRET_ACCESS_KEY", "local");
        if !succeeds(&mut step)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Moto's server on a free port; it ends with us.
struct Emulator {
    child: Child,
    url: String,
}

impl Emulator {
    fn start() -> Result<Emulator> {
        let server = moto()?;
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .context("no free port")?
            .port();
        let child = Command::new(&server)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", server.display()))?;
        let mut emulator = Emulator {
            child,
            url: format!("http://127.0.0.1:{port}"),
        };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = emulator.child.try_wait()? {
                bail!("moto_server has ended ({status}): try it by hand, {}", server.display());
            }
            if began.elapsed() > STARTS_WITHIN {
                bail!("moto_server does not listen after {} seconds", STARTS_WITHIN.as_secs());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(emulator)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
