//! Lists against a double: the shapes of answers, pages, throttling, denials.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test that cannot go on says so.

mod double;

use std::sync::atomic::{AtomicUsize, Ordering};

use double::{Asked, Double, Reply, identity, wait};
use tf_inventory::{Inventory, Kind, Missing, Wanted, list};

const NO_TAGS: &str = r#"{"PaginationToken":"","ResourceTagMappingList":[]}"#;

/// Lists these kinds in `eu-west-1` with a double that answers with these texts, by what is asked.
fn listed(kinds: &[Kind], answers: &'static [(&'static str, &'static str)]) -> (Inventory, Double) {
    let double = Double::new(move |asked| reply(asked, answers));
    let wanted = Wanted {
        kinds: kinds.to_vec(),
        ..Wanted::everything(["eu-west-1"])
    };
    (wait(list(&double.connection(), &wanted)).unwrap(), double)
}

fn reply(asked: &Asked, answers: &[(&str, &str)]) -> Reply {
    if asked.what == "sts.GetCallerIdentity" {
        return identity();
    }
    match answers.iter().find(|(what, _)| *what == asked.what) {
        Some((_, text)) => (200, (*text).to_owned()),
        None if asked.what == "tagging.GetResources" => (200, NO_TAGS.to_owned()),
        None => (404, format!("no answer to {}", asked.what)),
    }
}

fn shown(inventory: &Inventory) -> String {
    let mut lines: Vec<String> = inventory
        .resources
        .iter()
        .map(|it| {
            let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let created = it.created.map(|time| time.to_string());
            let tags = it.tags.as_ref().map_or("?".to_owned(), |tags| {
                let pairs: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                pairs.join(",")
            });
            format!(
                "{} {} | {} {} | {} | {} | [{tags}] {}",
                it.type_name,
                it.import_id,
                or(&it.region),
                or(&it.arn),
                or(&it.name),
                or(&created),
                it.origin
            )
        })
        .collect();
    lines.extend(inventory.unlisted.iter().map(|unlisted| format!("! {unlisted}")));
    lines.join("\n")
}

#[test]
fn ec2() {
    let (inventory, _) = listed(
        &[
            Kind::Instances,
            Kind::Volumes,
            Kind::SecurityGroups,
            Kind::Addresses,
            Kind::NatGateways,
            Kind::Vpcs,
            Kind::Subnets,
            Kind::InternetGateways,
            Kind::RouteTables,
            Kind::NetworkAcls,
            Kind::NetworkInterfaces,
            Kind::VpcEndpoints,
            Kind::LaunchTemplates,
            Kind::KeyPairs,
        ],
        &[
            (
                "ec2.DescribeInstances",
                "<R><reservationSet><item><ownerId>111122223333</ownerId><instancesSet>
                <item><instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name></instanceState><launchTime>2026-01-02T03:04:05.000Z</launchTime><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-4</volumeId><deleteOnTermination>false</deleteOnTermination></ebs></item><item><deviceName>/dev/sdb</deviceName><ebs><volumeId>vol-2</volumeId><deleteOnTermination>false</deleteOnTermination></ebs></item></blockDeviceMapping><tagSet><item><key>Name</key><value>web</value></item></tagSet></item>
                <item><instanceId>i-2</instanceId><instanceState><name>stopped</name></instanceState><tagSet><item><key>aws:autoscaling:groupName</key><value>web-asg</value></item></tagSet></item>
                <item><instanceId>i-3</instanceId><instanceState><name>terminated</name></instanceState></item>
                </instancesSet></item></reservationSet></R>",
            ),
            (
                "ec2.DescribeVolumes",
                "<R><volumeSet>
                <item><volumeId>vol-1</volumeId><status>in-use</status><createTime>2026-01-02T03:04:05.000Z</createTime><attachmentSet><item><instanceId>i-1</instanceId><deleteOnTermination>true</deleteOnTermination></item></attachmentSet></item>
                <item><volumeId>vol-2</volumeId><status>in-use</status><attachmentSet><item><instanceId>i-1</instanceId><deleteOnTermination>false</deleteOnTermination></item></attachmentSet></item>
                <item><volumeId>vol-3</volumeId><status>available</status><attachmentSet/><operator><managed>true</managed><principal>eks.amazonaws.com</principal></operator></item>
                <item><volumeId>vol-4</volumeId><status>in-use</status></item>
                </volumeSet></R>",
            ),
            (
                "ec2.DescribeSecurityGroups",
                "<R><securityGroupInfo>
                <item><groupId>sg-1</groupId><groupName>default</groupName><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId></item>
                <item><groupId>sg-2</groupId><groupName>web</groupName><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId></item>
                <item><groupId>sg-4</groupId><groupName>default_elb_1</groupName><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId></item>
                <item><groupId>sg-3</groupId><groupName>shared</groupName><vpcId>vpc-2</vpcId><ownerId>444455556666</ownerId></item>
                </securityGroupInfo></R>",
            ),
            (
                "ec2.DescribeAddresses",
                "<R><addressesSet>
                <item><publicIp>198.51.100.1</publicIp><allocationId>eipalloc-1</allocationId></item>
                <item><publicIp>198.51.100.2</publicIp><allocationId>eipalloc-2</allocationId><serviceManaged>alb</serviceManaged></item>
                </addressesSet></R>",
            ),
            (
                "ec2.DescribeNatGateways",
                "<R><natGatewaySet>
                <item><natGatewayId>nat-1</natGatewayId><state>available</state><createTime>2026-01-02T03:04:05.000Z</createTime><natGatewayAddressSet><item><allocationId>eipalloc-1</allocationId><networkInterfaceId>eni-7</networkInterfaceId></item></natGatewayAddressSet></item>
                <item><natGatewayId>nat-2</natGatewayId><state>deleted</state></item>
                </natGatewaySet></R>",
            ),
            (
                "ec2.DescribeVpcs",
                "<R><vpcSet><item><vpcId>vpc-d</vpcId><ownerId>111122223333</ownerId><isDefault>true</isDefault></item><item><vpcId>vpc-1</vpcId><isDefault>false</isDefault></item></vpcSet></R>",
            ),
            (
                "ec2.DescribeSubnets",
                "<R><subnetSet><item><subnetId>subnet-d</subnetId><availabilityZone>eu-west-1a</availabilityZone><defaultForAz>true</defaultForAz></item><item><subnetId>subnet-1</subnetId><defaultForAz>false</defaultForAz></item></subnetSet></R>",
            ),
            (
                "ec2.DescribeInternetGateways",
                "<R><internetGatewaySet><item><internetGatewayId>igw-d</internetGatewayId><attachmentSet><item><vpcId>vpc-d</vpcId></item></attachmentSet></item><item><internetGatewayId>igw-1</internetGatewayId><attachmentSet/></item></internetGatewaySet></R>",
            ),
            (
                "ec2.DescribeRouteTables",
                "<R><routeTableSet><item><routeTableId>rtb-m</routeTableId><vpcId>vpc-1</vpcId><associationSet><item><main>true</main></item></associationSet></item><item><routeTableId>rtb-1</routeTableId><associationSet><item><main>false</main></item></associationSet></item></routeTableSet></R>",
            ),
            (
                "ec2.DescribeNetworkAcls",
                "<R><networkAclSet><item><networkAclId>acl-d</networkAclId><vpcId>vpc-1</vpcId><default>true</default></item><item><networkAclId>acl-1</networkAclId><default>false</default></item></networkAclSet></R>",
            ),
            (
                "ec2.DescribeNetworkInterfaces",
                "<R><networkInterfaceSet>
                <item><networkInterfaceId>eni-1</networkInterfaceId><requesterManaged>false</requesterManaged><interfaceType>interface</interfaceType></item>
                <item><networkInterfaceId>eni-2</networkInterfaceId><requesterManaged>true</requesterManaged><description>ELB app/web/1</description><interfaceType>interface</interfaceType></item>
                <item><networkInterfaceId>eni-3</networkInterfaceId><requesterManaged>false</requesterManaged><interfaceType>lambda</interfaceType><description>AWS Lambda VPC ENI-x</description></item>
                <item><networkInterfaceId>eni-4</networkInterfaceId><requesterManaged>false</requesterManaged><interfaceType>interface</interfaceType><attachment><instanceId>i-1</instanceId><instanceOwnerId>111122223333</instanceOwnerId><deviceIndex>0</deviceIndex><deleteOnTermination>true</deleteOnTermination></attachment></item>
                <item><networkInterfaceId>eni-5</networkInterfaceId><requesterManaged>false</requesterManaged><interfaceType>interface</interfaceType><description>Amazon EKS main</description><attachment><instanceOwnerId>999900001111</instanceOwnerId><deviceIndex>1</deviceIndex></attachment></item>
                <item><networkInterfaceId>eni-6</networkInterfaceId><requesterManaged>false</requesterManaged><interfaceType>interface</interfaceType><attachment><instanceId>i-1</instanceId><instanceOwnerId>111122223333</instanceOwnerId><deviceIndex>1</deviceIndex><deleteOnTermination>false</deleteOnTermination></attachment></item>
                <item><networkInterfaceId>eni-7</networkInterfaceId></item>
                </networkInterfaceSet></R>",
            ),
            (
                "ec2.DescribeVpcEndpoints",
                "<R><vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><state>Available</state><requesterManaged>false</requesterManaged></item><item><vpcEndpointId>vpce-2</vpcEndpointId><state>available</state><requesterManaged>true</requesterManaged></item><item><vpcEndpointId>vpce-3</vpcEndpointId><state>Deleted</state></item></vpcEndpointSet></R>",
            ),
            (
                "ec2.DescribeLaunchTemplates",
                "<R><launchTemplates><item><launchTemplateId>lt-1</launchTemplateId><launchTemplateName>web</launchTemplateName><createTime>2026-01-02T03:04:05.000Z</createTime><createdBy>arn:aws:iam::111122223333:user/anna</createdBy></item><item><launchTemplateId>lt-2</launchTemplateId><launchTemplateName>eks-1</launchTemplateName><createdBy>arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonEKSNodegroup/EKS</createdBy></item></launchTemplates></R>",
            ),
            (
                "ec2.DescribeKeyPairs",
                "<R><keySet><item><keyPairId>key-1</keyPairId><keyName>anna</keyName></item></keySet></R>",
            ),
        ],
    );
    insta::assert_snapshot!(shown(&inventory), @r"
    aws_ebs_volume vol-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:volume/vol-1 | - | 2026-01-02T03:04:05Z | [] comes and goes with aws_instance i-1
    aws_ebs_volume vol-2 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:volume/vol-2 | - | - | [] made by somebody of the account
    aws_ebs_volume vol-3 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:volume/vol-3 | - | - | [] operated by eks.amazonaws.com
    aws_ebs_volume vol-4 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:volume/vol-4 | - | - | [] comes and goes with aws_instance i-1
    aws_eip eipalloc-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-1 | 198.51.100.1 | - | [] made by somebody of the account
    aws_eip eipalloc-2 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:elastic-ip/eipalloc-2 | 198.51.100.2 | - | [] made by a service (alb)
    aws_instance i-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:instance/i-1 | web | 2026-01-02T03:04:05Z | [Name=web] made by somebody of the account
    aws_instance i-2 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:instance/i-2 | - | - | [aws:autoscaling:groupName=web-asg] comes and goes with aws_autoscaling_group web-asg
    aws_internet_gateway igw-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:internet-gateway/igw-1 | - | - | [] made by somebody of the account
    aws_internet_gateway igw-d | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:internet-gateway/igw-d | - | - | [] the internet gateway of the default VPC vpc-d
    aws_key_pair anna | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:key-pair/key-1 | anna | - | [] made by somebody of the account
    aws_launch_template lt-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-1 | web | 2026-01-02T03:04:05Z | [] made by somebody of the account
    aws_launch_template lt-2 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:launch-template/lt-2 | eks-1 | - | [] made by arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonEKSNodegroup/EKS
    aws_nat_gateway nat-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:natgateway/nat-1 | - | 2026-01-02T03:04:05Z | [] made by somebody of the account
    aws_network_acl acl-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-acl/acl-1 | - | - | [] made by somebody of the account
    aws_network_acl acl-d | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-acl/acl-d | - | - | [] the default network ACL of vpc-1
    aws_network_interface eni-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1 | - | - | [] made by somebody of the account
    aws_network_interface eni-2 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-2 | - | - | [] made by a service (ELB app/web/1)
    aws_network_interface eni-3 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-3 | - | - | [] made by a service (AWS Lambda VPC ENI-x)
    aws_network_interface eni-4 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-4 | - | - | [] comes and goes with aws_instance i-1
    aws_network_interface eni-5 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-5 | - | - | [] made by a service (Amazon EKS main)
    aws_network_interface eni-6 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-6 | - | - | [] made by somebody of the account
    aws_network_interface eni-7 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-7 | - | - | [] comes and goes with aws_nat_gateway nat-1
    aws_route_table rtb-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:route-table/rtb-1 | - | - | [] made by somebody of the account
    aws_route_table rtb-m | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:route-table/rtb-m | - | - | [] the main route table of vpc-1
    aws_security_group sg-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1 | default | - | [] the default security group of vpc-1
    aws_security_group sg-2 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:security-group/sg-2 | web | - | [] made by somebody of the account
    aws_security_group sg-3 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:security-group/sg-3 | shared | - | [] shared by the account 444455556666
    aws_security_group sg-4 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:security-group/sg-4 | default_elb_1 | - | [] made by Elastic Load Balancing
    aws_subnet subnet-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1 | - | - | [] made by somebody of the account
    aws_subnet subnet-d | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-d | - | - | [] the default subnet of eu-west-1a
    aws_vpc vpc-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1 | - | - | [] made by somebody of the account
    aws_vpc vpc-d | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-d | - | - | [] the default VPC of the region
    aws_vpc_endpoint vpce-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint/vpce-1 | - | - | [] made by somebody of the account
    aws_vpc_endpoint vpce-2 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:vpc-endpoint/vpce-2 | - | - | [] made by a service
    ");
}

#[test]
fn compute_and_data() {
    let (inventory, _) = listed(
        &[
            Kind::AutoScalingGroups,
            Kind::Functions,
            Kind::LoadBalancers,
            Kind::ClassicLoadBalancers,
            Kind::Zones,
            Kind::Buckets,
            Kind::DbInstances,
            Kind::DbClusters,
            Kind::Tables,
        ],
        &[
            (
                "autoscaling.DescribeAutoScalingGroups",
                "<R><DescribeAutoScalingGroupsResult><AutoScalingGroups>
                <member><AutoScalingGroupName>web</AutoScalingGroupName><AutoScalingGroupARN>arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web</AutoScalingGroupARN><CreatedTime>2026-01-02T03:04:05.006Z</CreatedTime></member>
                <member><AutoScalingGroupName>nodes</AutoScalingGroupName><Tags><member><Key>eks:cluster-name</Key><Value>main</Value></member><member><Key>eks:nodegroup-name</Key><Value>blue</Value></member></Tags></member>
                <member><AutoScalingGroupName>old</AutoScalingGroupName><Status>Delete in progress</Status></member>
                </AutoScalingGroups></DescribeAutoScalingGroupsResult></R>",
            ),
            (
                "lambda.GET /2015-03-31/functions",
                r#"{"Functions":[{"FunctionName":"api","FunctionArn":"arn:aws:lambda:eu-west-1:111122223333:function:api","Environment":{"Variables":{"PASSWORD":"hunter2"}}},{"FunctionName":"us-east-1.edge","FunctionArn":"arn:aws:lambda:eu-west-1:111122223333:function:us-east-1.edge"}],"NextMarker":null}"#,
            ),
            // Load balancers of both kinds are one service, with one name in signatures and two versions.
            (
                "elasticloadbalancing.DescribeLoadBalancers",
                "<R><DescribeLoadBalancersResult>
                <LoadBalancers><member><LoadBalancerArn>arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1</LoadBalancerArn><LoadBalancerName>web</LoadBalancerName><CreatedTime>2026-01-02T03:04:05.006Z</CreatedTime></member></LoadBalancers>
                <LoadBalancerDescriptions><member><LoadBalancerName>old</LoadBalancerName></member></LoadBalancerDescriptions>
                </DescribeLoadBalancersResult></R>",
            ),
            (
                "route53.GET /2013-04-01/hostedzone",
                "<R><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name></HostedZone><HostedZone><Id>/hostedzone/Z2</Id><Name>local.</Name><LinkedService><ServicePrincipal>servicediscovery.amazonaws.com</ServicePrincipal></LinkedService></HostedZone></HostedZones><IsTruncated>false</IsTruncated></R>",
            ),
            (
                "s3.GET /",
                "<ListAllMyBucketsResult><Buckets><Bucket><Name>logs</Name><CreationDate>2026-01-02T03:04:05.000Z</CreationDate><BucketRegion>eu-west-1</BucketRegion></Bucket><Bucket><Name>elsewhere</Name><BucketRegion>us-east-1</BucketRegion></Bucket><Bucket><Name>asked</Name></Bucket><Bucket><Name>cdk-assets</Name><BucketRegion>eu-west-1</BucketRegion></Bucket><Bucket><Name>cf-templates-1x-eu-west-1</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>",
            ),
            ("s3.GET /asked", "<LocationConstraint>EU</LocationConstraint>"),
            (
                "tagging.GetResources",
                r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::cdk-assets","Tags":[{"Key":"aws:cloudformation:stack-name","Value":"CDKToolkit"}]},{"ResourceARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","Tags":[{"Key":"team","Value":"shop"}]}]}"#,
            ),
            (
                "rds.DescribeDBInstances",
                "<R><DescribeDBInstancesResult><DBInstances>
                <DBInstance><DBInstanceIdentifier>main</DBInstanceIdentifier><DBInstanceArn>arn:aws:rds:eu-west-1:111122223333:db:main</DBInstanceArn><Engine>postgres</Engine><InstanceCreateTime>2026-01-02T03:04:05.006Z</InstanceCreateTime><TagList><Tag><Key>team</Key><Value>shop</Value></Tag></TagList></DBInstance>
                <DBInstance><DBInstanceIdentifier>aurora-1</DBInstanceIdentifier><DBClusterIdentifier>aurora</DBClusterIdentifier><Engine>aurora-postgresql</Engine></DBInstance>
                <DBInstance><DBInstanceIdentifier>doc-1</DBInstanceIdentifier><DBClusterIdentifier>doc</DBClusterIdentifier><Engine>docdb</Engine></DBInstance>
                <DBInstance><DBInstanceIdentifier>gone</DBInstanceIdentifier><DBInstanceStatus>deleting</DBInstanceStatus></DBInstance>
                </DBInstances></DescribeDBInstancesResult></R>",
            ),
            (
                "rds.DescribeDBClusters",
                "<R><DescribeDBClustersResult><DBClusters><DBCluster><DBClusterIdentifier>aurora</DBClusterIdentifier><Engine>aurora-postgresql</Engine></DBCluster><DBCluster><DBClusterIdentifier>graph</DBClusterIdentifier><Engine>neptune</Engine></DBCluster></DBClusters></DescribeDBClustersResult></R>",
            ),
            ("dynamodb.ListTables", r#"{"TableNames":["orders"]}"#),
        ],
    );
    assert!(!format!("{inventory:?}").contains("hunter2"));
    insta::assert_snapshot!(shown(&inventory), @r"
    aws_autoscaling_group nodes | eu-west-1 - | nodes | - | [eks:cluster-name=main,eks:nodegroup-name=blue] comes and goes with aws_eks_node_group main:blue
    aws_autoscaling_group old | eu-west-1 - | old | - | [] delete in progress
    aws_autoscaling_group web | eu-west-1 arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:autoScalingGroupName/web | web | 2026-01-02T03:04:05.006Z | [] made by somebody of the account
    aws_db_instance gone | eu-west-1 - | gone | - | [] it is being deleted
    aws_db_instance main | eu-west-1 arn:aws:rds:eu-west-1:111122223333:db:main | main | 2026-01-02T03:04:05.006Z | [team=shop] made by somebody of the account
    aws_docdb_cluster_instance doc-1 | eu-west-1 - | doc-1 | - | [] made by somebody of the account
    aws_dynamodb_table orders | eu-west-1 arn:aws:dynamodb:eu-west-1:111122223333:table/orders | orders | - | [team=shop] made by somebody of the account
    aws_elb old | eu-west-1 arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/old | old | - | [] made by somebody of the account
    aws_lambda_function api | eu-west-1 arn:aws:lambda:eu-west-1:111122223333:function:api | api | - | [] made by somebody of the account
    aws_lambda_function us-east-1.edge | eu-west-1 arn:aws:lambda:eu-west-1:111122223333:function:us-east-1.edge | us-east-1.edge | - | [] a replica that Lambda@Edge made
    aws_lb arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1 | eu-west-1 arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1 | web | 2026-01-02T03:04:05.006Z | [] made by somebody of the account
    aws_neptune_cluster graph | eu-west-1 - | graph | - | [] made by somebody of the account
    aws_rds_cluster aurora | eu-west-1 - | aurora | - | [] made by somebody of the account
    aws_rds_cluster_instance aurora-1 | eu-west-1 - | aurora-1 | - | [] made by somebody of the account
    aws_route53_zone Z1 | - arn:aws:route53:::hostedzone/Z1 | example.com | - | [] made by somebody of the account
    aws_route53_zone Z2 | - arn:aws:route53:::hostedzone/Z2 | local | - | [] made by servicediscovery.amazonaws.com
    aws_s3_bucket asked | eu-west-1 arn:aws:s3:::asked | asked | - | [] made by somebody of the account
    aws_s3_bucket cdk-assets | eu-west-1 arn:aws:s3:::cdk-assets | cdk-assets | - | [aws:cloudformation:stack-name=CDKToolkit] made by the CloudFormation stack CDKToolkit
    aws_s3_bucket cf-templates-1x-eu-west-1 | eu-west-1 arn:aws:s3:::cf-templates-1x-eu-west-1 | cf-templates-1x-eu-west-1 | - | [] made by CloudFormation for templates
    aws_s3_bucket logs | eu-west-1 arn:aws:s3:::logs | logs | 2026-01-02T03:04:05Z | [] made by somebody of the account
    ");
}

#[test]
fn identities_containers_and_messages() {
    let (inventory, _) = listed(
        &[
            Kind::Roles,
            Kind::Users,
            Kind::Policies,
            Kind::EcsClusters,
            Kind::EcsServices,
            Kind::EksClusters,
            Kind::EksNodeGroups,
            Kind::TargetGroups,
            Kind::Keys,
            Kind::Topics,
            Kind::Queues,
            Kind::Secrets,
            Kind::LogGroups,
            Kind::Repositories,
        ],
        &[
            (
                "iam.GetAccountAuthorizationDetails",
                "<R><GetAccountAuthorizationDetailsResult>
                <UserDetailList><member><UserName>anna</UserName><Path>/</Path><Arn>arn:aws:iam::111122223333:user/anna</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate><Tags><member><Key>team</Key><Value>shop</Value></member></Tags></member></UserDetailList>
                <RoleDetailList><member><RoleName>AWSServiceRoleForECS</RoleName><Path>/aws-service-role/ecs.amazonaws.com/</Path><Arn>arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS</Arn></member><member><RoleName>web</RoleName><Path>/</Path><Arn>arn:aws:iam::111122223333:role/web</Arn><Tags/></member></RoleDetailList>
                <IsTruncated>false</IsTruncated></GetAccountAuthorizationDetailsResult></R>",
            ),
            (
                "iam.ListPolicies",
                "<R><ListPoliciesResult><Policies><member><PolicyName>deploy</PolicyName><Arn>arn:aws:iam::111122223333:policy/ci/deploy</Arn></member></Policies></ListPoliciesResult></R>",
            ),
            (
                "ecs.ListClusters",
                r#"{"clusterArns":["arn:aws:ecs:eu-west-1:111122223333:cluster/app"]}"#,
            ),
            (
                "ecs.DescribeClusters",
                r#"{"clusters":[{"clusterName":"app","clusterArn":"arn:aws:ecs:eu-west-1:111122223333:cluster/app","status":"ACTIVE","tags":[{"key":"team","value":"shop"}]},{"clusterName":"old","status":"INACTIVE"}]}"#,
            ),
            (
                "ecs.ListServices",
                r#"{"serviceArns":["arn:aws:ecs:eu-west-1:111122223333:service/app/web","arn:aws:ecs:eu-west-1:111122223333:service/old-arn"]}"#,
            ),
            ("eks.GET /clusters", r#"{"clusters":["main"]}"#),
            (
                "eks.GET /clusters/main",
                r#"{"cluster":{"name":"main","status":"ACTIVE","createdAt":1700000000.5,"tags":{"team":"shop"}}}"#,
            ),
            ("eks.GET /clusters/main/node-groups", r#"{"nodegroups":["blue"]}"#),
            (
                "elasticloadbalancing.DescribeTargetGroups",
                "<R><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1</TargetGroupArn><TargetGroupName>web</TargetGroupName></member></TargetGroups></DescribeTargetGroupsResult></R>",
            ),
            (
                "kms.ListAliases",
                r#"{"Aliases":[{"AliasName":"alias/aws/s3","TargetKeyId":"k-aws"},{"AliasName":"alias/aws/none"},{"AliasName":"alias/b","TargetKeyId":"k-own"},{"AliasName":"alias/a","TargetKeyId":"k-own"}],"Truncated":false}"#,
            ),
            (
                "kms.ListKeys",
                r#"{"Keys":[{"KeyId":"k-aws","KeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k-aws"},{"KeyId":"k-own","KeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k-own"}],"Truncated":false}"#,
            ),
            (
                "kms.DescribeKey",
                r#"{"KeyMetadata":{"KeyId":"k-own","KeyManager":"CUSTOMER","Origin":"AWS_KMS","MultiRegion":true,"MultiRegionConfiguration":{"MultiRegionKeyType":"REPLICA"},"KeyState":"Enabled","CreationDate":1700000000.0}}"#,
            ),
            (
                "sns.ListTopics",
                "<R><ListTopicsResult><Topics><member><TopicArn>arn:aws:sns:eu-west-1:111122223333:alerts.fifo</TopicArn></member></Topics></ListTopicsResult></R>",
            ),
            (
                "sqs.ListQueues",
                r#"{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/orders"]}"#,
            ),
            (
                "secretsmanager.ListSecrets",
                r#"{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf","Name":"db","CreatedDate":1700000000,"Tags":[]},{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1","Name":"rds!db-1","OwningService":"rds"},{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:api-AbCdEf","Name":"api","PrimaryRegion":"us-east-1"}]}"#,
            ),
            (
                "logs.DescribeLogGroups",
                r#"{"logGroups":[{"logGroupName":"/app/web","creationTime":1700000000123,"arn":"arn:aws:logs:eu-west-1:111122223333:log-group:/app/web:*"},{"logGroupName":"/aws/eks/main/cluster"},{"logGroupName":"/aws/eks/gone/cluster"},{"logGroupName":"/aws/lambda/f"}]}"#,
            ),
            (
                "ecr.DescribeRepositories",
                r#"{"repositories":[{"repositoryName":"team/app","repositoryArn":"arn:aws:ecr:eu-west-1:111122223333:repository/team/app","createdAt":1700000000}]}"#,
            ),
        ],
    );
    insta::assert_snapshot!(shown(&inventory), @r"
    aws_cloudwatch_log_group /app/web | eu-west-1 arn:aws:logs:eu-west-1:111122223333:log-group:/app/web | /app/web | 2023-11-14T22:13:20.123Z | [] made by somebody of the account
    aws_cloudwatch_log_group /aws/eks/gone/cluster | eu-west-1 arn:aws:logs:eu-west-1:111122223333:log-group:/aws/eks/gone/cluster | /aws/eks/gone/cluster | - | [] made by somebody of the account
    aws_cloudwatch_log_group /aws/eks/main/cluster | eu-west-1 arn:aws:logs:eu-west-1:111122223333:log-group:/aws/eks/main/cluster | /aws/eks/main/cluster | - | [] made by EKS for the cluster main
    aws_cloudwatch_log_group /aws/lambda/f | eu-west-1 arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f | /aws/lambda/f | - | [] made by Lambda for the function f
    aws_ecr_repository team/app | eu-west-1 arn:aws:ecr:eu-west-1:111122223333:repository/team/app | team/app | 2023-11-14T22:13:20Z | [] made by somebody of the account
    aws_ecs_cluster app | eu-west-1 arn:aws:ecs:eu-west-1:111122223333:cluster/app | app | - | [team=shop] made by somebody of the account
    aws_ecs_service app/old-arn | eu-west-1 arn:aws:ecs:eu-west-1:111122223333:service/old-arn | old-arn | - | [] made by somebody of the account
    aws_ecs_service app/web | eu-west-1 arn:aws:ecs:eu-west-1:111122223333:service/app/web | web | - | [] made by somebody of the account
    aws_eks_cluster main | eu-west-1 arn:aws:eks:eu-west-1:111122223333:cluster/main | main | 2023-11-14T22:13:20.5Z | [team=shop] made by somebody of the account
    aws_eks_node_group main:blue | eu-west-1 - | blue | - | [?] made by somebody of the account
    aws_iam_policy arn:aws:iam::111122223333:policy/ci/deploy | - arn:aws:iam::111122223333:policy/ci/deploy | deploy | - | [] made by somebody of the account
    aws_iam_role AWSServiceRoleForECS | - arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS | AWSServiceRoleForECS | - | [] the service-linked role of ecs.amazonaws.com
    aws_iam_role web | - arn:aws:iam::111122223333:role/web | web | - | [] made by somebody of the account
    aws_iam_user anna | - arn:aws:iam::111122223333:user/anna | anna | 2026-01-02T03:04:05Z | [team=shop] made by somebody of the account
    aws_kms_key k-aws | eu-west-1 arn:aws:kms:eu-west-1:111122223333:key/k-aws | alias/aws/s3 | - | [] a key that AWS manages
    aws_kms_replica_key k-own | eu-west-1 arn:aws:kms:eu-west-1:111122223333:key/k-own | alias/a | 2023-11-14T22:13:20Z | [] made by somebody of the account
    aws_lb_target_group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1 | eu-west-1 arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1 | web | - | [] made by somebody of the account
    aws_secretsmanager_secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:api-AbCdEf | eu-west-1 arn:aws:secretsmanager:eu-west-1:111122223333:secret:api-AbCdEf | api | - | [] comes and goes with aws_secretsmanager_secret arn:aws:secretsmanager:us-east-1:111122223333:secret:api-AbCdEf
    aws_secretsmanager_secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf | eu-west-1 arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf | db | 2023-11-14T22:13:20Z | [] made by somebody of the account
    aws_secretsmanager_secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1 | eu-west-1 arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1 | rds!db-1 | - | [] made by rds
    aws_sns_topic arn:aws:sns:eu-west-1:111122223333:alerts.fifo | eu-west-1 arn:aws:sns:eu-west-1:111122223333:alerts.fifo | alerts.fifo | - | [] made by somebody of the account
    aws_sqs_queue https://sqs.eu-west-1.amazonaws.com/111122223333/orders | eu-west-1 arn:aws:sqs:eu-west-1:111122223333:orders | orders | - | [] made by somebody of the account
    ");
}

#[test]
fn all_pages_are_read_and_throttling_is_waited_for() {
    let calls = AtomicUsize::new(0);
    let double = Double::new(move |asked| {
        match asked.what.as_str() {
        "sts.GetCallerIdentity" => identity(),
        "tagging.GetResources" if asked.says("page-2") => (
            200,
            r#"{"PaginationToken":"","ResourceTagMappingList":[{"ResourceARN":"arn:aws:sqs:eu-west-1:111122223333:q4","Tags":[{"Key":"k","Value":"v"}]}]}"#
                .to_owned(),
        ),
        "tagging.GetResources" => (
            200,
            r#"{"PaginationToken":"page-2","ResourceTagMappingList":[]}"#.to_owned(),
        ),
        // Every second call is throttled.
        _ if calls.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => match asked.what.as_str() {
            "sqs.ListQueues" => (
                400,
                r#"{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow"}"#.to_owned(),
            ),
            _ => (
                503,
                "<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>".to_owned(),
            ),
        },
        "sqs.ListQueues" => {
            assert!(asked.says("\"MaxResults\":1000"));
            let page = (1..=4).find(|page| asked.says(&format!("token-{page}"))).unwrap_or(0);
            let next = if page < 4 { format!(r#","NextToken":"token-{}""#, page + 1) } else { String::new() };
            (200, format!(r#"{{"QueueUrls":["http://q/111122223333/q{page}"]{next}}}"#))
        }
        _ => {
            let (id, next) = match asked.says("NextToken=more") {
                true => (2, "<nextToken/>"),
                false => (1, "<nextToken>more</nextToken>"),
            };
            (200, format!("<R><vpcSet><item><vpcId>vpc-{id}</vpcId></item></vpcSet>{next}</R>"))
        }
    }
    });
    let wanted = Wanted {
        kinds: vec![Kind::Queues, Kind::Vpcs],
        side_by_side: 1,
        ..Wanted::everything(["eu-west-1"])
    };
    let inventory = wait(list(&double.connection(), &wanted)).unwrap();
    assert!(inventory.unlisted.is_empty(), "{}", shown(&inventory));
    let names: Vec<&str> = inventory
        .resources
        .iter()
        .map(|it| it.name.as_deref().unwrap_or(&it.import_id))
        .collect();
    assert_eq!(names, ["q0", "q1", "q2", "q3", "q4", "vpc-1", "vpc-2"]);
    assert_eq!(inventory.resources[4].tags.as_ref().unwrap()["k"], "v");
    assert!(inventory.resources[0].tags.as_ref().unwrap().is_empty());
}

#[test]
fn what_is_denied_or_fails_is_said_and_the_rest_is_there() {
    let denied = |asked: &Asked| {
        match asked.what.as_str() {
        "sts.GetCallerIdentity" => identity(),
        "sqs.ListQueues" => (
            400,
            r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}"#.to_owned(),
        ),
        "s3.GET /" => (
            403,
            "<Error><Code>AccessDenied</Code><Message>no</Message></Error>".to_owned(),
        ),
        "iam.GetAccountAuthorizationDetails" => (
            403,
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>".to_owned(),
        ),
        "iam.ListRoles" => (
            200,
            "<R><ListRolesResult><Roles><member><RoleName>web</RoleName><Path>/</Path></member></Roles></ListRolesResult></R>"
                .to_owned(),
        ),
        "tagging.GetResources" => (
            400,
            r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned(),
        ),
        // The second page breaks.
        "ec2.DescribeVpcs" if asked.says("NextToken=more") => (
            400,
            "<Response><Errors><Error><Code>InvalidNextToken</Code><Message>old</Message></Error></Errors></Response>"
                .to_owned(),
        ),
        "ec2.DescribeVpcs" => (
            200,
            "<R><vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet><nextToken>more</nextToken></R>".to_owned(),
        ),
        "kms.ListAliases" => (200, r#"{"Aliases":[]}"#.to_owned()),
        "kms.ListKeys" => (200, r#"{"Keys":[{"KeyId":"k1"},{"KeyId":"k2"}]}"#.to_owned()),
        "kms.DescribeKey" => (
            400,
            r#"{"__type":"AccessDeniedException","message":"not in its policy"}"#.to_owned(),
        ),
        _ => (500, "<html/>".to_owned()),
    }
    };
    let double = Double::new(denied);
    let wanted = Wanted {
        kinds: vec![
            Kind::Queues,
            Kind::Buckets,
            Kind::Roles,
            Kind::Vpcs,
            Kind::Keys,
            Kind::Topics,
        ],
        ..Wanted::everything(["eu-west-1"])
    };
    let inventory = wait(list(&double.connection(), &wanted)).unwrap();
    let permissions: Vec<Option<String>> = inventory.unlisted.iter().map(|it| it.permission()).collect();
    insta::assert_snapshot!(shown(&inventory), @r"
    aws_iam_role web | - - | web | - | [?] made by somebody of the account
    aws_kms_key k1 | eu-west-1 - | - | - | [?] made by somebody of the account
    aws_kms_key k2 | eu-west-1 - | - | - | [?] made by somebody of the account
    aws_vpc vpc-1 | eu-west-1 arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1 | - | - | [] made by somebody of the account
    ! details of aws_iam_role could not be read: access denied: iam:GetAccountAuthorizationDetails on roles is missing (no); allow it to the user or role of this run, and look for a Deny in its boundary, in organization policies and in the resource's own policy [AccessDenied]
    ! details of aws_kms_external_key, aws_kms_key, aws_kms_replica_external_key, aws_kms_replica_key could not be read in eu-west-1 (2 calls): access denied: kms:DescribeKey on key k1 is missing (not in its policy); allow it to the user or role of this run, and look for a Deny in its boundary, in organization policies and in the resource's own policy [AccessDeniedException]
    ! aws_s3_bucket could not be listed: access denied: s3:ListAllMyBuckets on buckets is missing (no); allow it to the user or role of this run, and look for a Deny in its boundary, in organization policies and in the resource's own policy [AccessDenied]
    ! tags of aws_s3_bucket, aws_kms_key, aws_kms_external_key, aws_kms_replica_key, aws_kms_replica_external_key, aws_sns_topic, aws_sqs_queue could not be listed in eu-west-1: access denied: tag:GetResources on tags of eu-west-1 is missing (no); allow it to the user or role of this run, and look for a Deny in its boundary, in organization policies and in the resource's own policy [AccessDeniedException]
    ! aws_sns_topic could not be listed in eu-west-1: ListTopics on topics of eu-west-1: HTTP 500
    ! aws_sqs_queue could not be listed in eu-west-1: access denied: sqs:ListQueues on queues of eu-west-1 is missing (no); allow it to the user or role of this run, and look for a Deny in its boundary, in organization policies and in the resource's own policy [AccessDeniedException]
    ! aws_vpc could be listed in part only in eu-west-1: DescribeVpcs on VPCs of eu-west-1: old [InvalidNextToken]
    ");
    insta::assert_debug_snapshot!(permissions.iter().flatten().collect::<Vec<_>>(), @r#"
    [
        "iam:GetAccountAuthorizationDetails",
        "kms:DescribeKey",
        "s3:ListAllMyBuckets",
        "tag:GetResources",
        "sqs:ListQueues",
    ]
    "#);
    let coverage = tf_inventory::compare(&inventory, &tf_inventory::States::default());
    assert!(!coverage.complete);
}

#[test]
fn one_reason_is_one_entry() {
    let double = Double::new(|asked| match asked.what.as_str() {
        "sts.GetCallerIdentity" => identity(),
        _ => (
            400,
            r#"{"__type":"ExpiredTokenException","message":"late"}"#.to_owned(),
        ),
    });
    let wanted = Wanted {
        kinds: vec![Kind::EcsClusters, Kind::EcsServices, Kind::Queues, Kind::Secrets],
        ..Wanted::everything(["eu-west-1"])
    };
    let inventory = wait(list(&double.connection(), &wanted)).unwrap();
    let lists = &inventory.unlisted[0];
    assert_eq!(
        (
            lists.types.len(),
            lists.missing,
            lists.calls,
            inventory.unlisted.len()
        ),
        (4, Missing::All, 4, 2)
    );
    assert_eq!(lists.permission(), None);
}

#[test]
fn regions_are_asked_one_by_one_and_global_services_once() {
    let double = Double::new(|asked| match asked.what.as_str() {
        "sts.GetCallerIdentity" => identity(),
        "tagging.GetResources" => (200, NO_TAGS.to_owned()),
        "dynamodb.ListTables" => (200, r#"{"TableNames":["t"]}"#.to_owned()),
        "route53.GET /2013-04-01/hostedzone" => (200, "<R><HostedZones/></R>".to_owned()),
        _ => (404, String::new()),
    });
    let wanted = Wanted {
        kinds: vec![Kind::Tables, Kind::Zones, Kind::Tables],
        ..Wanted::everything(["us-west-2", "eu-west-1", "us-west-2"])
    };
    let inventory = wait(list(&double.connection(), &wanted)).unwrap();
    assert_eq!(inventory.regions, ["eu-west-1", "us-west-2"]);
    let arns: Vec<&str> = inventory
        .resources
        .iter()
        .filter_map(|it| it.arn.as_deref())
        .collect();
    assert_eq!(
        arns,
        [
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
            "arn:aws:dynamodb:us-west-2:111122223333:table/t"
        ]
    );
    let mut asked: Vec<String> = double
        .asked()
        .iter()
        .map(|asked| format!("{} {}", asked.what, asked.region))
        .collect();
    asked.sort();
    assert_eq!(
        asked,
        [
            "dynamodb.ListTables eu-west-1",
            "dynamodb.ListTables us-west-2",
            "route53.GET /2013-04-01/hostedzone us-east-1",
            "sts.GetCallerIdentity eu-west-1",
            "tagging.GetResources eu-west-1",
            "tagging.GetResources us-east-1",
            "tagging.GetResources us-west-2",
        ]
    );
}

#[test]
fn without_an_account_or_a_region_there_is_no_inventory() {
    let double = Double::new(|_| {
        (
            403,
            "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>late</Message></Error></ErrorResponse>"
                .to_owned(),
        )
    });
    let none: [&str; 0] = [];
    let error = wait(list(&double.connection(), &Wanted::everything(none))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no region is given in which to look; name at least one"
    );
    let error = wait(list(&double.connection(), &Wanted::everything(["eu-west-1"]))).unwrap_err();
    assert!(
        error.to_string().contains("the credentials have expired"),
        "{error}"
    );
}
