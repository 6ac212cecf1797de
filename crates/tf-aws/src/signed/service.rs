//! Services, as data: what they speak, and where they are.

/// What a service speaks: <https://smithy.io/2.0/aws/protocols/index.html>.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// Parameters in a form, answers in XML; with the version of the API.
    Query(&'static str),
    /// JSON, with its version, and the prefix of `X-Amz-Target`.
    Json(&'static str, &'static str),
    /// Paths, and JSON in bodies.
    RestJson,
    /// Paths, and XML in bodies.
    RestXml,
}

/// A service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Service {
    /// IAM's prefix of its actions: `logs`. It names the service in errors.
    pub name: &'static str,
    /// The beginning of its host names: `api.ecr`.
    pub endpoint: &'static str,
    /// Its name in signatures: `ecr`.
    pub signing: &'static str,
    /// Its id as in `AWS_ENDPOINT_URL_<ID>`: `CLOUDWATCH_LOGS`.
    pub id: &'static str,
    /// What it speaks.
    pub protocol: Protocol,
    /// Whether it is one for a whole partition.
    pub global: bool,
}

impl Service {
    /// A service whose endpoint, signature and actions have the same name.
    pub const fn new(name: &'static str, id: &'static str, protocol: Protocol) -> Service {
        Service {
            name,
            endpoint: name,
            signing: name,
            id,
            protocol,
            global: false,
        }
    }

    const fn at(mut self, endpoint: &'static str) -> Service {
        self.endpoint = endpoint;
        self
    }

    const fn signed_as(mut self, signing: &'static str) -> Service {
        self.signing = signing;
        self
    }

    const fn global(mut self) -> Service {
        self.global = true;
        self
    }
}

macro_rules! services {
    ($($name:ident: $service:expr;)*) => {
        impl Service {
            $(
                #[allow(missing_docs, reason = "its name says it")]
                pub const $name: Service = $service;
            )*

            /// All that are known here.
            pub const ALL: &'static [Service] = &[$(Service::$name),*];
        }
    };
}

use Protocol::{Json, Query, RestJson, RestXml};

services! {
    ACCESS_ANALYZER: Service::new("access-analyzer", "ACCESSANALYZER", RestJson);
    ACM: Service::new("acm", "ACM", Json("1.1", "CertificateManager"));
    API_GATEWAY: Service::new("apigateway", "API_GATEWAY", RestJson);
    API_GATEWAY_V2: Service::new("apigateway", "APIGATEWAYV2", RestJson);
    APPLICATION_AUTO_SCALING: Service::new("application-autoscaling", "APPLICATION_AUTO_SCALING", Json("1.1", "AnyScaleFrontendService"));
    AUTO_SCALING: Service::new("autoscaling", "AUTO_SCALING", Query("2011-01-01"));
    BACKUP: Service::new("backup", "BACKUP", RestJson);
    BATCH: Service::new("batch", "BATCH", RestJson);
    CLOUD_CONTROL: Service::new("cloudformation", "CLOUDCONTROL", Json("1.0", "CloudApiService"))
        .at("cloudcontrolapi")
        .signed_as("cloudcontrolapi");
    CLOUDFORMATION: Service::new("cloudformation", "CLOUDFORMATION", Query("2010-05-15"));
    CLOUDFRONT: Service::new("cloudfront", "CLOUDFRONT", RestXml).global();
    CLOUDTRAIL: Service::new("cloudtrail", "CLOUDTRAIL", Json("1.1", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"));
    CLOUDWATCH: Service::new("cloudwatch", "CLOUDWATCH", Query("2010-08-01"))
        .at("monitoring")
        .signed_as("monitoring");
    COGNITO_IDP: Service::new("cognito-idp", "COGNITO_IDENTITY_PROVIDER", Json("1.1", "AWSCognitoIdentityProviderService"));
    CONFIG: Service::new("config", "CONFIG_SERVICE", Json("1.1", "StarlingDoveService"));
    DYNAMODB: Service::new("dynamodb", "DYNAMODB", Json("1.0", "DynamoDB_20120810"));
    EC2: Service::new("ec2", "EC2", Query("2016-11-15"));
    ECR: Service::new("ecr", "ECR", Json("1.1", "AmazonEC2ContainerRegistry_V20150921")).at("api.ecr");
    ECS: Service::new("ecs", "ECS", Json("1.1", "AmazonEC2ContainerServiceV20141113"));
    EFS: Service::new("elasticfilesystem", "EFS", RestJson);
    EKS: Service::new("eks", "EKS", RestJson);
    ELASTICACHE: Service::new("elasticache", "ELASTICACHE", Query("2015-02-02"));
    ELB: Service::new("elasticloadbalancing", "ELASTIC_LOAD_BALANCING", Query("2012-06-01"));
    ELB_V2: Service::new("elasticloadbalancing", "ELASTIC_LOAD_BALANCING_V2", Query("2015-12-01"));
    EVENTS: Service::new("events", "EVENTBRIDGE", Json("1.1", "AWSEvents"));
    FIREHOSE: Service::new("firehose", "FIREHOSE", Json("1.1", "Firehose_20150804"));
    GLUE: Service::new("glue", "GLUE", Json("1.1", "AWSGlue"));
    GUARDDUTY: Service::new("guardduty", "GUARDDUTY", RestJson);
    IAM: Service::new("iam", "IAM", Query("2010-05-08")).global();
    KAFKA: Service::new("kafka", "KAFKA", RestJson);
    KINESIS: Service::new("kinesis", "KINESIS", Json("1.1", "Kinesis_20131202"));
    KMS: Service::new("kms", "KMS", Json("1.1", "TrentService"));
    LAMBDA: Service::new("lambda", "LAMBDA", RestJson);
    LOGS: Service::new("logs", "CLOUDWATCH_LOGS", Json("1.1", "Logs_20140328"));
    MEMORYDB: Service::new("memorydb", "MEMORYDB", Json("1.1", "AmazonMemoryDB")).at("memory-db");
    OPENSEARCH: Service::new("es", "OPENSEARCH", RestJson);
    ORGANIZATIONS: Service::new("organizations", "ORGANIZATIONS", Json("1.1", "AWSOrganizationsV20161128")).global();
    RDS: Service::new("rds", "RDS", Query("2014-10-31"));
    REDSHIFT: Service::new("redshift", "REDSHIFT", Query("2012-12-01"));
    RESOURCE_GROUPS_TAGGING: Service::new("tag", "RESOURCE_GROUPS_TAGGING_API", Json("1.1", "ResourceGroupsTaggingAPI_20170126"))
        .at("tagging")
        .signed_as("tagging");
    ROUTE53: Service::new("route53", "ROUTE_53", RestXml).global();
    S3: Service::new("s3", "S3", RestXml);
    SCHEDULER: Service::new("scheduler", "SCHEDULER", RestJson);
    SECRETS_MANAGER: Service::new("secretsmanager", "SECRETS_MANAGER", Json("1.1", "secretsmanager"));
    SERVICE_DISCOVERY: Service::new("servicediscovery", "SERVICEDISCOVERY", Json("1.1", "Route53AutoNaming_v20170314"));
    SNS: Service::new("sns", "SNS", Query("2010-03-31"));
    SQS: Service::new("sqs", "SQS", Json("1.0", "AmazonSQS"));
    SSM: Service::new("ssm", "SSM", Json("1.1", "AmazonSSM"));
    STEP_FUNCTIONS: Service::new("states", "SFN", Json("1.0", "AWSStepFunctions"));
    STS: Service::new("sts", "STS", Query("2011-06-15"));
    WAF_V2: Service::new("wafv2", "WAFV2", Json("1.1", "AWSWAF_20190729"));
}
