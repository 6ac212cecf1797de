//! One file: resumed, compared with its checksum, put in its place when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use md5::{Digest, Md5};
use ureq::http::{Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

use super::{Event, Settings, SyncError};

pub(super) struct Client {
    agent: Agent,
    base_url: String,
    attempts: u32,
    pause: Duration,
}

/// Why an attempt failed, and whether another one can help.
struct Failure {
    problem: String,
    passing: bool,
}

impl Failure {
    fn passing(problem: impl Into<String>) -> Failure {
        Failure {
            problem: problem.into(),
            passing: true,
        }
    }

    fn lasting(problem: impl Into<String>) -> Failure {
        Failure {
            problem: problem.into(),
            passing: false,
        }
    }
}

impl Client {
    pub(super) fn new(settings: &Settings) -> Result<Client, SyncError> {
        let proxy = settings.proxy.as_deref().map(Proxy::new).transpose();
        let proxy = proxy.map_err(|_| SyncError::Failed {
            url: without_password(settings.proxy.as_deref().unwrap_or_default()),
            problem: "is no address of a proxy; write it as http://host:port".to_owned(),
        })?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(proxy)
            // A company's own certificates are in the system's store.
            .tls_config(
                TlsConfig::builder()
                    .root_certs(RootCerts::PlatformVerifier)
                    .build(),
            )
            .user_agent(concat!("plumbline/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(60)))
            .build();
        Ok(Client {
            agent: config.into(),
            base_url: settings.base_url.trim_end_matches('/').to_owned(),
            attempts: settings.attempts.max(1),
            pause: settings.pause,
        })
    }

    /// Brings a file to its place; false, if it was there and has not changed.
    pub(super) fn file(
        &self,
        url: &str,
        path: &Path,
        progress: &mut dyn FnMut(Event<'_>),
    ) -> Result<bool, SyncError> {
        // Addresses of the indexes begin with a slash. One that names a host is not followed there.
        let rest = url
            .split_once("://")
            .map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        let url = format!("{}/{}", self.base_url, rest.trim_start_matches('/'));
        let mut pause = self.pause;
        for attempt in 1.. {
            let failure = match self.attempt(&url, path, progress)? {
                Ok(changed) => return Ok(changed),
                Err(failure) => failure,
            };
            if !failure.passing || attempt >= self.attempts {
                return Err(SyncError::Failed {
                    url,
                    problem: failure.problem,
                });
            }
            progress(Event::Again {
                url: &url,
                problem: &failure.problem,
            });
            std::thread::sleep(pause);
            pause *= 2;
        }
        unreachable_attempts(url)
    }

    fn attempt(
        &self,
        url: &str,
        path: &Path,
        progress: &mut dyn FnMut(Event<'_>),
    ) -> Result<Result<bool, Failure>, SyncError> {
        let part = Part::of(path);
        let mut request = self.agent.get(url);
        let there = part.length().map_err(part.io())?;
        if let (Some(tag), true) = (read_tag(&part.tag), there > 0) {
            request = request
                .header("Range", format!("bytes={there}-"))
                .header("If-Range", tag);
        } else if let (Some(tag), true) = (read_tag(&part.whole_tag), path.exists()) {
            request = request.header("If-None-Match", tag);
        }
        let mut response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Err(transport(&error))),
        };
        let from = match response.status() {
            StatusCode::NOT_MODIFIED => {
                progress(Event::Unchanged { url });
                return Ok(Ok(false));
            }
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(there) => there,
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                part.remove();
                return Ok(Err(Failure::passing(
                    "it does not go on where the last download ended",
                )));
            }
            status => return Ok(Err(refused(status))),
        };
        let length = whole_length(&response, from);
        let tag = header(&response, "etag").map(str::to_owned);
        progress(Event::Started { url, from, length });
        let received = part.receive(&mut response, from, tag.as_deref(), progress)?;
        let total = match received {
            Ok(total) => total,
            Err(failure) => return Ok(Err(failure)),
        };
        if let Some(length) = length.filter(|length| *length != total) {
            if total > length {
                part.remove();
            }
            return Ok(Err(Failure::passing(format!(
                "{total} of {length} bytes have arrived"
            ))));
        }
        if let Some(expected) = tag.as_deref().and_then(checksum) {
            let actual = part.checksum().map_err(part.io())?;
            if actual != expected {
                part.remove();
                let problem = format!("what has arrived has the checksum {actual} instead of {expected}");
                return Ok(Err(Failure::passing(problem)));
            }
        }
        part.keep(path, tag.as_deref()).map_err(part.io())?;
        progress(Event::Done { url });
        Ok(Ok(true))
    }
}

fn unreachable_attempts(url: String) -> Result<bool, SyncError> {
    Err(SyncError::Failed {
        url,
        problem: "given up".to_owned(),
    })
}

/// A file on its way: `index.csv.part`, and beside it the tag by which the server knows it.
struct Part {
    file: PathBuf,
    tag: PathBuf,
    whole_tag: PathBuf,
}

impl Part {
    fn of(path: &Path) -> Part {
        let with = |suffix: &str| {
            let mut name = path.file_name().unwrap_or_default().to_owned();
            name.push(suffix);
            path.with_file_name(name)
        };
        Part {
            file: with(".part"),
            tag: with(".part.etag"),
            whole_tag: with(".etag"),
        }
    }

    fn io(&self) -> impl Fn(std::io::Error) -> SyncError {
        let path = self.file.clone();
        move |source| SyncError::Io {
            path: path.clone(),
            source,
        }
    }

    fn length(&self) -> std::io::Result<u64> {
        match std::fs::metadata(&self.file) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn remove(&self) {
        // If it stays, the next attempt meets it again and says so.
        let _ = std::fs::remove_file(&self.file);
        let _ = std::fs::remove_file(&self.tag);
    }

    /// Writes a body to the end of what is there, and says how long it all is.
    fn receive(
        &self,
        response: &mut Response<Body>,
        from: u64,
        tag: Option<&str>,
        progress: &mut dyn FnMut(Event<'_>),
    ) -> Result<Result<u64, Failure>, SyncError> {
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder).map_err(self.io())?;
        }
        let mut options = OpenOptions::new();
        match from {
            0 => options.write(true).create(true).truncate(true),
            _ => options.append(true),
        };
        let mut file = options.open(&self.file).map_err(self.io())?;
        match tag {
            // A weak tag does not promise the same bytes.
            Some(tag) if !tag.starts_with("W/") => std::fs::write(&self.tag, tag).map_err(self.io())?,
            _ => drop(std::fs::remove_file(&self.tag)),
        }
        let mut body = response.body_mut().as_reader();
        let mut buffer = vec![0; 256 << 10];
        let mut total = from;
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => return Ok(Ok(total)),
                Ok(count) => count,
                Err(error) => return Ok(Err(Failure::passing(error.to_string()))),
            };
            let bytes = buffer.get(..count).unwrap_or_default();
            file.write_all(bytes).map_err(self.io())?;
            total += bytes.len() as u64;
            progress(Event::Received(bytes.len() as u64));
        }
    }

    fn checksum(&self) -> std::io::Result<String> {
        let mut file = File::open(&self.file)?;
        let mut buffer = vec![0; 256 << 10];
        let mut digest = Md5::new();
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                count => digest.update(buffer.get(..count).unwrap_or_default()),
            }
        }
        Ok(digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }

    fn keep(&self, path: &Path, tag: Option<&str>) -> std::io::Result<()> {
        // First, so that no tag ever stands beside a file it is not of.
        let _ = std::fs::remove_file(&self.whole_tag);
        std::fs::rename(&self.file, path)?;
        let _ = std::fs::remove_file(&self.tag);
        match tag {
            Some(tag) => std::fs::write(&self.whole_tag, tag),
            None => Ok(()),
        }
    }
}

fn read_tag(path: &Path) -> Option<String> {
    let tag = std::fs::read_to_string(path).ok()?;
    // What is no header's value would break the request.
    let fit = !tag.is_empty() && tag.len() < 200 && tag.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    fit.then_some(tag)
}

/// The MD5 that S3 gives as the tag of what was uploaded in one piece.
fn checksum(tag: &str) -> Option<String> {
    let text = tag.trim_start_matches("W/").trim_matches('"');
    let fit = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (fit && !tag.starts_with("W/")).then(|| text.to_ascii_lowercase())
}

fn header<'r>(response: &'r Response<Body>, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

/// `Content-Range: bytes 100-199/200`: 100 and 200.
fn range(response: &Response<Body>) -> Option<(u64, Option<u64>)> {
    let range = header(response, "content-range")?.strip_prefix("bytes ")?;
    let (places, total) = range.split_once('/')?;
    Some((places.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

fn range_start(response: &Response<Body>) -> Option<u64> {
    range(response).map(|(start, _)| start)
}

fn whole_length(response: &Response<Body>, from: u64) -> Option<u64> {
    if from > 0 {
        return range(response).and_then(|(_, total)| total);
    }
    header(response, "content-length")?.parse().ok()
}

fn refused(status: StatusCode) -> Failure {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Failure::lasting("the proxy asks for a name and password; give them in its address")
        }
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Failure::lasting(format!(
            "the server answers {status}; is this an address of AWS's price files?"
        )),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Failure::passing(format!("the server answers {status}"))
        }
        status => Failure::lasting(format!("the server answers {status}")),
    }
}

fn transport(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::InvalidProxyUrl => {
            Failure::lasting(error.to_string())
        }
        ureq::Error::HostNotFound => {
            Failure::passing("the host is not found; is there a network, or a proxy to name?")
        }
        other => Failure::passing(other.to_string()),
    }
}

/// An address that can be shown.
fn without_password(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((front, host)) => match front.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://…@{host}"),
            None => format!("…@{host}"),
        },
        None => url.to_owned(),
    }
}
