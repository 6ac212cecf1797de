//! One part of a scan that runs as several processes.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Which part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shard {
    /// From 1.
    pub(crate) index: usize,
    /// Of so many.
    pub(crate) count: usize,
}

/// What is no part of anything.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ShardError {
    /// Not of the form I/N, or I is not from 1 to N.
    #[error("{0:?} is no shard: give it as I/N, with I from 1 to N, such as 2/4")]
    Invalid(String),
    /// A variable that holds something else.
    #[error("{name} is {value:?}, and should be a number{why}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What number.
        why: String,
    },
    /// An index without a count.
    #[error("{index} is set, and says nothing of how many there are: set {count} too")]
    Count {
        /// What is set.
        index: &'static str,
        /// What is not.
        count: &'static str,
    },
    /// Nothing is set.
    #[error(
        "the environment names no shard: set TF_DRIFT_SHARD_INDEX (from 0) and TF_DRIFT_SHARD_TOTAL, or run where one of \
         CI_NODE_INDEX and CI_NODE_TOTAL, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX is set"
    )]
    Nowhere,
}

/// Variables by which systems tell a job which of many it is: the index, whether it counts from 1, and the count.
///
/// GitHub sets none itself: its workflows pass `strategy.job-index` and `strategy.job-total` in the first pair. Kubernetes says nothing
/// of how many there are.
const VARIABLES: &[(&str, usize, &[&str])] = &[
    ("TF_DRIFT_SHARD_INDEX", 0, &["TF_DRIFT_SHARD_TOTAL"]),
    ("CI_NODE_INDEX", 1, &["CI_NODE_TOTAL"]),
    (
        "AWS_BATCH_JOB_ARRAY_INDEX",
        0,
        &["AWS_BATCH_JOB_ARRAY_SIZE", "TF_DRIFT_SHARD_TOTAL"],
    ),
    (
        "JOB_COMPLETION_INDEX",
        0,
        &["TF_DRIFT_SHARD_TOTAL", "JOB_COMPLETIONS"],
    ),
];

impl Shard {
    /// All of it.
    pub(crate) const WHOLE: Shard = Shard { index: 1, count: 1 };

    /// What the variables of the system that runs this say.
    ///
    /// # Errors
    /// Where none does, or one says something else than a number.
    pub(crate) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, ShardError> {
        let number = |name: &'static str, value: String| {
            let number: Result<usize, _> = value.parse();
            number.map_err(|_| ShardError::Variable {
                name,
                value,
                why: String::new(),
            })
        };
        for (name, first, counts) in VARIABLES {
            let Some(value) = variable(name).filter(|value| !value.is_empty()) else {
                continue;
            };
            let index = number(name, value.clone())?;
            let count = counts
                .iter()
                .find_map(|count| Some((*count, variable(count).filter(|value| !value.is_empty())?)));
            let Some((_, count)) = count.map(|(name, value)| (name, number(name, value))) else {
                return Err(ShardError::Count {
                    index: name,
                    count: counts.first().copied().unwrap_or_default(),
                });
            };
            let count = count?;
            if index < *first || index >= count + first {
                return Err(ShardError::Variable {
                    name,
                    value,
                    why: format!(" from {first} to {}", (count + first).saturating_sub(1)),
                });
            }
            return Ok(Shard {
                index: index - first + 1,
                count,
            });
        }
        Err(ShardError::Nowhere)
    }

    /// Which of some roots are in this part; `seconds` is how long each took the last time. Every part sees the same division.
    ///
    /// The longest goes first, always to the part that has least: no part then has more than a third above what is possible
    /// (R. L. Graham, Bounds on multiprocessing timing anomalies, 1969). Roots that nobody knows yet count as the middle of the others.
    pub(crate) fn pick(self, roots: &[String], seconds: &BTreeMap<String, f64>) -> Vec<bool> {
        let mut known: Vec<f64> = roots
            .iter()
            .filter_map(|root| seconds.get(root).copied())
            .collect();
        known.sort_by(f64::total_cmp);
        let middle = known.get(known.len() / 2).copied().unwrap_or(1.0);
        let time = |root: &String| seconds.get(root).copied().unwrap_or(middle).max(0.01);
        let mut order: Vec<usize> = (0..roots.len()).collect();
        order.sort_by(|a, b| match (roots.get(*a), roots.get(*b)) {
            (Some(a), Some(b)) => time(b).total_cmp(&time(a)).then_with(|| a.cmp(b)),
            _ => a.cmp(b),
        });
        let mut loads = vec![0.0_f64; self.count];
        let mut picked = vec![false; roots.len()];
        for at in order {
            let least = loads
                .iter()
                .enumerate()
                .min_by(|(_, a), (_, b)| a.total_cmp(b))
                .map_or(0, |(part, _)| part);
            if let (Some(load), Some(root)) = (loads.get_mut(least), roots.get(at)) {
                *load += time(root);
            }
            if let Some(slot) = picked.get_mut(at) {
                *slot = least + 1 == self.index;
            }
        }
        picked
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Shard, ShardError> {
        let wrong = || ShardError::Invalid(text.to_owned());
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let number = |part: &str| part.trim().parse::<usize>().map_err(|_| wrong());
        let (index, count) = (number(index)?, number(count)?);
        match (1..=count).contains(&index) && count <= 100_000 {
            true => Ok(Shard { index, count }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_read() {
        assert_eq!("2/4".parse(), Ok(Shard { index: 2, count: 4 }));
        for wrong in ["0/4", "5/4", "4", "a/b", "1/0", "-1/3", "1/", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn systems_say_it_in_their_own_way() {
        for (variables, want) in [
            ("CI_NODE_INDEX=1 CI_NODE_TOTAL=3", Ok("1/3")),
            (
                "AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=3",
                Ok("3/3"),
            ),
            ("JOB_COMPLETION_INDEX=0 TF_DRIFT_SHARD_TOTAL=2", Ok("1/2")),
            (
                "TF_DRIFT_SHARD_INDEX=1 TF_DRIFT_SHARD_TOTAL=2 CI_NODE_INDEX=9",
                Ok("2/2"),
            ),
            ("JOB_COMPLETION_INDEX=0", Err("set TF_DRIFT_SHARD_TOTAL too")),
            ("CI_NODE_INDEX=0 CI_NODE_TOTAL=3", Err("from 1 to 3")),
            ("CI_NODE_INDEX=x CI_NODE_TOTAL=3", Err("CI_NODE_INDEX is \"x\"")),
            (
                "TF_DRIFT_SHARD_INDEX=2 TF_DRIFT_SHARD_TOTAL=2",
                Err("from 0 to 1"),
            ),
            ("CI_NODE_INDEX=", Err("names no shard")),
        ] {
            let variables: BTreeMap<&str, &str> = variables
                .split(' ')
                .filter_map(|variable| variable.split_once('='))
                .collect();
            let shard = Shard::of_environment(|name| variables.get(name).map(|value| (*value).to_owned()));
            match (shard, want) {
                (Ok(shard), Ok(want)) => assert_eq!(shard.to_string(), want),
                (Err(error), Err(want)) => assert!(error.to_string().contains(want), "{error}"),
                (shard, want) => panic!("{variables:?}: {shard:?}, {want:?}"),
            }
        }
    }

    #[test]
    fn every_root_is_in_one_part_and_parts_take_as_long() {
        let roots: Vec<String> = (0..97).map(|at| format!("root-{at}")).collect();
        let seconds: BTreeMap<String, f64> = roots
            .iter()
            .enumerate()
            .filter(|(at, _)| at % 7 != 0)
            .map(|(at, root)| (root.clone(), (at * at % 61) as f64))
            .collect();
        for count in [1, 2, 5, 120] {
            let parts: Vec<Vec<bool>> = (1..=count)
                .map(|index| Shard { index, count }.pick(&roots, &seconds))
                .collect();
            for at in 0..roots.len() {
                assert_eq!(parts.iter().filter(|part| part[at]).count(), 1);
            }
            let load = |part: &Vec<bool>| -> f64 {
                let mine = roots.iter().zip(part).filter(|(_, is)| **is);
                mine.map(|(root, _)| seconds.get(root).copied().unwrap_or(30.0))
                    .sum()
            };
            if count < 10 {
                let loads: Vec<f64> = parts.iter().map(load).collect();
                let (most, least) = (
                    loads.iter().copied().fold(0.0, f64::max),
                    loads.iter().copied().fold(f64::MAX, f64::min),
                );
                assert!(most - least < 61.0, "{loads:?}");
            }
        }
    }
}
