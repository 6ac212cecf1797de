//! An emulated AWS account on a free loopback port, and a second client that looks at it from outside.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value as Json;

/// The region of all tests.
pub(crate) const REGION: &str = "eu-west-1";

/// A running emulator, which ends with this value.
pub(crate) struct Emulator {
    process: Child,
    /// Its endpoint, for all services.
    pub(crate) url: String,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn tools() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.venv/moto/bin")
}

/// Starts an emulator of the checkout's `.venv/moto`.
pub(crate) fn emulator() -> Emulator {
    // The port may be taken by somebody else between these two steps; the emulator ends at once then.
    for _ in 0..5 {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut process = Command::new(tools().join("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect(
                "the emulator: python3 -m venv .venv/moto && .venv/moto/bin/pip install 'moto[server]' boto3",
            );
        // It says so when it listens. The rest is read to the end, so that it never waits for us.
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.contains("Running on http"));
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        if ready {
            return Emulator {
                process,
                url: format!("http://127.0.0.1:{port}"),
            };
        }
        let _ = process.kill();
        let _ = process.wait();
    }
    panic!("no emulator starts");
}

impl Emulator {
    /// The environment of clients.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        environment(&self.url)
    }

    /// Runs a script with boto3: `s3`, `dynamodb` and `args` are there, and what it assigns to `result` comes back.
    pub(crate) fn boto(&self, script: &str, args: &Json) -> Json {
        let prelude = "import boto3, hashlib, json, sys\ns3 = boto3.client('s3')\ndynamodb = boto3.client('dynamodb')\n\
                       args = json.loads(sys.argv[1])\nresult = None\n";
        let mut child = Command::new(tools().join("python"))
            .args(["-", &args.to_string()])
            .envs(self.environment())
            .env("AWS_DEFAULT_REGION", REGION)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let whole = format!("{prelude}{script}\nprint(json.dumps(result))\n");
        child.stdin.take().unwrap().write_all(whole.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{script}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Whether it answers.
    pub(crate) fn answers(&self) -> bool {
        TcpStream::connect(self.url.trim_start_matches("http://")).is_ok()
    }
}

/// The environment of clients of an endpoint: no other one can be reached by mistake.
pub(crate) fn environment(url: &str) -> Vec<(&'static str, String)> {
    [
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", REGION),
        ("AWS_ENDPOINT_URL", url),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}
