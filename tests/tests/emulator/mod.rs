//! An emulated AWS account, and a second client that looks at it from outside.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value as Json;
pub(crate) use xtask::emulator::{Emulator, REGION, environment};

/// Starts an emulator, empty at first.
pub(crate) fn emulator() -> Emulator {
    Emulator::start().unwrap()
}

/// Runs a script with boto3: `s3`, `dynamodb` and `args` are there, and what it assigns to `result` comes back.
pub(crate) fn boto(url: &str, script: &str, args: &Json) -> Json {
    let prelude = "import boto3, hashlib, json, sys\ns3 = boto3.client('s3')\ndynamodb = boto3.client('dynamodb')\n\
                   args = json.loads(sys.argv[1])\nresult = None\n";
    let mut child = Command::new(xtask::emulator::programs().unwrap().join("python"))
        .args(["-", &args.to_string()])
        .envs(environment(url))
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
