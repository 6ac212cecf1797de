//! A catalogue as one file: sections, then the directory that says where each is, then where the directory is.
//!
//! The directory comes last so that a catalogue is written as it is built, and so that one cut short is noticed.

use std::io::Write;

use serde::{Deserialize, Serialize};

use super::section::{self, Counts, Line, Set};

/// The first and the last bytes of a catalogue; the digit is the version of the format.
pub(crate) const MAGIC: &[u8; 8] = b"TFPRICE1";

/// Bytes of what comes after the directory: its place, its length, its checksum and [`MAGIC`].
pub(crate) const TRAILER: usize = 28;

/// What a catalogue holds and where.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Directory {
    /// Where its prices come from.
    pub(crate) source: String,
    /// Sorted by region and service.
    pub(crate) entries: Vec<Entry>,
}

/// One section of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) region: String,
    pub(crate) service: String,
    /// When AWS published the file it was made of, as AWS writes it; empty where that is not known.
    pub(crate) published: String,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) checksum: u32,
    pub(crate) counts: Counts,
}

/// Writes a catalogue, section by section.
pub(crate) struct Writer<W> {
    out: W,
    offset: u64,
    directory: Directory,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(mut out: W, source: &str) -> std::io::Result<Writer<W>> {
        out.write_all(MAGIC)?;
        let directory = Directory {
            source: source.to_owned(),
            entries: Vec::new(),
        };
        Ok(Writer {
            out,
            offset: MAGIC.len() as u64,
            directory,
        })
    }

    /// Adds the prices of a service in a region, sorted by usage type, attributes, SKU and start.
    pub(crate) fn add(
        &mut self,
        region: &str,
        service: &str,
        published: &str,
        sets: &[Set<'_>],
        lines: &[Line<'_>],
    ) -> std::io::Result<()> {
        let (bytes, counts) = section::encode(sets, lines);
        self.out.write_all(&bytes)?;
        self.directory.entries.push(Entry {
            region: region.to_owned(),
            service: service.to_owned(),
            published: published.to_owned(),
            offset: self.offset,
            length: bytes.len() as u64,
            checksum: crc32fast::hash(&bytes),
            counts,
        });
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Writes the directory and what finds it.
    pub(crate) fn finish(mut self) -> std::io::Result<W> {
        self.directory
            .entries
            .sort_by(|a, b| (&a.region, &a.service).cmp(&(&b.region, &b.service)));
        let bytes = postcard::to_stdvec(&self.directory).map_err(std::io::Error::other)?;
        self.out.write_all(&bytes)?;
        self.out.write_all(&self.offset.to_le_bytes())?;
        self.out.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.out.write_all(&crc32fast::hash(&bytes).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        Ok(self.out)
    }
}
