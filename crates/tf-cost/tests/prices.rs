//! `tf-cost prices`: catalogues made of AWS's bulk files, downloads from a server of our own, and what goes wrong with both.

#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says so.

mod program;

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use program::{command, folder, json, said, tf_cost};

const HEADER: &str = "\"SKU\",\"OfferTermCode\",\"RateCode\",\"TermType\",\"PriceDescription\",\"EffectiveDate\",\"StartingRange\",\"EndingRange\",\"Unit\",\"PricePerUnit\",\"Currency\",\"LeaseContractLength\",\"PurchaseOption\",\"OfferingClass\",\"Product Family\",\"serviceCode\",\"Location\",\"Location Type\",\"Instance Type\",\"Operating System\",\"Pre Installed S/W\",\"License Model\",\"Tenancy\",\"CapacityStatus\",\"usageType\",\"operation\",\"Region Code\"";

/// A line of EC2's price file for eu-west-2: term, lease, payment, unit, price, usage type.
fn line(sku: &str, term: [&str; 3], unit: &str, usd: &str, usage_type: &str) -> String {
    let code = if term[0] == "OnDemand" {
        "JRTCKXETXF"
    } else {
        "38NPMPTW36"
    };
    let rate = if unit == "Quantity" {
        "2TG2D8R56U"
    } else {
        "6YS6EN2CT7"
    };
    let class = if term[0] == "OnDemand" { "" } else { "standard" };
    let machine = usage_type.contains("BoxUsage");
    let only = |text: &'static str| if machine { text } else { "" };
    let start = if unit == "Quantity" { "" } else { "0" };
    let end = if unit == "Quantity" { "" } else { "Inf" };
    [
        sku,
        code,
        &format!("{sku}.{code}.{rate}"),
        term[0],
        "a price",
        "2026-10-01",
        start,
        end,
        unit,
        usd,
        "USD",
        term[1],
        term[2],
        class,
        "Compute Instance",
        "AmazonEC2",
        "Europe (London)",
        "AWS Region",
        only("m5.large"),
        only("Linux"),
        only("NA"),
        only("No License required"),
        only("Shared"),
        only("Used"),
        usage_type,
        "RunInstances",
        "eu-west-2",
    ]
    .map(|field| format!("\"{field}\""))
    .join(",")
        + "\n"
}

const ON_DEMAND: [&str; 3] = ["OnDemand", "", ""];

fn ec2() -> String {
    let head = "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"x\"\n\"Publication Date\",\"2026-10-02T00:00:00Z\"\n\"Version\",\"20261002\"\n\
                \"OfferCode\",\"AmazonEC2\"\n";
    let partial = ["Reserved", "1yr", "Partial Upfront"];
    let all = ["Reserved", "3yr", "All Upfront"];
    let lines = [
        line(
            "AAAAAAAAAAAAAAAA",
            ON_DEMAND,
            "Hrs",
            "0.1110000000",
            "EUW2-BoxUsage:m5.large",
        ),
        line(
            "AAAAAAAAAAAAAAAA",
            partial,
            "Hrs",
            "0.0340000000",
            "EUW2-BoxUsage:m5.large",
        ),
        line(
            "AAAAAAAAAAAAAAAA",
            partial,
            "Quantity",
            "292",
            "EUW2-BoxUsage:m5.large",
        ),
        line(
            "AAAAAAAAAAAAAAAA",
            all,
            "Hrs",
            "0.0000000000",
            "EUW2-BoxUsage:m5.large",
        ),
        line(
            "AAAAAAAAAAAAAAAA",
            all,
            "Quantity",
            "1051.2",
            "EUW2-BoxUsage:m5.large",
        ),
        line(
            "BBBBBBBBBBBBBBBB",
            ON_DEMAND,
            "GB-Mo",
            "0.0928000000",
            "EUW2-EBS:VolumeUsage.gp3",
        ),
    ];
    format!("{head}{HEADER}\n{}", lines.concat())
}

const ROOT: &str = "provider \"aws\" {\n  region = \"eu-west-2\"\n}\nresource \"aws_instance\" \"web\" {\n  ami           = \"a\"\n  instance_type = \"m5.large\"\n  \
                    root_block_device {\n    volume_type = \"gp3\"\n    volume_size = 10\n  }\n}\n";

#[test]
fn a_catalogue_of_aws_files_prices_a_region_that_the_built_in_one_does_not_have() {
    let dir = folder(&[("main.tf", ROOT), ("bulk/AmazonEC2/eu-west-2/index.csv", &ec2())]);
    let estimate = |args: &[&str]| {
        let output = tf_cost(dir.path(), &[&["estimate", "--format", "json"], args].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        json(&output)
    };
    let without = estimate(&[]);
    assert_eq!(
        (&without["total_monthly"], &without["unpriced"]),
        (&"0".into(), &2.into())
    );
    let output = tf_cost(dir.path(), &["prices", "build", "bulk", "--out", "prices.bin"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("2 prices of 6 kept, 4 reserved"), "{shown}");
    // 730 × 0.111 + 10 × 0.0928.
    assert_eq!(
        estimate(&["--catalogue", "prices.bin"])["total_monthly"],
        "81.958"
    );
    // The same files, the same bytes.
    tf_cost(dir.path(), &["prices", "build", "bulk", "--out", "again.bin"]);
    let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
    assert_eq!(read("prices.bin"), read("again.bin"));

    let output = tf_cost(dir.path(), &["prices", "info", "prices.bin", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let info = json(&output);
    assert_eq!(info["schema"], "plumbline.prices/1");
    assert_eq!(info["day"], "2026-10-02");
    assert_eq!(info["regions"]["eu-west-2"]["AmazonEC2"]["prices"], 2);
}

#[test]
fn reserved_terms_count_what_is_paid_at_the_beginning() {
    let dir = folder(&[("main.tf", ROOT), ("bulk/index.csv", &ec2())]);
    let output = tf_cost(
        dir.path(),
        &["prices", "build", "bulk", "--out", "prices.bin", "--reserved"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    for (settings, usage, total) in [
        // (0.034 + 292 / 8760) × 730 = 24.82 + 24.333…, and 0.928 for the volume.
        (
            "reserved \"a\" {\n instance_type = \"m5.large\"\n term = \"1_year\"\n payment_option = \"partial_upfront\"\n}",
            "",
            "50.0813",
        ),
        // 1051.2 / 26280 = 0.04 an hour: nothing an hour is not nothing at all.
        (
            "reserved \"a\" {\n instance_type = \"m5.large\"\n term = \"3_year\"\n payment_option = \"all_upfront\"\n}",
            "",
            "30.128",
        ),
        // The usage file says the same of one resource.
        (
            "",
            "reserved_instance_term: 3_year\n    reserved_instance_payment_option: all_upfront",
            "30.128",
        ),
        (
            "",
            "reserved_instance_term: 1_year\n    reserved_instance_payment_option: partial_upfront",
            "50.0813",
        ),
    ] {
        fs::write(
            dir.path().join("plumbline.hcl"),
            format!("cost {{\n catalogue = \"prices.bin\"\n{settings}\n}}\n"),
        )
        .unwrap();
        let text = match usage {
            "" => "version: 0.1\n".to_owned(),
            usage => format!("version: 0.1\nresource_usage:\n  aws_instance.web:\n    {usage}\n"),
        };
        fs::write(dir.path().join("usage.yml"), text).unwrap();
        let output = tf_cost(
            dir.path(),
            &["estimate", "--format", "json", "--usage", "usage.yml"],
        );
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let document = json(&output);
        let sum: tf_pricing::Decimal = document["total_monthly"].as_str().unwrap().parse().unwrap();
        assert_eq!(
            sum.round_dp(4).normalize().to_string(),
            total,
            "{settings}{usage}: {document:#}"
        );
        assert_eq!(document["unpriced"], 0);
    }
    // A way of payment that is not on offer is unpriced, and not free.
    let usage = "version: 0.1\nresource_usage:\n  aws_instance.web:\n    reserved_instance_term: 1_year\n    reserved_instance_payment_option: all_upfront\n";
    fs::write(dir.path().join("usage.yml"), usage).unwrap();
    let output = tf_cost(
        dir.path(),
        &["estimate", "--format", "json", "--usage", "usage.yml"],
    );
    assert_eq!(json(&output)["unpriced"], 1);
}

#[test]
fn what_is_wrong_with_a_source_or_a_catalogue_is_said_and_an_older_catalogue_stays() {
    let whole = ec2();
    let offer = "{\"offers\": {}}";
    let header = whole.lines().take(6).collect::<Vec<_>>().join("\n") + "\n";
    let within = &whole[..whole.len() - 40];
    let json = "{\"formatVersion\": \"v1.0\", \"offerCode\": \"AmazonEC2\", \"publicationDate\": \"2026-10-02T00:00:00Z\", \"products\": {\"A\": {\"sku\": \"A\",";
    let dir = folder(&[
        ("main.tf", ROOT),
        ("good/index.csv", &whole),
        ("cut/index.csv", within),
        ("cut-json/index.json", json),
        ("none/readme.txt", "x"),
        ("only-header/index.csv", &header),
        ("other/index.csv", "a,b\n1,2\n"),
        ("no-files/offers/v1.0/aws/index.json", offer),
        ("broken-off/index.csv", &whole),
        ("broken-off/.sync-unfinished", ""),
        ("empty.bin", ""),
        ("notes/readme.txt", "mine"),
    ]);
    let run = |args: &[&str]| tf_cost(dir.path(), args);
    assert_eq!(
        run(&["prices", "build", "good", "--out", "prices.bin"])
            .status
            .code(),
        Some(0)
    );
    let before = fs::read(dir.path().join("prices.bin")).unwrap();
    let cases: [(&[&str], &str); 11] = [
        (&["cut"], "cut/index.csv:12: "),
        (&["cut-json"], "cut-json/index.json:1: "),
        (&["none"], "holds no price file of AWS"),
        (&["only-header"], "0 prices were read and none was kept"),
        (&["other"], "this is no price file of AWS"),
        (
            &["no-files"],
            "holds no price file of AWS for the services and regions asked for",
        ),
        (&["broken-off"], "the last download into this folder broke off"),
        (&["nowhere"], "nowhere"),
        (&["good", "--region", "eu-west-3"], "none was kept"),
        (
            &["good", "--region", "eu-west-2", "--region", "eu-west-3"],
            "has no prices of eu-west-3",
        ),
        (
            &["good", "--service", "AmazonEC2", "--service", "AWSLambda"],
            "has no prices of AWSLambda",
        ),
    ];
    for (args, message) in cases {
        let output = run(&[&["prices", "build"], args, &["--out", "prices.bin"]].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
        assert!(said(&output).contains(message), "{args:?}: {}", said(&output));
        assert_eq!(
            fs::read(dir.path().join("prices.bin")).unwrap(),
            before,
            "{args:?}"
        );
        assert!(!dir.path().join("prices.bin.part").exists(), "{args:?}");
    }
    // A folder that is somebody's is not replaced by a catalogue as text; one that is a catalogue is.
    let output = run(&["prices", "build", "good", "--text", "notes"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("is not a catalogue as text"),
        "{}",
        said(&output)
    );
    assert_eq!(
        fs::read_to_string(dir.path().join("notes/readme.txt")).unwrap(),
        "mine"
    );
    for _ in 0..2 {
        let output = run(&["prices", "build", "good", "--text", "text"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(dir.path().join("text/eu-west-2/AmazonEC2.csv").is_file());
    }
    // Catalogues that are empty, cut or changed.
    fs::write(dir.path().join("cut.bin"), &before[..before.len() / 2]).unwrap();
    let mut changed = before.clone();
    changed[20] ^= 0xff;
    fs::write(dir.path().join("changed.bin"), &changed).unwrap();
    for (file, message) in [("empty.bin", "the file is empty"), ("cut.bin", "is damaged")] {
        for args in [&["estimate", "--catalogue", file][..], &["prices", "info", file]] {
            let output = run(args);
            assert_eq!(output.status.code(), Some(2), "{args:?}");
            assert!(said(&output).contains(message), "{args:?}: {}", said(&output));
        }
    }
    // A section is read when it is needed, and then says that it is damaged: unpriced, and never nothing.
    let output = run(&["estimate", "--catalogue", "changed.bin", "--format", "json"]);
    let document = program::json(&output);
    assert_eq!(document["unpriced"], 2, "{document:#}");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("checksum"), "{}", said(&output));
}

#[test]
fn old_prices_warn() {
    let old = ec2()
        .replace("2026-10-02T00:00:00Z", "2024-01-02T00:00:00Z")
        .replace("2026-10-01", "2024-01-01");
    let dir = folder(&[
        ("main.tf", ROOT),
        ("bulk/index.csv", &old),
        ("plumbline.hcl", "cost {\n catalogue = \"prices.bin\"\n}\n"),
    ]);
    assert_eq!(
        tf_cost(dir.path(), &["prices", "build", "bulk", "--out", "prices.bin"])
            .status
            .code(),
        Some(0)
    );
    for args in [
        &["estimate"][..],
        &["prices", "info"],
        &["diff", ".", "."],
        &["explain", "aws_instance.web"],
    ] {
        let output = tf_cost(dir.path(), args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
        let warnings = said(&output).matches("the prices are of 2024-01-02").count();
        assert_eq!(warnings, 1, "{args:?}: {}", said(&output));
    }
}

/// A server of files: what is asked for, and after how many bytes of a path's body it hangs up, once.
#[derive(Default)]
struct Server {
    files: HashMap<String, Vec<u8>>,
    cut: Option<(String, usize)>,
    requests: Vec<String>,
}

fn serve(server: Server) -> (String, Arc<Mutex<Server>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let shared = Arc::new(Mutex::new(server));
    let theirs = shared.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &theirs);
        }
    });
    (address, shared)
}

fn answer(mut stream: TcpStream, shared: &Arc<Mutex<Server>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut first = String::new();
    let mut range = None;
    while let Some(Ok(line)) = lines.next() {
        if first.is_empty() {
            first.clone_from(&line);
        }
        if line.is_empty() {
            // A proxy is asked for a connection first, and then for the file.
            if first.starts_with("CONNECT") {
                shared.lock().unwrap().requests.push(first.clone());
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                first.clear();
                continue;
            }
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(given) = lower.strip_prefix("range: bytes=") {
            range = given.trim_end_matches('-').parse::<usize>().ok();
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut server = shared.lock().unwrap();
    server.requests.push(match range {
        Some(from) => format!("{path} from {from}"),
        None => path.clone(),
    });
    let Some(body) = server.files.get(&path).cloned() else {
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let from = range.unwrap_or(0);
    let head = match range {
        Some(_) => format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{}",
            body.len() - 1,
            body.len()
        ),
        None => "HTTP/1.1 200 OK".to_owned(),
    };
    let head = format!(
        "{head}\r\nETag: \"v1\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len() - from
    );
    let _ = stream.write_all(head.as_bytes());
    let end = match &server.cut {
        Some((cut, bytes)) if *cut == path => *bytes,
        _ => body.len(),
    };
    if end < body.len() {
        server.cut = None;
    }
    let _ = stream.write_all(&body[from..end]);
}

const FILE: &str = "/offers/v1.0/aws/AmazonEC2/20261002/eu-west-2/index.csv";

fn server() -> Server {
    let offers = "{\"offers\": {\"AmazonEC2\": {\"offerCode\": \"AmazonEC2\", \"currentVersionUrl\": \"/offers/v1.0/aws/AmazonEC2/current/index.json\", \
                  \"currentRegionIndexUrl\": \"/offers/v1.0/aws/AmazonEC2/current/region_index.json\"}}}";
    let regions = "{\"regions\": {\"eu-west-2\": {\"regionCode\": \"eu-west-2\", \
                   \"currentVersionUrl\": \"/offers/v1.0/aws/AmazonEC2/20261002/eu-west-2/index.json\"}}}";
    let mut server = Server::default();
    for (path, text) in [
        ("/offers/v1.0/aws/index.json", offers.to_owned()),
        (
            "/offers/v1.0/aws/AmazonEC2/current/region_index.json",
            regions.to_owned(),
        ),
        (FILE, ec2()),
    ] {
        server.files.insert(path.to_owned(), text.into_bytes());
    }
    server
}

const ASKED: [&str; 6] = [
    "--region",
    "eu-west-2",
    "--service",
    "AmazonEC2",
    "--attempts",
    "1",
];

#[test]
fn a_download_that_broke_off_goes_on_and_makes_a_catalogue() {
    let mut broken = server();
    broken.cut = Some((FILE.to_owned(), 700));
    let (address, shared) = serve(broken);
    let dir = folder(&[("main.tf", ROOT)]);
    let base = format!("http://{address}");
    let sync = || {
        tf_cost(
            dir.path(),
            &[&["prices", "sync", "bulk", "--base-url", &base][..], &ASKED].concat(),
        )
    };
    let build = || tf_cost(dir.path(), &["prices", "build", "bulk", "--out", "prices.bin"]);

    let output = sync();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains(FILE), "{}", said(&output));
    // What is half there makes no catalogue.
    let output = build();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("broke off"), "{}", said(&output));

    let output = sync();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        shared
            .lock()
            .unwrap()
            .requests
            .contains(&format!("{FILE} from 700"))
    );
    assert_eq!(
        fs::read_to_string(dir.path().join("bulk").join(&FILE[1..])).unwrap(),
        ec2()
    );
    let output = build();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let output = tf_cost(
        dir.path(),
        &["estimate", "--catalogue", "prices.bin", "--format", "json"],
    );
    assert_eq!(json(&output)["total_monthly"], "81.958");
}

#[test]
fn what_is_not_there_is_an_error_with_its_address() {
    let (address, _) = serve(server());
    let dir = folder(&[]);
    let base = format!("http://{address}");
    for (args, message) in [
        (
            &["--service", "AmazonEC3", "--region", "eu-west-2"][..],
            "did you mean AmazonEC2?",
        ),
        (
            &["--service", "AmazonEC2", "--region", "eu-west-9"],
            "AWS publishes no prices for this region",
        ),
    ] {
        let all = [
            &["prices", "sync", "bulk", "--attempts", "1", "--base-url", &base],
            args,
        ]
        .concat();
        let output = tf_cost(dir.path(), &all);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(said(&output).contains(message), "{args:?}: {}", said(&output));
    }
    let lost = format!("{base}/mirror");
    let output = tf_cost(
        dir.path(),
        &["prices", "sync", "bulk", "--attempts", "1", "--base-url", &lost],
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("/mirror/offers/v1.0/aws/index.json"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let (address, shared) = serve(server());
    let dir = folder(&[]);
    // No name server knows this host: only the proxy answers for it.
    let base = "http://prices.example.invalid";
    let args = [&["prices", "sync", "bulk", "--base-url", base][..], &ASKED].concat();
    let output = command(dir.path(), &args)
        .env("http_proxy", format!("http://{address}"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let requests = shared.lock().unwrap().requests.clone();
    assert!(
        requests
            .iter()
            .any(|request| request.starts_with("CONNECT prices.example.invalid")),
        "{requests:?}"
    );
    assert!(there(dir.path()));
    let output = command(dir.path(), &args)
        .env("http_proxy", format!("http://{address}"))
        .env("no_proxy", "example.invalid")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

fn there(dir: &Path) -> bool {
    dir.join("bulk").join(&FILE[1..]).is_file()
}
