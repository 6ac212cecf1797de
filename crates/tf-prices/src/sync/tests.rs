use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;

/// A server of AWS's price files: files with tags, ranges, and faults.
#[derive(Default)]
struct Double {
    files: HashMap<String, Vec<u8>>,
    /// What is answered before it all goes well: by path, in their order.
    faults: HashMap<String, Vec<Fault>>,
    requests: Vec<String>,
    /// Tags are not checksums.
    opaque_tags: bool,
}

#[derive(Clone, Copy)]
enum Fault {
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    Status(u16),
    /// The body is not what the tag is of.
    Changed,
}

type Shared = Arc<Mutex<Double>>;

fn tag(double: &Double, body: &[u8]) -> String {
    use md5::{Digest, Md5};
    let sum: String = Md5::digest(body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match double.opaque_tags {
        true => format!("\"{sum}-2\""),
        false => format!("\"{sum}\""),
    }
}

fn serve(double: Double) -> (String, Shared) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let shared = Arc::new(Mutex::new(double));
    let theirs = shared.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let theirs = theirs.clone();
            std::thread::spawn(move || answer(stream.unwrap(), &theirs));
        }
    });
    (address, shared)
}

/// The request line, and the headers in small letters.
fn request(stream: &TcpStream) -> Option<(String, HashMap<String, String>)> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let mut headers = HashMap::new();
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Some((first, headers))
}

fn answer(mut stream: TcpStream, shared: &Shared) {
    let Some((first, headers)) = request(&stream) else {
        return;
    };
    let path = first.split(' ').nth(1).unwrap().to_owned();
    let mut double = shared.lock().unwrap();
    let range = headers.get("range").cloned();
    double
        .requests
        .push(match (&range, headers.get("if-none-match")) {
            (Some(range), _) => format!("{path} {range}"),
            (None, Some(_)) => format!("{path} if changed"),
            (None, None) => path.clone(),
        });
    let fault = double
        .faults
        .get_mut(&path)
        .filter(|faults| !faults.is_empty())
        .map(|faults| faults.remove(0));
    let Some(body) = double.files.get(&path).cloned() else {
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let tag = tag(&double, &body);
    drop(double);
    if let Some(Fault::Status(status)) = fault {
        let _ = stream.write_all(
            format!("HTTP/1.1 {status} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes(),
        );
        return;
    }
    if headers.get("if-none-match") == Some(&tag) {
        let _ = stream.write_all(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
        return;
    }
    let from = range
        .filter(|_| headers.get("if-range") == Some(&tag))
        .map_or(0, |range| {
            range
                .trim_start_matches("bytes=")
                .trim_end_matches('-')
                .parse::<usize>()
                .unwrap()
        });
    let mut rest = body[from..].to_vec();
    let head = match from {
        0 => "HTTP/1.1 200 OK\r\n".to_owned(),
        _ => format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{}\r\n",
            body.len() - 1,
            body.len()
        ),
    };
    let head = format!(
        "{head}ETag: {tag}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        rest.len()
    );
    let _ = stream.write_all(head.as_bytes());
    match fault {
        Some(Fault::Cut(bytes)) => rest.truncate(bytes),
        Some(Fault::Changed) => rest.iter_mut().for_each(|byte| *byte ^= 1),
        _ => {}
    }
    let _ = stream.write_all(&rest);
}

const EC2: &str = "/offers/v1.0/aws/AmazonEC2/20260720/eu-west-1/index.csv";
const LAMBDA: &str = "/offers/v1.0/aws/AWSLambda/current/index.csv";

fn prices() -> Vec<u8> {
    (0..10_000)
        .flat_map(|line| format!("\"line {line}\"\n").into_bytes())
        .collect()
}

fn double() -> Double {
    let offers = r#"{"offers": {
        "AmazonEC2": {"offerCode": "AmazonEC2", "currentVersionUrl": "/offers/v1.0/aws/AmazonEC2/current/index.json",
            "currentRegionIndexUrl": "/offers/v1.0/aws/AmazonEC2/current/region_index.json"},
        "AWSLambda": {"offerCode": "AWSLambda", "currentVersionUrl": "/offers/v1.0/aws/AWSLambda/current/index.json"}}}"#;
    let regions = r#"{"regions": {
        "eu-west-1": {"regionCode": "eu-west-1", "currentVersionUrl": "/offers/v1.0/aws/AmazonEC2/20260720/eu-west-1/index.json"},
        "eu-west-2": {"regionCode": "eu-west-2", "currentVersionUrl": "/offers/v1.0/aws/AmazonEC2/20260720/eu-west-2/index.json"}}}"#;
    let mut double = Double::default();
    for (path, body) in [
        ("/offers/v1.0/aws/index.json", offers.as_bytes().to_vec()),
        (
            "/offers/v1.0/aws/AmazonEC2/current/region_index.json",
            regions.as_bytes().to_vec(),
        ),
        (EC2, prices()),
        (LAMBDA, b"lambda\n".to_vec()),
    ] {
        double.files.insert(path.to_owned(), body);
    }
    double
}

fn settings(base_url: &str) -> Settings {
    Settings {
        base_url: base_url.to_owned(),
        services: vec!["AmazonEC2".to_owned()],
        regions: vec!["eu-west-1".to_owned()],
        pause: Duration::ZERO,
        ..Settings::default()
    }
}

struct Run {
    folder: tempfile::TempDir,
    shared: Shared,
    settings: Settings,
}

impl Run {
    fn new(double: Double) -> Run {
        let (address, shared) = serve(double);
        Run {
            folder: tempfile::tempdir().unwrap(),
            shared,
            settings: settings(&address),
        }
    }

    /// Runs once: what it says, and which requests for prices it made.
    fn sync(&self) -> (Result<Report, SyncError>, Vec<String>) {
        self.shared.lock().unwrap().requests.clear();
        let result = sync(self.folder.path(), &self.settings, &mut |_| {});
        let requests = self.shared.lock().unwrap().requests.clone();
        let prices = requests
            .into_iter()
            .filter(|request| request.contains("csv"))
            .collect();
        (result, prices)
    }

    fn file(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(path.trim_start_matches('/'))).unwrap()
    }
}

#[test]
fn what_has_not_changed_is_not_downloaded_again() {
    let run = Run::new(double());
    let (report, requests) = run.sync();
    let path = PathBuf::from(EC2.trim_start_matches('/'));
    assert_eq!(report.unwrap().changed, std::slice::from_ref(&path));
    assert_eq!(requests, [EC2]);
    assert_eq!(run.file(EC2), prices());
    let (report, requests) = run.sync();
    assert_eq!(report.unwrap().unchanged, std::slice::from_ref(&path));
    assert_eq!(requests, [format!("{EC2} if changed")]);
    run.shared
        .lock()
        .unwrap()
        .files
        .insert(EC2.to_owned(), b"new\n".to_vec());
    let (report, _) = run.sync();
    assert_eq!(report.unwrap().changed, [path]);
    assert_eq!(run.file(EC2), b"new\n");
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_ended() {
    for opaque_tags in [false, true] {
        let mut double = double();
        double.opaque_tags = opaque_tags;
        double.faults.insert(
            EC2.to_owned(),
            vec![Fault::Cut(50_000), Fault::Status(503), Fault::Cut(10_000)],
        );
        let run = Run::new(double);
        let (report, requests) = run.sync();
        report.unwrap();
        assert_eq!(run.file(EC2), prices());
        let expected = [
            EC2.to_owned(),
            format!("{EC2} bytes=50000-"),
            format!("{EC2} bytes=50000-"),
            format!("{EC2} bytes=60000-"),
        ];
        assert_eq!(requests, expected);
    }
}

#[test]
fn the_next_run_goes_on_unless_the_file_has_changed() {
    for changed in [false, true] {
        let mut double = double();
        double.faults.insert(EC2.to_owned(), vec![Fault::Cut(50_000)]);
        let mut run = Run::new(double);
        run.settings.attempts = 1;
        let (result, _) = run.sync();
        let error = result.unwrap_err().to_string();
        assert!(
            error.starts_with(&run.settings.base_url) && error.contains(EC2),
            "{error}"
        );
        let mut expected = prices();
        if changed {
            expected.reverse();
            run.shared
                .lock()
                .unwrap()
                .files
                .insert(EC2.to_owned(), expected.clone());
        }
        let (result, requests) = run.sync();
        result.unwrap();
        assert_eq!(requests, [format!("{EC2} bytes=50000-")]);
        assert_eq!(run.file(EC2), expected);
    }
}

#[test]
fn what_is_not_what_its_checksum_says_is_downloaded_anew() {
    let mut double = double();
    double.faults.insert(EC2.to_owned(), vec![Fault::Changed]);
    let run = Run::new(double);
    let (result, requests) = run.sync();
    result.unwrap();
    assert_eq!(requests, [EC2, EC2]);
    assert_eq!(run.file(EC2), prices());
    // And never kept, if it stays so.
    run.shared
        .lock()
        .unwrap()
        .files
        .insert(EC2.to_owned(), b"other\n".to_vec());
    run.shared
        .lock()
        .unwrap()
        .faults
        .insert(EC2.to_owned(), vec![Fault::Changed; 9]);
    let (result, _) = run.sync();
    assert!(result.unwrap_err().to_string().contains("checksum"));
    assert_eq!(run.file(EC2), prices());
}

#[test]
fn failures_name_the_address() {
    let mut missing = double();
    missing.files.remove(EC2);
    let (result, requests) = Run::new(missing).sync();
    assert!(result.unwrap_err().to_string().contains("the server answers 404"));
    assert_eq!(requests.len(), 1, "a file that is not there is asked for once");

    let mut broken = double();
    broken.faults.insert(EC2.to_owned(), vec![Fault::Status(500); 9]);
    let (result, requests) = Run::new(broken).sync();
    assert!(result.unwrap_err().to_string().contains("the server answers 500"));
    assert_eq!(requests.len(), 5);

    let mut run = Run::new(double());
    run.settings.services = vec!["AmazonEC3".to_owned()];
    insta::assert_snapshot!(run.sync().0.unwrap_err(), @"AmazonEC3: AWS publishes no prices of this service; did you mean AmazonEC2?");
    run.settings = settings(&run.settings.base_url);
    run.settings.regions = vec!["eu-wst-1".to_owned()];
    insta::assert_snapshot!(run.sync().0.unwrap_err(), @"eu-wst-1: AWS publishes no prices for this region");
    run.settings.proxy = Some("http://name:secret@[bad".to_owned());
    insta::assert_snapshot!(run.sync().0.unwrap_err(), @"http://…@[bad: is no address of a proxy; write it as http://host:port");
}

#[test]
fn an_index_cannot_lead_out_of_the_folder() {
    let mut double = double();
    let index = double.files.get_mut("/offers/v1.0/aws/index.json").unwrap();
    *index = String::from_utf8(index.clone())
        .unwrap()
        .replace("/AWSLambda/current/index.json", "/../../../x.json")
        .into_bytes();
    let mut run = Run::new(double);
    run.settings.services = vec!["AWSLambda".to_owned()];
    assert!(
        run.sync()
            .0
            .unwrap_err()
            .to_string()
            .contains("none of AWS's price files")
    );
}

#[test]
fn offers_without_regions_are_one_file() {
    let mut run = Run::new(double());
    run.settings.services.push("AWSLambda".to_owned());
    run.settings.regions.push("eu-west-9".to_owned());
    let (report, requests) = run.sync();
    let report = report.unwrap();
    assert_eq!(report.absent, [("AmazonEC2".to_owned(), "eu-west-9".to_owned())]);
    assert_eq!(requests, [LAMBDA, EC2]);
    assert_eq!(run.file(LAMBDA), b"lambda\n");
}

/// A proxy that counts what goes through it.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://user:word@{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let theirs = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (first, headers) = request(&stream).unwrap();
            let authority = first.split(' ').nth(1).unwrap().to_owned();
            let authorized = headers.contains_key("proxy-authorization");
            theirs
                .lock()
                .unwrap()
                .push(format!("{} {authorized}", first.split(' ').next().unwrap()));
            let mut there = TcpStream::connect(&authority).unwrap();
            stream
                .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                .unwrap();
            let (mut up_from, mut up_to) = (stream.try_clone().unwrap(), there.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut up_from, &mut up_to));
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut there, &mut stream);
                let _ = stream.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    (address, seen)
}

#[test]
fn a_proxy_is_used_with_its_password() {
    let mut run = Run::new(double());
    let (address, seen) = proxy();
    run.settings.proxy = Some(address);
    run.sync().0.unwrap();
    assert_eq!(run.file(EC2), prices());
    let seen = seen.lock().unwrap();
    assert!(
        !seen.is_empty() && seen.iter().all(|request| request == "CONNECT true"),
        "{seen:?}"
    );
}
