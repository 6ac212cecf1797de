//! Compiles the embedded catalogue: reads every file under `catalog/`, refuses what is malformed, doubled or unsorted,
//! and writes one blob that is searched where it lies.

#[path = "src/blob.rs"]
#[allow(dead_code)]
mod blob;
#[path = "src/row.rs"]
#[allow(dead_code, unreachable_pub)]
mod row;
#[path = "src/section.rs"]
#[allow(dead_code)]
mod section;

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=catalog");
    for source in ["blob", "row", "section"] {
        println!("cargo::rerun-if-changed=src/{source}.rs");
    }
    let mut writer = blob::Writer::new(Vec::new(), "embedded")?;
    for region in entries(Path::new("catalog"))? {
        if !region.is_dir() {
            continue;
        }
        for path in entries(&region)? {
            let file = path.display().to_string();
            if path.extension().is_none_or(|extension| extension != "csv") {
                return Err(format!("{file}: is no <service>.csv").into());
            }
            let rows = row::read(std::fs::File::open(&path)?, &file)?;
            if let Some(pair) = rows.windows(2).find(|pair| {
                pair[0].usage_type == pair[1].usage_type
                    && pair[0].attributes == pair[1].attributes
                    && pair[0].sku != pair[1].sku
            }) {
                let name = &pair[1].usage_type;
                return Err(format!("{file}: {name} has two SKUs that no attribute tells apart").into());
            }
            let (region, service) = (stem(&region)?, stem(&path)?);
            let (sets, lines) = lines(&rows).map_err(|error| format!("{file}: {error}"))?;
            writer.add(&region, &service, "", &sets, &lines)?;
        }
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("catalogue.bin");
    std::fs::write(out, writer.finish()?)?;
    Ok(())
}

fn lines(rows: &[row::Row]) -> Result<(Vec<section::Set<'_>>, Vec<section::Line<'_>>), section::TooPrecise> {
    let mut sets = Vec::new();
    let mut numbers: HashMap<&[(String, String)], u32> = HashMap::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let set = *numbers.entry(&row.attributes).or_insert_with(|| {
            sets.push(
                row.attributes
                    .iter()
                    .map(|(key, value)| (key.as_str(), value.as_str()))
                    .collect(),
            );
            u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
        });
        lines.push(section::Line {
            usage_type: &row.usage_type,
            set,
            unit: &row.unit,
            start: section::pack(row.start)?,
            usd: section::pack(row.usd)?,
            sku: &row.sku,
            rate_tail: row.rate_code.strip_prefix(row.sku.as_str()).unwrap_or_default(),
            effective: section::pack_date(row.effective),
        });
    }
    Ok((sets, lines))
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> Result<String, Box<dyn Error>> {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    Ok(stem
        .ok_or_else(|| format!("{}: is no name of a region or service", path.display()))?
        .to_owned())
}
