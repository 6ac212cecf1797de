//! Everything that estimates are made with, read once: the one entry for programs that want a cost.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tf_model::Graph;
use tf_policy::{Relations, Worlds};
use tf_prices::{Catalogue, CatalogueError, Date};

use crate::difference::Difference;
use crate::document::{Document, Root, Summary};
use crate::engine::{estimate_both, estimate_related};
use crate::environment::environment_of;
use crate::estimate::{Estimate, Options, Resource};
use crate::models::Models;
use crate::savings::{Finder, Known};
use crate::terms::{Commitment, Terms, TermsError};
use crate::usage::{Usage, UsageError};

/// Days after which prices are called old.
pub const STALE_DAYS: u32 = 180;

/// Where usage, prices and terms come from. [`Sources::default`] is the built-in catalogue at the list price, without usage.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A usage file in Infracost's format.
    pub usage: Option<PathBuf>,
    /// A catalogue made by `tf-cost prices build`, instead of the built-in one.
    pub catalogue: Option<PathBuf>,
    /// The region of resources whose provider names none.
    pub region: Option<String>,
    /// What is paid other than the list price.
    pub terms: Terms,
}

/// Usage, prices and terms, as estimates need them.
///
/// ```no_run
/// # fn f(graph: &tf_model::Graph) -> Result<(), tf_pricing::PricingError> {
/// let pricing = tf_pricing::Pricing::read(tf_pricing::Sources::default())?;
/// let document = pricing.document("tf-gate", "0.1.0", &[("environments/prod/data", graph)]);
/// println!("{} {} a month", document.total_monthly, document.currency);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Pricing {
    usage: Option<(PathBuf, Usage)>,
    catalogue: Option<Catalogue>,
    region: Option<String>,
    terms: Terms,
}

/// A usage file, a catalogue or terms that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PricingError {
    /// The usage file cannot be read.
    #[error("cannot read the usage file {path}: {source}")]
    UnreadableUsage {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Something in the usage file is wrong.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The catalogue cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A catalogue without a single price: everything would be unpriced.
    #[error("{0}: this price catalogue is empty; make one with `tf-cost prices build`")]
    EmptyCatalogue(PathBuf),
    /// Terms of the settings file are about something that there is not.
    #[error("plumbline.hcl, {0}")]
    Terms(#[from] TermsError),
}

impl Pricing {
    /// Reads the files.
    ///
    /// # Errors
    /// Where one cannot be read or is not right.
    pub fn read(sources: Sources) -> Result<Pricing, PricingError> {
        let usage = match sources.usage {
            Some(path) => {
                let text =
                    std::fs::read_to_string(&path).map_err(|source| PricingError::UnreadableUsage {
                        path: path.clone(),
                        source,
                    })?;
                let usage = Usage::read(&path.display().to_string(), &text, Models::builtin())?;
                Some((path, usage))
            }
            None => None,
        };
        let catalogue = match sources.catalogue {
            Some(path) => {
                let catalogue = Catalogue::open(&path)?;
                if catalogue.is_empty() {
                    return Err(PricingError::EmptyCatalogue(path));
                }
                Some(catalogue)
            }
            None => None,
        };
        let pricing = Pricing {
            usage,
            catalogue,
            region: sources.region.filter(|name| !name.is_empty()),
            terms: sources.terms,
        };
        pricing.terms.check(pricing.catalogue())?;
        Ok(pricing)
    }

    /// The catalogue that prices come from.
    pub fn catalogue(&self) -> &Catalogue {
        self.catalogue.as_ref().unwrap_or_else(|| Catalogue::embedded())
    }

    /// The usage file, with its name.
    pub fn usage(&self) -> Option<(&Path, &Usage)> {
        self.usage.as_ref().map(|(path, usage)| (path.as_path(), usage))
    }

    /// What is paid other than the list price.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The resources of a graph at the list price (and at Spot prices, where the terms have them). [`Pricing::settle`] makes of it what
    /// is paid; until then several graphs may be estimated side by side.
    pub fn list(&self, graph: &Graph) -> Estimate {
        self.list_related(&Relations::new(graph))
    }

    /// The same of a graph whose relations others need too.
    pub fn list_related(&self, relations: &Relations<'_>) -> Estimate {
        estimate_related(relations, &self.options())
    }

    fn options(&self) -> Options<'_> {
        Options {
            models: Models::builtin(),
            catalogue: self.catalogue(),
            usage: self.usage.as_ref().map(|(_, usage)| usage),
            region: self.region.as_deref(),
            terms: Some(&self.terms),
        }
    }

    /// Applies reserved instances, savings plans, discounts and the currency to estimates at the list price. What is reserved or
    /// committed counts once for all of them, in their order.
    pub fn settle(&self, estimates: &mut [&mut Estimate]) -> Vec<Commitment> {
        self.terms.apply(estimates, self.catalogue())
    }

    /// What the resources of one graph cost.
    pub fn estimate(&self, graph: &Graph) -> Estimate {
        let mut estimate = self.list(graph);
        self.settle(&mut [&mut estimate]);
        estimate
    }

    /// What roots cost, each with its name: the document that all formats are made of (`plumbline.cost/1`).
    pub fn document(&self, tool: &str, version: &str, roots: &[(&str, &Graph)]) -> Document {
        self.of_graphs(roots, |roots, commitments| {
            self.document_of(tool, version, roots, commitments)
        })
    }

    /// The same without savings, for who only compares: looking for them takes as long as the estimate.
    pub fn costs(&self, tool: &str, version: &str, roots: &[(&str, &Graph)]) -> Document {
        self.of_graphs(roots, |roots, commitments| {
            self.costs_of(tool, version, roots, commitments)
        })
    }

    fn of_graphs(
        &self,
        roots: &[(&str, &Graph)],
        made: impl FnOnce(&[Root<'_>], Vec<Commitment>) -> Document,
    ) -> Document {
        let mut estimates: Vec<Estimate> = roots.iter().map(|(_, graph)| self.list(graph)).collect();
        let commitments = self.settle(&mut estimates.iter_mut().collect::<Vec<_>>());
        let roots: Vec<Root<'_>> = roots
            .iter()
            .zip(&estimates)
            .map(|((name, graph), estimate)| Root {
                name: (*name).to_owned(),
                environment: environment_of(name),
                graph,
                estimate,
            })
            .collect();
        made(&roots, commitments)
    }

    fn costs_of(
        &self,
        tool: &str,
        version: &str,
        roots: &[Root<'_>],
        commitments: Vec<Commitment>,
    ) -> Document {
        let mut document = Document::new(tool, version, roots);
        self.terms.currency().clone_into(&mut document.currency);
        document.commitments = commitments;
        document
    }

    /// The document of estimates that are settled, with what [`Pricing::settle`] returned, and with savings.
    pub fn document_of(
        &self,
        tool: &str,
        version: &str,
        roots: &[Root<'_>],
        commitments: Vec<Commitment>,
    ) -> Document {
        let mut document = self.costs_of(tool, version, roots, commitments);
        let mut resources = document.resources.iter();
        let mut known = Known::default();
        for root in roots {
            let count = root.estimate.resources.len();
            let of_root: Vec<_> = resources.by_ref().take(count).collect();
            let environments: Vec<Option<String>> = of_root
                .iter()
                .map(|resource| resource.environment.clone())
                .collect();
            let finder = Finder {
                catalogue: self.catalogue(),
                terms: &self.terms,
                graph: root.graph,
                environments: &environments,
                known,
            };
            let mut found = finder.find(root.estimate);
            known = finder.known;
            for saving in &mut found {
                saving.root = of_root.first().and_then(|resource| resource.root.clone());
            }
            document.savings.extend(found);
        }
        document
    }

    /// What a change adds: the roots before and after it.
    pub fn difference(
        &self,
        tool: &str,
        version: &str,
        before: &[(&str, &Graph)],
        after: &[(&str, &Graph)],
    ) -> Difference {
        let [before, after] = [before, after].map(|roots| self.costs(tool, version, roots));
        Difference::new(tool, version, &before, &after)
    }

    /// What the step from one world of a plan to the other adds, and what is there after it. What costs the same in both is worked out
    /// once, and is not compared.
    pub fn step(&self, tool: &str, version: &str, worlds: &Worlds<'_>) -> (Difference, Summary) {
        let mut both = estimate_both(worlds, &self.options());
        for estimate in &mut both {
            self.settle(&mut [estimate]);
        }
        let [earlier, later] = &mut both;
        let stays: HashSet<Arc<str>> = {
            let was: HashMap<&str, &Resource> = earlier
                .resources
                .iter()
                .map(|resource| (&*resource.address, resource))
                .collect();
            let stays = |is: &&Resource| was.get(&*is.address).is_some_and(|was| was.costs_as(is));
            later
                .resources
                .iter()
                .filter(stays)
                .map(|resource| resource.address.clone())
                .collect()
        };
        let [before, after] =
            [(worlds.before.graph(), earlier), (worlds.after.graph(), later)].map(|(graph, estimate)| {
                estimate
                    .resources
                    .retain(|resource| !stays.contains(&resource.address));
                let root = Root {
                    name: ".".to_owned(),
                    environment: None,
                    graph,
                    estimate,
                };
                self.costs_of(tool, version, &[root], Vec::new())
            });
        (Difference::new(tool, version, &before, &after), after.summary)
    }

    /// What a reader should know: what of the usage file is ignored, and that the prices are old.
    pub fn warnings(&self, today: Date) -> Vec<String> {
        let usage = self
            .usage
            .iter()
            .flat_map(|(_, usage)| usage.warnings.iter().cloned());
        let stale = self.catalogue().info().stale(today, STALE_DAYS);
        usage.chain(stale).collect()
    }
}
