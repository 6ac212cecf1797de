//! A proxy between a client and the emulator that counts calls, and does something at one of them.

#![allow(dead_code, reason = "each test that includes this uses a part of it")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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
    /// 500 InternalError.
    Internal,
    /// Too many calls.
    Throttle,
    /// Somebody else is changing the same thing: S3's 409 OperationAborted, IAM's ConcurrentModification, DynamoDB's
    /// ResourceInUseException. Other calls have no such answer, and are passed on.
    Aborted,
    /// The call never reaches AWS: the connection is closed.
    Drop,
    /// AWS does what was asked, and its answer breaks off in the middle.
    BreakOff,
    /// The answer takes so long.
    Slow(Duration),
    /// Access denied, and everything goes on.
    Deny,
    /// Access denied. The client hears of it when everything that it had sent has arrived, and hears nothing else from then on: what it
    /// sends later, it sends although it knows; see [`Proxy::late`].
    DenyAndHold,
}

/// To which calls something happens.
enum At {
    /// To none.
    Never,
    /// To the call of this number.
    Call(usize),
    /// To the change of this number.
    Change(usize),
    /// To each call, and to none when it is made again.
    Each(Mutex<BTreeMap<Vec<u8>, usize>>),
    /// To all calls whose name begins so.
    Named(String),
}

type Hook = Box<dyn Fn(&str) + Send + Sync>;

struct Shared {
    upstream: String,
    calls: AtomicUsize,
    names: Mutex<Vec<String>>,
    at: At,
    fault: Option<Fault>,
    hook: Option<Hook>,
    pages: bool,
    client: Mutex<Option<Child>>,
    /// Access is about to be denied: no other call is answered any more.
    denying: AtomicBool,
    /// Access was denied.
    denied: AtomicBool,
    late: Mutex<Vec<String>>,
    /// Calls that have come and are not answered yet.
    open: AtomicUsize,
}

/// A running proxy. It serves one client.
pub(crate) struct Proxy {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A proxy that does something at call `n`, from 1, or is only counting.
    pub(crate) fn new(upstream: &str, at: Option<(usize, Fault)>) -> Proxy {
        match at {
            Some((call, fault)) => Proxy::start(upstream, At::Call(call), Some(fault), None, false),
            None => Proxy::start(upstream, At::Never, None, None, false),
        }
    }

    /// A proxy that does something at the call that is the n-th to change something, from 1.
    pub(crate) fn at_change(upstream: &str, n: usize, fault: Fault) -> Proxy {
        Proxy::start(upstream, At::Change(n), Some(fault), None, false)
    }

    /// A proxy that does something at each call, once: the same call made again is passed on.
    pub(crate) fn at_each(upstream: &str, fault: Fault) -> Proxy {
        Proxy::start(upstream, At::Each(Mutex::default()), Some(fault), None, false)
    }

    /// A proxy that does something at all calls whose names begin so, whenever they are made.
    pub(crate) fn at_all(upstream: &str, name: &str, fault: Fault) -> Proxy {
        Proxy::start(upstream, At::Named(name.to_owned()), Some(fault), None, false)
    }

    /// A proxy that tells of each call before it is passed on: `PUT /bucket/key`, or `POST DynamoDB_20120810.PutItem`.
    pub(crate) fn with_hook(upstream: &str, hook: impl Fn(&str) + Send + Sync + 'static) -> Proxy {
        Proxy::start(upstream, At::Never, None, Some(Box::new(hook)), false)
    }

    /// A proxy that asks for pages of two wherever the client asks for a list.
    pub(crate) fn with_small_pages(upstream: &str) -> Proxy {
        Proxy::start(upstream, At::Never, None, None, true)
    }

    fn start(upstream: &str, at: At, fault: Option<Fault>, hook: Option<Hook>, pages: bool) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            calls: AtomicUsize::new(0),
            names: Mutex::default(),
            at,
            fault,
            hook,
            pages,
            client: Mutex::default(),
            denying: AtomicBool::new(false),
            denied: AtomicBool::new(false),
            late: Mutex::default(),
            open: AtomicUsize::new(0),
        });
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = of_thread.clone();
                std::thread::spawn(move || {
                    let open = Open::new(&shared);
                    serve(stream, &shared);
                    drop(open);
                });
            }
        });
        Proxy { url, shared }
    }

    /// Runs a client to its end, and until all that it asked for is done: exit code, standard output, standard error.
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
        // What a client had sent when it was killed still arrives, and is not to arrive in the middle of the next run.
        let patience = Instant::now();
        while self.shared.open.load(Ordering::SeqCst) > 0 && patience.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(2));
        }
        (status.code(), text, errors)
    }

    /// How many calls there were.
    pub(crate) fn calls(&self) -> usize {
        self.shared.calls.load(Ordering::SeqCst)
    }

    /// What was called: `PUT /bucket/?versioning`, `POST TrentService.CreateKey`, or `POST CreateRole`.
    pub(crate) fn names(&self) -> Vec<String> {
        self.shared.names.lock().unwrap().clone()
    }

    /// Calls that change something, in their order.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.names().into_iter().filter(|name| is_change(name)).collect()
    }

    /// Changes that were asked for after access was denied. None of them was passed on.
    pub(crate) fn late(&self) -> Vec<String> {
        self.shared.late.lock().unwrap().clone()
    }
}

/// Whether a call changes something.
pub(crate) fn is_change(name: &str) -> bool {
    let (method, what) = name.split_once(' ').unwrap_or((name, ""));
    let operation = what.rsplit('.').next().unwrap_or_default();
    match method {
        "GET" | "HEAD" => false,
        "POST" if !what.starts_with('/') => !["Get", "List", "Describe", "Scan", "Query"]
            .iter()
            .any(|verb| operation.starts_with(verb)),
        _ => true,
    }
}

/// Counts while it lives.
struct Open<'a>(&'a AtomicUsize);

impl<'a> Open<'a> {
    fn new(shared: &'a Shared) -> Open<'a> {
        shared.open.fetch_add(1, Ordering::SeqCst);
        Open(&shared.open)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let Some((head, body)) = request(&mut stream) else {
        return;
    };
    let name = name(&head, &body);
    if shared.denied.load(Ordering::SeqCst) {
        // One more question is allowed: whose bucket is it?
        match is_change(&name) {
            true => shared.late.lock().unwrap().push(name),
            false => drop(stream.write_all(&forward(shared, &head, &body))),
        }
        return;
    }
    let (call, change) = {
        // Numbers and names in the same order.
        let mut names = shared.names.lock().unwrap();
        names.push(name.clone());
        let changes = names.iter().filter(|name| is_change(name)).count();
        (shared.calls.fetch_add(1, Ordering::SeqCst) + 1, changes)
    };
    if let Some(hook) = &shared.hook {
        hook(&name);
    }
    let fault = shared.fault.filter(|_| match &shared.at {
        At::Never => false,
        At::Call(number) => *number == call,
        At::Change(number) => *number == change && is_change(&name),
        At::Named(begin) => name.starts_with(begin.as_str()),
        At::Each(made) => {
            let id = [name.as_bytes(), region(&head).as_bytes(), &body].concat();
            let mut made = made.lock().unwrap();
            let times = made.entry(id).or_default();
            *times += 1;
            !times.is_multiple_of(2)
        }
    });
    match fault {
        Some(Fault::KillBefore) => return kill(shared),
        Some(Fault::Drop) => return,
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
        Some(Fault::Slow(time)) => std::thread::sleep(time),
        Some(Fault::DenyAndHold) => {
            shared.denying.store(true, Ordering::SeqCst);
            quiet(shared);
            shared.denied.store(true, Ordering::SeqCst);
        }
        _ => {}
    }
    if let Some((status, code)) = fault.and_then(|fault| error(fault, &head)) {
        answer(&mut stream, status, &head, code);
        return;
    }
    let reply = match shared.pages {
        true => {
            let (head, body) = small_page(&head, body);
            forward(shared, &head, &body)
        }
        false => forward(shared, &head, &body),
    };
    match fault {
        Some(Fault::KillAfter) => kill(shared),
        Some(Fault::LoseAnswer) => {}
        Some(Fault::BreakOff) => drop(stream.write_all(&reply[..reply.len() - reply.len() / 3])),
        _ if shared.denying.load(Ordering::SeqCst) => {
            // Until the client ends.
            let _ = stream.read(&mut [0]);
        }
        // The emulator closes after each answer, and so do we.
        _ => drop(stream.write_all(&reply)),
    }
}

/// Waits until no call has come for a while.
fn quiet(shared: &Shared) {
    let mut seen = 0;
    while seen != shared.calls.load(Ordering::SeqCst) {
        seen = shared.calls.load(Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(150));
    }
}

/// Whether DynamoDB answers so while somebody else changes the table.
fn is_busy(head: &str) -> bool {
    ["UpdateTable", "UpdateContinuousBackups", "TagResource"]
        .iter()
        .any(|operation| head.contains(&format!("DynamoDB_20120810.{operation}")))
}

/// The service's words for a fault: status and code.
fn error(fault: Fault, head: &str) -> Option<(&'static str, &'static str)> {
    let json = header(head, "x-amz-target").is_some();
    let form = !json && head.starts_with("POST / ");
    match (fault, json, form) {
        (Fault::Internal, ..) => Some(("500 Internal Server Error", "InternalError")),
        (Fault::DenyAndHold | Fault::Deny, true, _) => Some(("400 Bad Request", "AccessDeniedException")),
        (Fault::DenyAndHold | Fault::Deny, ..) => Some(("403 Forbidden", "AccessDenied")),
        (Fault::Throttle, true, _) => Some(("400 Bad Request", "ThrottlingException")),
        (Fault::Throttle, _, true) => Some(("400 Bad Request", "Throttling")),
        (Fault::Throttle, ..) => Some(("503 Slow Down", "SlowDown")),
        (Fault::Aborted, true, _) if is_busy(head) => Some(("400 Bad Request", "ResourceInUseException")),
        (Fault::Aborted, _, true) if signed_for(head, "iam") => {
            Some(("409 Conflict", "ConcurrentModification"))
        }
        (Fault::Aborted, false, false) => Some(("409 Conflict", "OperationAborted")),
        _ => None,
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

fn name(head: &str, body: &[u8]) -> String {
    let mut words = head.split_whitespace();
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    let form = || {
        let body = std::str::from_utf8(body).ok().filter(|_| path == "/")?;
        body.split('&').find_map(|field| field.strip_prefix("Action="))
    };
    let what = header(head, "x-amz-target").or_else(form).unwrap_or(path);
    format!("{method} {what}")
}

/// Whether a call is signed for a service.
fn signed_for(head: &str, service: &str) -> bool {
    header(head, "authorization").is_some_and(|scope| scope.contains(&format!("/{service}/aws4_request")))
}

/// The region for which a call is signed.
fn region(head: &str) -> &str {
    let scope = header(head, "authorization").unwrap_or_default();
    scope.split('/').nth(2).unwrap_or_default()
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
    let body = match head.starts_with("HEAD ") {
        true => String::new(),
        false => body,
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}
