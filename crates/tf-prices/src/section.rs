//! The prices of one service in one region as bytes that are searched where they lie.
//!
//! A section is: four counts, the places of texts, of attribute sets and of usage types, and then the
//! bytes those places point to. A look-up reads a dozen places and decodes the prices of one usage type.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A price as it lies in a section.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredPrice<'a> {
    /// Number of its attribute set.
    pub(crate) attributes: u32,
    /// Number of its unit's text.
    pub(crate) unit: u32,
    /// Year, month and day as one number: 20260131.
    pub(crate) effective: u32,
    /// SKU; empty where it is not known.
    pub(crate) sku: &'a str,
    /// Tiers, by start.
    #[serde(borrow)]
    pub(crate) tiers: Vec<StoredTier<'a>>,
}

/// A tier as it lies in a section.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredTier<'a> {
    /// Where it begins.
    pub(crate) start: Packed,
    /// US dollars a unit.
    pub(crate) usd: Packed,
    /// What of the rate code comes after the SKU, from the point on; empty where it is not known.
    pub(crate) rate_tail: &'a str,
}

/// The section cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the catalogue is damaged")]
pub(crate) struct Damaged;

/// A number that a section can not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0} has more digits than a catalogue holds")]
pub(crate) struct TooPrecise(Decimal);

const HEAD: usize = 16;

/// What a section holds, for the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) usage_types: u32,
    pub(crate) prices: u32,
    pub(crate) rows: u32,
    pub(crate) oldest: u32,
    pub(crate) newest: u32,
}

pub(crate) fn pack_date(date: Date) -> u32 {
    u32::try_from(date.year()).unwrap_or_default() * 10_000
        + u32::from(date.month().unsigned_abs()) * 100
        + u32::from(date.day().unsigned_abs())
}

/// A decimal as digits and the number of those after the point, without zeros at its end.
pub(crate) type Packed = (u64, u8);

pub(crate) fn pack(number: Decimal) -> Result<Packed, TooPrecise> {
    let number = number.normalize();
    let digits = u64::try_from(number.mantissa()).map_err(|_| TooPrecise(number))?;
    Ok((
        digits,
        u8::try_from(number.scale()).map_err(|_| TooPrecise(number))?,
    ))
}

pub(crate) fn unpack(packed: Packed) -> Result<Decimal, Damaged> {
    Decimal::try_from_i128_with_scale(i128::from(packed.0), u32::from(packed.1)).map_err(|_| Damaged)
}

pub(crate) fn unpack_date(packed: u32) -> Option<Date> {
    let year = i16::try_from(packed / 10_000).ok()?;
    let month = i8::try_from(packed / 100 % 100).ok()?;
    let day = i8::try_from(packed % 100).ok()?;
    Date::new(year, month, day).ok()
}

/// Attributes, sorted by key.
pub(crate) type Set<'a> = Vec<(&'a str, &'a str)>;

/// One tier of one price, to be written.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a> {
    pub(crate) usage_type: &'a str,
    /// Number of its attribute set.
    pub(crate) set: u32,
    pub(crate) unit: &'a str,
    pub(crate) start: Packed,
    pub(crate) usd: Packed,
    pub(crate) sku: &'a str,
    /// What of the rate code comes after the SKU, from the point on; empty where it is not known.
    pub(crate) rate_tail: &'a str,
    pub(crate) effective: u32,
}

impl Line<'_> {
    fn same_price(&self, other: &Line<'_>) -> bool {
        self.usage_type == other.usage_type && self.set == other.set && self.sku == other.sku
    }
}

fn number_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Makes a section of lines sorted by usage type, attributes, SKU and start.
pub(crate) fn encode(sets: &[Set<'_>], lines: &[Line<'_>]) -> (Vec<u8>, Counts) {
    let mut counts = Counts {
        usage_types: 0,
        prices: 0,
        rows: number_of(lines.len()),
        oldest: lines.iter().map(|line| line.effective).min().unwrap_or(u32::MAX),
        newest: lines.iter().map(|line| line.effective).max().unwrap_or_default(),
    };
    let mut texts = Numbered::default();
    let mut used: HashMap<u32, u32> = HashMap::new();
    let mut set_bytes = Vec::new();
    let mut group_names = Vec::new();
    let mut group_bytes = Vec::new();
    for group in lines.chunk_by(|a, b| a.usage_type == b.usage_type) {
        let mut prices = Vec::new();
        for price in group.chunk_by(Line::same_price) {
            let Some(first) = price.first() else { continue };
            let attributes = *used.entry(first.set).or_insert_with(|| {
                let set = usize::try_from(first.set).ok().and_then(|set| sets.get(set));
                let pairs: Vec<(u32, u32)> = set
                    .into_iter()
                    .flatten()
                    .map(|(key, value)| (texts.number(key), texts.number(value)))
                    .collect();
                set_bytes.push(postcard::to_stdvec(&pairs).unwrap_or_default());
                number_of(set_bytes.len() - 1)
            });
            let tiers = price
                .iter()
                .map(|line| StoredTier {
                    start: line.start,
                    usd: line.usd,
                    rate_tail: line.rate_tail,
                })
                .collect();
            prices.push(StoredPrice {
                attributes,
                unit: texts.number(first.unit),
                effective: first.effective,
                sku: first.sku,
                tiers,
            });
        }
        counts.prices += number_of(prices.len());
        counts.usage_types += 1;
        if let Some(first) = group.first() {
            group_names.push(texts.number(first.usage_type));
        }
        group_bytes.push(postcard::to_stdvec(&prices).unwrap_or_default());
    }
    let mut out = Vec::new();
    for count in [texts.list.len(), set_bytes.len(), group_bytes.len(), 0] {
        put(&mut out, count);
    }
    for name in group_names {
        out.extend_from_slice(&name.to_le_bytes());
    }
    let parts = || {
        let texts = texts.list.iter().map(|text| text.as_bytes());
        texts.chain(set_bytes.iter().chain(&group_bytes).map(Vec::as_slice))
    };
    let mut end = 0;
    for part in parts() {
        end += part.len();
        put(&mut out, end);
    }
    for part in parts() {
        out.extend_from_slice(part);
    }
    (out, counts)
}

fn put(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

#[derive(Default)]
struct Numbered<'r> {
    numbers: HashMap<&'r str, u32>,
    list: Vec<&'r str>,
}

impl<'r> Numbered<'r> {
    fn number(&mut self, text: &'r str) -> u32 {
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(text).or_insert_with(|| {
            self.list.push(text);
            next
        })
    }
}

/// A section, read where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'a> {
    bytes: &'a [u8],
    texts: usize,
    sets: usize,
    groups: usize,
}

impl<'a> Section<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Section<'a>, Damaged> {
        let mut section = Section {
            bytes,
            texts: 0,
            sets: 0,
            groups: 0,
        };
        section.texts = section.number(0)?;
        section.sets = section.number(4)?;
        section.groups = section.number(8)?;
        if section.body() > bytes.len() {
            return Err(Damaged);
        }
        Ok(section)
    }

    fn number(&self, at: usize) -> Result<usize, Damaged> {
        let four = self
            .bytes
            .get(at..at + 4)
            .and_then(|b| <[u8; 4]>::try_from(b).ok())
            .ok_or(Damaged)?;
        usize::try_from(u32::from_le_bytes(four)).map_err(|_| Damaged)
    }

    /// Where the names of the usage types end and the places of the parts begin.
    fn places(&self) -> usize {
        HEAD + self.groups * 4
    }

    fn body(&self) -> usize {
        self.places() + (self.texts + self.sets + self.groups) * 4
    }

    fn part(&self, number: usize) -> Result<&'a [u8], Damaged> {
        let start = match number {
            0 => 0,
            _ => self.number(self.places() + (number - 1) * 4)?,
        };
        let end = self.number(self.places() + number * 4)?;
        self.bytes
            .get(self.body() + start..self.body() + end)
            .ok_or(Damaged)
    }

    fn text(&self, number: usize) -> Result<&'a str, Damaged> {
        if number >= self.texts {
            return Err(Damaged);
        }
        std::str::from_utf8(self.part(number)?).map_err(|_| Damaged)
    }

    pub(crate) fn len(&self) -> usize {
        self.groups
    }

    pub(crate) fn usage_type(&self, number: usize) -> Result<&'a str, Damaged> {
        self.text(self.number(HEAD + number * 4)?)
    }

    /// The number of a usage type, or where it would be.
    pub(crate) fn search(&self, usage_type: &str) -> Result<Result<usize, usize>, Damaged> {
        let (mut low, mut high) = (0, self.groups);
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.usage_type(middle)?.cmp(usage_type) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(Ok(middle)),
            }
        }
        Ok(Err(low))
    }

    pub(crate) fn prices(&self, usage_type: usize) -> Result<Vec<StoredPrice<'a>>, Damaged> {
        postcard::from_bytes(self.part(self.texts + self.sets + usage_type)?).map_err(|_| Damaged)
    }

    pub(crate) fn attributes(&self, set: u32) -> Result<Vec<(&'a str, &'a str)>, Damaged> {
        let set = usize::try_from(set).map_err(|_| Damaged)?;
        if set >= self.sets {
            return Err(Damaged);
        }
        let pairs: Vec<(u32, u32)> =
            postcard::from_bytes(self.part(self.texts + set)?).map_err(|_| Damaged)?;
        let text = |number: u32| self.text(usize::try_from(number).map_err(|_| Damaged)?);
        pairs
            .iter()
            .map(|(key, value)| Ok((text(*key)?, text(*value)?)))
            .collect()
    }

    pub(crate) fn unit(&self, price: &StoredPrice<'_>) -> Result<&'a str, Damaged> {
        self.text(usize::try_from(price.unit).map_err(|_| Damaged)?)
    }
}
