//! An emulated AWS account: moto's server, on a free loopback port.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Result, bail};

use crate::python;

/// Its region, where nothing says otherwise.
pub const REGION: &str = "eu-west-1";

/// What Python runs.
const SERVER: &str = include_str!("emulator.py");

/// A running emulator, empty at first. It ends with this value.
#[derive(Debug)]
pub struct Emulator {
    process: Child,
    url: String,
}

/// The folder with its programs: the server, and a Python that has boto3. Installs them where they are missing.
///
/// # Errors
/// Where they cannot be installed.
pub fn programs() -> Result<PathBuf> {
    python::programs("moto", &["moto[server]>=5.2,<6", "boto3"])
}

impl Emulator {
    /// Starts one, and waits until it answers.
    ///
    /// # Errors
    /// Where it cannot be installed or does not start.
    pub fn start() -> Result<Emulator> {
        Emulator::with_managed_policies(true)
    }

    /// Starts one without AWS's own IAM policies: it is empty again in no time.
    ///
    /// # Errors
    /// As [`Emulator::start`].
    pub fn bare() -> Result<Emulator> {
        Emulator::with_managed_policies(false)
    }

    fn with_managed_policies(load: bool) -> Result<Emulator> {
        let python = programs()?.join("python");
        // Somebody else may take the port between these two steps; the server then ends at once.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let mut process = Command::new(&python)
                .args(["-c", SERVER, "-H", "127.0.0.1", "-p", &port.to_string()])
                .env(
                    "MOTO_IAM_LOAD_MANAGED_POLICIES",
                    if load { "true" } else { "false" },
                )
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()?;
            let mut lines = process
                .stderr
                .take()
                .into_iter()
                .flat_map(|it| BufReader::new(it).lines());
            let listens = lines
                .by_ref()
                .map_while(Result::ok)
                .any(|line| line.contains("Running on http"));
            // Read to the end, or it would wait for us one day.
            std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
            let emulator = Emulator {
                process,
                url: format!("http://127.0.0.1:{port}"),
            };
            if listens {
                return Ok(emulator);
            }
        }
        bail!(
            "the emulator does not start: try {} -m moto.server -p 0",
            python.display()
        )
    }

    /// The endpoint of all services.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for its end, which a signal brings.
    ///
    /// # Errors
    /// Where the operating system does not let us wait.
    pub fn wait(mut self) -> Result<()> {
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The environment of an endpoint's clients, in which nothing leads to another one.
pub fn environment(url: &str) -> Vec<(String, String)> {
    [
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", REGION),
        ("AWS_ENDPOINT_URL", url),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}
