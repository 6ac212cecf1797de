//! CSV as Go's `encoding/csv` reads it, with its errors; the `csv` crate accepts what that refuses.

/// What is wrong, and on which line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CsvError {
    pub(super) line: usize,
    pub(super) why: &'static str,
}

const BARE_QUOTE: &str = "bare \" in non-quoted-field";
const QUOTE: &str = "extraneous or missing \" in quoted-field";
const FIELD_COUNT: &str = "wrong number of fields";

/// A reader of records.
pub(super) struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Reader<'a> {
        Reader { rest: text, line: 0 }
    }

    /// The next line, whose end is always a single `\n` if there is one.
    fn next_line(&mut self) -> Option<(&'a str, bool)> {
        // A carriage return at the very end is taken for a line's end.
        if self.rest.is_empty() || self.rest == "\r" {
            self.rest = "";
            return None;
        }
        self.line += 1;
        match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.rest = rest;
                Some((line.strip_suffix('\r').unwrap_or(line), true))
            }
            None => {
                let line = std::mem::take(&mut self.rest);
                Some((line.strip_suffix('\r').unwrap_or(line), false))
            }
        }
    }

    /// The next record; empty lines are none. `fields` is how many it must have.
    pub(super) fn record(&mut self, fields: Option<usize>) -> Option<Result<Vec<String>, CsvError>> {
        let (line, ended) = loop {
            match self.next_line()? {
                ("", true) => {}
                found => break found,
            }
        };
        let start = self.line;
        let record = self.fields(line, ended);
        Some(record.and_then(|record| match fields {
            Some(fields) if fields != record.len() => Err(CsvError {
                line: start,
                why: FIELD_COUNT,
            }),
            _ => Ok(record),
        }))
    }

    fn fields(&mut self, line: &'a str, ended: bool) -> Result<Vec<String>, CsvError> {
        let mut record = Vec::new();
        let mut rest = Some((line, ended));
        while let Some((line, ended)) = rest {
            let (field, after) = match line.strip_prefix('"') {
                Some(quoted) => self.quoted(quoted, ended)?,
                None => self.bare(line, ended)?,
            };
            record.push(field);
            rest = after;
        }
        Ok(record)
    }

    /// A field without quotes, and what follows it in the record.
    fn bare(&self, line: &'a str, ended: bool) -> Result<Field<'a>, CsvError> {
        let (field, rest) = match line.split_once(',') {
            Some((field, rest)) => (field, Some((rest, ended))),
            None => (line, None),
        };
        match field.contains('"') {
            true => Err(CsvError {
                line: self.line,
                why: BARE_QUOTE,
            }),
            false => Ok((field.to_owned(), rest)),
        }
    }

    /// A field after its opening quote, which may reach over several lines.
    fn quoted(&mut self, mut line: &'a str, mut ended: bool) -> Result<Field<'a>, CsvError> {
        let mut field = String::new();
        loop {
            let Some((part, after)) = line.split_once('"') else {
                field.push_str(line);
                if ended {
                    field.push('\n');
                }
                match self.next_line() {
                    Some(next) if ended => (line, ended) = next,
                    _ => {
                        return Err(CsvError {
                            line: self.line,
                            why: QUOTE,
                        });
                    }
                }
                continue;
            };
            field.push_str(part);
            match after.chars().next() {
                Some('"') => {
                    field.push('"');
                    line = after.get(1..).unwrap_or_default();
                }
                Some(',') => return Ok((field, Some((after.get(1..).unwrap_or_default(), ended)))),
                None => return Ok((field, None)),
                Some(_) => {
                    return Err(CsvError {
                        line: self.line,
                        why: QUOTE,
                    });
                }
            }
        }
    }
}

/// A field's text, and what follows it: the rest of its line, and whether that ends in a line's end.
type Field<'a> = (String, Option<(&'a str, bool)>);

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Vec<String>>, CsvError> {
        let mut reader = Reader::new(text);
        std::iter::from_fn(|| reader.record(None)).collect()
    }

    #[test]
    fn records() {
        for (text, want) in [
            ("", vec![]),
            ("\n\r\n", vec![]),
            ("a,b", vec![vec!["a", "b"]]),
            ("a,\n,b\r\n", vec![vec!["a", ""], vec!["", "b"]]),
            ("\"a\"\"b\",\"c\nd\"\n", vec![vec!["a\"b", "c\nd"]]),
            ("\"a\r\nb\"", vec![vec!["a\nb"]]),
            ("a\nb\r", vec![vec!["a"], vec!["b"]]),
            ("a\n\r", vec![vec!["a"]]),
            (" a , b", vec![vec![" a ", " b"]]),
        ] {
            assert_eq!(all(text).unwrap(), want, "{text:?}");
        }
    }

    #[test]
    fn errors() {
        for (text, line, why) in [
            ("a\"b", 1, BARE_QUOTE),
            ("a\n\"b", 2, QUOTE),
            ("a\n\n\"x\ny\"z,3", 4, QUOTE),
        ] {
            assert_eq!(all(text), Err(CsvError { line, why }), "{text:?}");
        }
    }
}
