//! Why a review cannot be applied: each reason in a sentence that says what to do.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use tf_model::config::depends::role;
use tf_model::plan::{Action, Review, Step};
use tf_terraform::StateId;

use crate::approvals::Needed;
use crate::configuration::{Digests, sha256};
use crate::plan::folder::ReviewFile;
use crate::seal::{Seal, VerifyingKey, any_signed};

/// One reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    /// The sentence.
    pub(super) reason: String,
    /// Whether something only moved, so that a new plan may be the same.
    pub(super) moved: bool,
}

/// What is there now.
pub(super) struct Now {
    pub(super) time: Timestamp,
    pub(super) commit: Option<String>,
    pub(super) terraform: String,
    pub(super) configuration: Digests,
    pub(super) policies: String,
}

/// Gathers the reasons.
pub(super) struct Refusals<'s> {
    seal: &'s Seal,
    any_commit: bool,
    found: Vec<Refusal>,
}

/// So many files are named, and the rest counted.
const NAMED: usize = 8;

impl<'s> Refusals<'s> {
    pub(super) fn new(seal: &'s Seal, any_commit: bool) -> Refusals<'s> {
        Refusals {
            seal,
            any_commit,
            found: Vec::new(),
        }
    }

    pub(super) fn all(&self) -> &[Refusal] {
        &self.found
    }

    fn refuse(&mut self, reason: impl Into<String>) {
        self.found.push(Refusal {
            reason: reason.into(),
            moved: false,
        });
    }

    fn moved_on(&mut self, reason: impl Into<String>) {
        self.found.push(Refusal {
            reason: reason.into(),
            moved: true,
        });
    }

    /// Whether the folder is as it was made.
    ///
    /// # Errors
    /// Where a signature cannot be checked, because KMS does not let us.
    pub(super) fn whole(
        &mut self,
        file: &ReviewFile,
        plan: &Path,
        keys: &[VerifyingKey],
    ) -> anyhow::Result<()> {
        match std::fs::read(plan) {
            Ok(bytes) if sha256(&bytes) == self.seal.plan => {}
            Ok(_) => self.refuse("the plan file is not the one that was reviewed"),
            Err(error) => self.refuse(format!("the plan file cannot be read: {error}")),
        }
        if file.digest() != self.seal.review {
            self.refuse("review.json was changed after the review: its findings or changes are not those that were sealed");
        }
        if file.root != self.seal.root {
            self.refuse(format!(
                "review.json is of {}, and its seal of {}",
                file.root, self.seal.root
            ));
        }
        if self.seal.own_digest() != self.seal.digest {
            self.refuse("the seal was changed after it was made");
        }
        if !keys.is_empty() {
            match &self.seal.signature {
                None => self.refuse(
                    "the review is not signed, and plumbline.hcl or --verify-key asks for a signature",
                ),
                Some(signature) if !any_signed(keys, &self.seal.digest, signature)? => {
                    self.refuse("the signature of the review is of none of the keys that may sign");
                }
                Some(_) => {}
            }
        }
        if file.result != "passed" {
            self.refuse("the review failed: mend what it found, or waive it with a reason, and plan again");
        }
        Ok(())
    }

    /// Whether what it was made of is the same still.
    pub(super) fn moved(&mut self, now: &Now) {
        let seal = self.seal;
        match seal.expires.parse::<Timestamp>() {
            Ok(expires) if now.time <= expires => {}
            Ok(_) => self.refuse(format!("the review expired at {}: plan again", seal.expires)),
            Err(_) => self.refuse(format!("the seal's time \"{}\" cannot be read", seal.expires)),
        }
        match seal.made.parse::<Timestamp>() {
            Ok(made) if made <= now.time => {}
            _ => self.refuse(format!(
                "the review was made in the future, at {}: see the clocks",
                seal.made
            )),
        }
        if now.commit != seal.commit && !self.any_commit {
            let shown = |commit: &Option<String>| {
                commit
                    .as_deref()
                    .map_or("no commit".to_owned(), |commit| commit.chars().take(12).collect())
            };
            self.moved_on(format!(
                "the review is of commit {}, and {} is checked out (--any-commit accepts another one with the same files)",
                shown(&seal.commit),
                shown(&now.commit)
            ));
        }
        if now.terraform != seal.terraform {
            self.moved_on(format!(
                "the plan was made by {}, and this is {}",
                seal.terraform, now.terraform
            ));
        }
        self.files(&now.configuration);
        if now.policies != seal.policies {
            self.moved_on("the policies, their settings or plumbline.hcl changed since the review");
        }
    }

    fn files(&mut self, now: &Digests) {
        let sealed = &self.seal.configuration;
        let mut differ: BTreeMap<&str, &str> = BTreeMap::new();
        for (file, digest) in sealed {
            match now.get(file) {
                Some(other) if other == digest => {}
                Some(_) => {
                    differ.insert(file, "changed");
                }
                None => {
                    differ.insert(file, "is gone");
                }
            }
        }
        for file in now.keys().filter(|file| !sealed.contains_key(*file)) {
            differ.insert(file, "is new");
        }
        let reasons: Vec<String> = differ
            .iter()
            .take(NAMED)
            .map(|(file, how)| format!("{file} ({}) {how} since the review", role(file)))
            .collect();
        reasons.into_iter().for_each(|reason| self.moved_on(reason));
        if differ.len() > NAMED {
            self.moved_on(format!("and {} more files differ", differ.len() - NAMED));
        }
    }

    /// Whether the state is the same still.
    pub(super) fn state(&mut self, now: Option<StateId>) {
        match (&self.seal.state, &now) {
            (sealed, now) if sealed == now => {}
            (Some(sealed), Some(now)) if sealed.lineage == now.lineage => self.moved_on(format!(
                "the state moved: the plan was made of serial {}, and now it is {}; somebody applied meanwhile",
                sealed.serial, now.serial
            )),
            (Some(_), Some(_)) => self.refuse("the state is another one: its lineage is not that of the review"),
            (Some(_), None) => self.refuse("the state is gone"),
            (None, _) => self.moved_on("there was no state when the plan was made, and now there is one; somebody applied meanwhile"),
        }
    }

    /// Whether the plan says what the review says.
    pub(super) fn judged(&mut self, verdicts: &str, variables: &str) {
        if variables != self.seal.variables {
            self.refuse("the variables of the plan are not those that were reviewed");
        }
        if verdicts != self.seal.verdicts {
            match self.found.iter().any(|refusal| refusal.moved) {
                // Other places in the configuration, other waivers.
                true => self.moved_on("the verdicts on the plan are not those of the review any more"),
                false => self.refuse("the verdicts on the plan are not those of the review"),
            }
        }
    }

    /// Whether it is approved.
    pub(super) fn approvals(&mut self, needed: &[Needed], missing: Vec<String>) {
        let needed: Vec<String> = needed.iter().map(ToString::to_string).collect();
        if needed != self.seal.approvals {
            self.refuse("the approvals that plumbline.hcl asks for are not those of the time of the review: plan again");
        }
        missing.into_iter().for_each(|reason| self.refuse(reason));
    }
}

/// In what two plans differ, in sentences; nothing where they change the same.
pub(super) fn differences(reviewed: &Review, fresh: &Review) -> Vec<String> {
    let of = |review: &Review| -> BTreeMap<String, String> {
        let changes = review
            .steps
            .iter()
            .filter(|step| !matches!(step.action, Action::NoOp | Action::Read) || step.imports)
            .map(|step| (named(step), whole(step)));
        let outputs = review
            .outputs
            .iter()
            .filter(|(_, output)| output.action != Action::NoOp)
            .map(|(name, output)| {
                let value = format!("{:?} {}", output.action, open(&output.after));
                (format!("output {name}"), value)
            });
        changes.chain(outputs).collect()
    };
    let (reviewed, fresh) = (of(reviewed), of(fresh));
    let mut found = Vec::new();
    for (name, change) in &reviewed {
        match fresh.get(name) {
            Some(other) if other == change => {}
            Some(_) => found.push(format!("{name} changes otherwise")),
            None => found.push(format!("{name} does not change any more")),
        }
    }
    for name in fresh.keys().filter(|name| !reviewed.contains_key(*name)) {
        found.push(format!("{name} changes too"));
    }
    found
}

fn named(step: &Step) -> String {
    match &step.deposed {
        Some(deposed) => format!("{} (deposed {deposed})", step.address),
        None => step.address.to_string(),
    }
}

/// All that is done to an instance, secrets included: this text is compared and never shown.
fn whole(step: &Step) -> String {
    format!(
        "{:?} {:?} {:?} {} {} {}",
        step.action,
        step.previous_address,
        step.replace_paths,
        step.imports,
        open(&step.before),
        open(&step.after)
    )
}

fn open(value: &tf_lang::Value) -> String {
    tf_lang::console::format_value(&value.clone().unmark_deep().0)
}
