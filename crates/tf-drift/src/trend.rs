//! How findings came and went from scan to scan.

use std::collections::BTreeMap;

use tf_report::Severity;

use crate::finding::{CostSum, Document, Summary};
use crate::history::{Header, Store, headers};

/// The most files that a trend is made of.
const FILES: usize = 400;

/// The most scans that it shows.
const SCANS: usize = 60;

/// One scan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Point {
    pub(crate) run: String,
    pub(crate) at: String,
    pub(crate) summary: Summary,
}

/// Scans, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Trend {
    pub(crate) points: Vec<Point>,
}

impl Trend {
    /// That of the scans whose results are kept; the shards of one are added up.
    pub(crate) fn read(store: &dyn Store) -> anyhow::Result<Trend> {
        let mut runs: BTreeMap<String, Point> = BTreeMap::new();
        // Of a shard that ran twice, the later result counts.
        let mut newest: BTreeMap<(String, String), Header> = BTreeMap::new();
        for header in headers(store, FILES)? {
            newest.insert((header.run.clone(), header.shard.clone()), header);
        }
        for header in newest.into_values() {
            match runs.get_mut(&header.run) {
                Some(point) => {
                    point.at = header.at.min(std::mem::take(&mut point.at));
                    add(&mut point.summary, &header.summary);
                }
                None => {
                    let point = Point {
                        run: header.run.clone(),
                        at: header.at,
                        summary: header.summary,
                    };
                    runs.insert(header.run, point);
                }
            }
        }
        let mut points: Vec<Point> = runs.into_values().collect();
        points.sort_by(|a, b| (&a.at, &a.run).cmp(&(&b.at, &b.run)));
        let from = points.len().saturating_sub(SCANS);
        Ok(Trend {
            points: points.split_off(from),
        })
    }

    /// That of one scan, of which nothing before is known.
    pub(crate) fn of(document: &Document) -> Trend {
        Trend {
            points: vec![Point {
                run: document.run.clone(),
                at: document.at.clone(),
                summary: document.summary.clone(),
            }],
        }
    }
}

impl Point {
    /// Findings that nobody answers for.
    pub(crate) fn open(&self) -> usize {
        self.summary.severities.values().sum()
    }

    /// Those of a severity.
    pub(crate) fn of(&self, severity: Severity) -> usize {
        self.summary
            .severities
            .get(&severity)
            .copied()
            .unwrap_or_default()
    }
}

fn add(all: &mut Summary, more: &Summary) {
    all.roots += more.roots;
    all.clean += more.clean;
    all.drifted += more.drifted;
    all.failed += more.failed;
    all.findings += more.findings;
    all.new += more.new;
    all.ongoing += more.ongoing;
    all.flapping += more.flapping;
    all.acknowledged += more.acknowledged;
    all.resolved += more.resolved;
    all.ignored += more.ignored;
    all.waiting += more.waiting;
    for (severity, count) in &more.severities {
        *all.severities.entry(*severity).or_default() += count;
    }
    all.cost = CostSum::of([&all.cost, &more.cost].into_iter().flatten());
}
