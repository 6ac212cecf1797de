//! Catalogues, and looking prices up in them.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};

use jiff::civil::Date;

use crate::blob::{Directory, Entry, MAGIC, TRAILER};
use crate::error::{CatalogueError, LookupError};
use crate::price::{Price, Tier};
use crate::section::{Damaged, Section, StoredPrice, unpack, unpack_date};

static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalogue.bin"));

/// The region of what has no region of its own: Route 53, CloudFront.
pub const GLOBAL: &str = "global";

/// Prices by region, service and usage type.
#[derive(Debug)]
pub struct Catalogue {
    directory: Directory,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    Embedded(&'static [u8]),
    /// Sections are read when they are first asked for; one for each entry of the directory.
    File {
        path: PathBuf,
        file: File,
        sections: Vec<OnceLock<Result<Box<[u8]>, String>>>,
    },
}

/// What a catalogue holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// Where its prices come from.
    pub source: String,
    /// The oldest effective date of a price; none in an empty catalogue.
    pub oldest: Option<Date>,
    /// The newest effective date of a price; none in an empty catalogue.
    pub newest: Option<Date>,
    /// Lines of text, each a tier.
    pub rows: u64,
    /// By region and service.
    pub regions: BTreeMap<String, BTreeMap<String, Coverage>>,
}

/// What a catalogue holds for one service in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Usage types.
    pub usage_types: u32,
    /// Prices: usage types with attributes.
    pub prices: u32,
    /// Tiers of prices.
    pub rows: u32,
    /// The oldest effective date.
    pub oldest: Option<Date>,
    /// The newest effective date.
    pub newest: Option<Date>,
    /// When AWS published the file that this was made of, as AWS writes it; none for the embedded catalogue.
    pub published: Option<String>,
}

impl Info {
    /// The day these prices are of: when AWS published the newest of its files, or else the newest effective date of the service that
    /// has most prices: a few figures that were looked up later do not make all others newer.
    pub fn day(&self) -> Option<Date> {
        let coverages = || self.regions.values().flat_map(BTreeMap::values);
        let published =
            coverages().filter_map(|coverage| coverage.published.as_deref()?.get(..10)?.parse().ok());
        published.max().or_else(|| {
            coverages()
                .max_by_key(|coverage| coverage.rows)
                .and_then(|coverage| coverage.newest)
        })
    }

    /// Days from [`Info::day`] to `today`, never negative; none in an empty catalogue.
    pub fn age_days(&self, today: Date) -> Option<u32> {
        let since = self.day()?.until(today).ok()?;
        Some(u32::try_from(since.get_days()).unwrap_or(0))
    }

    /// A warning, if the prices are more than `days` old.
    pub fn stale(&self, today: Date, days: u32) -> Option<String> {
        let (day, age) = (self.day()?, self.age_days(today)?);
        (age > days).then(|| {
            format!(
                "the prices are of {day}, {age} days ago; `tf-cost prices sync` and `tf-cost prices build` bring those of today"
            )
        })
    }
}

impl Catalogue {
    /// The catalogue that is part of the program. Opening it costs nothing but reading its directory once.
    pub fn embedded() -> &'static Catalogue {
        static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
            // The build has read it; a program that is damaged itself has an empty catalogue, whose look-ups fail.
            directory: directory(EMBEDDED).unwrap_or_default(),
            bytes: Bytes::Embedded(EMBEDDED),
        });
        &CATALOGUE
    }

    /// Opens a catalogue that `tf-cost prices build` made. Only its directory is read.
    ///
    /// # Errors
    /// When the file cannot be read, is no catalogue, or was cut short.
    pub fn open(path: &Path) -> Result<Catalogue, CatalogueError> {
        let unreadable = |source| CatalogueError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let not = |problem| CatalogueError::NotACatalogue {
            path: path.to_owned(),
            problem,
        };
        let damaged = |problem| CatalogueError::Damaged {
            path: path.to_owned(),
            problem,
        };
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        if length == 0 {
            return Err(not("the file is empty"));
        }
        let mut magic = [0; MAGIC.len()];
        if length < magic.len() as u64 {
            return Err(not("it is too short"));
        }
        file.read_exact_at(&mut magic, 0).map_err(unreadable)?;
        if &magic != MAGIC {
            return Err(not(match magic.starts_with(b"TFPRICE") {
                true => "it is of another version of this program",
                false => "it does not begin as one",
            }));
        }
        let Some(tail) = length.checked_sub(TRAILER as u64) else {
            return Err(damaged("it is cut short"));
        };
        let mut trailer = [0; TRAILER];
        file.read_exact_at(&mut trailer, tail).map_err(unreadable)?;
        let (offset, size, checksum) = trailer_of(&trailer).ok_or(damaged("it is cut short"))?;
        if offset.checked_add(size) != Some(tail) {
            return Err(damaged("its directory is not where it should be"));
        }
        let mut bytes = vec![0; usize::try_from(size).map_err(|_| damaged("its directory is too large"))?];
        file.read_exact_at(&mut bytes, offset).map_err(unreadable)?;
        if crc32fast::hash(&bytes) != checksum {
            return Err(damaged("the checksum of its directory is wrong"));
        }
        let directory: Directory =
            postcard::from_bytes(&bytes).map_err(|_| damaged("its directory cannot be read"))?;
        let sections = directory.entries.iter().map(|_| OnceLock::new()).collect();
        Ok(Catalogue {
            directory,
            bytes: Bytes::File {
                path: path.to_owned(),
                file,
                sections,
            },
        })
    }

    /// The price of the one SKU that has the usage type and all the attributes.
    ///
    /// `usage_type` is without its region's prefix; `attributes` are those of AWS's price list, any number of them, and
    /// `sku` for the SKU itself. What AWS sells for the whole world (CloudFront, hosted zones) is found from any region,
    /// where the region has no such usage type itself.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn find(
        &self,
        region: &str,
        service: &str,
        usage_type: &str,
        attributes: &[(&str, &str)],
    ) -> Result<Price, LookupError> {
        let query = Query {
            region,
            service,
            usage_type,
            attributes,
            hints: true,
        };
        self.search(&query)
    }

    /// The same, for those who only ask whether there is one: saying what is there instead takes a thousand times as long.
    pub fn find_if_there(
        &self,
        region: &str,
        service: &str,
        usage_type: &str,
        attributes: &[(&str, &str)],
    ) -> Option<Price> {
        let query = Query {
            region,
            service,
            usage_type,
            attributes,
            hints: false,
        };
        self.search(&query).ok()
    }

    fn search(&self, query: &Query<'_>) -> Result<Price, LookupError> {
        let (region, service) = (query.region, query.service);
        let mut missing = None;
        for entry in [self.entry(region, service), self.entry(GLOBAL, service)]
            .into_iter()
            .flatten()
        {
            let looked = self
                .section(entry)
                .and_then(|bytes| find_in(bytes, query).map_err(|damage| damage.to_string()));
            match looked {
                Ok(Look::Found(price)) => return Ok(price),
                Ok(Look::Not(error)) => return Err(error),
                Ok(Look::NoUsageType(error)) => missing = missing.or(Some(error)),
                Err(problem) => {
                    return Err(LookupError::Damaged {
                        query: query.text(),
                        problem,
                    });
                }
            }
        }
        Err(missing.unwrap_or_else(|| self.no_entry(query)))
    }

    /// Whether it holds no price at all.
    pub fn is_empty(&self) -> bool {
        self.directory.entries.iter().all(|entry| entry.counts.rows == 0)
    }

    /// What was found to be damaged by the look-ups so far: what they asked for is unpriced, and nobody should rely on the rest.
    pub fn damage(&self) -> Vec<&str> {
        let Bytes::File { sections, .. } = &self.bytes else {
            return Vec::new();
        };
        let read = sections.iter().filter_map(OnceLock::get);
        read.filter_map(|section| section.as_ref().err().map(String::as_str))
            .collect()
    }

    /// What the catalogue holds, and of which age.
    pub fn info(&self) -> Info {
        let mut regions: BTreeMap<String, BTreeMap<String, Coverage>> = BTreeMap::new();
        for entry in &self.directory.entries {
            let counts = &entry.counts;
            let coverage = Coverage {
                usage_types: counts.usage_types,
                prices: counts.prices,
                rows: counts.rows,
                oldest: unpack_date(counts.oldest),
                newest: unpack_date(counts.newest),
                published: (!entry.published.is_empty()).then(|| entry.published.clone()),
            };
            regions
                .entry(entry.region.clone())
                .or_default()
                .insert(entry.service.clone(), coverage);
        }
        let all = || regions.values().flat_map(BTreeMap::values);
        Info {
            source: self.directory.source.clone(),
            oldest: all().filter_map(|coverage| coverage.oldest).min(),
            newest: all().filter_map(|coverage| coverage.newest).max(),
            rows: all().map(|coverage| u64::from(coverage.rows)).sum(),
            regions,
        }
    }

    /// The number of a directory's entry.
    fn entry(&self, region: &str, service: &str) -> Option<usize> {
        self.directory
            .entries
            .binary_search_by(|entry| (entry.region.as_str(), entry.service.as_str()).cmp(&(region, service)))
            .ok()
    }

    fn section(&self, number: usize) -> Result<&[u8], String> {
        let Some(entry) = self.directory.entries.get(number) else {
            return Err(Damaged.to_string());
        };
        match &self.bytes {
            Bytes::Embedded(bytes) => place(entry)
                .and_then(|(start, end)| bytes.get(start..end))
                .ok_or_else(|| Damaged.to_string()),
            Bytes::File { path, file, sections } => {
                let read = || {
                    let failed = |problem: &dyn std::fmt::Display| {
                        format!(
                            "{}: {problem}; make the catalogue anew with `tf-cost prices build`",
                            path.display()
                        )
                    };
                    let (start, end) = place(entry).ok_or_else(|| failed(&Damaged))?;
                    let mut bytes = vec![0; end - start];
                    file.read_exact_at(&mut bytes, entry.offset)
                        .map_err(|error| failed(&error))?;
                    if crc32fast::hash(&bytes) != entry.checksum {
                        return Err(failed(&format_args!(
                            "the prices of {} in {} are damaged: their checksum is wrong",
                            entry.service, entry.region
                        )));
                    }
                    Ok(bytes.into_boxed_slice())
                };
                let slot = sections.get(number).ok_or_else(|| Damaged.to_string())?;
                match slot.get_or_init(read) {
                    Ok(bytes) => Ok(bytes),
                    Err(problem) => Err(problem.clone()),
                }
            }
        }
    }

    fn no_entry(&self, query: &Query<'_>) -> LookupError {
        let services = || {
            self.directory
                .entries
                .iter()
                .filter(|entry| entry.region == query.region || entry.region == GLOBAL)
        };
        if !self
            .directory
            .entries
            .iter()
            .any(|entry| entry.region == query.region)
        {
            return LookupError::UnknownRegion {
                query: query.text(),
                region: query.region.to_owned(),
            };
        }
        LookupError::UnknownService {
            query: query.text(),
            service: query.service.to_owned(),
            nearest: match query.hints {
                true => nearest(query.service, services().map(|entry| entry.service.as_str())),
                false => Vec::new(),
            },
        }
    }
}

fn trailer_of(trailer: &[u8]) -> Option<(u64, u64, u32)> {
    if trailer.get(20..TRAILER)? != MAGIC {
        return None;
    }
    let offset = u64::from_le_bytes(trailer.get(..8)?.try_into().ok()?);
    let size = u64::from_le_bytes(trailer.get(8..16)?.try_into().ok()?);
    let checksum = u32::from_le_bytes(trailer.get(16..20)?.try_into().ok()?);
    Some((offset, size, checksum))
}

fn directory(bytes: &[u8]) -> Option<Directory> {
    let tail = bytes.len().checked_sub(TRAILER)?;
    let (offset, size, _) = trailer_of(bytes.get(tail..)?)?;
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    postcard::from_bytes(bytes.get(start..end)?).ok()
}

fn place(entry: &Entry) -> Option<(usize, usize)> {
    let start = usize::try_from(entry.offset).ok()?;
    Some((start, start.checked_add(usize::try_from(entry.length).ok()?)?))
}

struct Query<'q> {
    region: &'q str,
    service: &'q str,
    usage_type: &'q str,
    attributes: &'q [(&'q str, &'q str)],
    /// Whether an answer that there is none says what is there instead.
    hints: bool,
}

impl Query<'_> {
    fn text(&self) -> String {
        if !self.hints {
            return String::new();
        }
        let mut text = format!("{} {} in {}", self.service, self.usage_type, self.region);
        if !self.attributes.is_empty() {
            text.push_str(&format!(" with {}", listed(self.attributes.iter().copied())));
        }
        text
    }
}

fn listed<'a>(attributes: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let parts: Vec<String> = attributes
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    parts.join(", ")
}

/// Terms other than on-demand are in a catalogue only if they were asked for, and are found only if they are asked for.
const TERM: &str = "termType";

/// What a section says to a query.
enum Look {
    Found(Price),
    /// It has the usage type, and no single price for the query.
    Not(LookupError),
    NoUsageType(LookupError),
}

fn find_in(bytes: &[u8], query: &Query<'_>) -> Result<Look, Damaged> {
    let section = Section::new(bytes)?;
    let group = match section.search(query.usage_type)? {
        Ok(group) => group,
        Err(_) if !query.hints => {
            return Ok(Look::NoUsageType(LookupError::NoPrice {
                query: query.text(),
                nearest: Vec::new(),
            }));
        }
        Err(_) => {
            let names: Result<Vec<&str>, Damaged> = (0..section.len())
                .map(|number| section.usage_type(number))
                .collect();
            return Ok(Look::NoUsageType(LookupError::NoPrice {
                query: query.text(),
                nearest: nearest(query.usage_type, names?.into_iter()),
            }));
        }
    };
    let stored = section.prices(group)?;
    let term = query.attributes.iter().any(|(key, _)| *key == TERM);
    let mut matching = Vec::new();
    let mut others = Vec::new();
    for price in &stored {
        let attributes = section.attributes(price.attributes)?;
        let has = |(key, value): &(&str, &str)| match *key {
            "sku" => price.sku == *value,
            _ => attributes.contains(&(*key, *value)),
        };
        let met = query.attributes.iter().filter(|wanted| has(wanted)).count();
        let other_term = !term && attributes.iter().any(|(key, _)| *key == TERM);
        if met == query.attributes.len() && !other_term {
            matching.push((price, attributes));
        } else {
            others.push((met, attributes));
        }
    }
    match matching.as_slice() {
        [(price, attributes)] => Ok(Look::Found(whole(&section, price, attributes)?)),
        [] => {
            others.sort_by_key(|(met, _)| std::cmp::Reverse(*met));
            let nearest = others
                .iter()
                .take(NEAREST)
                .map(|(_, attributes)| match attributes.is_empty() {
                    true => "one without attributes".to_owned(),
                    false => listed(attributes.iter().copied()),
                })
                .collect();
            Ok(Look::Not(LookupError::NoPrice {
                query: query.text(),
                nearest,
            }))
        }
        several => {
            let skus = several
                .iter()
                .map(|(price, attributes)| {
                    let attributes = listed(attributes.iter().copied());
                    match (price.sku, attributes.as_str()) {
                        ("", "") => "one without SKU".to_owned(),
                        ("", _) => format!("({attributes})"),
                        (sku, "") => sku.to_owned(),
                        (sku, _) => format!("{sku} ({attributes})"),
                    }
                })
                .collect();
            Ok(Look::Not(LookupError::Several {
                query: query.text(),
                skus,
            }))
        }
    }
}

fn whole(
    section: &Section<'_>,
    price: &StoredPrice<'_>,
    attributes: &[(&str, &str)],
) -> Result<Price, Damaged> {
    let tiers: Result<Vec<Tier>, Damaged> = price
        .tiers
        .iter()
        .map(|tier| {
            Ok(Tier {
                start: unpack(tier.start)?,
                usd: unpack(tier.usd)?,
                rate_code: (!tier.rate_tail.is_empty()).then(|| format!("{}{}", price.sku, tier.rate_tail)),
            })
        })
        .collect();
    Ok(Price {
        sku: (!price.sku.is_empty()).then(|| price.sku.to_owned()),
        unit: section.unit(price)?.to_owned(),
        effective: unpack_date(price.effective).ok_or(Damaged)?,
        attributes: attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        tiers: tiers?,
    })
}

const NEAREST: usize = 3;

pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let most = wanted.len() / 3;
    // A name that is so much longer or shorter cannot be near.
    let mut close: Vec<(usize, &str)> = names
        .filter(|name| name.len().abs_diff(wanted.len()) <= most)
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    close.sort();
    close.dedup();
    close
        .into_iter()
        .take(NEAREST)
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::blob::Writer;
    use crate::section::Line;

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("catalogue");
        let mut writer = Writer::new(File::create(&path).unwrap(), "test").unwrap();
        let line = |usage_type, usd| Line {
            usage_type,
            set: 0,
            unit: "Hrs",
            start: (0, 0),
            usd: (usd, 3),
            sku: "",
            rate_tail: "",
            effective: 20_260_720,
        };
        let sets = vec![vec![("operatingSystem", "Linux")]];
        let lines = [line("BoxUsage:m5.large", 96), line("BoxUsage:m5.xlarge", 192)];
        writer
            .add("us-east-1", "AmazonEC2", "2026-07-21T10:00:00Z", &sets, &lines)
            .unwrap();
        writer.finish().unwrap();
        path
    }

    fn error(catalogue: &Catalogue, region: &str, service: &str, usage_type: &str, os: &str) -> String {
        let found = catalogue.find(region, service, usage_type, &[("operatingSystem", os)]);
        found.unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_found_says_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let catalogue = Catalogue::open(&written(folder.path())).unwrap();
        let price = catalogue
            .find("us-east-1", "AmazonEC2", "BoxUsage:m5.xlarge", &[])
            .unwrap();
        assert_eq!(
            (price.sku, price.tiers[0].usd.to_string()),
            (None, "0.192".to_owned())
        );
        let of = |region, service, usage_type, os| error(&catalogue, region, service, usage_type, os);
        insta::assert_snapshot!(of("eu-west-1", "AmazonEC2", "BoxUsage:m5.large", "Linux"), @"AmazonEC2 BoxUsage:m5.large in eu-west-1 with operatingSystem = Linux: the price catalogue has no prices for the region; `tf-cost prices sync` and `build` make a catalogue that has");
        insta::assert_snapshot!(of("us-east-1", "AmazonEC3", "BoxUsage:m5.large", "Linux"), @"AmazonEC3 BoxUsage:m5.large in us-east-1 with operatingSystem = Linux: the price catalogue has no prices for the service in this region; there is AmazonEC2");
        insta::assert_snapshot!(of("us-east-1", "AmazonEC2", "BoxUsage:m5.lagre", "Linux"), @"AmazonEC2 BoxUsage:m5.lagre in us-east-1 with operatingSystem = Linux: no price; there is BoxUsage:m5.large or BoxUsage:m5.xlarge");
        insta::assert_snapshot!(of("us-east-1", "AmazonEC2", "BoxUsage:m5.large", "Windows"), @"AmazonEC2 BoxUsage:m5.large in us-east-1 with operatingSystem = Windows: no price; there is operatingSystem = Linux");
    }

    #[test]
    fn age_is_that_of_the_newest_file() {
        let folder = tempfile::tempdir().unwrap();
        let info = Catalogue::open(&written(folder.path())).unwrap().info();
        assert_eq!(info.age_days("2026-07-31".parse().unwrap()), Some(10));
        assert_eq!(info.age_days("2026-01-01".parse().unwrap()), Some(0));
        assert_eq!(info.stale("2026-07-31".parse().unwrap(), 30), None);
        insta::assert_snapshot!(info.stale("2026-11-21".parse().unwrap(), 90).unwrap(), @"the prices are of 2026-07-21, 123 days ago; `tf-cost prices sync` and `tf-cost prices build` bring those of today");
    }

    #[test]
    fn a_damaged_file_is_an_error_wherever_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = std::fs::read(&path).unwrap();
        let look = |bytes: &[u8]| -> Result<Price, String> {
            std::fs::write(&path, bytes).unwrap();
            let catalogue = Catalogue::open(&path).map_err(|error| error.to_string())?;
            let found = catalogue.find("us-east-1", "AmazonEC2", "BoxUsage:m5.large", &[]);
            found.map_err(|error| error.to_string())
        };
        let good = look(&whole).unwrap();
        for length in 0..whole.len() {
            let error = look(&whole[..length]).unwrap_err();
            assert!(error.contains("catalogue"), "{length}: {error}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            // A byte that is read by nobody may be anything; a wrong price may not.
            if let Ok(price) = look(&changed) {
                assert_eq!(price, good, "byte {at}");
            }
        }
        assert!(look(b"").unwrap_err().contains("the file is empty"));
        assert!(
            look(b"usage_type,attributes\n")
                .unwrap_err()
                .contains("it does not begin as one")
        );
        assert!(
            Catalogue::open(&folder.path().join("none"))
                .unwrap_err()
                .to_string()
                .contains("cannot be read")
        );
    }
}
