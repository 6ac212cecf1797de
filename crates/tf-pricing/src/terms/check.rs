//! Whether terms are about services that there are.

use tf_prices::Catalogue;

use super::Terms;

/// A term that cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TermsError {
    /// The line of the settings file.
    pub line: u32,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Terms {
    /// Whether each service that is named is one of the catalogue's, so that a misspelt one is not a discount that nobody gets.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self, catalogue: &Catalogue) -> Result<(), TermsError> {
        let discounts = self.discounts.iter().flat_map(|discount| {
            discount
                .services
                .iter()
                .map(move |service| (service, discount.line))
        });
        let reserved = self
            .reserved
            .iter()
            .map(|reserved| (&reserved.service, reserved.line));
        let mut named = discounts.chain(reserved).peekable();
        if named.peek().is_none() {
            return Ok(());
        }
        let mut known: Vec<String> = [catalogue, Catalogue::embedded()]
            .into_iter()
            .flat_map(|catalogue| catalogue.info().regions)
            .flat_map(|(_, services)| services.into_keys())
            .collect();
        known.sort();
        known.dedup();
        for (service, line) in named {
            if known.binary_search(service).is_ok() {
                continue;
            }
            let lower = service.to_lowercase();
            let nearest = known
                .iter()
                .map(|name| {
                    // AWS's codes begin with Amazon or AWS, and people leave that out.
                    let plain = name.to_lowercase();
                    let short = plain.trim_start_matches("amazon").trim_start_matches("aws");
                    let distance = strsim::damerau_levenshtein(&lower, &plain)
                        .min(strsim::damerau_levenshtein(&lower, short));
                    (distance, name)
                })
                .min();
            let hint = match nearest {
                Some((distance, name)) if distance <= 3 => format!("; did you mean \"{name}\"?"),
                _ => format!("; there are {}", known.join(", ")),
            };
            return Err(TermsError {
                line,
                message: format!("\"{service}\" is none of AWS's offer codes that have prices here{hint}"),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Discount;

    #[test]
    fn services_are_called_as_in_the_price_list() {
        let terms = |service: &str| Terms {
            discounts: vec![Discount {
                name: "edp".to_owned(),
                percent: 9.into(),
                services: vec![service.to_owned()],
                regions: Vec::new(),
                line: 7,
            }],
            ..Terms::default()
        };
        assert_eq!(terms("AmazonEC2").check(Catalogue::embedded()), Ok(()));
        for wrong in ["ec2", "AmazonEc2", "AmazonEC"] {
            let error = terms(wrong).check(Catalogue::embedded()).unwrap_err();
            assert_eq!(error.line, 7);
            assert!(error.message.ends_with("did you mean \"AmazonEC2\"?"), "{error}");
        }
    }
}
