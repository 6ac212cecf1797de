//! `index.json`: products, and then the terms under which each is sold.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::csv_file::date;
use super::table::{Offered, Product, Table};
use super::{BuildError, FileReport, Options, number, region};

pub(super) fn read(
    path: &Path,
    file: File,
    options: &Options,
    report: &mut FileReport,
) -> Result<Table, BuildError> {
    let mut offer = Offer {
        table: Table::new(region::of_file(path)),
        products: None,
        options,
        report,
        arena: String::new(),
        pairs: Vec::new(),
        scratch: Vec::new(),
    };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 20, file));
    let read = json
        .deserialize_map(WholeFile(&mut offer))
        .and_then(|()| json.end());
    read.map_err(|error| BuildError::Malformed {
        path: path.to_owned(),
        line: error.line() as u64,
        problem: match error.is_eof() || error.is_io() {
            true => format!("{error}; the file is cut short: download it again"),
            false => error.to_string(),
        },
    })?;
    Ok(offer.table)
}

/// A file, as far as it has been read.
struct Offer<'o> {
    table: Table,
    /// Those that are kept; none until they have been read.
    products: Option<Products>,
    options: &'o Options,
    report: &'o mut FileReport,
    /// Names and values of one product's attributes, and where each is.
    arena: String,
    pairs: Vec<(Range<usize>, Range<usize>)>,
    scratch: Vec<(u32, u32)>,
}

/// Products by SKU. A file of all regions has millions, so a SKU of the usual length takes no room outside of the table.
#[derive(Default)]
struct Products {
    usual: HashMap<[u8; SKU], Product>,
    longer: HashMap<Box<str>, Product>,
}

/// The longest SKUs that AWS has.
const SKU: usize = 16;

impl Products {
    /// A SKU that is not too long, filled up with zeros, which none has.
    fn usual(sku: &str) -> Option<[u8; SKU]> {
        let mut whole = [0; SKU];
        let room = whole.get_mut(..sku.len())?;
        room.copy_from_slice(sku.as_bytes());
        (!sku.contains('\0')).then_some(whole)
    }

    fn insert(&mut self, sku: &str, product: Product) {
        match Products::usual(sku) {
            Some(sku) => self.usual.insert(sku, product),
            None => self.longer.insert(sku.into(), product),
        };
    }

    fn get(&self, sku: &str) -> Option<Product> {
        match Products::usual(sku) {
            Some(sku) => self.usual.get(&sku).copied(),
            None => self.longer.get(sku).copied(),
        }
    }
}

struct WholeFile<'a, 'o>(&'a mut Offer<'o>);

impl<'de> Visitor<'de> for WholeFile<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a price file of AWS")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let offer = self.0;
        let mut priced = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "offerCode" => offer.report.service = map.next_value()?,
                "publicationDate" => offer.report.published = map.next_value()?,
                "products" => {
                    offer.products = Some(Products::default());
                    map.next_value_seed(AllProducts(offer))?;
                }
                "terms" => {
                    if offer.products.is_none() {
                        return Err(M::Error::custom("terms come before the products they are of"));
                    }
                    priced = true;
                    map.next_value_seed(Terms(offer))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if offer.report.service.is_empty() || !priced {
            return Err(M::Error::custom(
                "this is no price file of AWS: it has no offerCode, products or terms",
            ));
        }
        let FileReport {
            service, published, ..
        } = &*offer.report;
        offer.table.name(service, published);
        Ok(())
    }
}

/// A map whose entries are read by a function.
macro_rules! map_seed {
    ($seed:ident, $what:literal) => {
        impl<'de> DeserializeSeed<'de> for $seed<'_, '_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_map(self)
            }
        }

        impl<'de> Visitor<'de> for $seed<'_, '_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($what)
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<(), M::Error> {
                self.read(map)
            }
        }
    };
}

struct AllProducts<'a, 'o>(&'a mut Offer<'o>);
map_seed!(AllProducts, "products by SKU");

impl AllProducts<'_, '_> {
    fn read<'de, M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let offer = self.0;
        while let Some(sku) = map.next_key::<String>()? {
            offer.arena.clear();
            offer.pairs.clear();
            map.next_value_seed(OneProduct(offer))?;
            let Offer {
                table,
                arena,
                pairs,
                scratch,
                options,
                ..
            } = offer;
            let text = |range: &Range<usize>| arena.get(range.clone()).unwrap_or_default();
            pairs.sort_by(|a, b| text(&a.0).cmp(text(&b.0)));
            let find = |name: &str| {
                pairs
                    .iter()
                    .find(|(key, _)| text(key) == name)
                    .map_or("", |(_, value)| text(value))
            };
            let usage_type = find("usagetype");
            // Some products of data transfer have neither usage type nor price.
            let product = match usage_type.is_empty() {
                true => None,
                false => table.product(
                    find("regionCode"),
                    usage_type,
                    pairs.iter().map(|(key, value)| (text(key), text(value))),
                    options,
                    scratch,
                ),
            };
            if let (Some(products), Some(product)) = (&mut offer.products, product) {
                products.insert(&sku, product);
            }
        }
        Ok(())
    }
}

struct OneProduct<'a, 'o>(&'a mut Offer<'o>);
map_seed!(OneProduct, "a product");

impl OneProduct<'_, '_> {
    fn read<'de, M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "attributes" => map.next_value_seed(Attributes(&mut *self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Attributes<'a, 'o>(&'a mut Offer<'o>);
map_seed!(Attributes, "attributes");

impl Attributes<'_, '_> {
    fn read<'de, M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Offer { arena, pairs, .. } = self.0;
        while let Some(key) = map.next_key_seed(Append(arena))? {
            let value = map.next_value_seed(Append(arena))?;
            pairs.push((key, value));
        }
        Ok(())
    }
}

/// Reads a string to the end of another.
struct Append<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = Range<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Range<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Append<'_> {
    type Value = Range<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Range<usize>, E> {
        let start = self.0.len();
        self.0.push_str(text);
        Ok(start..self.0.len())
    }
}

struct Terms<'a, 'o>(&'a mut Offer<'o>);
map_seed!(Terms, "terms by their type");

impl Terms<'_, '_> {
    fn read<'de, M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(term_type) = map.next_key::<String>()? {
            if term_type == "OnDemand" || self.0.options.reserved {
                let offer = &mut *self.0;
                map.next_value_seed(OfType { offer, term_type })?;
            } else {
                self.0.report.reserved += map.next_value::<Counted>()?.0;
            }
        }
        Ok(())
    }
}

/// The number of a map's entries.
struct Counted(u64);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Counted, D::Error> {
        struct Count;
        impl<'de> Visitor<'de> for Count {
            type Value = Counted;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("terms by SKU")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Counted, M::Error> {
                let mut count = 0;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Counted(count))
            }
        }
        deserializer.deserialize_map(Count)
    }
}

struct OfType<'a, 'o> {
    offer: &'a mut Offer<'o>,
    term_type: String,
}
map_seed!(OfType, "terms by SKU");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    effective_date: String,
    price_dimensions: BTreeMap<String, Dimension>,
    #[serde(default)]
    term_attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    #[serde(default)]
    rate_code: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    begin_range: String,
    unit: String,
    price_per_unit: BTreeMap<String, String>,
}

impl OfType<'_, '_> {
    fn read<'de, M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let OfType { offer, term_type } = self;
        while let Some(sku) = map.next_key::<String>()? {
            let known = offer.products.as_ref();
            let Some(product) = known.and_then(|products| products.get(&sku)) else {
                offer.report.other_region += map.next_value::<Counted>()?.0;
                continue;
            };
            for term in map.next_value::<BTreeMap<String, Term>>()?.into_values() {
                offer
                    .term(&term_type, &sku, product, &term)
                    .map_err(|problem| M::Error::custom(format!("{sku}: {problem}")))?;
            }
        }
        Ok(())
    }
}

impl Offer<'_> {
    fn term(&mut self, term_type: &str, sku: &str, product: Product, term: &Term) -> Result<(), String> {
        let effective = date(term.effective_date.as_bytes())
            .ok_or_else(|| format!("effectiveDate \"{}\" is no date", term.effective_date))?;
        for (name, dimension) in &term.price_dimensions {
            self.report.read += 1;
            let Some(price) = dimension.price_per_unit.get("USD") else {
                self.report.other_currency += 1;
                continue;
            };
            let of = |name: &str| term.term_attributes.get(name).map_or("", String::as_str);
            let product = match term_type {
                "OnDemand" => product,
                other => self.table.under(
                    product,
                    &[
                        ("termType", other),
                        ("leaseContractLength", of("LeaseContractLength")),
                        ("purchaseOption", of("PurchaseOption")),
                        ("offeringClass", of("OfferingClass")),
                        ("rateUnit", &dimension.unit),
                    ],
                ),
            };
            let start = match dimension.begin_range.as_bytes() {
                b"" => (0, 0),
                range => number::parse(range).map_err(|problem| format!("beginRange {problem}"))?,
            };
            let usd = number::parse(price.as_bytes()).map_err(|problem| format!("pricePerUnit {problem}"))?;
            let rate_code = match dimension.rate_code.is_empty() {
                true => name,
                false => &dimension.rate_code,
            };
            self.table.add(&Offered {
                product,
                unit: &dimension.unit,
                effective,
                start,
                usd,
                sku,
                rate_code,
                description: &dimension.description,
            })?;
        }
        Ok(())
    }
}
