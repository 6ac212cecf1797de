//! `cargo xtask bench --cost`: what `tf-cost estimate` takes for a root of 1,000 resources, each start cold, and how fast and in how much
//! memory `tf-cost prices build` reads price files of AWS's shape.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tabled::builder::Builder;
use tabled::settings::Style;

use super::best;
use crate::shell;

/// Resources of the root.
const RESOURCES: usize = 1_000;

/// The price files: megabytes of CSV, twice, so that memory can be seen not to grow with the file, and of JSON.
const FILES: [(&str, usize); 3] = [("csv", 100), ("csv", 400), ("json", 200)];

/// Reserved terms for each price on demand, about as in EC2's file.
const RESERVED: usize = 9;

pub(super) fn run() -> Result<bool> {
    let tf_cost = shell::tf_cost()?;
    let scratch = shell::workspace().join("target/bench-cost");
    fs::create_dir_all(scratch.join("root"))?;
    fs::write(scratch.join("root/main.tf"), root())?;
    let estimate = best(|| {
        let mut command = Command::new(&tf_cost);
        command
            .args(["estimate", "root", "--format", "json"])
            .current_dir(&scratch);
        command
    })?;
    ensure!(estimate.code == Some(0), "tf-cost estimate fails");
    println!(
        "a root of {RESOURCES} resources: {:.1} ms, {} MB",
        estimate.time.as_secs_f64() * 1000.0,
        estimate.peak / 1024
    );
    let mut table = Builder::default();
    table.push_record(["price file", "MB", "s", "MB/s", "peak MB"]);
    for (shape, size) in FILES {
        let file = scratch.join(format!("prices-{size}.{shape}"));
        if !file.exists() {
            match shape {
                "csv" => csv(&file, size)?,
                _ => json(&file, size)?,
            }
        }
        let bytes = fs::metadata(&file)?.len();
        let built = best(|| {
            let mut command = Command::new(&tf_cost);
            command.args(["prices", "build"]).arg(&file).arg("--out");
            command.arg(scratch.join("prices.bin"));
            command
        })?;
        ensure!(built.code == Some(0), "tf-cost prices build fails");
        let seconds = built.time.as_secs_f64();
        table.push_record([
            shape.to_owned(),
            (bytes >> 20).to_string(),
            format!("{seconds:.2}"),
            format!("{:.0}", bytes as f64 / seconds / 1e6),
            (built.peak / 1024).to_string(),
        ]);
    }
    println!("{}", table.build().with(Style::sharp()));
    Ok(true)
}

/// A root with a bit of everything, each resource on its own.
fn root() -> String {
    let mut text = String::from("provider \"aws\" {\n  region = \"us-east-1\"\n}\n");
    let types = ["m5.large", "m6i.xlarge", "c5.2xlarge", "r6g.large", "t3.medium"];
    for at in 0..RESOURCES / 10 {
        let ty = types.get(at % types.len()).copied().unwrap_or("m5.large");
        let size = 20 + at;
        text.push_str(&format!(
            "resource \"aws_instance\" \"a{at}\" {{\n  ami           = \"ami-1\"\n  instance_type = \"{ty}\"\n  root_block_device {{\n    volume_type = \"gp3\"\n    volume_size = {size}\n  }}\n  tags = {{ Name = \"a{at}\" }}\n}}\n\
             resource \"aws_ebs_volume\" \"a{at}\" {{\n  availability_zone = \"us-east-1a\"\n  size              = {size}\n  type              = \"gp2\"\n}}\n\
             resource \"aws_db_instance\" \"a{at}\" {{\n  engine            = \"postgres\"\n  instance_class    = \"db.m5.large\"\n  allocated_storage = {size}\n  multi_az          = true\n}}\n\
             resource \"aws_s3_bucket\" \"a{at}\" {{\n  bucket = \"bucket-{at}\"\n}}\n\
             resource \"aws_lambda_function\" \"a{at}\" {{\n  function_name = \"f{at}\"\n  role          = \"arn:aws:iam::123456789012:role/r\"\n  memory_size   = 512\n}}\n\
             resource \"aws_dynamodb_table\" \"a{at}\" {{\n  name           = \"t{at}\"\n  hash_key       = \"id\"\n  read_capacity  = 5\n  write_capacity = 5\n  attribute {{\n    name = \"id\"\n    type = \"S\"\n  }}\n}}\n\
             resource \"aws_nat_gateway\" \"a{at}\" {{\n  subnet_id = \"subnet-{at}\"\n}}\n\
             resource \"aws_lb\" \"a{at}\" {{\n  load_balancer_type = \"application\"\n}}\n\
             resource \"aws_elasticache_cluster\" \"a{at}\" {{\n  engine          = \"redis\"\n  node_type       = \"cache.m6g.large\"\n  num_cache_nodes = 2\n}}\n\
             resource \"aws_cloudwatch_log_group\" \"a{at}\" {{\n  name = \"/app/{at}\"\n}}\n"
        ));
    }
    text
}

const COLUMNS: &str = "\"SKU\",\"OfferTermCode\",\"RateCode\",\"TermType\",\"PriceDescription\",\"EffectiveDate\",\"StartingRange\",\"EndingRange\",\"Unit\",\"PricePerUnit\",\"Currency\",\"RelatedTo\",\"LeaseContractLength\",\"PurchaseOption\",\"OfferingClass\",\"Product Family\",\"serviceCode\",\"Location\",\"Location Type\",\"Instance Type\",\"Current Generation\",\"Instance Family\",\"vCPU\",\"Physical Processor\",\"Memory\",\"Storage\",\"Network Performance\",\"Processor Architecture\",\"Tenancy\",\"Operating System\",\"License Model\",\"usageType\",\"operation\",\"CapacityStatus\",\"Pre Installed S/W\",\"Region Code\",\"serviceName\"";

/// Regions of the price files, and products in each, of which those of one region are as those of another.
const REGIONS: [&str; 8] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-south-1",
    "sa-east-1",
];
const PRODUCTS: usize = 15_000;

/// A price file: for each price on demand some reserved terms, as in EC2's.
fn csv(path: &Path, megabytes: usize) -> Result<()> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    write!(
        out,
        "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"made for a benchmark\"\n\"Publication Date\",\"2026-10-02T00:00:00Z\"\n\
         \"Version\",\"20261002000000\"\n\"OfferCode\",\"AmazonEC2\"\n{COLUMNS}\n"
    )?;
    let systems = ["Linux", "Windows", "RHEL", "SUSE"];
    let mut written = 0;
    for index in 0_usize.. {
        if written >= megabytes << 20 {
            break;
        }
        let sku = format!("{:0>16}", format!("K{index:X}"));
        let region = REGIONS.get(index / PRODUCTS % REGIONS.len());
        let region = region.copied().unwrap_or("us-east-1");
        let product = index % PRODUCTS;
        let operation = product % 300;
        let system = systems.get(product % systems.len()).copied().unwrap_or("Linux");
        let ty = format!("z{}.{}xlarge", product / 80 % 500, product / systems.len() % 20);
        let tenancy = if product.is_multiple_of(3) {
            "Dedicated"
        } else {
            "Shared"
        };
        for term in 0..=RESERVED {
            let (code, kind, lease, payment, class) = match term {
                0 => ("JRTCKXETXF", "OnDemand", "", "", ""),
                _ => ("38NPMPTW36", "Reserved", "3yr", "Partial Upfront", "standard"),
            };
            let line = format!(
                "\"{sku}\",\"{code}\",\"{sku}.{code}.6YS6EN2CT7\",\"{kind}\",\"$0.{:04} per {kind} {system} {ty} instance hour (or partial hour)\",\"2026-10-01\",\"0\",\"Inf\",\"Hrs\",\"0.{:04}000000\",\"USD\",\"\",\"{lease}\",\"{payment}\",\"{class}\",\"Compute Instance\",\"AmazonEC2\",\"US East (N. Virginia)\",\"AWS Region\",\"{ty}\",\"Yes\",\"General purpose\",\"8\",\"Intel Xeon Platinum 8175 (Skylake)\",\"32 GiB\",\"EBS only\",\"Up to 10 Gigabit\",\"64-bit\",\"{tenancy}\",\"{system}\",\"No License required\",\"BoxUsage:{ty}\",\"RunInstances:{operation:04x}\",\"Used\",\"NA\",\"{region}\",\"Amazon Elastic Compute Cloud\"\n",
                index % 10_000,
                index % 10_000,
            );
            written += line.len();
            out.write_all(line.as_bytes())?;
        }
    }
    out.flush().context("writing the price file")
}

/// The same as JSON: all products, and then their terms.
fn json(path: &Path, megabytes: usize) -> Result<()> {
    let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    // A product and its terms together are about as long as this.
    let count = (megabytes << 20) / 6_700;
    let sku = |index: usize| format!("{:0>16}", format!("K{index:X}"));
    let comma = |index: usize| if index == 0 { "" } else { "," };
    write!(
        out,
        "{{\n  \"formatVersion\" : \"v1.0\",\n  \"offerCode\" : \"AmazonEC2\",\n  \"version\" : \"20261002000000\",\n  \"publicationDate\" : \"2026-10-02T00:00:00Z\",\n  \"products\" : {{"
    )?;
    for index in 0..count {
        let sku = sku(index);
        let ty = format!("z{}.{}xlarge", index / 80 % 500, index / 4 % 20);
        write!(
            out,
            "{}\n    \"{sku}\" : {{\n      \"sku\" : \"{sku}\",\n      \"productFamily\" : \"Compute Instance\",\n      \"attributes\" : {{\n        \"servicecode\" : \"AmazonEC2\",\n        \"location\" : \"US East (N. Virginia)\",\n        \"locationType\" : \"AWS Region\",\n        \"instanceType\" : \"{ty}\",\n        \"currentGeneration\" : \"Yes\",\n        \"instanceFamily\" : \"General purpose\",\n        \"vcpu\" : \"8\",\n        \"memory\" : \"32 GiB\",\n        \"tenancy\" : \"Shared\",\n        \"operatingSystem\" : \"Linux\",\n        \"usagetype\" : \"BoxUsage:{ty}\",\n        \"operation\" : \"RunInstances:{index:04x}\",\n        \"capacitystatus\" : \"Used\",\n        \"preInstalledSw\" : \"NA\",\n        \"regionCode\" : \"us-east-1\"\n      }}\n    }}",
            comma(index)
        )?;
    }
    write!(out, "\n  }},\n  \"terms\" : {{")?;
    for (kind, code, terms) in [
        ("OnDemand", "JRTCKXETXF", 1),
        ("Reserved", "38NPMPTW36", RESERVED),
    ] {
        write!(
            out,
            "{}\n    \"{kind}\" : {{",
            comma(usize::from(kind == "Reserved"))
        )?;
        for index in 0..count {
            let sku = sku(index);
            write!(out, "{}\n      \"{sku}\" : {{", comma(index))?;
            for term in 0..terms {
                let code = format!("{code}{term}");
                let attributes = match kind {
                    "OnDemand" => "",
                    _ => {
                        "\"LeaseContractLength\" : \"3yr\", \"OfferingClass\" : \"standard\", \"PurchaseOption\" : \"Partial Upfront\""
                    }
                };
                write!(
                    out,
                    "{}\n        \"{sku}.{code}\" : {{\n          \"offerTermCode\" : \"{code}\",\n          \"sku\" : \"{sku}\",\n          \"effectiveDate\" : \"2026-10-01T00:00:00Z\",\n          \"priceDimensions\" : {{\n            \"{sku}.{code}.6YS6EN2CT7\" : {{\n              \"rateCode\" : \"{sku}.{code}.6YS6EN2CT7\",\n              \"description\" : \"{kind} instance hour (or partial hour)\",\n              \"beginRange\" : \"0\",\n              \"endRange\" : \"Inf\",\n              \"unit\" : \"Hrs\",\n              \"appliesTo\" : [ ],\n              \"pricePerUnit\" : {{\n                \"USD\" : \"0.{:04}000000\"\n              }}\n            }}\n          }},\n          \"termAttributes\" : {{ {attributes} }}\n        }}",
                    comma(term),
                    index % 10_000
                )?;
            }
            write!(out, "\n      }}")?;
        }
        write!(out, "\n    }}")?;
    }
    write!(out, "\n  }}\n}}\n")?;
    out.flush().context("writing the price file")
}
