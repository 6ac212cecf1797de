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

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "usage_type,attributes,unit,start,usd,sku,rate_code,effective\n";

    fn problem(rows: &str) -> String {
        let text = format!("{HEAD}{rows}");
        read(text.as_bytes(), "eu-west-1/AmazonEC2.csv")
            .map_or_else(|error| error.to_string(), |rows| format!("{} rows", rows.len()))
    }

    #[test]
    fn rows_are_well_formed_sorted_and_not_doubled() {
        let a = "A,k=v,Hrs,0,0.1,,,2026-07-20\n";
        let tier = "A,k=v,Hrs,100,0.05,,,2026-07-20\n";
        let b = "B,,Hrs,0,0.1,S,S.T.R,2026-07-20\n";
        for (rows, expected) in [
            (format!("{a}{tier}{b}"), "3 rows"),
            (format!("{a}{a}"), ":3: the price of A is here twice"),
            (
                format!("{b}{a}"),
                ":3: rows are sorted by usage type, attributes, SKU and start; this one is not in its place",
            ),
            (format!("{tier}{a}"), ":3: rows are sorted"),
            (
                format!("{a}{}", tier.replace("Hrs", "GB")),
                ":3: the tiers of a price have one unit and one effective date",
            ),
            (a.replace("0.1,", "0.10,"), ":2: usd \"0.10\" is written as 0.1"),
            (a.replace("0.1,", "-0.1,"), ":2: usd -0.1 is negative"),
            (
                a.replace("0.1,", "free,"),
                ":2: usd \"free\" is no decimal number",
            ),
            (
                a.replace("2026-07-20", "July"),
                ":2: \"July\" is no date (YYYY-MM-DD)",
            ),
            (a.replace("k=v", "kv"), ":2: attribute \"kv\" is not key=value"),
            (
                a.replace("k=v", "k="),
                ":2: attribute \"k=\" lacks its key or its value",
            ),
            (
                a.replace("k=v", "k=v;a=b"),
                ":2: attribute a is doubled, or not sorted by key",
            ),
            (a.replace("Hrs", ""), ":2: unit is empty"),
            (a.replace("A,", ","), ":2: usage_type is empty"),
            (
                b.replace("S.T.R", "X.T.R"),
                ":2: rate code \"X.T.R\" does not begin with its SKU and a point",
            ),
            (
                "A,k=v,Hrs\n".to_owned(),
                ":2: CSV error: record 1 (line: 2, byte: 61): found record with 3 fields, but the previous record has 8 fields",
            ),
        ] {
            let found = problem(&rows);
            let found = found.strip_prefix("eu-west-1/AmazonEC2.csv").unwrap_or(&found);
            assert!(
                found.starts_with(expected),
                "{found}\nis not\n{expected}\nfor\n{rows}"
            );
        }
        let error = read("a,b\n".as_bytes(), "x.csv").unwrap_err().to_string();
        assert!(
            error.starts_with("x.csv:1: the header is not usage_type,attributes"),
            "{error}"
        );
        assert_eq!(
            read("".as_bytes(), "x.csv").unwrap_err().to_string(),
            "x.csv:1: the file is empty"
        );
    }
}
