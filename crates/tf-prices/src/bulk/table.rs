//! The prices that are kept of one file, a few dozen bytes each.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::{FileReport, Options, attribute, region};
use crate::catalogue::GLOBAL;
use crate::row::Row;
use crate::section::{Line, Packed, Set, unpack, unpack_date};

/// Prices of one service.
#[derive(Debug, Default)]
pub(super) struct Table {
    service: String,
    published: String,
    /// The region that the file is of, where its place says so.
    home: Option<Rc<str>>,
    texts: Numbered<str>,
    /// Regions and units.
    few: Numbered<str>,
    /// Attribute sets as the numbers of their keys and values, sorted by key.
    sets: Numbered<[(u32, u32)]>,
    prices: Vec<Kept>,
    /// SKUs, one after the other.
    skus: String,
    /// Where tiers begin.
    starts: Vec<Packed>,
}

/// One tier of one price, in forty bytes: a file of all regions has more than a million.
#[derive(Debug, Clone, Copy)]
struct Kept {
    usd: u64,
    usage_type: u32,
    set: u32,
    effective: u32,
    /// Where the SKU begins.
    sku: u32,
    /// What of the rate code comes after the SKU.
    tail: u32,
    region: u16,
    unit: u16,
    start: u16,
    usd_scale: u8,
    sku_length: u8,
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
    region: u16,
    usage_type: u32,
    set: u32,
}

/// Each once, with its number.
#[derive(Debug)]
struct Numbered<T: ?Sized> {
    numbers: HashMap<Rc<T>, u32>,
    list: Vec<Rc<T>>,
}

impl<T: ?Sized> Default for Numbered<T> {
    fn default() -> Numbered<T> {
        Numbered {
            numbers: HashMap::new(),
            list: Vec::new(),
        }
    }
}

impl<T: ?Sized + Eq + std::hash::Hash> Numbered<T> {
    fn number<'t>(&mut self, one: &'t T) -> u32
    where
        Rc<T>: From<&'t T>,
    {
        if let Some(number) = self.numbers.get(one) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let one: Rc<T> = one.into();
        self.list.push(one.clone());
        self.numbers.insert(one, number);
        number
    }

    fn get(&self, number: u32) -> Option<&T> {
        let at = usize::try_from(number).ok()?;
        self.list.get(at).map(|one| &**one)
    }
}

impl Table {
    pub(super) fn new(home: Option<&str>) -> Table {
        Table {
            home: home.map(Rc::from),
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
    /// None, if its region is not asked for, or not that of the file: AWS gives what is between two regions in the files
    /// of both. What has no region is of the file's. `attributes` are named as in JSON and sorted by name.
    pub(super) fn product<'a>(
        &mut self,
        region_code: &str,
        usage_type: &str,
        attributes: impl Iterator<Item = (&'a str, &'a str)>,
        options: &Options,
        scratch: &mut Vec<(u32, u32)>,
    ) -> Option<Product> {
        let home = self.home.clone();
        let region = match (home.as_deref(), region_code) {
            (Some(home), "") => home,
            (Some(home), code) if home != GLOBAL && home != region::named(code) => return None,
            (_, code) => region::named(code),
        };
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
        Some(Product {
            region: few(self.few.number(region)),
            usage_type: self.texts.number(region::without_prefix(region, usage_type)),
            set: self.sets.number(scratch.as_slice()),
        })
    }

    /// A product under a term other than on-demand: one with more attributes.
    pub(super) fn under(&mut self, product: Product, term: &[(&str, &str)]) -> Product {
        let mut set = self.sets.get(product.set).unwrap_or_default().to_vec();
        for (name, value) in term.iter().filter(|(_, value)| !value.is_empty()) {
            let pair = (self.texts.number(name), self.texts.number(value));
            set.retain(|(key, _)| *key != pair.0);
            let at = set.partition_point(|(key, _)| self.text(*key) < *name);
            set.insert(at, pair);
        }
        Product {
            set: self.sets.number(set.as_slice()),
            ..product
        }
    }

    /// Adds a price.
    ///
    /// Fails where a file has more, or longer, of something than any has.
    pub(super) fn add(&mut self, offered: &Offered<'_>) -> Result<(), String> {
        let many = |what: &str| format!("the file has more {what} than can be kept");
        let sku_length =
            u8::try_from(offered.sku.len()).map_err(|_| format!("SKU {} is too long", offered.sku))?;
        // Tiers follow one another.
        let last = self.prices.last().filter(|last| self.sku(last) == offered.sku);
        let sku = match last {
            Some(last) => last.sku,
            None => {
                let sku = u32::try_from(self.skus.len()).map_err(|_| many("SKUs"))?;
                self.skus.push_str(offered.sku);
                sku
            }
        };
        let start = match self.starts.iter().position(|start| *start == offered.start) {
            Some(at) => at,
            None => {
                self.starts.push(offered.start);
                self.starts.len() - 1
            }
        };
        let tail = offered.rate_code.strip_prefix(offered.sku);
        let unit = few(self.few.number(offered.unit));
        if unit == u16::MAX || offered.product.region == u16::MAX {
            return Err(many("regions and units"));
        }
        self.prices.push(Kept {
            usd: offered.usd.0,
            usage_type: offered.product.usage_type,
            set: offered.product.set,
            effective: offered.effective,
            sku,
            tail: self
                .texts
                .number(tail.filter(|tail| tail.starts_with('.')).unwrap_or_default()),
            region: offered.product.region,
            unit,
            start: u16::try_from(start).map_err(|_| many("tiers"))?,
            usd_scale: offered.usd.1,
            sku_length,
            free: offered.usd.0 == 0 && says_free(offered.description),
        });
        Ok(())
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number).unwrap_or_default()
    }

    fn sku(&self, kept: &Kept) -> &str {
        let start = usize::try_from(kept.sku).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::from(kept.sku_length));
        self.skus.get(start..end).unwrap_or_default()
    }

    fn start(&self, kept: &Kept) -> Packed {
        self.starts
            .get(usize::from(kept.start))
            .copied()
            .unwrap_or_default()
    }

    fn region(&self, kept: &Kept) -> &str {
        self.few.get(u32::from(kept.region)).unwrap_or_default()
    }

    /// Sorts, and leaves out what was not asked for and what is there twice.
    pub(super) fn finished(mut self, options: &Options, report: &mut FileReport) -> Table {
        let mut prices = std::mem::take(&mut self.prices);
        prices.shrink_to_fit();
        if !self.starts.contains(&(0, 0)) {
            self.starts.push((0, 0));
        }
        let ranks = self.set_ranks();
        let rank = |set: u32| usize::try_from(set).ok().and_then(|at| ranks.get(at)).copied();
        prices.sort_unstable_by(|a, b| {
            let product = |kept: &Kept| (self.text(kept.usage_type), rank(kept.set), self.sku(kept));
            (self.region(a).cmp(self.region(b)))
                .then_with(|| product(a).cmp(&product(b)))
                .then_with(|| compare(self.start(a), self.start(b)))
                .then_with(|| self.text(a.tail).cmp(self.text(b.tail)))
        });
        // What is kept moves to the front of the same list: there is no room for a second one.
        let (mut from, mut end) = (0, 0);
        let mut kept = Vec::new();
        while let Some(first) = prices.get(from) {
            let product = (first.region, first.usage_type, first.set);
            let rest = prices.get(from..).unwrap_or_default();
            let count = rest
                .iter()
                .take_while(|other| (other.region, other.usage_type, other.set) == product)
                .count();
            kept.clear();
            self.select(rest.get(..count).unwrap_or_default(), options, report, &mut kept);
            if let Some(room) = prices.get_mut(end..end + kept.len()) {
                room.copy_from_slice(&kept);
            }
            end += kept.len();
            from += count;
        }
        prices.truncate(end);
        report.kept = prices.len() as u64;
        self.prices = prices;
        self
    }

    /// Those prices of one product that are kept.
    fn select(&self, prices: &[Kept], options: &Options, report: &mut FileReport, kept: &mut Vec<Kept>) {
        type Figures = (u16, u64, u8, u16);
        let figures = |tier: &Kept| -> Figures { (tier.start, tier.usd, tier.usd_scale, tier.unit) };
        for sku in prices.chunk_by(|a, b| self.sku(a) == self.sku(b)) {
            let mut tiers = self.tiers(sku, options, report);
            let before = tiers.len();
            tiers.dedup_by_key(|tier| figures(tier));
            report.repeated += (before - tiers.len()) as u64;
            let there = kept
                .chunk_by(|a, b| self.sku(a) == self.sku(b))
                .any(|other| other.iter().map(figures).eq(tiers.iter().map(figures)));
            if there {
                report.repeated += tiers.len() as u64;
            } else {
                kept.extend(tiers);
            }
        }
    }

    /// The tiers of one SKU without AWS's free tier.
    fn tiers(&self, sku: &[Kept], options: &Options, report: &mut FileReport) -> Vec<Kept> {
        if options.free_tier {
            return sku.to_vec();
        }
        let charged = sku.iter().any(|kept| kept.usd != 0);
        let global = sku
            .iter()
            .any(|kept| self.text(kept.usage_type).starts_with("Global-"));
        let free = |kept: &&Kept| kept.free && (charged || global);
        let mut tiers: Vec<Kept> = sku.iter().filter(|kept| !free(kept)).copied().collect();
        report.free_tier += (sku.len() - tiers.len()) as u64;
        // What is free to begin with is the account's, once; a price begins with its first unit.
        let zero = self.starts.iter().position(|start| *start == (0, 0));
        if let (true, Some(first), Some(zero)) = (tiers.len() < sku.len(), tiers.first_mut(), zero) {
            first.start = u16::try_from(zero).unwrap_or(first.start);
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
        let numbers: BTreeSet<u16> = self.prices.iter().map(|kept| kept.region).collect();
        let name = |number: u16| self.few.get(u32::from(number)).unwrap_or_default();
        numbers.into_iter().map(name).collect()
    }

    /// The attribute sets that lines are numbered by.
    pub(super) fn sets(&self) -> Vec<Set<'_>> {
        let pair = |(key, value): &(u32, u32)| (self.text(*key), self.text(*value));
        let set = |set: &Rc<[(u32, u32)]>| set.iter().map(pair).collect();
        self.sets.list.iter().map(set).collect()
    }

    /// The prices of a region, sorted.
    pub(super) fn lines(&self, region: &str) -> Vec<Line<'_>> {
        // Prices are sorted by region first.
        let from = self.prices.partition_point(|kept| self.region(kept) < region);
        let line = |kept: &Kept| Line {
            usage_type: self.text(kept.usage_type),
            set: kept.set,
            unit: self.few.get(u32::from(kept.unit)).unwrap_or_default(),
            start: self.start(kept),
            usd: (kept.usd, kept.usd_scale),
            sku: self.sku(kept),
            rate_tail: self.text(kept.tail),
            effective: kept.effective,
        };
        let here = self.prices.iter().skip(from);
        here.take_while(|kept| self.region(kept) == region)
            .map(line)
            .collect()
    }
}

/// The number of a region or unit; the largest one is not used.
fn few(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
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
        rate_code: match line.rate_tail {
            "" => String::new(),
            tail => format!("{}{tail}", line.sku),
        },
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
