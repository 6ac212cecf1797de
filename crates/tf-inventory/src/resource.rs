//! One thing that exists in an account.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

/// Tags, by their keys.
pub type Tags = BTreeMap<String, String>;

/// A thing that exists, as Terraform's AWS provider would call it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    /// Terraform's type: `aws_sqs_queue`.
    pub type_name: &'static str,
    /// What `terraform import` wants for this type, by the provider's documentation.
    pub import_id: String,
    /// Its region; none for what is global, such as IAM's.
    pub region: Option<String>,
    /// Its ARN, where the type has one.
    pub arn: Option<String>,
    /// Its name: the one that it has, else its tag `Name`.
    pub name: Option<String>,
    /// Its tags; none where they could not be read, or nothing lists them.
    pub tags: Option<Tags>,
    /// When it was made, where the list says so.
    pub created: Option<Timestamp>,
    /// Who or what made it.
    pub origin: Origin,
    /// What its list says to be a part of it: type and id.
    pub(crate) parts: Vec<(&'static str, String)>,
}

/// Who or what made a resource.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    /// Nothing says that it was not somebody of the account.
    Account,
    /// It comes with a region or with another resource: `the default security group of vpc-1`.
    Default(String),
    /// An AWS service made it for itself: `the service-linked role of autoscaling.amazonaws.com`.
    Service(String),
    /// It comes and goes with another resource, which is what is to be managed.
    PartOf {
        /// Terraform's type of the other: `aws_autoscaling_group`.
        type_name: &'static str,
        /// The other's import ID.
        id: String,
    },
    /// A stack of CloudFormation, or of the CDK, made it.
    Stack(String),
    /// A controller in a Kubernetes cluster made it.
    Kubernetes(String),
    /// It is being deleted.
    Leaving(String),
}

/// Why a resource is not expected to be in a state, as something to count by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Default resources of regions and VPCs.
    Default,
    /// What AWS services made.
    Service,
    /// What comes and goes with another resource.
    Part,
    /// What CloudFormation's stacks made.
    Stack,
    /// What controllers in Kubernetes clusters made.
    Kubernetes,
    /// What is being deleted.
    Leaving,
}

impl Class {
    /// Its name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Default => "default",
            Class::Service => "service",
            Class::Part => "part",
            Class::Stack => "cloudformation",
            Class::Kubernetes => "kubernetes",
            Class::Leaving => "leaving",
        }
    }
}

impl Origin {
    /// The class; none for what somebody of the account made.
    pub fn class(&self) -> Option<Class> {
        Some(match self {
            Origin::Account => return None,
            Origin::Default(_) => Class::Default,
            Origin::Service(_) => Class::Service,
            Origin::PartOf { .. } => Class::Part,
            Origin::Stack(_) => Class::Stack,
            Origin::Kubernetes(_) => Class::Kubernetes,
            Origin::Leaving(_) => Class::Leaving,
        })
    }
}

/// The reason, as a person reads it.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Account => f.write_str("made by somebody of the account"),
            Origin::Default(what) => f.write_str(what),
            Origin::Service(what) => f.write_str(what),
            Origin::PartOf { type_name, id } => write!(f, "comes and goes with {type_name} {id}"),
            Origin::Stack(stack) => write!(f, "made by the CloudFormation stack {stack}"),
            Origin::Kubernetes(what) => write!(f, "made by a controller in Kubernetes ({what})"),
            Origin::Leaving(what) => f.write_str(what),
        }
    }
}

impl Resource {
    pub(crate) fn new(type_name: &'static str, import_id: impl Into<String>) -> Resource {
        Resource {
            type_name,
            import_id: import_id.into(),
            region: None,
            arn: None,
            name: None,
            tags: None,
            created: None,
            origin: Origin::Account,
            parts: Vec::new(),
        }
    }

    /// What is named by its import ID.
    pub(crate) fn named(type_name: &'static str, name: impl Into<String>) -> Resource {
        let name = name.into();
        Resource {
            name: Some(name.clone()),
            ..Resource::new(type_name, name)
        }
    }

    pub(crate) fn arn(mut self, arn: impl Into<String>) -> Resource {
        self.arn = Some(arn.into());
        self
    }

    pub(crate) fn tags(mut self, tags: Tags) -> Resource {
        if self.name.is_none() {
            self.name = tags.get("Name").filter(|name| !name.is_empty()).cloned();
        }
        self.tags = Some(tags);
        self
    }

    pub(crate) fn created(mut self, created: Option<Timestamp>) -> Resource {
        self.created = created;
        self
    }

    pub(crate) fn made_by(mut self, origin: Origin) -> Resource {
        self.origin = origin;
        self
    }

    /// From there where something says so.
    pub(crate) fn made_by_if(self, origin: Option<Origin>) -> Resource {
        match origin {
            Some(origin) => self.made_by(origin),
            None => self,
        }
    }

    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.as_ref()?.get(key).map(String::as_str)
    }
}
