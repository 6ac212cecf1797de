//! Repetitions, and Go's limits on patterns.
//!
//! Go builds a tree and measures it. Here only the measures are kept: of each open group and of the element read
//! last, because that is what a repetition applies to.

use std::collections::BTreeSet;

use super::parser::{Flags, SyntaxError};

/// Patterns that nest more deeply are refused. Go refuses them from a thousand on.
const MAX_HEIGHT: u32 = 250;
/// How deeply the translation may nest, which wraps every step several times.
pub(super) const MAX_NESTING: u32 = 8 * MAX_HEIGHT;
/// The greatest count of a repetition, and the greatest product of nested ones.
pub(super) const MAX_REPEAT: i64 = 1000;
/// Go's limit on the size of a compiled pattern, in instructions.
const MAX_SIZE: u64 = (128 << 20) / 40;

/// What has been read of a part of the pattern, for limits.
#[derive(Clone, Default, Debug)]
pub(super) struct Part {
    height: u32,
    size: u64,
    /// The counts of repetitions inside one another, the outermost first.
    repeats: BTreeSet<Vec<i64>>,
}

impl Part {
    pub(super) const LEAF: Part = Part {
        height: 1,
        size: 1,
        repeats: BTreeSet::new(),
    };

    /// Checks what has been read against the limits.
    ///
    /// # Errors
    /// Go's, if it is beyond them.
    pub(super) fn check(&self, pattern: &str) -> Result<(), SyntaxError> {
        if self.size > MAX_SIZE {
            return Err(SyntaxError::large(pattern));
        }
        if self.height > MAX_HEIGHT {
            return Err(SyntaxError::new("expression nests too deeply", pattern));
        }
        Ok(())
    }

    /// Whether no repetition inside others makes too many copies of what it repeats.
    pub(super) fn product_fits(&self) -> bool {
        self.repeats.iter().all(|counts| {
            let left = counts
                .iter()
                .try_fold(MAX_REPEAT, |left, &count| (count <= left).then(|| left / count));
            left.is_some()
        })
    }

    /// Repeats it by `*`, `+` or `?`.
    pub(super) fn repeat_by(&mut self, operator: char) {
        self.height = self.height.saturating_add(1);
        self.size = self.size.saturating_add(if operator == '*' { 2 } else { 1 });
    }

    /// Repeats it between two counts, or from one count on.
    pub(super) fn repeat(&mut self, min: i64, max: Option<i64>) {
        self.height = self.height.saturating_add(1);
        let count = max.unwrap_or(min);
        let times = u64::try_from(count).unwrap_or_default();
        let optional = u64::try_from(count - min).unwrap_or_default();
        self.size = match (max, min) {
            (None, 0) => self.size.saturating_add(2),
            (None, _) => self.size.saturating_mul(times).saturating_add(1),
            (Some(_), _) => self.size.saturating_mul(times).saturating_add(optional).max(1),
        };
        match (count, max) {
            // Nothing inside is ever repeated.
            (0, Some(_)) => self.repeats.clear(),
            // Once, or as often as one likes from none on: that multiplies nothing.
            (0 | 1, _) => {}
            _ if self.repeats.is_empty() => {
                self.repeats.insert(vec![count]);
            }
            _ => {
                let inner = std::mem::take(&mut self.repeats);
                self.repeats = inner
                    .into_iter()
                    .map(|counts| [vec![count], counts].concat())
                    .collect();
            }
        }
    }

    fn include(&mut self, other: Part) {
        self.height = self.height.max(other.height);
        self.size = self.size.saturating_add(other.size);
        self.repeats.extend(other.repeats);
    }
}

/// The element read last, to which a repetition would apply.
#[derive(Debug)]
pub(super) struct Last {
    /// Where its translation starts.
    pub(super) start: usize,
    /// Whether it has been repeated.
    pub(super) repeated: bool,
    /// Whether it is a character that stands for itself.
    pub(super) literal: bool,
    /// What it adds to the limits.
    pub(super) part: Part,
}

/// A group that is open, or the pattern as a whole.
#[derive(Default, Debug)]
pub(super) struct Group {
    /// Where its translation starts.
    pub(super) start: usize,
    captures: bool,
    /// The flags that are in force again after it.
    pub(super) flags_outside: Flags,
    /// The element that a repetition would apply to.
    pub(super) last: Option<Last>,
    /// Elements of the branch, without the last one.
    branch: Part,
    elements: u32,
    after_literal: bool,
    /// Finished branches.
    branches: Part,
    branch_count: u64,
}

impl Group {
    /// A group that has just been opened.
    pub(super) fn new(start: usize, captures: bool, flags_outside: Flags) -> Group {
        Group {
            start,
            captures,
            flags_outside,
            ..Group::default()
        }
    }

    /// Puts the last element to the others of its branch.
    pub(super) fn settle(&mut self) {
        let Some(last) = self.last.take() else { return };
        // Literals next to each other are one element.
        if !(last.literal && self.after_literal) {
            self.elements = self.elements.saturating_add(1);
        }
        self.after_literal = last.literal;
        self.branch.include(last.part);
    }

    /// Ends a branch, at `|` or at the end of the group.
    pub(super) fn finish_branch(&mut self) {
        self.settle();
        let mut branch = std::mem::take(&mut self.branch);
        branch.size = branch.size.max(1);
        branch.height = branch.height.max(1) + u32::from(self.elements > 1);
        self.elements = 0;
        self.after_literal = false;
        self.branches.include(branch);
        self.branch_count += 1;
    }

    /// The group as an element of the one around it.
    pub(super) fn finish(mut self) -> Part {
        self.finish_branch();
        let mut part = self.branches;
        let several = self.branch_count > 1;
        part.height = part
            .height
            .saturating_add(u32::from(several) + u32::from(self.captures));
        part.size = part
            .size
            .saturating_add(self.branch_count - 1 + if self.captures { 2 } else { 0 });
        part
    }
}

/// The counts of a repetition and what follows it; the second one is missing in `{n,}`, and a negative one
/// stands for a number that is far too great.
pub(super) fn counts(text: &str) -> Option<(i64, Option<i64>, &str)> {
    let (min, rest) = count(text.strip_prefix('{')?)?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((min, Some(min), rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((min, None, rest));
    }
    let (max, rest) = count(rest)?;
    Some((min, Some(max), rest.strip_prefix('}')?))
}

/// A decimal number without leading zeros.
fn count(text: &str) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(digits)?;
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((
        if digits.len() > 9 {
            -1
        } else {
            digits.parse().ok()?
        },
        rest,
    ))
}
