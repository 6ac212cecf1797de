//! The parts of a backend, what is asked of each, and what may be said of it. One list for the steps of `create`, the verdicts
//! of `check` and the order of both.

use tf_report::Severity;

/// Where a part belongs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Place {
    /// The KMS key of the state bucket.
    Key,
    /// The KMS key of the copy, in its region.
    ReplicaKey,
    /// The state bucket.
    State,
    /// The bucket of the access logs.
    Logs,
    /// The bucket of the copy.
    Replica,
    /// The lock table.
    Table,
    /// The OIDC provider of GitHub Actions.
    Provider,
    /// The role for plans.
    PlanRole,
    /// The role for applies.
    ApplyRole,
    /// The role by which S3 copies.
    ReplicationRole,
}

impl Place {
    /// Buckets, in the order in which they are made.
    pub(crate) const BUCKETS: [Place; 3] = [Place::State, Place::Logs, Place::Replica];

    /// What it is called: `state bucket`.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Place::Key => "KMS key",
            Place::ReplicaKey => "KMS key of the copy",
            Place::State => "state bucket",
            Place::Logs => "log bucket",
            Place::Replica => "bucket of the copy",
            Place::Table => "lock table",
            Place::Provider => "OIDC provider",
            Place::PlanRole => "plan role",
            Place::ApplyRole => "apply role",
            Place::ReplicationRole => "replication role",
        }
    }

    /// The first part of the ids of its verdicts.
    fn id(self) -> &'static str {
        match self {
            Place::Key => "key",
            Place::ReplicaKey => "replica-key",
            Place::State => "state",
            Place::Logs => "logs",
            Place::Replica => "replica",
            Place::Table => "table",
            Place::Provider => "oidc",
            Place::PlanRole => "plan-role",
            Place::ApplyRole => "apply-role",
            Place::ReplicationRole => "replication-role",
        }
    }

    /// Terraform's type of such a thing.
    pub(crate) fn resource_type(self) -> &'static str {
        match self {
            Place::Key | Place::ReplicaKey => "aws_kms_key",
            Place::State | Place::Logs | Place::Replica => "aws_s3_bucket",
            Place::Table => "aws_dynamodb_table",
            Place::Provider => "aws_iam_openid_connect_provider",
            Place::PlanRole | Place::ApplyRole | Place::ReplicationRole => "aws_iam_role",
        }
    }
}

/// What is asked of a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Kind {
    /// It is there.
    Exists,
    /// A key: it can be used.
    KeyState,
    /// A key: the alias points to it.
    Alias,
    /// A key: it is rotated.
    Rotation,
    /// A bucket: no ACLs.
    Ownership,
    /// A bucket: all four blocks.
    PublicAccess,
    /// A bucket: versions are kept.
    Versioning,
    /// A bucket or table: encryption at rest.
    Encryption,
    /// A bucket: object lock.
    ObjectLock,
    /// A table: on demand.
    Billing,
    /// A table: deletion protection.
    DeletionProtection,
    /// A table: point-in-time recovery.
    Recovery,
    /// A role: who may assume it.
    Trust,
    /// A provider: for whom its tokens are.
    Audience,
    /// A key, bucket or role: its policy's statements.
    Policy,
    /// A bucket: what is removed when.
    Lifecycle,
    /// A bucket: where accesses are logged.
    Logging,
    /// A bucket: where it is copied to.
    Replication,
    /// Everything: tags.
    Tags,
}

/// What is to be said of a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// Short, for tables: `versioning`.
    pub(crate) name: &'static str,
    /// How much it matters.
    pub(crate) severity: Severity,
    /// Why.
    pub(crate) why: &'static str,
}

impl Kind {
    /// `state-versioning`: the id of the verdict.
    pub(crate) fn id(self, place: Place) -> String {
        format!("{}-{}", place.id(), self.words(place).name.replace(' ', "-"))
    }

    pub(crate) fn words(self, place: Place) -> Words {
        use Severity::{Critical, High, Info, Low, Medium};
        let (name, severity, why) = match self {
            Kind::Exists => match place {
                Place::State => ("exists", Critical, "Without the bucket there is no remote state."),
                Place::Key | Place::ReplicaKey => (
                    "exists",
                    High,
                    "The states are to be encrypted with a key of the account's own, whose use is recorded and can be withdrawn.",
                ),
                Place::Table => (
                    "exists",
                    High,
                    "Roots that lock by the table cannot plan or apply without it.",
                ),
                Place::Logs => (
                    "exists",
                    Medium,
                    "Who read a state can only be told from access logs.",
                ),
                Place::Replica => (
                    "exists",
                    Medium,
                    "The copy in a second region is what remains when the first one is lost.",
                ),
                _ => (
                    "exists",
                    Medium,
                    "The pipeline signs in by it, without keys that could leak.",
                ),
            },
            Kind::KeyState => (
                "usable",
                Critical,
                "With a key that is disabled or to be deleted no state can be read, and once it is deleted never again.",
            ),
            Kind::Alias => ("alias", Low, "By the alias the key is found again."),
            Kind::Rotation => (
                "rotation",
                Medium,
                "Rotation limits what one key's material is worth.",
            ),
            Kind::Ownership => (
                "ownership",
                Medium,
                "With ACLs an object may belong to another account, whose owner decides who reads it.",
            ),
            Kind::PublicAccess => (
                "public access",
                Critical,
                "States hold secrets in plain text; no policy or ACL may ever make them public.",
            ),
            Kind::Versioning => (
                "versioning",
                Critical,
                "Versions are the only way back from a damaged state.",
            ),
            Kind::Encryption => ("encryption", High, "States hold secrets in plain text."),
            Kind::ObjectLock => (
                "object lock",
                Medium,
                "Versions that nobody can remove survive stolen credentials too.",
            ),
            Kind::Billing => (
                "billing",
                Low,
                "A lock table with provisioned capacity costs money while nobody locks, and throttles when many do.",
            ),
            Kind::DeletionProtection => (
                "deletion protection",
                Medium,
                "Without the table nobody can plan or apply.",
            ),
            Kind::Recovery => (
                "recovery",
                Medium,
                "Digests that are lost or wrong stop every run; a point in time brings them back.",
            ),
            Kind::Trust => (
                "trust",
                Critical,
                "Who may assume the role may do what it may do.",
            ),
            Kind::Audience => ("audience", Medium, "AWS takes only tokens that are made for it."),
            Kind::Policy => match place {
                Place::Key | Place::ReplicaKey => (
                    "policy",
                    High,
                    "Who may use the key may read the states; without its first statement the key can be locked for good.",
                ),
                Place::State | Place::Replica => (
                    "policy",
                    High,
                    "The policy refuses plain HTTP, other accounts, and objects that are not encrypted with the right key.",
                ),
                Place::Logs => (
                    "policy",
                    Medium,
                    "The policy refuses plain HTTP and other accounts, and lets S3 deliver the logs.",
                ),
                _ => (
                    "policy",
                    High,
                    "A role is to do what it is for with exactly these states, and nothing else.",
                ),
            },
            Kind::Lifecycle => (
                "lifecycle",
                Low,
                "Old versions and the remains of lock files would pile up for ever.",
            ),
            Kind::Logging => (
                "logging",
                Medium,
                "Who read a state can only be told from access logs.",
            ),
            Kind::Replication => (
                "replication",
                Medium,
                "The copy in a second region is what remains when the first one is lost.",
            ),
            Kind::Tags => (
                "tags",
                Info,
                "By its tags everybody sees whose it is, and tf-bootstrap what it made.",
            ),
        };
        Words { name, severity, why }
    }
}
