//! Which IAM action lets an operation through, where the two are not called the same.

/// Actions by operation, both with their service. Source: the service authorization reference
/// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>).
const RENAMED: &[(&str, &str)] = &[
    ("s3:HeadBucket", "s3:ListBucket"),
    ("s3:ListObjectsV2", "s3:ListBucket"),
    ("s3:ListObjectVersions", "s3:ListBucketVersions"),
    ("s3:ListBuckets", "s3:ListAllMyBuckets"),
    ("s3:HeadObject", "s3:GetObject"),
    ("s3:DeleteObjects", "s3:DeleteObject"),
    ("s3:CopyObject", "s3:GetObject and s3:PutObject"),
    ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    ("s3:PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    ("s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"),
    (
        "s3:GetBucketLifecycleConfiguration",
        "s3:GetLifecycleConfiguration",
    ),
    (
        "s3:PutBucketLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    ("s3:GetBucketReplication", "s3:GetReplicationConfiguration"),
    ("s3:PutBucketReplication", "s3:PutReplicationConfiguration"),
    (
        "s3:GetObjectLockConfiguration",
        "s3:GetBucketObjectLockConfiguration",
    ),
    (
        "s3:PutObjectLockConfiguration",
        "s3:PutBucketObjectLockConfiguration",
    ),
    ("s3:DeleteBucketTagging", "s3:PutBucketTagging"),
    ("dynamodb:TransactWriteItems", "dynamodb:PutItem"),
    // What is made with its tags needs both.
    ("s3:CreateBucket", "s3:CreateBucket with s3:TagResource"),
    ("kms:CreateKey", "kms:CreateKey with kms:TagResource"),
    (
        "dynamodb:CreateTable",
        "dynamodb:CreateTable with dynamodb:TagResource",
    ),
    ("iam:CreateRole", "iam:CreateRole with iam:TagRole"),
    (
        "iam:CreateOpenIDConnectProvider",
        "iam:CreateOpenIDConnectProvider with iam:TagOpenIDConnectProvider",
    ),
];

/// The action that IAM wants for an operation, such as `s3:PutEncryptionConfiguration` for `s3:PutBucketEncryption`.
pub(crate) fn permission(operation: &str) -> &str {
    RENAMED
        .iter()
        .find(|(name, _)| *name == operation)
        .map_or(operation, |(_, action)| action)
}
