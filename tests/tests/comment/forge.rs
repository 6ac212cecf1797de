//! A forge on this machine: as much of the APIs of GitHub and GitLab as comments need, with faults to order.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// Whose token it is.
pub(crate) const ME: u64 = 41_898_282;
/// Somebody else.
pub(crate) const STRANGER: u64 = 7;
pub(crate) const TOKEN: &str = "ghs_TheTokenThatNobodySees0123456789";

#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) id: u64,
    pub(crate) author: u64,
    pub(crate) body: String,
    pub(crate) system: bool,
}

/// An issue.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) number: u64,
    pub(crate) author: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) open: bool,
}

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is answered with this, and not done.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection is closed, and nothing is done.
    Drop,
    /// It is done, and the connection is closed.
    DoneThenDrop,
    /// It is done, and answered with this status.
    DoneThen(u16),
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) notes: Vec<Note>,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) log: Vec<Request>,
    /// For requests of a method, in order.
    pub(crate) faults: HashMap<&'static str, VecDeque<Fault>>,
    /// Comments on a page.
    pub(crate) page: usize,
    /// What the address of the next page begins with; else the forge itself.
    pub(crate) next_at: Option<String>,
    /// Whether GraphQL says whose token it is.
    pub(crate) graphql: bool,
    /// Whether `/user` does.
    pub(crate) user: bool,
    /// Where the repository is now, if it moved.
    pub(crate) moved: Option<String>,
}

pub(crate) struct Forge {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Forge {
    pub(crate) fn start() -> Forge {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            page: 2,
            graphql: true,
            ..State::default()
        }));
        let (shared, base) = (Arc::clone(&state), url.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, base) = (Arc::clone(&shared), base.clone());
                std::thread::spawn(move || serve(stream, &state, &base));
            }
        });
        Forge { url, state }
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap())
    }

    pub(crate) fn fault(&self, method: &'static str, faults: impl IntoIterator<Item = Fault>) {
        self.with(|state| state.faults.entry(method).or_default().extend(faults));
    }

    pub(crate) fn write(&self, author: u64, body: &str) -> u64 {
        self.with(|state| state.write(author, body))
    }

    pub(crate) fn notes(&self) -> Vec<(u64, String)> {
        self.with(|state| {
            state
                .notes
                .iter()
                .map(|note| (note.id, note.body.clone()))
                .collect()
        })
    }

    /// Methods and paths of what changes something.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.with(|state| {
            let writes = state
                .log
                .iter()
                .filter(|one| one.method != "GET" && !one.path.ends_with("/graphql"));
            writes.map(|one| format!("{} {}", one.method, one.path)).collect()
        })
    }
}

impl State {
    fn write(&mut self, author: u64, body: &str) -> u64 {
        let id = 100 + self.notes.iter().map(|note| note.id).max().unwrap_or(0);
        self.notes.push(Note {
            id,
            author,
            body: body.to_owned(),
            system: false,
        });
        id
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, base: &str) {
    let Some(request) = read(&stream) else { return };
    let mut state = state.lock().unwrap();
    state.log.push(request.clone());
    let fault = match request.path.ends_with("/graphql") {
        true => None,
        false => state
            .faults
            .get_mut(&*request.method)
            .and_then(VecDeque::pop_front),
    };
    let (status, headers, body) = match fault {
        Some(Fault::Drop) => return,
        Some(Fault::Answer(status, headers, body)) => (status, headers, body),
        Some(Fault::DoneThenDrop) => {
            answer(&mut state, &request, base);
            return;
        }
        Some(Fault::DoneThen(status)) => {
            answer(&mut state, &request, base);
            (status, Vec::new(), "{}".to_owned())
        }
        None => answer(&mut state, &request, base),
    };
    drop(state);
    let mut text = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes());
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        path,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}

type Answer = (u16, Vec<(&'static str, String)>, String);

fn just(status: u16, body: Value) -> Answer {
    (status, Vec::new(), body.to_string())
}

fn answer(state: &mut State, request: &Request, base: &str) -> Answer {
    let Request {
        method,
        path,
        headers,
        body,
    } = request;
    let is_gitlab = path.starts_with("/api/v4");
    let sent = ["authorization", "private-token", "job-token"]
        .iter()
        .find_map(|name| headers.get(*name))
        .map(|value| value.trim_start_matches("Bearer "));
    if path.starts_with("/hook/") {
        return match sent {
            None => just(200, json!("ok")),
            Some(_) => just(400, json!({ "message": "whose token is this?" })),
        };
    }
    if sent != Some(TOKEN) {
        return just(401, json!({ "message": "Bad credentials" }));
    }
    let (route, query) = path.split_once('?').unwrap_or((path, ""));
    if route.ends_with("/graphql") {
        return match state.graphql {
            true => just(200, json!({ "data": { "viewer": { "databaseId": ME } } })),
            false => just(
                403,
                json!({ "message": "Resource not accessible by integration" }),
            ),
        };
    }
    if let ("/user" | "/api/v4/user" | "/api/v3/user", true) = (route, state.user) {
        return just(200, json!({ "id": ME, "login": "robot" }));
    }
    if route == "/api/v4/job" && headers.contains_key("job-token") {
        return just(200, json!({ "id": 1, "user": { "id": ME } }));
    }
    if let Some(moved) = state.moved.clone().filter(|_| route.contains("/repos/old/name/")) {
        let to = format!("{base}{}", path.replace("/repos/old/name", &moved));
        let status = if method == "GET" { 301 } else { 307 };
        return (status, vec![("location", to)], String::new());
    }
    let text = || -> String {
        let sent: Value = serde_json::from_str(body).unwrap_or_default();
        sent["body"].as_str().unwrap_or_default().to_owned()
    };
    let all = [
        "/repos/o/r/issues/5/comments",
        "/repositories/9/issues/5/comments",
        "/api/v3/repos/o/r/issues/5/comments",
        "/api/v4/projects/4/merge_requests/5/notes",
        "/api/v4/projects/g%2Fp/merge_requests/5/notes",
    ];
    if all.contains(&route) {
        return match &**method {
            "GET" => page(state, route, query, base, is_gitlab),
            "POST" => {
                let id = state.write(ME, &text());
                just(
                    201,
                    shown(state.notes.iter().find(|note| note.id == id).unwrap(), is_gitlab),
                )
            }
            _ => just(405, json!({})),
        };
    }
    if let Some(number) = route.strip_prefix("/repos/o/r/issues")
        && !number.contains("comments")
    {
        return tickets(state, method, number, query, body, base);
    }
    let id = route.rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
    let Some(at) = state.notes.iter().position(|note| Some(note.id) == id) else {
        return just(404, json!({ "message": "Not Found" }));
    };
    match (&**method, is_gitlab) {
        ("DELETE", _) => {
            state.notes.remove(at);
            (204, Vec::new(), String::new())
        }
        ("PATCH", false) | ("PUT", true) => {
            state.notes[at].body = text();
            just(200, shown(&state.notes[at], is_gitlab))
        }
        _ => just(405, json!({})),
    }
}

/// Issues: a list, page by page, with a pull request among them; one more; and a change of one.
fn tickets(state: &mut State, method: &str, number: &str, query: &str, body: &str, base: &str) -> Answer {
    let shown = |ticket: &Ticket| {
        json!({ "number": ticket.number, "title": ticket.title, "body": ticket.body, "user": { "id": ticket.author },
            "state": if ticket.open { "open" } else { "closed" }, "html_url": format!("https://github.example/o/r/issues/{}", ticket.number) })
    };
    let sent: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| sent[name].as_str().map(str::to_owned);
    match (method, number) {
        ("GET", "") => {
            assert!(query.contains("state=open"), "{query}");
            let page: usize = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("page=")?.parse().ok())
                .unwrap_or(1);
            let open: Vec<&Ticket> = state.tickets.iter().filter(|ticket| ticket.open).collect();
            let mut shown: Vec<Value> = open
                .iter()
                .skip((page - 1) * state.page)
                .take(state.page)
                .map(|ticket| shown(ticket))
                .collect();
            if page == 1 {
                shown.push(json!({ "number": 9_999, "title": "x", "body": "<!-- plumbline:drift -->\nx", "user": { "id": ME }, "pull_request": {} }));
            }
            let mut headers = Vec::new();
            if open.len() > page * state.page {
                headers.push((
                    "link",
                    format!(
                        "<{base}/repos/o/r/issues?state=open&per_page=100&page={}>; rel=\"next\"",
                        page + 1
                    ),
                ));
            }
            (200, headers, Value::from(shown).to_string())
        }
        ("POST", "") => {
            let ticket = Ticket {
                number: 100 + state.tickets.len() as u64,
                author: ME,
                title: text("title").unwrap(),
                body: text("body").unwrap(),
                open: true,
            };
            let answer = just(201, shown(&ticket));
            state.tickets.push(ticket);
            answer
        }
        ("PATCH", number) => {
            let number: u64 = number.trim_start_matches('/').parse().unwrap();
            let Some(ticket) = state.tickets.iter_mut().find(|ticket| ticket.number == number) else {
                return just(404, json!({ "message": "Not Found" }));
            };
            ticket.title = text("title").unwrap_or_else(|| ticket.title.clone());
            ticket.body = text("body").unwrap_or_else(|| ticket.body.clone());
            ticket.open = text("state").map_or(ticket.open, |state| state == "open");
            just(200, shown(ticket))
        }
        _ => just(405, json!({})),
    }
}

/// A page, with the address of the next one as [GitHub](https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api)
/// gives it.
fn page(state: &State, route: &str, query: &str, base: &str, is_gitlab: bool) -> Answer {
    let number = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page=")?.parse().ok());
    let number: usize = number.unwrap_or(1);
    let notes: Vec<Value> = state
        .notes
        .iter()
        .skip((number - 1) * state.page)
        .take(state.page)
        .map(|note| shown(note, is_gitlab))
        .collect();
    let mut headers = Vec::new();
    if state.notes.len() > number * state.page {
        let base = state.next_at.as_deref().unwrap_or(base);
        headers.push((
            "link",
            format!(
                "<{base}{route}?per_page=100&page=1>; rel=\"first\", <{base}{route}?per_page=100&page={}>; rel=\"next\"",
                number + 1
            ),
        ));
    }
    (200, headers, Value::from(notes).to_string())
}

fn shown(note: &Note, is_gitlab: bool) -> Value {
    match is_gitlab {
        true => {
            json!({ "id": note.id, "body": note.body, "author": { "id": note.author }, "system": note.system })
        }
        false => json!({
            "id": note.id, "body": note.body, "user": { "id": note.author, "login": "x" },
            "html_url": format!("https://github.example/o/r/pull/5#issuecomment-{}", note.id)
        }),
    }
}
