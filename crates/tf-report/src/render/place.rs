//! Where a finding or a problem is, as precisely as is known.

use std::fmt;

use super::escape;
use crate::{Finding, Location, Problem, Snippet};

/// A place in a file. Lines and columns count from 1; columns count characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place<'a> {
    /// Path relative to the scanned folder.
    pub(super) file: &'a str,
    /// Path relative to the top of the repository.
    pub(super) in_repository: &'a str,
    /// First and last line; `None` where only the file is known.
    pub(super) lines: Option<(u32, u32)>,
    /// First column on the first line.
    pub(super) column: Option<u32>,
    /// Column after the last one, where it is on the first line too.
    pub(super) end_column: Option<u32>,
}

impl<'a> Place<'a> {
    /// The attribute to blame, otherwise the block. `None`: not declared in a file at hand.
    pub(super) fn of_finding(finding: &'a Finding) -> Option<Place<'a>> {
        let location = finding.attribute_location.as_ref().unwrap_or(&finding.location);
        Some(Place::of_location(location)?.underlined(finding.snippet.as_ref()))
    }

    /// `None`: nowhere in particular.
    pub(super) fn of_problem(problem: &'a Problem) -> Option<Place<'a>> {
        let mut place = Place::of_location(&problem.location)?.underlined(problem.snippet.as_ref());
        if problem.column > 0 && place.column.is_none() {
            place.column = place.lines.map(|_| problem.column);
        }
        Some(place)
    }

    /// `None` for an empty file name.
    pub(super) fn of_location(location: &'a Location) -> Option<Place<'a>> {
        let (first, last) = location.lines;
        (!location.file.is_empty()).then_some(Place {
            file: &location.file,
            in_repository: &location.in_repository,
            lines: (first > 0).then_some((first, last.max(first))),
            column: None,
            end_column: None,
        })
    }

    fn underlined(self, snippet: Option<&Snippet>) -> Place<'a> {
        let underline = snippet.and_then(|snippet| snippet.underline);
        match (underline, self.lines) {
            (Some((line, column, length)), Some((first, last))) if line == first && column > 0 => Place {
                column: Some(column),
                end_column: (first == last).then_some(column.saturating_add(length.max(1))),
                ..self
            },
            _ => self,
        }
    }

    /// The first line.
    pub(super) fn line(&self) -> Option<u32> {
        self.lines.map(|(first, _)| first)
    }
}

/// `main.tf:3:9`, as far as it is known, and on one line.
impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&escape::one_line(self.file))?;
        [self.line(), self.column]
            .into_iter()
            .flatten()
            .try_for_each(|number| write!(formatter, ":{number}"))
    }
}

/// The `module` blocks through which something is reached, outermost first: `main.tf:3`.
pub(super) fn chain(called_from: &[Location]) -> impl Iterator<Item = Place<'_>> {
    called_from.iter().filter_map(Place::of_location)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(lines: (u32, u32)) -> Location {
        Location {
            file: "a.tf".to_owned(),
            in_repository: "infra/a.tf".to_owned(),
            lines,
        }
    }

    #[test]
    fn a_place_shows_what_is_known() {
        let snippet = Snippet {
            first_line: 3,
            lines: vec!["x = 1".to_owned()],
            underline: Some((3, 5, 1)),
        };
        let place = location((3, 3));
        let known = Place::of_location(&place).unwrap();
        assert_eq!(known.to_string(), "a.tf:3");
        assert_eq!(known.underlined(Some(&snippet)).to_string(), "a.tf:3:5");
        assert_eq!(known.underlined(Some(&snippet)).end_column, Some(6));
        assert_eq!(Place::of_location(&location((0, 0))).unwrap().to_string(), "a.tf");
        assert_eq!(
            Place::of_location(&Location {
                file: String::new(),
                in_repository: String::new(),
                lines: (1, 1)
            }),
            None
        );
    }

    #[test]
    fn an_underline_on_another_line_gives_no_column() {
        let snippet = Snippet {
            first_line: 3,
            lines: Vec::new(),
            underline: Some((4, 5, 1)),
        };
        let place = location((3, 9));
        assert_eq!(
            Place::of_location(&place)
                .unwrap()
                .underlined(Some(&snippet))
                .column,
            None
        );
    }
}
