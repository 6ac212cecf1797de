//! `index.csv`: five lines of metadata, a header, a line a price.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::table::{Offered, Product, Table};
use super::{BuildError, FileReport, Options, attribute, number, region};
use crate::section::pack_date;

/// Where the columns are.
struct Columns {
    sku: usize,
    rate_code: usize,
    term_type: usize,
    description: usize,
    effective: usize,
    start: usize,
    unit: usize,
    price: usize,
    currency: usize,
    usage_type: usize,
    region: Option<usize>,
    lease: Option<usize>,
    purchase: Option<usize>,
    offering: Option<usize>,
    /// Attributes that tell SKUs apart, by their names in JSON, sorted by them.
    attributes: Vec<(String, usize)>,
    count: usize,
}

/// Columns that say something of the price and nothing of the product.
const OF_THE_PRICE: &[&str] = &[
    "SKU",
    "OfferTermCode",
    "RateCode",
    "TermType",
    "PriceDescription",
    "EffectiveDate",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "RelatedTo",
    "LeaseContractLength",
    "PurchaseOption",
    "OfferingClass",
    "Product Family",
];

pub(super) fn read(
    path: &Path,
    mut file: File,
    options: &Options,
    report: &mut FileReport,
) -> Result<Table, BuildError> {
    let io = |source| BuildError::Io {
        path: path.to_owned(),
        source,
    };
    let whole = ends_as_a_line(&mut file).map_err(io)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 20)
        .from_reader(file);
    let mut lines = Lines {
        path,
        record: ByteRecord::new(),
        line: 1,
    };
    let (service, published, columns) = head(&mut reader, &mut lines)?;
    report.service.clone_from(&service);
    report.published.clone_from(&published);
    let mut table = Table::new(region::of_file(path));
    table.name(&service, &published);
    let mut scratch = Vec::new();
    // A product's prices follow one another, so the last product is mostly the next.
    let mut last: Option<(Vec<u8>, Option<Product>)> = None;
    while lines.next(&mut reader)? {
        let record = &lines.record;
        if record.len() != columns.count {
            return Err(lines.wrong(format!(
                "{} fields instead of {}; the file is cut short or damaged: download it again",
                record.len(),
                columns.count
            )));
        }
        report.read += 1;
        let field = |at: usize| record.get(at).unwrap_or_default();
        let on_demand = field(columns.term_type) == b"OnDemand";
        if !on_demand && !options.reserved {
            report.reserved += 1;
            continue;
        }
        if field(columns.currency) != b"USD" {
            report.other_currency += 1;
            continue;
        }
        let text = |at: usize| {
            let name = || format!("field {} is not UTF-8", at + 1);
            std::str::from_utf8(record.get(at).unwrap_or_default()).map_err(|_| lines.wrong(name()))
        };
        let sku = text(columns.sku)?;
        let product = match &last {
            Some((known, product)) if known == sku.as_bytes() => *product,
            _ => {
                let region = columns.region.map_or(Ok(""), text)?;
                let usage_type = text(columns.usage_type)?;
                if usage_type.is_empty() || sku.is_empty() {
                    return Err(lines.wrong("a price without usage type or SKU".to_owned()));
                }
                for (_, at) in &columns.attributes {
                    text(*at)?;
                }
                let attributes = columns
                    .attributes
                    .iter()
                    .map(|(name, at)| (name.as_str(), std::str::from_utf8(field(*at)).unwrap_or_default()));
                let product = table.product(region, usage_type, attributes, options, &mut scratch);
                last = Some((sku.as_bytes().to_vec(), product));
                product
            }
        };
        let Some(mut product) = product else {
            report.other_region += 1;
            continue;
        };
        let unit = text(columns.unit)?;
        if !on_demand {
            let of = |column: Option<usize>| column.map_or(Ok(""), text);
            product = table.under(
                product,
                &[
                    ("termType", text(columns.term_type)?),
                    ("leaseContractLength", of(columns.lease)?),
                    ("purchaseOption", of(columns.purchase)?),
                    ("offeringClass", of(columns.offering)?),
                    ("rateUnit", unit),
                ],
            );
        }
        let start = match field(columns.start) {
            // Fees that are paid once have no range.
            b"" => (0, 0),
            range => {
                number::parse(range).map_err(|problem| lines.wrong(format!("StartingRange {problem}")))?
            }
        };
        let usd = number::parse(field(columns.price))
            .map_err(|problem| lines.wrong(format!("PricePerUnit {problem}")))?;
        let effective = date(field(columns.effective)).ok_or_else(|| {
            let shown = String::from_utf8_lossy(field(columns.effective));
            lines.wrong(format!("EffectiveDate \"{shown}\" is no date"))
        })?;
        let added = table.add(&Offered {
            product,
            unit,
            effective,
            start,
            usd,
            sku,
            rate_code: text(columns.rate_code)?,
            description: std::str::from_utf8(field(columns.description)).unwrap_or_default(),
        });
        added.map_err(|problem| lines.wrong(problem))?;
    }
    if !whole {
        return Err(lines.wrong("the file ends within a line; download it again".to_owned()));
    }
    Ok(table)
}

struct Lines<'p> {
    path: &'p Path,
    record: ByteRecord,
    line: u64,
}

impl Lines<'_> {
    fn next(&mut self, reader: &mut Reader<File>) -> Result<bool, BuildError> {
        self.line = reader.position().line();
        match reader.read_byte_record(&mut self.record) {
            Ok(there) => Ok(there),
            Err(error) => Err(self.wrong(error.to_string())),
        }
    }

    fn wrong(&self, problem: String) -> BuildError {
        BuildError::Malformed {
            path: self.path.to_owned(),
            line: self.line,
            problem,
        }
    }
}

/// Reads the metadata and the header.
fn head(reader: &mut Reader<File>, lines: &mut Lines<'_>) -> Result<(String, String, Columns), BuildError> {
    let (mut service, mut published) = (String::new(), String::new());
    for _ in 0..32 {
        if !lines.next(reader)? {
            break;
        }
        let text = |at: usize| String::from_utf8_lossy(lines.record.get(at).unwrap_or_default()).into_owned();
        match text(0).trim_start_matches('\u{feff}') {
            "OfferCode" => service = text(1),
            "Publication Date" => published = text(1),
            "SKU" if service.is_empty() => {
                return Err(lines.wrong("the lines before the header do not give the OfferCode".to_owned()));
            }
            "SKU" => {
                let columns = columns(&lines.record).map_err(|problem| lines.wrong(problem))?;
                return Ok((service, published, columns));
            }
            _ => {}
        }
    }
    Err(lines.wrong(
        "this is no price file of AWS: there is no header that begins with SKU after at most five lines of metadata"
            .to_owned(),
    ))
}

fn columns(header: &ByteRecord) -> Result<Columns, String> {
    let names: Vec<String> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    let find = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let missing: Vec<&str> = [
        "SKU",
        "RateCode",
        "TermType",
        "PriceDescription",
        "EffectiveDate",
        "StartingRange",
        "Unit",
        "PricePerUnit",
        "Currency",
        "usageType",
    ]
    .into_iter()
    .filter(|wanted| find(wanted).is_none())
    .collect();
    if !missing.is_empty() {
        return Err(format!("the header has no column {}", missing.join(", ")));
    }
    let at = |wanted: &str| find(wanted).unwrap_or_default();
    let mut attributes: Vec<(String, usize)> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| !OF_THE_PRICE.contains(&name.as_str()))
        .map(|(at, name)| (attribute::from_header(name), at))
        .filter(|(name, _)| attribute::tells_apart(name))
        .collect();
    attributes.sort();
    if let Some(pair) = attributes.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("the header has column {} twice", pair[0].0));
    }
    Ok(Columns {
        sku: at("SKU"),
        rate_code: at("RateCode"),
        term_type: at("TermType"),
        description: at("PriceDescription"),
        effective: at("EffectiveDate"),
        start: at("StartingRange"),
        unit: at("Unit"),
        price: at("PricePerUnit"),
        currency: at("Currency"),
        usage_type: at("usageType"),
        region: find("Region Code"),
        lease: find("LeaseContractLength"),
        purchase: find("PurchaseOption"),
        offering: find("OfferingClass"),
        attributes,
        count: names.len(),
    })
}

/// A date as `20260131`, of a text that begins `2026-01-31`.
pub(super) fn date(text: &[u8]) -> Option<u32> {
    let day = std::str::from_utf8(text.get(..10)?).ok()?;
    Some(pack_date(day.parse().ok()?))
}

/// Whether the last byte can end a line of quoted fields.
fn ends_as_a_line(file: &mut File) -> std::io::Result<bool> {
    let mut last = [0];
    let length = file.seek(SeekFrom::End(0))?;
    if length > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    file.rewind()?;
    Ok(matches!(last, [b'\n' | b'"']))
}
