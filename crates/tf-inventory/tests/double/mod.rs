//! A double of AWS's services on a loopback port.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use tf_aws::{Blocking, Connection};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `ec2.DescribeVpcs`, or `lambda.GET /2015-03-31/functions` where a service has paths.
    pub(crate) what: String,
    pub(crate) region: String,
    /// The form, the JSON, or the query.
    pub(crate) text: String,
}

impl Asked {
    pub(crate) fn says(&self, part: &str) -> bool {
        self.text.contains(part)
    }
}

/// Status and body.
pub(crate) type Reply = (u16, String);

pub(crate) struct Double {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Double {
    pub(crate) fn new(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Double {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        let reply = Arc::new(reply);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, reply) = (kept.clone(), reply.clone());
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let request = read(&stream);
                    kept.lock().unwrap().push(request.clone());
                    let (status, body) = reply(&request);
                    let text = format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                    stream.write_all(text.as_bytes()).unwrap();
                });
            }
        });
        Double { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn connection(&self) -> Connection {
        Connection::to_emulator(&self.url, "eu-west-1")
    }
}

/// Waits for a call.
pub(crate) fn wait<F: Future>(call: F) -> F::Output {
    Blocking::new().unwrap().wait(call)
}

fn read(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    // Credential=x/20261122/eu-west-1/ec2/aws4_request
    let scope: Vec<&str> = header("authorization").split('/').collect();
    let (region, service) = (scope[2].to_owned(), scope[3]);
    let line: Vec<&str> = head.lines().next().unwrap().split(' ').collect();
    let (path, query) = line[1].split_once('?').unwrap_or((line[1], ""));
    let target = header("x-amz-target");
    let form = body.split('&').find_map(|part| part.strip_prefix("Action="));
    let (operation, text) = match (target.rsplit('.').next(), form) {
        (Some(operation), _) if !operation.is_empty() => (operation.to_owned(), body.clone()),
        (_, Some(operation)) => (operation.to_owned(), body.clone()),
        _ => (format!("{} {path}", line[0]), query.to_owned()),
    };
    Asked {
        what: format!("{service}.{operation}"),
        region,
        text,
    }
}

/// `GetCallerIdentity`'s answer.
pub(crate) fn identity() -> Reply {
    let text = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    (200, text.to_owned())
}
