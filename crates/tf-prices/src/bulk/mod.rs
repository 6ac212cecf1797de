//! Catalogues made of AWS's bulk price files.
//!
//! AWS publishes an index of offers, an index of regions for each of them, and a file a service and region, as CSV
//! (five lines of metadata, then a header) and as JSON
//! (<https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html>). They are read as
//! streams: memory holds what is kept of one file, a few dozen bytes a price.

mod attribute;
mod csv_file;
pub(crate) mod index;
mod json_file;
mod number;
mod region;
mod table;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::blob::Writer;
use crate::row;
use table::Table;

pub use index::{OFFER_INDEX, Offer, OfferIndex, RegionIndex, RegionOffer};

/// Stands in a folder while [`crate::sync`] downloads into it.
pub(crate) const UNFINISHED: &str = ".sync-unfinished";

/// What of AWS's files goes into a catalogue.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Regions; all where it is empty. What has no region is always taken.
    pub regions: Vec<String>,
    /// Services by offer code; all where it is empty.
    pub services: Vec<String>,
    /// Takes reserved terms too, with the attribute `termType = Reserved` and those of the term.
    pub reserved: bool,
    /// Takes AWS's free tier as prices of $0.
    pub free_tier: bool,
}

/// Where a catalogue is written.
#[derive(Debug, Clone, Copy)]
pub enum Output<'p> {
    /// One file, for [`crate::Catalogue::open`].
    File(&'p Path),
    /// A folder of text, `<region>/<service>.csv`.
    Text(&'p Path),
}

/// What was read and kept of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// Offer code.
    pub service: String,
    /// When AWS published it, as AWS writes it.
    pub published: String,
    /// Prices that were read, tiers counted.
    pub read: u64,
    /// Prices that were kept, tiers counted.
    pub kept: u64,
    /// Reserved terms left out.
    pub reserved: u64,
    /// Prices of the free tier left out.
    pub free_tier: u64,
    /// Prices of regions that were not asked for.
    pub other_region: u64,
    /// Prices in other currencies than US dollars.
    pub other_currency: u64,
    /// Prices left out because another SKU has the same usage type, attributes and figures.
    pub repeated: u64,
}

/// A catalogue cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is nothing to read.
    #[error("{path}: holds no price file of AWS{hint}")]
    Nothing {
        /// The folder.
        path: PathBuf,
        /// What to do.
        hint: &'static str,
    },
    /// Nothing of what was read was kept: the catalogue would have no price.
    #[error(
        "{path}: {read} prices were read and none was kept, so no catalogue is made; do the regions and services that were asked for exist?"
    )]
    Empty {
        /// The source.
        path: PathBuf,
        /// Prices that were read.
        read: u64,
    },
    /// There are no prices of a region or service that was asked for by name.
    #[error("{path}: has no prices of {wanted}; `tf-cost prices sync` downloads them")]
    Lacking {
        /// The source.
        path: PathBuf,
        /// The region or service.
        wanted: String,
    },
    /// A download of the folder has not ended.
    #[error(
        "{path}: the last download into this folder broke off; end it with `tf-cost prices sync`, so that no region or service is missing"
    )]
    Unfinished {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that is to be written holds something else.
    #[error("{path}: is not a catalogue as text ({other} is in it), and is not replaced; give a new folder")]
    OtherFolder {
        /// The folder.
        path: PathBuf,
        /// What is in it.
        other: PathBuf,
    },
    /// A file is not of the shape that AWS publishes.
    #[error("{path}:{line}: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1; in JSON too.
        line: u64,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Two files have prices of one service in one region.
    #[error("{second}: has prices of {service} in {region}, as {first} has; give only one of them")]
    Twice {
        /// The first file.
        first: PathBuf,
        /// The second file.
        second: PathBuf,
        /// The service.
        service: String,
        /// The region.
        region: String,
    },
}

/// Makes a catalogue of AWS's bulk files.
///
/// `source` is a folder that `tf-cost prices sync` filled (its offer index says which versions are current), any other
/// folder with such files, or one file. The same files make the same bytes.
///
/// # Errors
/// When a file cannot be read or is not of AWS's shape, or the output cannot be written. Nothing is left in `output` then.
pub fn build(source: &Path, output: Output<'_>, options: &Options) -> Result<Vec<FileReport>, BuildError> {
    if source.join(UNFINISHED).exists() {
        return Err(BuildError::Unfinished {
            path: source.to_owned(),
        });
    }
    let files = index::files(source, options)?;
    let mut sink = Sink::new(output)?;
    let built = fill(&mut sink, files, options, source);
    match built {
        Ok(reports) => sink.finish().map(|()| reports),
        Err(error) => {
            sink.discard();
            Err(error)
        }
    }
}

fn fill(
    sink: &mut Sink<'_>,
    files: Vec<PathBuf>,
    options: &Options,
    source: &Path,
) -> Result<Vec<FileReport>, BuildError> {
    let mut reports = Vec::new();
    let mut from: BTreeMap<(String, String), PathBuf> = BTreeMap::new();
    for path in files {
        let (table, report) = read(&path, options)?;
        for region in table.regions() {
            let key = (region.to_owned(), table.service().to_owned());
            if let Some(first) = from.insert(key, path.clone()) {
                return Err(BuildError::Twice {
                    first,
                    second: path,
                    service: table.service().to_owned(),
                    region: region.to_owned(),
                });
            }
        }
        sink.add(&table)?;
        reports.push(report);
    }
    let missing = |wanted: &&String, has: &dyn Fn(&(String, String)) -> bool| {
        !from.keys().any(has) && !wanted.is_empty()
    };
    let region = options
        .regions
        .iter()
        .find(|wanted| missing(wanted, &|(region, _)| region == *wanted));
    let service = options
        .services
        .iter()
        .find(|wanted| missing(wanted, &|(_, service)| service == *wanted));
    let path = source.to_owned();
    if from.is_empty() {
        let read = reports.iter().map(|report| report.read).sum();
        return Err(BuildError::Empty { path, read });
    }
    match region.or(service) {
        Some(wanted) => Err(BuildError::Lacking {
            path,
            wanted: wanted.clone(),
        }),
        None => Ok(reports),
    }
}

fn read(path: &Path, options: &Options) -> Result<(Table, FileReport), BuildError> {
    let io = |source| BuildError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(io)?;
    let mut first = [0; 64];
    let length = file.read(&mut first).map_err(io)?;
    file.rewind().map_err(io)?;
    let mut report = FileReport {
        path: path.to_owned(),
        ..FileReport::default()
    };
    let json = first[..length].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let table = match json {
        true => json_file::read(path, file, options, &mut report)?,
        false => csv_file::read(path, file, options, &mut report)?,
    };
    Ok((table.finished(options, &mut report), report))
}

/// What is being written; a name beside the wanted one until it is whole.
enum Sink<'p> {
    File {
        writer: Writer<BufWriter<File>>,
        part: PathBuf,
        path: &'p Path,
    },
    Text {
        part: PathBuf,
        path: &'p Path,
    },
}

impl<'p> Sink<'p> {
    fn new(output: Output<'p>) -> Result<Sink<'p>, BuildError> {
        match output {
            Output::File(path) => {
                let part = beside(path);
                let io = |source| BuildError::Io {
                    path: part.clone(),
                    source,
                };
                let file = File::create(&part).map_err(io)?;
                let writer =
                    Writer::new(BufWriter::with_capacity(1 << 20, file), "AWS price list").map_err(io)?;
                Ok(Sink::File { writer, part, path })
            }
            Output::Text(path) => {
                if let Some(other) = no_catalogue(path) {
                    return Err(BuildError::OtherFolder {
                        path: path.to_owned(),
                        other,
                    });
                }
                let part = beside(path);
                if part.exists() {
                    std::fs::remove_dir_all(&part).map_err(|source| BuildError::Io {
                        path: part.clone(),
                        source,
                    })?;
                }
                std::fs::create_dir_all(&part).map_err(|source| BuildError::Io {
                    path: part.clone(),
                    source,
                })?;
                Ok(Sink::Text { part, path })
            }
        }
    }

    fn add(&mut self, table: &Table) -> Result<(), BuildError> {
        let sets = table.sets();
        for region in table.regions() {
            let lines = table.lines(region);
            match self {
                Sink::File { writer, part, .. } => {
                    let added = writer.add(region, table.service(), table.published(), &sets, &lines);
                    added.map_err(|source| BuildError::Io {
                        path: part.clone(),
                        source,
                    })?;
                }
                Sink::Text { part, .. } => {
                    let folder = part.join(region);
                    let path = folder.join(format!("{}.csv", table.service()));
                    let io = |source| BuildError::Io {
                        path: path.clone(),
                        source,
                    };
                    std::fs::create_dir_all(&folder).map_err(io)?;
                    let file = BufWriter::new(File::create(&path).map_err(io)?);
                    let rows = lines.iter().filter_map(|line| table::row(&sets, line));
                    row::write(file, rows).map_err(|error| io(error.into()))?;
                }
            }
        }
        Ok(())
    }

    /// Removes what has been written. That it cannot be is no news beside why the build failed.
    fn discard(self) {
        let _ = match self {
            Sink::File { part, .. } => std::fs::remove_file(part),
            Sink::Text { part, .. } => std::fs::remove_dir_all(part),
        };
    }

    fn finish(self) -> Result<(), BuildError> {
        let (part, path, written) = match self {
            Sink::File { writer, part, path } => {
                let written = writer.finish().and_then(|mut out| out.flush());
                (part, path, written)
            }
            Sink::Text { part, path } => {
                // The older one goes when the newer one is in its place.
                let old = part.with_extension("old");
                let replaced = match path.exists() {
                    true => std::fs::rename(path, &old)
                        .and_then(|()| std::fs::rename(&part, path))
                        .and_then(|()| std::fs::remove_dir_all(&old)),
                    false => std::fs::rename(&part, path),
                };
                return replaced.map_err(|source| BuildError::Io {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        written
            .and_then(|()| std::fs::rename(&part, path))
            .map_err(|source| BuildError::Io {
                path: path.to_owned(),
                source,
            })
    }
}

/// What is in a folder that no catalogue as text has: anything but folders of CSV files.
fn no_catalogue(folder: &Path) -> Option<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    if folder.is_file() {
        return Some(folder.to_owned());
    }
    entries(folder)
        .into_iter()
        .flat_map(|region| match region.is_dir() {
            true => entries(&region),
            false => vec![region],
        })
        .find(|file| !file.is_file() || file.extension().is_none_or(|extension| extension != "csv"))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

#[cfg(test)]
mod json_tests;
#[cfg(test)]
mod source_tests;
#[cfg(test)]
mod tests;
