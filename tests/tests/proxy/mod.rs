//! A proxy between a client and the emulator that counts calls, and does something at one of them.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What happens at a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The client is killed before the call reaches AWS.
    KillBefore,
    /// The client is killed when AWS has done what was asked, and before it hears of it.
    KillAfter,
    /// Somebody presses Ctrl-C.
    Interrupt,
    /// AWS does what was asked, and the answer is lost; once.
    LoseAnswer,
    /// 500 InternalError, once.
    Internal,
    /// Access denied.
    Deny,
}

type Hook = Box<dyn Fn(&str) + Send + Sync>;

struct Shared {
    upstream: String,
    calls: AtomicUsize,
    names: Mutex<Vec<String>>,
    at: Option<(usize, Fault)>,
    hook: Option<Hook>,
    pages: bool,
    client: Mutex<Option<Child>>,
}

/// A running proxy. It serves one client.
pub(crate) struct Proxy {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A proxy that does something at call `n`, from 1, or is only counting.
    pub(crate) fn new(upstream: &str, at: Option<(usize, Fault)>) -> Proxy {
        Proxy::start(upstream, at, None, false)
    }

    /// A proxy that tells of each call before it is passed on: `PUT /bucket/key`, or `POST DynamoDB_20120810.PutItem`.
    pub(crate) fn with_hook(upstream: &str, hook: impl Fn(&str) + Send + Sync + 'static) -> Proxy {
        Proxy::start(upstream, None, Some(Box::new(hook)), false)
    }

    /// A proxy that asks for pages of two wherever the client asks for a list.
    pub(crate) fn with_small_pages(upstream: &str) -> Proxy {
        Proxy::start(upstream, None, None, true)
    }

    fn start(upstream: &str, at: Option<(usize, Fault)>, hook: Option<Hook>, pages: bool) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            calls: AtomicUsize::new(0),
            names: Mutex::default(),
            at,
            hook,
            pages,
            client: Mutex::default(),
        });
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = of_thread.clone();
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Proxy { url, shared }
    }

    /// Runs a client to its end: exit code, standard output, standard error.
    pub(crate) fn run(&self, command: &mut Command) -> (Option<i32>, String, String) {
        let (mut out, mut err) = {
            // Held until the process is known: the first call may be the one at which it dies.
            let mut client = self.shared.client.lock().unwrap();
            let mut child = command.spawn().unwrap();
            let pipes = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
            *client = Some(child);
            pipes
        };
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).map(|_| text).unwrap_or_default()
        });
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        let errors = errors.join().unwrap();
        let status = self.shared.client.lock().unwrap().take().unwrap().wait().unwrap();
        (status.code(), text, errors)
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.shared.calls.load(Ordering::SeqCst)
    }

    /// What was called.
    pub(crate) fn names(&self) -> Vec<String> {
        self.shared.names.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    while let Some((head, body)) = request(&mut stream) {
        let call = shared.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let name = name(&head);
        shared.names.lock().unwrap().push(name.clone());
        if let Some(hook) = &shared.hook {
            hook(&name);
        }
        let fault = shared.at.filter(|(at, _)| *at == call).map(|(_, fault)| fault);
        match fault {
            Some(Fault::KillBefore) => {
                kill(shared);
                return;
            }
            Some(Fault::Interrupt) => {
                let id = shared
                    .client
                    .lock()
                    .unwrap()
                    .as_ref()
                    .map(|child| child.id().to_string());
                let killed = id.map(|id| Command::new("kill").args(["-INT", &id]).status());
                assert!(killed.is_none_or(|status| status.is_ok()));
            }
            Some(Fault::Internal) => {
                answer(&mut stream, "500 Internal Server Error", &head, "InternalError");
                continue;
            }
            Some(Fault::Deny) => {
                let code = if head.contains("x-amz-target") {
                    "AccessDeniedException"
                } else {
                    "AccessDenied"
                };
                let status = if head.contains("x-amz-target") {
                    "400 Bad Request"
                } else {
                    "403 Forbidden"
                };
                answer(&mut stream, status, &head, code);
                continue;
            }
            _ => {}
        }
        let reply = match shared.pages {
            true => {
                let (head, body) = small_page(&head, body);
                forward(shared, &head, &body)
            }
            false => forward(shared, &head, &body),
        };
        match fault {
            Some(Fault::KillAfter) => {
                kill(shared);
                return;
            }
            Some(Fault::LoseAnswer) => return,
            _ => {}
        }
        // The emulator closes after each answer, and so do we.
        let _ = stream.write_all(&reply);
        return;
    }
}

fn kill(shared: &Shared) {
    if let Some(child) = shared.client.lock().unwrap().as_mut() {
        let _ = child.kill();
    }
}

/// The head and the body of the next request.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut byte = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = header(&head, "content-length")
        .and_then(|value| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    if header(&head, "expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    }
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn name(head: &str) -> String {
    let mut words = head.split_whitespace();
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    format!("{method} {}", header(head, "x-amz-target").unwrap_or(path))
}

/// The same request for a page of two.
fn small_page(head: &str, body: Vec<u8>) -> (String, Vec<u8>) {
    if head.contains(".Scan\r\n") {
        let text = String::from_utf8(body).unwrap().replacen('{', "{\"Limit\":2,", 1);
        let lines = head
            .split("\r\n")
            .map(|line| match line.to_lowercase().starts_with("content-length:") {
                true => format!("content-length: {}", text.len()),
                false => line.to_owned(),
            });
        return (lines.collect::<Vec<_>>().join("\r\n"), text.into_bytes());
    }
    let head = ["?list-type=2", "?versions"]
        .iter()
        .fold(head.to_owned(), |head, query| {
            head.replacen(query, &format!("{query}&max-keys=2"), 1)
        });
    (head, body)
}

fn forward(shared: &Shared, head: &str, body: &[u8]) -> Vec<u8> {
    let mut upstream = TcpStream::connect(&shared.upstream).unwrap();
    let mut lines: Vec<&str> = head
        .trim_end()
        .split("\r\n")
        .filter(|line| {
            !["connection:", "expect:"]
                .iter()
                .any(|name| line.to_lowercase().starts_with(name))
        })
        .collect();
    lines.push("connection: close");
    upstream
        .write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes())
        .unwrap();
    upstream.write_all(body).unwrap();
    let mut reply = Vec::new();
    let _ = upstream.read_to_end(&mut reply);
    reply
}

fn answer(stream: &mut TcpStream, status: &str, head: &str, code: &str) {
    let (kind, body) = match header(head, "x-amz-target") {
        Some(_) => (
            "application/x-amz-json-1.0",
            format!(
                "{{\"__type\":\"com.amazonaws.dynamodb.v20120810#{code}\",\"message\":\"by the proxy\"}}"
            ),
        ),
        None if head.starts_with("POST / ") => (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Code>{code}</Code><Message>by the proxy</Message></Error></ErrorResponse>"
            ),
        ),
        None => (
            "application/xml",
            format!("<Error><Code>{code}</Code><Message>by the proxy</Message></Error>"),
        ),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
}
