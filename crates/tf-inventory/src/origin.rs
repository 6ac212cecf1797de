//! Who made a resource, by its tags, and by what else exists.
//!
//! Keys that begin with `aws:` can be set by AWS alone:
//! <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>.

use std::collections::{BTreeMap, BTreeSet};

use crate::resource::{Origin, Resource};

/// Names of a type in regions in which all of them are known.
#[derive(Debug, Default)]
pub(crate) struct Existing {
    names: BTreeMap<(&'static str, String), BTreeSet<String>>,
}

impl Existing {
    /// Says that a region's things of a type are all known.
    pub(crate) fn complete(&mut self, type_name: &'static str, region: &str) {
        self.names.entry((type_name, region.to_owned())).or_default();
    }

    pub(crate) fn add(&mut self, resource: &Resource) {
        if let Some(region) = &resource.region
            && let Some(names) = self.names.get_mut(&(resource.type_name, region.clone()))
        {
            names.insert(resource.import_id.clone());
        }
    }

    /// Whether it exists; where that is not known, it may.
    fn may_exist(&self, type_name: &'static str, region: &str, name: &str) -> bool {
        self.names
            .get(&(type_name, region.to_owned()))
            .is_none_or(|names| names.contains(name))
    }
}

/// Who made it, as far as its tags say.
pub(crate) fn by_tags(resource: &Resource) -> Option<Origin> {
    let tag = |key: &str| resource.tag(key);
    if let Some(name) = tag("aws:autoscaling:groupName") {
        return Some(Origin::PartOf {
            type_name: "aws_autoscaling_group",
            id: name.to_owned(),
        });
    }
    if let (Some(cluster), Some(group)) = (tag("eks:cluster-name"), tag("eks:nodegroup-name")) {
        return Some(Origin::PartOf {
            type_name: "aws_eks_node_group",
            id: format!("{cluster}:{group}"),
        });
    }
    let wholes = [
        ("aws:ec2:fleet-id", "aws_ec2_fleet"),
        ("aws:ec2spot:fleet-request-id", "aws_spot_fleet_request"),
        ("aws:elasticmapreduce:job-flow-id", "aws_emr_cluster"),
        (
            "elasticbeanstalk:environment-id",
            "aws_elastic_beanstalk_environment",
        ),
    ];
    for (key, type_name) in wholes {
        if let Some(id) = tag(key) {
            let id = id.to_owned();
            return Some(Origin::PartOf { type_name, id });
        }
    }
    if let Some(stack) = tag("aws:cloudformation:stack-name") {
        return Some(Origin::Stack(stack.to_owned()));
    }
    let services = [
        ("aws:eks:cluster-name", "EKS for the cluster"),
        ("aws:ecs:serviceName", "ECS for the service"),
        ("aws:secretsmanager:owningService", "the service"),
        ("aws:rds:primaryDBInstanceArn", "RDS for the instance"),
        (
            "application-autoscaling:resourceId",
            "Application Auto Scaling for",
        ),
        (
            "aws:servicecatalog:provisioningPrincipalArn",
            "Service Catalog for",
        ),
        ("aws:backup:source-resource", "AWS Backup for"),
        ("AWSBatchServiceTag", "AWS Batch as"),
    ];
    for (key, what) in services {
        if let Some(value) = tag(key) {
            return Some(Origin::Service(format!("made by {what} {value}")));
        }
    }
    let controllers = [
        "elbv2.k8s.aws/cluster",
        "service.k8s.aws/stack",
        "ingress.k8s.aws/stack",
        "kubernetes.io/service-name",
        "kubernetes.io/created-for/pvc/name",
        "ebs.csi.aws.com/cluster",
        "karpenter.sh/nodepool",
        "karpenter.sh/provisioner-name",
        "node.k8s.amazonaws.com/instance_id",
    ];
    controllers.iter().find_map(|key| {
        let value = tag(key)?;
        Some(Origin::Kubernetes(format!("{key} = {value}")))
    })
}

/// Log groups that services make when they first write: nobody can see in the group itself who made it.
pub(crate) fn of_log_group(resource: &Resource, existing: &Existing) -> Option<Origin> {
    let name = resource.import_id.as_str();
    let region = resource.region.as_deref().unwrap_or_default();
    let made = |by: &str| Some(Origin::Service(format!("made by {by}")));
    // The beginning of the name, the type of what it is for, and how that is called.
    let owners = [
        ("/aws/lambda/", "aws_lambda_function", "Lambda for the function"),
        ("/aws/eks/", "aws_eks_cluster", "EKS for the cluster"),
        ("/aws/rds/instance/", "aws_db_instance", "RDS for the instance"),
        ("/aws/rds/cluster/", "aws_rds_cluster", "RDS for the cluster"),
        (
            "/aws/ecs/containerinsights/",
            "aws_ecs_cluster",
            "ECS for the cluster",
        ),
    ];
    for (prefix, type_name, by) in owners {
        let Some(rest) = name.strip_prefix(prefix) else {
            continue;
        };
        let owner = rest.split('/').next().unwrap_or(rest);
        // What Lambda@Edge writes in other regions than its function's.
        if type_name == "aws_lambda_function" && owner.contains('.') {
            return made(&format!("Lambda@Edge for the function {owner}"));
        }
        return match existing.may_exist(type_name, region, owner) {
            true => made(&format!("{by} {owner}")),
            // It has outlived what it was for, and costs.
            false => None,
        };
    }
    if let Some(project) = name.strip_prefix("/aws/codebuild/") {
        return made(&format!("CodeBuild for the project {project}"));
    }
    if let Some(api) = name.strip_prefix("API-Gateway-Execution-Logs_") {
        return made(&format!("API Gateway for {api}"));
    }
    if name == "RDSOSMetrics" {
        return made("RDS for enhanced monitoring");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tagged(tags: &[(&str, &str)]) -> Resource {
        let tags = tags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Resource::new("aws_instance", "i-1").tags(tags)
    }

    #[test]
    fn tags_say_who_made_it() {
        for (tags, reason) in [
            (&[][..], None),
            (&[("Name", "web"), ("aws:createdBy", "x")][..], None),
            // What Terraform's modules for EKS put on what they make.
            (&[("kubernetes.io/cluster/main", "owned")][..], None),
            (
                &[("aws:autoscaling:groupName", "web")][..],
                Some("comes and goes with aws_autoscaling_group web"),
            ),
            (
                &[("eks:cluster-name", "main"), ("eks:nodegroup-name", "blue")][..],
                Some("comes and goes with aws_eks_node_group main:blue"),
            ),
            (
                &[
                    ("aws:cloudformation:stack-name", "CDKToolkit"),
                    ("aws:cloudformation:logical-id", "Bucket"),
                ][..],
                Some("made by the CloudFormation stack CDKToolkit"),
            ),
            // The group of a stack is the stack's, its instances are the group's.
            (
                &[
                    ("aws:cloudformation:stack-name", "web"),
                    ("aws:autoscaling:groupName", "web-asg"),
                ][..],
                Some("comes and goes with aws_autoscaling_group web-asg"),
            ),
            (
                &[("elbv2.k8s.aws/cluster", "main")][..],
                Some("made by a controller in Kubernetes (elbv2.k8s.aws/cluster = main)"),
            ),
            (
                &[("aws:eks:cluster-name", "main")][..],
                Some("made by EKS for the cluster main"),
            ),
        ] {
            let origin = by_tags(&tagged(tags)).map(|origin| origin.to_string());
            assert_eq!(origin.as_deref(), reason, "{tags:?}");
        }
    }

    #[test]
    fn log_groups_of_what_exists_are_the_services() {
        let in_region = |type_name, id: &str| Resource {
            region: Some("eu-west-1".to_owned()),
            ..Resource::named(type_name, id)
        };
        let mut existing = Existing::default();
        existing.complete("aws_lambda_function", "eu-west-1");
        existing.add(&in_region("aws_lambda_function", "api"));
        for (name, reason) in [
            ("/aws/lambda/api", Some("made by Lambda for the function api")),
            ("/aws/lambda/gone", None),
            (
                "/aws/lambda/us-east-1.edge",
                Some("made by Lambda@Edge for the function us-east-1.edge"),
            ),
            // Nobody looked for clusters.
            ("/aws/eks/main/cluster", Some("made by EKS for the cluster main")),
            (
                "/aws/codebuild/app",
                Some("made by CodeBuild for the project app"),
            ),
            ("/app/web", None),
        ] {
            let origin = of_log_group(&in_region("aws_cloudwatch_log_group", name), &existing);
            assert_eq!(
                origin.map(|origin| origin.to_string()).as_deref(),
                reason,
                "{name}"
            );
        }
    }
}
