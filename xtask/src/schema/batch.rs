//! Probes in one configuration.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

use super::body::{Body, Path};
use super::probe::Probe;
use super::terraform::{Diagnostic, Terraform};

/// Probes in one plan. Terraform's time grows with the square of it.
const AT_A_TIME: usize = 250;

/// How often a probe is changed before it is given up.
const ATTEMPTS: usize = 8;

/// What is written by hand for something that is not known yet, where the provider would ask AWS about anything else.
const LATER: &str = "{?}";

/// A probe and its planned change.
pub(super) type Planned<'s> = (Probe<'s>, Value);

/// Plans probes. Those that cannot be planned are missing from the answer, and their last message is in `refused`.
pub(super) fn plan<'s>(
    terraform: &Terraform,
    probes: Vec<Probe<'s>>,
    refused: &mut BTreeMap<&'s str, String>,
) -> Result<Vec<Planned<'s>>> {
    let mut planned = Vec::new();
    // Terraform plans nothing beside what is not valid: what is valid has to wait.
    let (mut open, mut valid) = (probes, Vec::new());
    loop {
        // It is planned as soon as there is a batch of it; what is left comes together at the end.
        let is_due = valid.len() >= AT_A_TIME || open.is_empty();
        let from = if is_due { &mut valid } else { &mut open };
        if from.is_empty() {
            return Ok(planned);
        }
        let mut batch: Vec<Probe<'s>> = from.drain(..from.len().min(AT_A_TIME)).collect();
        let file = File::of(&batch);
        let mut errors = terraform.plan(&file.text)?;
        // Terraform asks about many resources at a time, and tells their errors as they come.
        errors.sort();
        let mut changes = terraform.planned()?;
        // By number of the probe: whether it has been changed, and why it should have been.
        let mut outcomes: BTreeMap<usize, (bool, String)> = BTreeMap::new();
        for Diagnostic { line, message } in errors {
            let place = file.lines.get(line.wrapping_sub(1));
            let (number, path) =
                place.with_context(|| format!("an error that is about no probe: {message}"))?;
            let probe = batch.get_mut(*number).context("a line of no probe")?;
            let outcome = outcomes.entry(*number).or_default();
            // One change may do for several errors.
            outcome.0 |= probe.repair(path, &message);
            outcome.1 = format!("{}: {message}", path.join("."));
        }
        for (number, mut probe) in batch.into_iter().enumerate() {
            probe.attempts += 1;
            match outcomes.remove(&number) {
                None => match changes.remove(&format!("p{number}")) {
                    Some(change) => planned.push((probe, change)),
                    None => valid.push(probe),
                },
                Some((true, _)) if probe.attempts < ATTEMPTS => open.push(probe),
                Some((_, message)) => drop(refused.insert(probe.kind, message)),
            }
        }
    }
}

/// A configuration, and the path of what is on each line.
#[derive(Default)]
struct File {
    text: String,
    /// By line: the number of the probe and the path.
    lines: Vec<(usize, Path)>,
}

impl File {
    fn of(probes: &[Probe<'_>]) -> File {
        let mut file = File::default();
        for (number, probe) in probes.iter().enumerate() {
            file.line(
                number,
                &[],
                &format!("resource \"{}\" \"p{number}\" {{", probe.kind),
            );
            file.body(number, &mut Path::new(), &probe.body);
            file.line(number, &[], "}");
        }
        file
    }

    fn body(&mut self, number: usize, path: &mut Path, body: &Body) {
        for (name, value) in &body.attributes {
            let value = match value.as_str() {
                Some(LATER) => "timestamp()".to_owned(),
                _ => value.to_string().replace("${", "$${").replace("%{", "%%{"),
            };
            path.push(name.clone());
            self.line(number, path, &format!("{name} = {value}"));
            path.pop();
        }
        for (name, block) in &body.blocks {
            path.push(name.clone());
            for _ in 0..block.copies.max(1) {
                self.line(number, path, &format!("{name} {{"));
                self.body(number, path, block);
                self.line(number, path, "}");
            }
            path.pop();
        }
    }

    fn line(&mut self, number: usize, path: &[String], line: &str) {
        let _ = writeln!(self.text, "{line}");
        self.lines.push((number, path.to_vec()));
    }
}
