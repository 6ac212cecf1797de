//! Questions to the catalogue.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use tf_prices::{Catalogue, Price};

use crate::estimate::State;
use crate::reserved::{offering, reserved, without_term};

/// Questions to the catalogue that it has no answer to. All threads share them: to say what there is instead takes a thousand times as
/// long as to find a price.
#[derive(Default)]
pub(crate) struct Missing(Mutex<HashMap<Question, String>>);

/// Questions to the catalogue with their answers: a fleet asks the same again and again. Each thread has its own.
pub(crate) struct Lookups<'c> {
    catalogue: &'c Catalogue,
    missing: &'c Missing,
    answers: RefCell<HashMap<Question, Result<Rc<Price>, State>>>,
}

/// Region, service, usage type and attributes.
type Question = (String, String, String, Vec<(String, String)>);

impl Missing {
    fn get(&self, question: &Question) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(question).cloned()
    }

    fn put(&self, question: &Question, reason: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(question.clone(), reason.to_owned());
    }
}

impl<'c> Lookups<'c> {
    pub(crate) fn new(catalogue: &'c Catalogue, missing: &'c Missing) -> Lookups<'c> {
        Lookups {
            catalogue,
            missing,
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
        let answer = match self.missing.get(&question) {
            Some(reason) => Err(State::Unpriced(reason)),
            None => {
                let found = self.ask(region, service, usage_type, attributes);
                if let Err(reason) = &found {
                    self.missing.put(&question, reason);
                }
                found.map(Rc::new).map_err(State::Unpriced)
            }
        };
        self.answers.borrow_mut().insert(question, answer.clone());
        answer
    }

    fn ask(
        &self,
        region: &str,
        service: &str,
        usage_type: &str,
        attributes: &[(String, String)],
    ) -> Result<Price, String> {
        match offering(attributes) {
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
        }
    }
}
