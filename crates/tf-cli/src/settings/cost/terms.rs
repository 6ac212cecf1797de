//! Discounts, reserved instances, savings plans, Spot prices, and the currency.

use std::collections::BTreeMap;

use tf_lang::Span;
use tf_lang::ast::{Attribute, Block, Expr, ExprKind, ObjectKey};
use tf_pricing::Decimal;
use tf_pricing::terms::{
    Currency, Discount, Offering, Reserved, ReservedRate, SavingsPlan, SavingsPlanKind, Spot,
};

use crate::settings::{Reader, SettingsError};

/// What reserved instances of the price list are described by.
const OFFERING: [&str; 3] = ["term", "payment_option", "offering_class"];

impl Reader {
    /// `currency` and `exchange_rate`, which go together.
    pub(super) fn currency(&self, block: &Block) -> Result<Option<Currency>, SettingsError> {
        let (code, rate) = (
            block.body.attribute("currency"),
            block.body.attribute("exchange_rate"),
        );
        let Some(code) = code else {
            return match rate {
                Some(rate) => Err(self.wrong(
                    rate.name.span,
                    "exchange_rate needs a currency: currency = \"EUR\"",
                )),
                None => Ok(None),
            };
        };
        let name = self.text(code)?;
        if name.len() != 3 || !name.bytes().all(|letter| letter.is_ascii_uppercase()) {
            let message = "a currency is called by its three letters in ISO 4217: \"EUR\"";
            return Err(self.wrong(code.value.span, message));
        }
        let rate = match (name.as_str(), rate) {
            (_, Some(rate)) => {
                let given = self.number(rate)?;
                if given <= Decimal::ZERO {
                    let message = "exchange_rate says how much of the currency one USD is: more than 0";
                    return Err(self.wrong(rate.value.span, message));
                }
                if name == "USD" && given != Decimal::ONE {
                    return Err(self.wrong(rate.value.span, "the exchange_rate of USD is 1"));
                }
                given
            }
            ("USD", None) => Decimal::ONE,
            (_, None) => {
                let message = format!(
                    "AWS's prices are in USD: exchange_rate says how much {name} one USD is, such as exchange_rate = 0.92"
                );
                return Err(self.wrong(code.value.span, message));
            }
        };
        Ok(Some(Currency { code: name, rate }))
    }

    pub(super) fn discount(&self, block: &Block) -> Result<Discount, SettingsError> {
        let name = self.named(block, "discount")?;
        let (mut percent, mut services, mut regions) = (None, Vec::new(), Vec::new());
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "percent" => percent = Some(self.percent(attribute)?),
                "services" => services = self.some(attribute)?,
                "regions" => regions = self.some(attribute)?,
                _ => return Err(self.unknown(attribute, "percent, services, regions")),
            }
        }
        Ok(Discount {
            name,
            percent: self.required(percent, block, "a discount needs \"percent\"")?,
            services,
            regions,
            line: self.sources.lines(block.header).0,
        })
    }

    pub(super) fn reserved(&self, block: &Block) -> Result<Reserved, SettingsError> {
        let name = self.named(block, "reserved")?;
        let (mut service, mut instance_type, mut region) = ("AmazonEC2".to_owned(), None, None);
        let (mut attributes, mut count) = (BTreeMap::new(), None);
        let (mut hourly, mut percent) = (None, None);
        let (mut lease, mut payment, mut class) = (None, None, None);
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "service" => service = self.text(attribute)?,
                "instance_type" => instance_type = Some(self.text(attribute)?),
                "region" => region = Some(self.text(attribute)?),
                "attributes" => attributes = self.table(attribute)?,
                "count" => count = Some(self.machines(attribute)?),
                "hourly" => hourly = Some(self.not_negative(attribute)?),
                "percent" => percent = Some(self.percent(attribute)?),
                "term" => lease = Some(self.word(attribute, &[("1_year", "1yr"), ("3_year", "3yr")])?),
                "payment_option" => {
                    let words = [
                        ("no_upfront", "No Upfront"),
                        ("partial_upfront", "Partial Upfront"),
                        ("all_upfront", "All Upfront"),
                    ];
                    payment = Some(self.word(attribute, &words)?);
                }
                "offering_class" => {
                    let words = [("standard", "standard"), ("convertible", "convertible")];
                    class = Some(self.word(attribute, &words)?);
                }
                _ => {
                    return Err(self.unknown(
                        attribute,
                        "service, instance_type, region, attributes, count, hourly, percent, term, payment_option, offering_class",
                    ));
                }
            }
        }
        let described = OFFERING.iter().any(|part| block.body.attribute(part).is_some());
        let one = "a reserved block says what an hour costs in one way: hourly, percent, or term (with payment_option and offering_class, \
                   looked up in the catalogue)";
        let rate = match (hourly, percent, lease) {
            (Some(usd), None, _) if !described => ReservedRate::Hourly(usd),
            (None, Some(percent), _) if !described => ReservedRate::Percent(percent),
            (None, None, Some(lease)) => ReservedRate::Catalogue(Offering {
                lease,
                payment: payment.unwrap_or("No Upfront"),
                class: class.unwrap_or("standard"),
            }),
            _ => return Err(self.wrong(block.header, one)),
        };
        let missing = "a reserved block needs \"instance_type\", such as m5.large or db.r6g.xlarge";
        Ok(Reserved {
            name,
            service,
            instance_type: self.required(instance_type, block, missing)?,
            region,
            attributes,
            count,
            rate,
            line: self.sources.lines(block.header).0,
        })
    }

    pub(super) fn savings_plan(&self, block: &Block) -> Result<SavingsPlan, SettingsError> {
        let name = self.named(block, "savings_plan")?;
        let known = "type, percent, fargate_percent, lambda_percent, family, region, commitment";
        let (mut kind, mut percent, mut commitment) = (None, None, None);
        let (mut fargate, mut lambda, mut family, mut region) = (None, None, None, None);
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "type" => {
                    let words = [("compute", "compute"), ("ec2_instance", "ec2_instance")];
                    kind = Some(self.word(attribute, &words)?);
                }
                "percent" => percent = Some(self.percent(attribute)?),
                "fargate_percent" => fargate = Some((attribute, self.percent(attribute)?)),
                "lambda_percent" => lambda = Some((attribute, self.percent(attribute)?)),
                "family" => family = Some((attribute, self.text(attribute)?)),
                "region" => region = Some((attribute, self.text(attribute)?)),
                "commitment" => commitment = Some(self.not_negative(attribute)?),
                _ => return Err(self.unknown(attribute, known)),
            }
        }
        let only = |attribute: &Attribute, kind: &str| {
            let message = format!(
                "\"{}\" belongs to a savings plan of type {kind}",
                attribute.name.name
            );
            Err(self.wrong(attribute.name.span, message))
        };
        let kind = match kind {
            Some("ec2_instance") => {
                if let Some((attribute, _)) = fargate.or(lambda) {
                    return only(attribute, "compute");
                }
                let missing = "a savings plan of type ec2_instance needs \"family\" and \"region\": \"m5\" and \"eu-west-1\"";
                let family = family.map(|(_, family)| family);
                let region = region.map(|(_, region)| region);
                SavingsPlanKind::Ec2Instance {
                    family: self.required(family, block, missing)?,
                    region: self.required(region, block, missing)?,
                }
            }
            Some(_) => {
                if let Some((attribute, _)) = family.or(region) {
                    return only(attribute, "ec2_instance");
                }
                SavingsPlanKind::Compute {
                    fargate: fargate.map(|(_, percent)| percent),
                    lambda: lambda.map(|(_, percent)| percent),
                }
            }
            None => {
                let missing = "a savings plan needs \"type\": compute or ec2_instance";
                return Err(self.wrong(block.header, missing));
            }
        };
        let missing = "a savings plan needs \"percent\": how much an instance costs less than on demand";
        Ok(SavingsPlan {
            name,
            kind,
            percent: self.required(percent, block, missing)?,
            commitment,
            line: self.sources.lines(block.header).0,
        })
    }

    pub(super) fn spot(&self, block: &Block) -> Result<Spot, SettingsError> {
        if let Some(label) = block.labels.first() {
            return Err(self.wrong(label.span, "a spot block has no label"));
        }
        let mut spot = Spot {
            line: self.sources.lines(block.header).0,
            ..Spot::default()
        };
        for attribute in &block.body.attributes {
            match &*attribute.name.name {
                "percent" => spot.percent = Some(self.percent(attribute)?),
                "prices" => spot.prices = self.prices(attribute)?,
                "regions" => spot.regions = self.some(attribute)?,
                _ => return Err(self.unknown(attribute, "percent, prices, regions")),
            }
        }
        if spot.percent.is_none() && spot.prices.is_empty() {
            let message = "a spot block needs \"percent\", how much less than on demand, or \"prices\" in USD an hour by instance type";
            return Err(self.wrong(block.header, message));
        }
        Ok(spot)
    }

    /// The one label of a block without blocks.
    fn named(&self, block: &Block, kind: &str) -> Result<String, SettingsError> {
        if let Some(inner) = block.body.blocks.first() {
            return Err(self.wrong(inner.header, format!("there are no blocks inside {kind}")));
        }
        match block.labels.as_slice() {
            [name] => Ok(name.name.to_string()),
            _ => Err(self.wrong(block.header, format!("a {kind} block has one label, its name"))),
        }
    }

    fn required<T>(&self, value: Option<T>, block: &Block, missing: &str) -> Result<T, SettingsError> {
        value.ok_or_else(|| self.wrong(block.header, missing))
    }

    fn decimal(&self, expr: &Expr, what: &str) -> Result<Decimal, SettingsError> {
        let wrong = |span: Span| self.wrong(span, what);
        match &expr.kind {
            ExprKind::Number(number) => number.to_string().parse().map_err(|_| wrong(expr.span)),
            _ => Err(wrong(expr.span)),
        }
    }

    fn number(&self, attribute: &Attribute) -> Result<Decimal, SettingsError> {
        let what = format!("\"{}\" is a number, such as 0.92", attribute.name.name);
        self.decimal(&attribute.value, &what)
    }

    fn not_negative(&self, attribute: &Attribute) -> Result<Decimal, SettingsError> {
        let what = format!("\"{}\" is an amount in USD an hour: 0.062", attribute.name.name);
        let number = self.decimal(&attribute.value, &what)?;
        match number.is_sign_negative() {
            true => Err(self.wrong(attribute.value.span, what)),
            false => Ok(number),
        }
    }

    fn machines(&self, attribute: &Attribute) -> Result<Decimal, SettingsError> {
        let what = "\"count\" is how many instances are reserved: a whole number, 1 or more";
        let number = self.decimal(&attribute.value, what)?;
        match number >= Decimal::ONE && number.fract().is_zero() {
            true => Ok(number),
            false => Err(self.wrong(attribute.value.span, what)),
        }
    }

    fn percent(&self, attribute: &Attribute) -> Result<Decimal, SettingsError> {
        let what = format!("\"{}\" is a number from 0 to 100", attribute.name.name);
        let number = self.decimal(&attribute.value, &what)?;
        match number.is_sign_negative() || number > Decimal::ONE_HUNDRED {
            true => Err(self.wrong(attribute.value.span, what)),
            false => Ok(number),
        }
    }

    /// A list of texts that is not empty: an empty one would be "all" by accident.
    fn some(&self, attribute: &Attribute) -> Result<Vec<String>, SettingsError> {
        let list = self.texts(attribute)?;
        match list.is_empty() {
            true => Err(self.wrong(
                attribute.value.span,
                format!("\"{}\" is empty; leave it out for all", attribute.name.name),
            )),
            false => Ok(list),
        }
    }

    fn word<'w>(&self, attribute: &Attribute, words: &[(&str, &'w str)]) -> Result<&'w str, SettingsError> {
        let given = self.text(attribute)?;
        match words.iter().find(|(word, _)| *word == given) {
            Some((_, meant)) => Ok(meant),
            None => {
                let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                let message = format!("\"{}\" is {}", attribute.name.name, known.join(" or "));
                Err(self.wrong(attribute.value.span, message))
            }
        }
    }

    fn entries<'a>(
        &self,
        attribute: &'a Attribute,
        what: &str,
    ) -> Result<Vec<(String, &'a Expr)>, SettingsError> {
        let wrong = || {
            self.wrong(
                attribute.value.span,
                format!("\"{}\" is {what}", attribute.name.name),
            )
        };
        let ExprKind::Object(items) = &attribute.value.kind else {
            return Err(wrong());
        };
        let mut entries = Vec::new();
        for (key, value) in items {
            let name = match key {
                ObjectKey::Name(name) => name.name.to_string(),
                ObjectKey::Expr(expr) => match &expr.kind {
                    ExprKind::String(name) => name.to_string(),
                    _ => return Err(wrong()),
                },
            };
            entries.push((name, value));
        }
        Ok(entries)
    }

    /// An object of strings.
    pub(super) fn table(&self, attribute: &Attribute) -> Result<BTreeMap<String, String>, SettingsError> {
        let what = "an object of strings";
        let mut table = BTreeMap::new();
        for (name, value) in self.entries(attribute, what)? {
            let ExprKind::String(value) = &value.kind else {
                return Err(self.wrong(value.span, format!("\"{}\" is {what}", attribute.name.name)));
            };
            table.insert(name, value.to_string());
        }
        Ok(table)
    }

    fn prices(&self, attribute: &Attribute) -> Result<BTreeMap<String, Decimal>, SettingsError> {
        let what = "USD an hour by instance type: { \"m5.large\" = 0.035 }";
        let mut prices = BTreeMap::new();
        for (name, value) in self.entries(attribute, what)? {
            let usd = self.decimal(value, &format!("\"prices\" is {what}"))?;
            if usd.is_sign_negative() {
                return Err(self.wrong(value.span, "a price is not negative"));
            }
            prices.insert(name, usd);
        }
        Ok(prices)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::Settings;

    fn read(body: &str) -> Result<tf_pricing::Terms, String> {
        let text = format!("cost {{\n{body}\n}}\n");
        let settings = Settings::parse("plumbline.hcl", &text, Path::new("/x/plumbline.hcl"));
        settings
            .map(|settings| settings.cost.terms)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn terms_are_read_as_they_are_written() {
        let terms = read(
            "currency = \"EUR\"\nexchange_rate = 0.92\n\
             discount \"edp\" {\n percent = 9.5\n services = [\"AmazonEC2\"]\n}\n\
             reserved \"web\" {\n instance_type = \"m5.large\"\n count = 3\n term = \"3_year\"\n payment_option = \"all_upfront\"\n}\n\
             savings_plan \"all\" {\n type = \"compute\"\n percent = 27\n lambda_percent = 12\n commitment = 1.5\n}\n\
             spot {\n percent = 60\n prices = { \"m5.large\" = 0.035 }\n}",
        )
        .unwrap();
        let currency = terms.currency.unwrap();
        assert_eq!(
            (currency.code.as_str(), currency.rate.to_string()),
            ("EUR", "0.92".to_owned())
        );
        assert_eq!(terms.discounts[0].percent.to_string(), "9.5");
        assert_eq!(terms.discounts[0].line, 4);
        assert_eq!(
            terms.reserved[0].rate,
            ReservedRate::Catalogue(Offering {
                lease: "3yr",
                payment: "All Upfront",
                class: "standard"
            })
        );
        assert_eq!(terms.savings_plans[0].commitment.unwrap().to_string(), "1.5");
        assert_eq!(terms.spot[0].prices["m5.large"].to_string(), "0.035");
    }

    #[test]
    fn mistakes_have_a_place() {
        for (body, message) in [
            (
                "currency = \"EUR\"",
                "2,12: AWS's prices are in USD: exchange_rate says how much EUR",
            ),
            ("exchange_rate = 2", "2,1: exchange_rate needs a currency"),
            (
                "currency = \"Euro\"\nexchange_rate = 1",
                "2,12: a currency is called by its three letters",
            ),
            (
                "currency = \"EUR\"\nexchange_rate = 0",
                "3,17: exchange_rate says how much",
            ),
            ("discount \"a\" {\n}", "2,1: a discount needs \"percent\""),
            (
                "discount {\n percent = 1\n}",
                "2,1: a discount block has one label",
            ),
            (
                "discount \"a\" {\n percent = 101\n}",
                "3,12: \"percent\" is a number from 0 to 100",
            ),
            (
                "discount \"a\" {\n percent = -1\n}",
                "3,12: \"percent\" is a number from 0 to 100",
            ),
            (
                "discount \"a\" {\n percent = 5\n service = \"x\"\n}",
                "4,2: \"service\" is not a setting here",
            ),
            (
                "discount \"a\" {\n percent = 5\n services = []\n}",
                "4,13: \"services\" is empty",
            ),
            (
                "reserved \"a\" {\n instance_type = \"m5.large\"\n}",
                "2,1: a reserved block says what an hour costs",
            ),
            (
                "reserved \"a\" {\n instance_type = \"m5.large\"\n percent = 5\n term = \"1_year\"\n}",
                "2,1: a reserved block says what an hour costs in one way",
            ),
            (
                "reserved \"a\" {\n percent = 5\n}",
                "2,1: a reserved block needs \"instance_type\"",
            ),
            (
                "reserved \"a\" {\n instance_type = \"m5.large\"\n term = \"2_year\"\n}",
                "4,9: \"term\" is 1_year or 3_year",
            ),
            (
                "reserved \"a\" {\n instance_type = \"m5.large\"\n percent = 5\n count = 1.5\n}",
                "5,10: \"count\" is how many",
            ),
            (
                "savings_plan \"a\" {\n percent = 5\n}",
                "2,1: a savings plan needs \"type\"",
            ),
            (
                "savings_plan \"a\" {\n type = \"ec2_instance\"\n percent = 5\n}",
                "2,1: a savings plan of type ec2_instance needs",
            ),
            (
                "savings_plan \"a\" {\n type = \"compute\"\n percent = 5\n family = \"m5\"\n}",
                "5,2: \"family\" belongs to a savings plan of type ec2_instance",
            ),
            ("spot {\n}", "2,1: a spot block needs"),
            ("spot {\n prices = { \"m5.large\" = -1 }\n}", "3,"),
        ] {
            let error = read(body).unwrap_err();
            assert!(
                error.starts_with(&format!("plumbline.hcl:{message}")),
                "{body}: {error}"
            );
        }
    }
}
