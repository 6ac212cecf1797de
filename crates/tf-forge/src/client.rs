//! Requests to one host, with its token.
//!
//! GitHub: [rate limits](https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). GitLab:
//! [headers](https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Uri};
use ureq::tls::{RootCerts, TlsConfig};

use crate::{Clock, Error, Token};

/// How often one request is sent at most.
const ATTEMPTS: u32 = 6;
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// GitHub asks for so much where it says "secondary rate limit" and no time.
const SECONDARY_WAIT: Duration = Duration::from_secs(60);
/// Redirects that are followed: a repository that was renamed has one.
const REDIRECTS: u32 = 3;
/// A page of a hundred comments of the greatest length, with all their characters escaped.
const LARGEST_ANSWER: u64 = 128 << 20;
/// Characters of a server's message that are shown.
const MESSAGE: usize = 300;

/// How a token is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// `Authorization: Bearer …`
    Bearer,
    /// `PRIVATE-TOKEN: …`: GitLab's tokens of persons, projects and groups.
    PrivateToken,
    /// `JOB-TOKEN: …`: what GitLab gives a job.
    JobToken,
    /// Not at all: the address is the secret.
    Nothing,
}

/// Who is asked, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API is: `https://api.github.com`.
    pub api: String,
    /// The token.
    pub token: Token,
    /// How it is sent.
    pub scheme: Scheme,
    /// The address of a proxy, and the hosts that need none.
    pub proxy: Option<(String, Vec<String>)>,
    /// How long may be waited in all: for rate limits, and between attempts.
    pub patience: Duration,
}

/// Sends requests to one host.
pub struct Client {
    agent: ureq::Agent,
    api: String,
    origin: Origin,
    settings: Settings,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.api)
            .finish_non_exhaustive()
    }
}

/// What a request does where it is sent twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Repeat {
    /// The same as once.
    Harmless,
    /// A second thing.
    Doubles,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    /// Below the API's address, with a slash before it; or a whole address at the same host.
    pub(crate) path: &'a str,
    pub(crate) body: Option<Value>,
    pub(crate) repeat: Repeat,
    /// What is to be done, for errors: `to comment`.
    pub(crate) what: &'a str,
}

/// An answer that is no error.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    /// The address of the next page.
    pub(crate) next: Option<String>,
}

/// What may be known of a token: the scheme, the host and the port.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    fn of(uri: &Uri) -> Option<Origin> {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = match (uri.port_u16(), &*scheme) {
            (Some(port), _) => port,
            (None, "https") => 443,
            (None, _) => 80,
        };
        let host = uri.host()?.to_ascii_lowercase();
        Some(Origin { scheme, host, port })
    }

    fn is_this_machine(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

/// One answer, whatever it says.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// Where the address or the proxy's is none, or would carry the token over the network in the clear.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Client, Error> {
        let api = settings.api.trim_end_matches('/').to_owned();
        let wrong = |problem| Error::Address {
            address: without_password(&settings.api),
            problem,
        };
        let uri: Uri = api.parse().map_err(|_| wrong("it is not a URL"))?;
        let origin = Origin::of(&uri).ok_or_else(|| wrong("it names no host"))?;
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(wrong("it holds a user's name or password"));
        }
        if uri.query().is_some() {
            return Err(wrong("it holds a `?`"));
        }
        match &*origin.scheme {
            "https" => {}
            "http" if origin.is_this_machine() => {}
            "http" => {
                return Err(wrong(
                    "the token would go over the network unencrypted; use https",
                ));
            }
            _ => return Err(wrong("it does not begin with https://")),
        }
        let proxy = settings.proxy.as_ref().map(|(address, not_for)| {
            let address = match address.contains("://") {
                true => address.clone(),
                false => format!("http://{address}"),
            };
            let uri: Uri = address.parse().map_err(|_| Error::Proxy)?;
            let mut builder = ureq::Proxy::builder(match uri.scheme_str() {
                Some("http") => ureq::ProxyProtocol::Http,
                Some("https") => ureq::ProxyProtocol::Https,
                _ => return Err(Error::Proxy),
            });
            builder = builder.host(uri.host().ok_or(Error::Proxy)?);
            if let Some(port) = uri.port_u16() {
                builder = builder.port(port);
            }
            if let Some((user, _)) = uri.authority().and_then(|all| all.as_str().rsplit_once('@')) {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                builder = builder
                    .username(&percent_decoded(name))
                    .password(&percent_decoded(password));
            }
            for host in not_for {
                builder = builder.no_proxy(host);
            }
            builder.build().map_err(|_| Error::Proxy)
        });
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(false)
            .proxy(proxy.transpose()?)
            .user_agent(concat!("plumbline/", env!("CARGO_PKG_VERSION")))
            .tls_config(
                TlsConfig::builder()
                    .root_certs(RootCerts::PlatformVerifier)
                    .build(),
            )
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Ok(Client {
            agent: ureq::Agent::new_with_config(config),
            api,
            origin,
            settings,
            clock,
        })
    }

    /// The address of the API, without a slash at its end.
    pub(crate) fn api(&self) -> &str {
        &self.api
    }

    /// Who is asked.
    pub(crate) fn host(&self) -> String {
        self.origin.host.clone()
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.settings.scheme
    }

    pub(crate) fn get(&self, path: &str, what: &str) -> Result<Answer, Error> {
        self.send(Ask {
            method: Method::GET,
            path,
            body: None,
            repeat: Repeat::Harmless,
            what,
        })
    }

    /// All items of a list that is given out page by page.
    pub(crate) fn list<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        what: &str,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        let mut seen = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(page) = next {
            let answer = self.get(&page, what)?;
            items.extend(self.read::<Vec<T>>(&answer.body)?);
            seen.push(page);
            next = answer.next;
            if next.as_ref().is_some_and(|next| seen.contains(next)) {
                return Err(self.odd("its pages go round in circles".to_owned()));
            }
        }
        Ok(items)
    }

    /// Reads what was answered.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self, body: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(body).map_err(|error| self.odd(error.to_string()))
    }

    fn odd(&self, problem: String) -> Error {
        Error::Answer {
            host: self.host(),
            problem: self.settings.token.scrub(&problem),
        }
    }

    /// Sends a request, and again where that may help and cannot harm.
    pub(crate) fn send(&self, ask: Ask<'_>) -> Result<Answer, Error> {
        let mut left = self.settings.patience;
        let mut backoff = FIRST_WAIT;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let reply = self.follow(&ask);
            let (wait, error) = match reply {
                Ok(reply) if reply.status < 300 => {
                    let next = reply.next();
                    return Ok(Answer {
                        body: reply.body,
                        next,
                    });
                }
                Ok(reply) => match (reply.limited(self.clock.now()), reply.status) {
                    (Some(wait), _) => {
                        let wait = wait.unwrap_or(backoff);
                        let error = Error::RateLimited {
                            host: self.host(),
                            wait,
                            patience: self.settings.patience,
                        };
                        (wait, error)
                    }
                    (None, 500..) => {
                        let error = Error::Server {
                            host: self.host(),
                            status: reply.status,
                            message: self.message(&reply.body),
                        };
                        (backoff, error)
                    }
                    (None, status) => {
                        return Err(Error::Refused {
                            what: ask.what.to_owned(),
                            status,
                            message: self.message(&reply.body),
                            hint: String::new(),
                        });
                    }
                },
                Err(error @ Error::Unreachable { .. }) => (backoff, error),
                Err(error) => return Err(error),
            };
            let doubles = ask.repeat == Repeat::Doubles && error.perhaps_done();
            if doubles || attempt >= ATTEMPTS || wait > left {
                return Err(error);
            }
            left -= wait;
            backoff *= 2;
            self.clock.sleep(wait);
        }
    }

    /// Waits before something is looked at again that perhaps was done.
    pub(crate) fn pause(&self, attempt: u32) {
        let wait = FIRST_WAIT * 2_u32.saturating_pow(attempt.min(6));
        self.clock.sleep(wait.min(self.settings.patience));
    }

    /// Sends a request once, and on to where the same host says that it moved to.
    fn follow(&self, ask: &Ask<'_>) -> Result<Reply, Error> {
        let mut address = match ask.path.starts_with('/') {
            true => format!("{}{}", self.api, ask.path),
            false => ask.path.to_owned(),
        };
        for _ in 0..=REDIRECTS {
            let uri = self.own(&address)?;
            let reply = self.once(ask, uri)?;
            let moved = match reply.status {
                301..=303 => ask.method == Method::GET,
                307 | 308 => true,
                _ => false,
            };
            let location = reply
                .headers
                .get("location")
                .and_then(|value| value.to_str().ok());
            match location {
                Some(place) if moved => {
                    address = match place.starts_with('/') && !place.starts_with("//") {
                        true => {
                            let Origin { scheme, host, port } = &self.origin;
                            format!("{scheme}://{host}:{port}{place}")
                        }
                        false => place.to_owned(),
                    };
                }
                _ if (300..400).contains(&reply.status) => {
                    return Err(self.odd(format!("a redirect with {}", reply.status)));
                }
                _ => return Ok(reply),
            }
        }
        Err(self.odd("redirects without an end".to_owned()))
    }

    /// An address that may be given the token.
    fn own(&self, address: &str) -> Result<Uri, Error> {
        let uri: Uri = address
            .parse()
            .map_err(|_| self.odd("an address that is none".to_owned()))?;
        let plain = uri
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'));
        match Origin::of(&uri) {
            Some(origin) if origin == self.origin && plain => Ok(uri),
            other => Err(Error::Elsewhere {
                from: self.host(),
                to: other.map_or_else(
                    || "somewhere else".to_owned(),
                    |origin| format!("{}://{}:{}", origin.scheme, origin.host, origin.port),
                ),
            }),
        }
    }

    fn once(&self, ask: &Ask<'_>, uri: Uri) -> Result<Reply, Error> {
        let broken = |error: ureq::Error| self.unreachable(&error);
        let token = self.settings.token.expose();
        let (name, value) = match self.settings.scheme {
            Scheme::Bearer => ("authorization", format!("Bearer {token}")),
            Scheme::PrivateToken => ("private-token", token.to_owned()),
            Scheme::JobToken => ("job-token", token.to_owned()),
            Scheme::Nothing => ("", String::new()),
        };
        let mut request = Request::builder().method(ask.method.clone()).uri(uri);
        if !name.is_empty() {
            let mut value = HeaderValue::from_str(&value).map_err(|_| Error::Token)?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        if self.settings.scheme == Scheme::Bearer {
            request = request
                .header("accept", "application/vnd.github+json")
                .header("x-github-api-version", "2022-11-28");
        }
        let answered = match &ask.body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                let request = request
                    .body(body.to_string())
                    .map_err(|error| broken(error.into()))?;
                self.agent.run(request)
            }
            None => {
                let request = request.body(()).map_err(|error| broken(error.into()))?;
                self.agent.run(request)
            }
        };
        let (parts, mut body) = answered.map_err(broken)?.into_parts();
        let body = body
            .with_config()
            .limit(LARGEST_ANSWER)
            .read_to_vec()
            .map_err(|error| self.unreachable(&error))?;
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    fn unreachable(&self, error: &ureq::Error) -> Error {
        // Where there was no connection, nothing was sent.
        let never_sent = match error {
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::Tls(_) => true,
            ureq::Error::Timeout(timeout) => {
                matches!(timeout, ureq::Timeout::Resolve | ureq::Timeout::Connect)
            }
            ureq::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
            _ => false,
        };
        Error::Unreachable {
            host: self.host(),
            problem: self.settings.token.scrub(&error.to_string()),
            perhaps_done: !never_sent,
        }
    }

    /// What a server says of an error, in one line: [GitHub](https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api)'s
    /// `message` with its `errors`, GitLab's `message` or `error`.
    fn message(&self, body: &[u8]) -> String {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return String::new();
        };
        let said = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        };
        let mut parts: Vec<String> = ["message", "error", "error_description"]
            .iter()
            .filter_map(|name| said(answer.get(name)?))
            .collect();
        for error in answer
            .get("errors")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            parts.extend(error.get("message").unwrap_or(error).as_str().map(str::to_owned));
        }
        let text = self.settings.token.scrub(&parts.join("; "));
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MESSAGE)
            .collect();
        match line.is_empty() {
            true => line,
            false => format!(": {line}"),
        }
    }
}

impl Reply {
    fn number(&self, name: &str) -> Option<u64> {
        self.headers.get(name)?.to_str().ok()?.trim().parse().ok()
    }

    /// How long to wait, where this is about too many requests: an inner `None` is for as long as one likes.
    fn limited(&self, now: SystemTime) -> Option<Option<Duration>> {
        // GitHub refuses with 403 too, which else means that something is not allowed.
        let text = String::from_utf8_lossy(&self.body).to_ascii_lowercase();
        let secondary = text.contains("secondary rate limit") || text.contains("abuse detection");
        let spent =
            self.number("x-ratelimit-remaining") == Some(0) || self.number("ratelimit-remaining") == Some(0);
        let asked = self.number("retry-after").map(Duration::from_secs);
        let is_limit = match self.status {
            429 => true,
            403 => spent || secondary || asked.is_some(),
            503 => return asked.map(Some),
            _ => false,
        };
        if !is_limit {
            return None;
        }
        let reset = self
            .number("x-ratelimit-reset")
            .or(self.number("ratelimit-reset"));
        let until_reset = || {
            let reset = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(reset?))?;
            // One second more: their clock is not ours.
            Some(reset.duration_since(now).unwrap_or_default() + Duration::from_secs(1))
        };
        let reset = if spent { until_reset() } else { None };
        Some(asked.or(reset).or(secondary.then_some(SECONDARY_WAIT)))
    }

    /// The next page: [RFC 8288](https://www.rfc-editor.org/rfc/rfc8288).
    fn next(&self) -> Option<String> {
        let links = self
            .headers
            .get_all("link")
            .into_iter()
            .filter_map(|value| value.to_str().ok());
        links.flat_map(|line| line.split(',')).find_map(|link| {
            let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
            let is_next = parameters.split(';').any(|parameter| {
                let (name, value) = parameter.split_once('=').unwrap_or_default();
                name.trim().eq_ignore_ascii_case("rel")
                    && value
                        .trim()
                        .trim_matches('"')
                        .split_ascii_whitespace()
                        .any(|rel| rel == "next")
            });
            is_next.then(|| address.to_owned())
        })
    }
}

/// A part of a path.
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            },
        )
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let decoded = match (first, behind) {
            (b'%', [high, low, ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).unwrap_or_default();
                u8::from_str_radix(digits, 16).ok()
            }
            _ => None,
        };
        bytes.push(decoded.unwrap_or(*first));
        rest = behind
            .get(if decoded.is_some() { 2 } else { 0 }..)
            .unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An address as an error may show it.
fn without_password(address: &str) -> String {
    match (address.find("://"), address.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            let (scheme, host) = (address.get(..scheme + 3), address.get(at..));
            format!("{}…{}", scheme.unwrap_or_default(), host.unwrap_or_default())
        }
        _ => address.to_owned(),
    }
}
