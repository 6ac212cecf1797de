//! Attributes that AWS changes without anybody asking for it.

use tf_model::schema::{Kind, schema};

/// By type; `*` is any type, of which only attributes count that nobody can set.
///
/// Sources: the attribute references of the provider's documentation, and what scans straight after an apply showed.
const VOLATILE: &[(&str, &[&str])] = &[
    (
        "*",
        &[
            "last_accessed_date",
            "last_modified",
            "last_modified_date",
            "last_modified_time",
            "last_rotated_date",
            "last_update_timestamp",
            "last_updated",
            "last_updated_date",
            "last_updated_time",
            "lock_token",
            "modified_date",
            "updated_at",
            "updated_date",
            "updated_time",
        ],
    ),
    (
        "aws_acm_certificate",
        &[
            "not_after",
            "not_before",
            "pending_renewal",
            "renewal_summary",
            "status",
        ],
    ),
    ("aws_autoscaling_group", &["predicted_capacity", "warm_pool_size"]),
    ("aws_backup_vault", &["recovery_points"]),
    (
        "aws_cloudfront_distribution",
        &["etag", "in_progress_validation_batches", "status"],
    ),
    ("aws_cloudfront_function", &["etag", "live_stage_etag", "status"]),
    ("aws_db_instance", &["latest_restorable_time", "status"]),
    ("aws_dynamodb_table", &["stream_label"]),
    ("aws_eks_cluster", &["platform_version", "status"]),
    ("aws_eks_node_group", &["status"]),
    ("aws_elasticache_cluster", &["cache_nodes"]),
    ("aws_instance", &["password_data"]),
    ("aws_msk_cluster", &["current_version"]),
    // Counts how often it was written, with the same value too.
    ("aws_ssm_parameter", &["version"]),
    ("aws_spot_instance_request", &["spot_request_state"]),
    ("aws_vpn_connection", &["vgw_telemetry"]),
];

/// Whether AWS changes an attribute without anybody asking for it.
pub(crate) fn is_volatile(ty: &str, name: &str) -> bool {
    let named = |of: &str| {
        VOLATILE
            .iter()
            .any(|(named, attributes)| *named == of && attributes.contains(&name))
    };
    named(ty) || (named("*") && is_computed(ty, name))
}

/// Whether nobody can set an attribute: the provider alone decides it.
pub(crate) fn is_computed(ty: &str, name: &str) -> bool {
    let Some(schema) = schema(Kind::Resource, ty) else {
        return false;
    };
    let attribute = schema.attribute(name);
    attribute.is_some_and(|attribute| attribute.computed && !attribute.optional && !attribute.required)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alone_do_not_make_an_attribute_volatile() {
        assert!(is_volatile("aws_db_instance", "latest_restorable_time"));
        assert!(is_volatile("aws_lambda_function", "last_modified"));
        assert!(!is_volatile("aws_lambda_function", "code_sha256"));
        assert!(!is_volatile("aws_no_such_type", "last_modified"));
    }

    /// An attribute that may be set is somebody's decision, and a name that no type has protects nobody.
    #[test]
    fn what_is_volatile_is_there_and_cannot_be_set() {
        let mut wrong = Vec::new();
        for (ty, attributes) in VOLATILE.iter().filter(|(ty, _)| *ty != "*") {
            for name in *attributes {
                if !is_computed(ty, name) {
                    wrong.push(format!("{ty}.{name}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
