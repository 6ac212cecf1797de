//! `tf-gate approve`

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;
use tf_cli::exit::Exit;
use tf_cli::output;
use tf_cli::settings::Settings;
use tf_cli::settings::key::KeyName;

use crate::approvals::{self, Approval};
use crate::plan::folder::ReviewFile;
use crate::seal::{SigningKey, VerifyingKey};

/// Approve a review, with a key
///
/// Adds a signed approval to the folder of a review. Who may approve what, and with which keys, is said in plumbline.hcl by
/// `approver` and `approval` blocks. An approval is for exactly this review: another plan needs another one.
#[derive(Args, Debug)]
pub(crate) struct ApproveArgs {
    /// The folder of the review
    #[arg(value_name = "REVIEW")]
    review: PathBuf,
    /// Your private key: Ed25519 in PEM, or a key in KMS, awskms:///alias/NAME
    #[arg(long, value_name = "KEY", env = "TF_GATE_APPROVE_KEY")]
    key: KeyName,
    /// Your name in plumbline.hcl; else the approver with this key
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
}

pub(crate) fn run(args: ApproveArgs) -> anyhow::Result<Exit> {
    let settings = Settings::find(std::path::Path::new("."))?;
    let file = ReviewFile::read(&args.review)?;
    let seal = file
        .seal
        .context("the review has no seal: there is no plan in it that could be applied")?;
    let key = SigningKey::open(&args.key)?;
    let now = Timestamp::now();
    let approvers = &settings.gate.approvers;
    let proof = key.sign("plumbline")?;
    let (mut own, mut unclear) = (Vec::new(), None);
    for approver in approvers {
        if args.name.as_ref().is_some_and(|name| *name != approver.name) {
            continue;
        }
        // A key is known by what it signs.
        let Some(public) = &approver.key else { continue };
        match VerifyingKey::open(public)?.signed("plumbline", &proof) {
            Ok(true) => own.push(approver.name.clone()),
            Ok(false) => {}
            // Not everybody may ask for the keys of others.
            Err(error) => unclear = unclear.or(Some(error)),
        }
    }
    if let (true, Some(error)) = (own.is_empty(), unclear) {
        return Err(error);
    }
    let name = match (own.as_slice(), args.name) {
        ([one], _) => one.clone(),
        ([], Some(name)) => bail!(
            "{} is not the key of {name} in plumbline.hcl, which has {}",
            args.key,
            list(approvers.iter().map(|approver| approver.name.as_str()))
        ),
        ([], None) => bail!(
            "{} is the key of no approver in plumbline.hcl, which has {}",
            args.key,
            list(approvers.iter().map(|approver| approver.name.as_str()))
        ),
        (several, _) => bail!(
            "this is the key of {}: say with --as who you are",
            several.join(" and ")
        ),
    };
    approvals::add(&args.review, Approval::give(&name, &seal, now, &key)?)?;
    output::print(&format!("{name} approves the plan of {}\n", file.root))?;
    Ok(Exit::Clean)
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.is_empty() {
        true => "no approvers".to_owned(),
        false => names.join(", "),
    }
}
