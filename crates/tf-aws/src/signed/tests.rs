//! Requests against a local double of a service.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::*;
use crate::Blocking;

/// What the double does with one request.
#[derive(Clone)]
enum Act {
    /// Status, headers and body.
    Answer(u16, &'static str, &'static str),
    /// Closes the connection.
    Drop,
    /// Closes it in the middle of the body.
    Cut,
    /// Says nothing for longer than an attempt lasts.
    Silent,
}

/// A service that does these things, one after the other, and keeps what it was asked.
struct Double {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Double {
    fn new(acts: Vec<Act>) -> Double {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for act in acts {
                let (mut stream, _) = listener.accept().unwrap();
                kept.lock().unwrap().push(read(&stream));
                match act {
                    Act::Answer(status, headers, body) => {
                        let length = body.len();
                        let text = format!(
                            "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                        );
                        stream.write_all(text.as_bytes()).unwrap();
                    }
                    Act::Drop => drop(stream),
                    Act::Cut => stream
                        .write_all(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\n{")
                        .unwrap(),
                    Act::Silent => held.push(stream),
                }
            }
        });
        Double { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn connection(&self) -> Connection {
        let credentials = Credentials::new(
            "AKID",
            "very-secret",
            Some("session-token".to_owned()),
            None,
            "test",
        );
        Connection::for_tests(Some(&self.url), SharedCredentialsProvider::new(credentials))
    }
}

/// A request as text.
fn read(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        reader.read_line(&mut text).unwrap();
    }
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    text + &String::from_utf8(body).unwrap()
}

fn key() -> Request {
    Request::new(Service::KMS, "DescribeKey", "key k").parameter("KeyId", "k")
}

#[test]
fn what_may_help_is_tried_again_and_the_rest_is_not() {
    let runtime = Blocking::new().unwrap();
    let good = Act::Answer(200, "", "{\"a\":1}");
    let throttled = Act::Answer(
        400,
        "",
        "{\"__type\":\"ThrottlingException\",\"message\":\"slow\"}",
    );
    for (acts, kind, asked) in [
        (vec![good.clone()], None, 1),
        (vec![throttled.clone(), good.clone()], None, 2),
        (
            vec![
                Act::Answer(500, "", ""),
                Act::Answer(503, "retry-after: 0\r\n", ""),
                good.clone(),
            ],
            None,
            3,
        ),
        (vec![Act::Drop, Act::Cut, good.clone()], None, 3),
        (vec![Act::Silent, good.clone()], None, 2),
        (
            vec![throttled.clone(), throttled.clone(), throttled, good.clone()],
            Some(ErrorKind::Throttled),
            3,
        ),
        (
            vec![Act::Drop, Act::Drop, Act::Drop, good.clone()],
            Some(ErrorKind::Unreachable),
            3,
        ),
        (
            vec![Act::Answer(501, "", ""), good.clone()],
            Some(ErrorKind::Other),
            1,
        ),
        (
            vec![
                Act::Answer(
                    400,
                    "",
                    "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}",
                ),
                good.clone(),
            ],
            Some(ErrorKind::AccessDenied),
            1,
        ),
        (
            vec![Act::Answer(404, "", "{\"__type\":\"NotFoundException\"}"), good],
            Some(ErrorKind::NotFound),
            1,
        ),
    ] {
        let double = Double::new(acts);
        let result = runtime.wait(double.connection().send(&key()));
        let found = result.as_ref().err().map(|error| error.kind);
        assert_eq!((found, double.asked().len()), (kind, asked), "{result:?}");
        if let Ok(answer) = result {
            assert_eq!(answer.json().unwrap()["a"], 1);
        }
    }
}

#[test]
fn requests_are_signed_for_their_service_and_region() {
    let runtime = Blocking::new().unwrap();
    let double = Double::new(vec![Act::Answer(200, "", "{}"), Act::Answer(200, "", "<a/>")]);
    runtime.wait(double.connection().send(&key())).unwrap();
    let role = Request::new(Service::IAM, "GetRole", "role r").parameter("RoleName", "r");
    runtime.wait(double.connection().send(&role)).unwrap();
    let asked = double.asked();
    for (text, parts) in [
        (
            &asked[0],
            [
                "POST / HTTP/1.1",
                "/eu-west-1/kms/aws4_request",
                "x-amz-security-token: session-token",
                "{\"KeyId\":\"k\"}",
            ],
        ),
        (
            &asked[1],
            [
                "POST / HTTP/1.1",
                "/us-east-1/iam/aws4_request",
                "user-agent: plumbline/",
                "Action=GetRole&Version=2010-05-08&RoleName=r",
            ],
        ),
    ] {
        for part in parts {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("very-secret"), "{text}");
    }
}

/// The signature of <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>, "GET Bucket (List Objects)", but for
/// the header of the user agent, which is not signed.
#[test]
fn a_signature_is_the_one_of_the_documentation() {
    let credentials = Credentials::new(
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        None,
        None,
        "test",
    );
    let request = Request::new(Service::S3, "ListObjects", "bucket")
        .object("examplebucket", "")
        .parameter("max-keys", "2")
        .parameter("prefix", "J");
    let endpoint = Endpoint {
        url: "https://s3.amazonaws.com".to_owned(),
        region: "us-east-1".to_owned(),
        given: false,
    };
    // 24 May 2013, 00:00:00 UTC.
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_369_353_600);
    let signed = signed(&request, &endpoint, &credentials, time).unwrap();
    assert_eq!(
        signed.uri(),
        "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J"
    );
    let authorization = signed.headers().get("authorization").unwrap();
    assert!(
        authorization.ends_with("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        "{authorization}"
    );
}

#[test]
fn errors_hold_no_credentials() {
    let runtime = Blocking::new().unwrap();
    let double = Double::new(vec![Act::Answer(
        403,
        "",
        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>It does not match (very-secret).\n\nThe Canonical String for this request should have been 'POST x-amz-security-token:session-token'</Message></Error></ErrorResponse>",
    )]);
    let role = Request::new(Service::IAM, "GetRole", "role r");
    let connection = double.connection();
    let error = runtime.wait(connection.send(&role)).unwrap_err();
    assert_eq!(error.message, "It does not match ((hidden)).");
    let shown = format!("{error} {error:?} {connection:?}");
    assert!(
        !shown.contains("session-token") && !shown.contains("very-secret"),
        "{shown}"
    );
    assert!(shown.contains("the credentials are not accepted"), "{shown}");
}

#[test]
fn credentials_that_ended_are_taken_anew_once() {
    let runtime = Blocking::new().unwrap();
    let ended = Act::Answer(
        400,
        "",
        "{\"__type\":\"ExpiredTokenException\",\"message\":\"late\"}",
    );
    let double = Double::new(vec![ended.clone(), Act::Answer(200, "", "{}")]);
    runtime.wait(double.connection().send(&key())).unwrap();
    let double = Double::new(vec![ended.clone(), ended]);
    let error = runtime.wait(double.connection().send(&key())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Expired);
    assert!(error.to_string().contains("sign in again"), "{error}");
}

#[test]
fn pages_are_followed_to_the_end() {
    let runtime = Blocking::new().unwrap();
    for (request, paging, bodies, second) in [
        (
            Request::new(Service::ECS, "ListClusters", "clusters"),
            Paging::LOWER_NEXT_TOKEN,
            ["{\"nextToken\":\"t 1\"}", "{\"nextToken\":null}"],
            "{\"nextToken\":\"t 1\"}",
        ),
        (
            Request::new(Service::IAM, "ListRoles", "roles"),
            Paging::MARKER,
            [
                "<R><ListRolesResult><Marker>m/1</Marker></ListRolesResult></R>",
                "<R><ListRolesResult/></R>",
            ],
            "Action=ListRoles&Version=2010-05-08&Marker=m%2F1",
        ),
        (
            Request::new(Service::LAMBDA, "ListFunctions", "functions").path(&["2015-03-31", "functions"]),
            Paging::NEXT_MARKER,
            ["{\"NextMarker\":\"n\"}", "{\"NextMarker\":\"\"}"],
            "GET /2015-03-31/functions?Marker=n HTTP/1.1",
        ),
        (
            Request::new(Service::ROUTE53, "ListResourceRecordSets", "records").path(&[
                "2013-04-01",
                "hostedzone",
                "Z1",
                "rrset",
            ]),
            Paging::RECORDS,
            [
                "<L><NextRecordName>a.</NextRecordName><NextRecordType>A</NextRecordType></L>",
                "<L/>",
            ],
            "GET /2013-04-01/hostedzone/Z1/rrset?name=a.&type=A HTTP/1.1",
        ),
    ] {
        let double = Double::new(bodies.iter().map(|body| Act::Answer(200, "", body)).collect());
        let mut pages = double.connection().pages(request, paging);
        let mut found = 0;
        while runtime.wait(pages.next()).unwrap().is_some() {
            found += 1;
        }
        let asked = double.asked();
        assert_eq!((found, asked.len()), (2, 2));
        assert!(asked[1].contains(second), "{}", asked[1]);
    }
    let same = Act::Answer(200, "", "{\"nextToken\":\"t\"}");
    let double = Double::new(vec![same.clone(), same]);
    let mut pages = double.connection().pages(
        Request::new(Service::ECS, "ListClusters", "clusters"),
        Paging::LOWER_NEXT_TOKEN,
    );
    runtime.wait(pages.next()).unwrap();
    let error = runtime.wait(pages.next()).unwrap_err();
    assert!(
        error.to_string().contains("the same page comes next again"),
        "{error}"
    );
}

#[test]
fn many_threads_wait_at_the_same_time() {
    let runtime = Blocking::new().unwrap();
    let double = Double::new(vec![Act::Answer(200, "", "{}"); 8]);
    let connection = double.connection();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| runtime.wait(connection.send(&key())).unwrap());
        }
    });
    assert_eq!(double.asked().len(), 8);
}

/// Has no credentials.
#[derive(Debug)]
struct Nobody;

impl ProvideCredentials for Nobody {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("none here")))
    }
}

#[test]
fn there_is_an_answer_without_credentials_too() {
    let runtime = Blocking::new().unwrap();
    let connection =
        Connection::for_tests(Some("http://127.0.0.1:9"), SharedCredentialsProvider::new(Nobody));
    let error = runtime.wait(connection.send(&key())).unwrap_err();
    assert!(
        error.to_string().contains("no valid credentials were found"),
        "{error}"
    );
}

fn bucket(double: &Double) -> Bucket {
    Bucket::new(&double.connection(), "states")
}

#[test]
fn objects_are_written_on_conditions() {
    let runtime = Blocking::new().unwrap();
    for (condition, header) in [
        (Condition::Absent, "if-none-match: *"),
        (Condition::Matches("\"e1\"".to_owned()), "if-match: \"e1\""),
    ] {
        let double = Double::new(vec![Act::Answer(200, "etag: \"e2\"\r\n", "")]);
        let bucket = bucket(&double)
            .owned_by("111122223333")
            .encrypted(Encryption::Kms(Some("k".to_owned())));
        let etag = runtime.wait(bucket.put("a b/c", b"text", &condition)).unwrap();
        assert_eq!(etag.as_deref(), Some("\"e2\""));
        let asked = &double.asked()[0];
        for part in [
            "PUT /states/a%20b/c HTTP/1.1",
            header,
            "x-amz-expected-bucket-owner: 111122223333",
            "x-amz-server-side-encryption: aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id: k",
            "x-amz-checksum-sha256: mC2ePrmW9VnmM/TRlN7zdh2Qn1o7ZH0ahR/q1nwyydE=",
            "x-amz-content-sha256: 982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1",
            "\r\n\r\ntext",
        ] {
            assert!(asked.contains(part), "{part} in {asked}");
        }
    }
}

const THERE: &str = "<Error><Code>PreconditionFailed</Code><Message>there</Message></Error>";

#[test]
fn a_condition_that_does_not_hold_is_an_error_but_for_what_we_wrote_ourselves() {
    let runtime = Blocking::new().unwrap();
    let double = Double::new(vec![Act::Answer(412, "", THERE), Act::Answer(200, "", "theirs")]);
    let error = runtime
        .wait(bucket(&double).put("k", b"ours", &Condition::Absent))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::PreconditionFailed);
    // The first attempt wrote it, and its answer was lost.
    let double = Double::new(vec![
        Act::Drop,
        Act::Answer(412, "", THERE),
        Act::Answer(200, "etag: \"e\"\r\n", "ours"),
    ]);
    let etag = runtime
        .wait(bucket(&double).put("k", b"ours", &Condition::Absent))
        .unwrap();
    assert_eq!(etag.as_deref(), Some("\"e\""));
}

#[test]
fn objects_are_read_and_listed_in_the_region_in_which_they_are() {
    let runtime = Blocking::new().unwrap();
    let elsewhere = "<Error><Code>PermanentRedirect</Code><Message>go</Message></Error>";
    let double = Double::new(vec![
        Act::Answer(301, "x-amz-bucket-region: eu-north-1\r\n", elsewhere),
        Act::Answer(200, "etag: \"e\"\r\nx-amz-version-id: v1\r\n", "text"),
        Act::Answer(404, "", "<Error><Code>NoSuchKey</Code></Error>"),
        Act::Answer(404, "", "<Error><Code>NoSuchBucket</Code></Error>"),
        Act::Answer(
            200,
            "",
            "<R><Contents><Key>a/1</Key><Size>5</Size></Contents><NextContinuationToken>t</NextContinuationToken></R>",
        ),
        Act::Answer(
            200,
            "",
            "<R><Contents><Key>a/2</Key><Size>6</Size></Contents></R>",
        ),
    ]);
    let bucket = bucket(&double);
    let object = runtime.wait(bucket.get("k")).unwrap().unwrap();
    assert_eq!(
        (object.body.as_slice(), object.version.as_deref()),
        (&b"text"[..], Some("v1"))
    );
    assert!(double.asked()[1].contains("/eu-north-1/s3/aws4_request"));
    assert_eq!(runtime.wait(bucket.get("k")).unwrap(), None);
    assert_eq!(
        runtime.wait(bucket.get("k")).unwrap_err().kind,
        ErrorKind::NotFound
    );
    let found = runtime.wait(bucket.list("a/")).unwrap();
    let keys: Vec<(&str, u64)> = found.iter().map(|one| (one.key.as_str(), one.size)).collect();
    assert_eq!(keys, [("a/1", 5), ("a/2", 6)]);
    let asked = double.asked();
    assert!(
        asked[5].contains("GET /states/?list-type=2&prefix=a%2F&continuation-token=t"),
        "{}",
        asked[5]
    );
}
