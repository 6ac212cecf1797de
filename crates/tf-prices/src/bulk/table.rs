//! The prices that are kept of one file, a few dozen bytes each.

use std::collections::{BTreeSet, HashMap};

use super::{FileReport, Options, attribute, region};
use crate::catalogue::GLOBAL;
use crate::row::Row;
use crate::section::{Line, Packed, Set, unpack, unpack_date};

/// Prices of one service.
#[derive(Debug, Default)]
pub(super) struct Table {
    service: String,
    published: String,
    texts: Texts,
    /// Attribute sets as the numbers of their keys and values, sorted by key.
    sets: Sets,
    prices: Vec<Kept>,
    /// Rate codes, one after the other.
    codes: String,
}

/// One tier of one price.
#[derive(Debug, Clone, Copy)]
struct Kept {
    region: u32,
    usage_type: u32,
    set: u32,
    unit: u32,
    effective: u32,
    start: Packed,
    usd: Packed,
    /// Where the rate code begins, how long it is, and how much of it is the SKU.
    code: u32,
    code_length: u16,
    sku_length: u16,
    /// AWS's description calls it free.
    free: bool,
}

/// What one line of a file says of a price.
#[derive(Debug)]
pub(super) struct Offered<'f> {
    pub(super) product: Product,
    pub(super) unit: &'f str,
    pub(super) effective: u32,
    pub(super) start: Packed,
    pub(super) usd: Packed,
    pub(super) sku: &'f str,
    pub(super) rate_code: &'f str,
    pub(super) description: &'f str,
}

/// What a product is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product {
    region: u32,
    usage_type: u32,
    set: u32,
}

#[derive(Debug, Default)]
struct Texts {
    numbers: HashMap<std::rc::Rc<str>, u32>,
    list: Vec<std::rc::Rc<str>>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let text: std::rc::Rc<str> = text.into();
        self.list.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    fn text(&self, number: u32) -> &str {
        usize::try_from(number)
            .ok()
            .and_then(|at| self.list.get(at))
            .map_or("", |text| &**text)
    }
}

#[derive(Debug, Default)]
struct Sets {
    numbers: HashMap<std::rc::Rc<[(u32, u32)]>, u32>,
    list: Vec<std::rc::Rc<[(u32, u32)]>>,
}

impl Sets {
    fn number(&mut self, set: &[(u32, u32)]) -> u32 {
        if let Some(number) = self.numbers.get(set) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let set: std::rc::Rc<[(u32, u32)]> = set.into();
        self.list.push(set.clone());
        self.numbers.insert(set, number);
        number
    }
}

impl Table {
    pub(super) fn new(service: &str, published: &str) -> Table {
        Table {
            service: service.to_owned(),
            published: published.to_owned(),
            ..Table::default()
        }
    }

    pub(super) fn name(&mut self, service: &str, published: &str) {
        service.clone_into(&mut self.service);
        published.clone_into(&mut self.published);
    }

    pub(super) fn service(&self) -> &str {
        &self.service
    }

    pub(super) fn published(&self) -> &str {
        &self.published
    }

    /// A product by its region code, its usage type with the region's prefix, and its attributes.
    ///
    /// None, if its region is not asked for. `attributes` are named as in JSON and sorted by name.
    pub(super) fn product<'a>(
        &mut self,
        region_code: &str,
        usage_type: &str,
        attributes: impl Iterator<Item = (&'a str, &'a str)>,
        options: &Options,
        scratch: &mut Vec<(u32, u32)>,
    ) -> Option<Product> {
        let region = region::named(region_code);
        if region != GLOBAL
            && !options.regions.is_empty()
            && !options.regions.iter().any(|name| name == region)
        {
            return None;
        }
        scratch.clear();
        for (name, value) in attributes {
            if !value.is_empty() && attribute::tells_apart(name) {
                scratch.push((self.texts.number(name), self.texts.number(value)));
            }
        }
        let set = self.sets.number(scratch);
        Some(Product {
            region: self.texts.number(region),
            usage_type: self.texts.number(region::without_prefix(region, usage_type)),
            set,
        })
    }

    /// A product under a term other than on-demand: one with more attributes.
    pub(super) fn under(&mut self, product: Product, term: &[(&str, &str)]) -> Product {
        let mut set: Vec<(u32, u32)> = usize::try_from(product.set)
            .ok()
            .and_then(|at| self.sets.list.get(at))
            .map(|set| set.to_vec())
            .unwrap_or_default();
        for (name, value) in term.iter().filter(|(_, value)| !value.is_empty()) {
            let pair = (self.texts.number(name), self.texts.number(value));
            set.retain(|(key, _)| *key != pair.0);
            let at = set.partition_point(|(key, _)| self.texts.text(*key) < *name);
            set.insert(at, pair);
        }
        Product {
            set: self.sets.number(&set),
            ..product
        }
    }

    pub(super) fn add(&mut self, offered: &Offered<'_>) {
        let code = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
        let tail = offered
            .rate_code
            .strip_prefix(offered.sku)
            .filter(|tail| tail.starts_with('.'))
            .unwrap_or_default();
        self.codes.push_str(offered.sku);
        self.codes.push_str(tail);
        self.prices.push(Kept {
            region: offered.product.region,
            usage_type: offered.product.usage_type,
            set: offered.product.set,
            unit: self.texts.number(offered.unit),
            effective: offered.effective,
            start: offered.start,
            usd: offered.usd,
            code,
            code_length: u16::try_from(offered.sku.len() + tail.len()).unwrap_or(u16::MAX),
            sku_length: u16::try_from(offered.sku.len()).unwrap_or(u16::MAX),
            free: offered.usd.0 == 0 && says_free(offered.description),
        });
    }

    fn rate_code(&self, kept: &Kept) -> (&str, &str) {
        let start = usize::try_from(kept.code).unwrap_or(usize::MAX);
        let code = start
            .checked_add(usize::from(kept.code_length))
            .and_then(|end| self.codes.get(start..end))
            .unwrap_or_default();
        let sku = code.get(..usize::from(kept.sku_length)).unwrap_or_default();
        (sku, if code.len() == sku.len() { "" } else { code })
    }

    /// Sorts, and leaves out what was not asked for and what is there twice.
    pub(super) fn finished(mut self, options: &Options, report: &mut FileReport) -> Table {
        let mut prices = std::mem::take(&mut self.prices);
        let ranks = self.set_ranks();
        let rank = |set: u32| {
            usize::try_from(set)
                .ok()
                .and_then(|at| ranks.get(at))
                .copied()
                .unwrap_or_default()
        };
        prices.sort_unstable_by(|a, b| {
            let texts = |kept: &Kept| {
                (
                    self.texts.text(kept.region),
                    self.texts.text(kept.usage_type),
                    rank(kept.set),
                )
            };
            let codes = || self.rate_code(a).cmp(&self.rate_code(b));
            texts(a)
                .cmp(&texts(b))
                .then_with(|| self.rate_code(a).0.cmp(self.rate_code(b).0))
                .then_with(|| compare(a.start, b.start))
                .then_with(codes)
        });
        let mut kept: Vec<Kept> = Vec::with_capacity(prices.len());
        let alike =
            |a: &Kept, b: &Kept| a.region == b.region && a.usage_type == b.usage_type && a.set == b.set;
        for group in prices.chunk_by(alike) {
            let begin = kept.len();
            for sku in group.chunk_by(|a, b| self.rate_code(a).0 == self.rate_code(b).0) {
                let mut tiers = self.tiers(sku, options, report);
                tiers.dedup_by(|later, earlier| {
                    let twice = later.start == earlier.start && later.usd == earlier.usd;
                    report.repeated += u64::from(twice);
                    twice
                });
                let figures = |tiers: &[Kept]| -> Vec<(Packed, Packed, u32)> {
                    tiers
                        .iter()
                        .map(|kept| (kept.start, kept.usd, kept.unit))
                        .collect()
                };
                let mine = figures(&tiers);
                let there = kept[begin..]
                    .chunk_by(|a, b| self.rate_code(a).0 == self.rate_code(b).0)
                    .any(|other| figures(other) == mine);
                if there {
                    report.repeated += tiers.len() as u64;
                } else {
                    kept.extend(tiers);
                }
            }
        }
        report.kept = kept.len() as u64;
        self.prices = kept;
        self
    }

    /// The tiers of one SKU without AWS's free tier.
    fn tiers(&self, sku: &[Kept], options: &Options, report: &mut FileReport) -> Vec<Kept> {
        if options.free_tier {
            return sku.to_vec();
        }
        let charged = sku.iter().any(|kept| kept.usd.0 != 0);
        let global = sku
            .iter()
            .any(|kept| self.texts.text(kept.usage_type).starts_with("Global-"));
        let free = |kept: &&Kept| kept.free && (charged || global);
        let mut tiers: Vec<Kept> = sku.iter().filter(|kept| !free(kept)).copied().collect();
        report.free_tier += (sku.len() - tiers.len()) as u64;
        // What is free to begin with is the account's, once; a price begins with its first unit.
        if tiers.len() < sku.len() {
            if let Some(first) = tiers.first_mut() {
                first.start = (0, 0);
            }
        }
        tiers
    }

    /// The place of each attribute set in their order.
    fn set_ranks(&self) -> Vec<usize> {
        let sets = self.sets();
        let mut order: Vec<usize> = (0..sets.len()).collect();
        order.sort_by(|a, b| sets.get(*a).cmp(&sets.get(*b)));
        let mut ranks = vec![0; sets.len()];
        for (rank, at) in order.into_iter().enumerate() {
            if let Some(slot) = ranks.get_mut(at) {
                *slot = rank;
            }
        }
        ranks
    }

    /// The regions of which there are prices, sorted.
    pub(super) fn regions(&self) -> BTreeSet<&str> {
        let numbers: BTreeSet<u32> = self.prices.iter().map(|kept| kept.region).collect();
        numbers
            .into_iter()
            .map(|number| self.texts.text(number))
            .collect()
    }

    /// The attribute sets that lines are numbered by.
    pub(super) fn sets(&self) -> Vec<Set<'_>> {
        let pair = |(key, value): &(u32, u32)| (self.texts.text(*key), self.texts.text(*value));
        self.sets
            .list
            .iter()
            .map(|set| set.iter().map(pair).collect())
            .collect()
    }

    /// The prices of a region, sorted.
    pub(super) fn lines(&self, region: &str) -> Vec<Line<'_>> {
        let here = self
            .prices
            .iter()
            .filter(|kept| self.texts.text(kept.region) == region);
        let line = |kept: &Kept| {
            let (sku, rate_code) = self.rate_code(kept);
            Line {
                usage_type: self.texts.text(kept.usage_type),
                set: kept.set,
                unit: self.texts.text(kept.unit),
                start: kept.start,
                usd: kept.usd,
                sku,
                rate_code,
                effective: kept.effective,
            }
        };
        here.map(line).collect()
    }
}

/// A line as text has it.
pub(super) fn row<'l>(sets: &[Set<'l>], line: &Line<'l>) -> Option<Row> {
    let set = usize::try_from(line.set).ok().and_then(|at| sets.get(at))?;
    Some(Row {
        usage_type: line.usage_type.to_owned(),
        attributes: set
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        unit: line.unit.to_owned(),
        start: unpack(line.start).ok()?,
        usd: unpack(line.usd).ok()?,
        sku: line.sku.to_owned(),
        rate_code: line.rate_code.to_owned(),
        effective: unpack_date(line.effective)?,
    })
}

fn compare(a: Packed, b: Packed) -> std::cmp::Ordering {
    match a.1 == b.1 {
        true => a.0.cmp(&b.0),
        false => unpack(a).ok().cmp(&unpack(b).ok()),
    }
}

fn says_free(description: &str) -> bool {
    description
        .as_bytes()
        .windows(4)
        .any(|four| four.eq_ignore_ascii_case(b"free"))
}
