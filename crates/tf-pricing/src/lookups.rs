//! Questions to the catalogue.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use tf_prices::{Catalogue, Price};

use crate::estimate::State;
use crate::reserved::{offering, reserved, without_term};

/// Questions to the catalogue with their answers: a fleet asks the same again and again. Each thread has its own.
pub(crate) struct Lookups<'c> {
    catalogue: &'c Catalogue,
    answers: RefCell<HashMap<Question, Result<Rc<Price>, State>>>,
}

/// Region, service, usage type and attributes.
type Question = (String, String, String, Vec<(String, String)>);

impl<'c> Lookups<'c> {
    pub(crate) fn new(catalogue: &'c Catalogue) -> Lookups<'c> {
        Lookups {
            catalogue,
            answers: RefCell::default(),
        }
    }

    pub(crate) fn find(
        &self,
        region: &str,
        service: &str,
        usage_type: &str,
        attributes: &[(String, String)],
    ) -> Result<Rc<Price>, State> {
        let question = (
            region.to_owned(),
            service.to_owned(),
            usage_type.to_owned(),
            attributes.to_vec(),
        );
        if let Some(answer) = self.answers.borrow().get(&question) {
            return answer.clone();
        }
        let found = match offering(attributes) {
            Some(offering) => {
                let attributes = without_term(attributes);
                reserved(
                    self.catalogue,
                    region,
                    service,
                    usage_type,
                    &attributes,
                    &offering,
                )
            }
            None => {
                let borrowed: Vec<(&str, &str)> = attributes
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                let found = self.catalogue.find(region, service, usage_type, &borrowed);
                found.map_err(|problem| problem.to_string())
            }
        };
        let answer = found.map(Rc::new).map_err(State::Unpriced);
        self.answers.borrow_mut().insert(question, answer.clone());
        answer
    }
}
