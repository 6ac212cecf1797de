//! One price as a line of text: the format of `catalog/<region>/<service>.csv` and of what a build writes.

use std::io::{Read, Write};

use jiff::civil::Date;
use rust_decimal::Decimal;

/// The columns of a catalogue's text, in their order.
pub const HEADER: [&str; 8] = [
    "usage_type",
    "attributes",
    "unit",
    "start",
    "usd",
    "sku",
    "rate_code",
    "effective",
];

/// One tier of one price: a line of a catalogue's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Usage type without its region's prefix: `BoxUsage:m5.large`.
    pub usage_type: String,
    /// Attributes that tell SKUs of one usage type apart, sorted by key.
    pub attributes: Vec<(String, String)>,
    /// Unit as AWS writes it: `Hrs`, `GB-Mo`.
    pub unit: String,
    /// Quantity at which this tier begins, in units a month.
    pub start: Decimal,
    /// US dollars a unit.
    pub usd: Decimal,
    /// AWS's SKU; empty where it is not known.
    pub sku: String,
    /// AWS's rate code; empty where it is not known.
    pub rate_code: String,
    /// Date at which this price was known to hold.
    pub effective: Date,
}

/// What is wrong with a catalogue's text.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct TextError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong, and what was expected.
    pub problem: String,
}

impl Row {
    /// What orders rows, and what no two rows of a file share.
    fn key(&self) -> (&str, &[(String, String)], &str, Decimal) {
        (&self.usage_type, &self.attributes, &self.sku, self.start)
    }

    /// Whether two rows are tiers of one price.
    pub fn same_price(&self, other: &Row) -> bool {
        self.usage_type == other.usage_type && self.attributes == other.attributes && self.sku == other.sku
    }
}

/// Writes rows as text, in the order in which they come.
///
/// # Errors
/// Those of the writer.
pub fn write<R: std::borrow::Borrow<Row>>(
    out: impl Write,
    rows: impl IntoIterator<Item = R>,
) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    let mut attributes = String::new();
    for row in rows {
        let row = row.borrow();
        attributes.clear();
        for (key, value) in &row.attributes {
            if !attributes.is_empty() {
                attributes.push(';');
            }
            attributes.push_str(key);
            attributes.push('=');
            for character in value.chars() {
                if matches!(character, ';' | '\\') {
                    attributes.push('\\');
                }
                attributes.push(character);
            }
        }
        writer.write_record([
            row.usage_type.as_str(),
            &attributes,
            &row.unit,
            &row.start.normalize().to_string(),
            &row.usd.normalize().to_string(),
            &row.sku,
            &row.rate_code,
            &row.effective.to_string(),
        ])?;
    }
    writer.flush()?;
    Ok(())
}

/// Reads a whole file of rows, which must be well-formed, sorted and without doubles.
///
/// # Errors
/// The first line that is not right.
pub fn read(text: impl Read, file: &str) -> Result<Vec<Row>, TextError> {
    let wrong = |line: u64, problem: String| TextError {
        file: file.to_owned(),
        line,
        problem,
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let mut record = csv::StringRecord::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut header = true;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let at = error.position().map_or(line, csv::Position::line);
                return Err(wrong(at, error.to_string()));
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        if std::mem::take(&mut header) {
            if !record.iter().eq(HEADER) {
                return Err(wrong(line, format!("the header is not {}", HEADER.join(","))));
            }
            continue;
        }
        let row = parse(&record).map_err(|problem| wrong(line, problem))?;
        if let Some(last) = rows.last() {
            let order = last.key().cmp(&row.key());
            if order.is_eq() {
                return Err(wrong(
                    line,
                    format!("the price of {} is here twice", row.usage_type),
                ));
            }
            if order.is_gt() {
                return Err(wrong(
                    line,
                    "rows are sorted by usage type, attributes, SKU and start; this one is not in its place"
                        .to_owned(),
                ));
            }
            if last.same_price(&row) && (last.unit != row.unit || last.effective != row.effective) {
                return Err(wrong(
                    line,
                    "the tiers of a price have one unit and one effective date".to_owned(),
                ));
            }
        }
        rows.push(row);
    }
    if header {
        return Err(wrong(1, "the file is empty".to_owned()));
    }
    Ok(rows)
}

fn parse(record: &csv::StringRecord) -> Result<Row, String> {
    let field = |at: usize| record.get(at).unwrap_or_default();
    for at in [0, 2] {
        if field(at).is_empty() {
            return Err(format!("{} is empty", HEADER[at]));
        }
    }
    let tail = field(6).strip_prefix(field(5));
    if !field(6).is_empty() && !tail.is_some_and(|tail| tail.starts_with('.')) {
        return Err(format!(
            "rate code \"{}\" does not begin with its SKU and a point",
            field(6)
        ));
    }
    Ok(Row {
        usage_type: field(0).to_owned(),
        attributes: attributes(field(1))?,
        unit: field(2).to_owned(),
        start: amount("start", field(3))?,
        usd: amount("usd", field(4))?,
        sku: field(5).to_owned(),
        rate_code: field(6).to_owned(),
        effective: field(7)
            .parse()
            .map_err(|_| format!("\"{}\" is no date (YYYY-MM-DD)", field(7)))?,
    })
}

fn amount(column: &str, text: &str) -> Result<Decimal, String> {
    let amount: Decimal = text
        .parse()
        .map_err(|_| format!("{column} \"{text}\" is no decimal number"))?;
    if amount.is_sign_negative() {
        return Err(format!("{column} {text} is negative"));
    }
    let plain = amount.normalize().to_string();
    if plain != text {
        return Err(format!("{column} \"{text}\" is written as {plain}"));
    }
    Ok(amount)
}

fn attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut list: Vec<(String, String)> = Vec::new();
    for part in split(text) {
        let Some((key, value)) = part.split_once('=') else {
            return Err(format!("attribute \"{part}\" is not key=value"));
        };
        if key.is_empty() || value.is_empty() {
            return Err(format!("attribute \"{part}\" lacks its key or its value"));
        }
        if list.last().is_some_and(|(last, _)| last.as_str() >= key) {
            return Err(format!("attribute {key} is doubled, or not sorted by key"));
        }
        list.push((key.to_owned(), value.to_owned()));
    }
    Ok(list)
}

/// The parts between semicolons; a backslash takes the next character as it is.
fn split(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let literal = match character {
            ';' => {
                parts.push(String::new());
                continue;
            }
            '\\' => characters.next(),
            other => Some(other),
        };
        if let (Some(part), Some(literal)) = (parts.last_mut(), literal) {
            part.push(literal);
        }
    }
    parts
}
