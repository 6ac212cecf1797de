# Makes two of each kind: one that a state will have, and one that none has. `result` is what Terraform would know of each:
# [type, import ID, attributes in a state, whether it is planted].
result = []


def add(planted, type, import_id, **attributes):
    attributes.setdefault("id", import_id)
    result.append([type, import_id, attributes, planted])


ec2, iam, elb = client("ec2"), client("iam"), client("elbv2")
image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
assume = json.dumps({"Version": "2012-10-17", "Statement": []})

for planted in (False, True):
    name = "planted" if planted else "managed"
    ten = "10.1.0.0/16" if planted else "10.2.0.0/16"

    vpc = ec2.create_vpc(CidrBlock=ten)["Vpc"]["VpcId"]
    add(planted, "aws_vpc", vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=ten.replace("0.0/16", f"{n}.0/24"), AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    for subnet in subnets:
        add(planted, "aws_subnet", subnet)
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    add(planted, "aws_security_group", group)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    add(planted, "aws_internet_gateway", gateway)
    add(planted, "aws_route_table", ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"])
    add(planted, "aws_network_acl", ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"])
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    add(planted, "aws_eip", address)
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    add(planted, "aws_nat_gateway", nat)
    interface = ec2.create_network_interface(SubnetId=subnets[0])["NetworkInterface"]["NetworkInterfaceId"]
    add(planted, "aws_network_interface", interface)
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")["VpcEndpoint"]["VpcEndpointId"]
    add(planted, "aws_vpc_endpoint", endpoint)
    template = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"})["LaunchTemplate"]["LaunchTemplateId"]
    add(planted, "aws_launch_template", template)
    ec2.create_key_pair(KeyName=name)
    add(planted, "aws_key_pair", name)
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnets[0])["Instances"][0]
    root = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    add(planted, "aws_instance", instance["InstanceId"], root_block_device=[{"volume_id": root}])
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
    add(planted, "aws_ebs_volume", volume)
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=1, MaxSize=1, VPCZoneIdentifier=subnets[0], LaunchTemplate={"LaunchTemplateId": template}
    )
    add(planted, "aws_autoscaling_group", name)

    client("s3").create_bucket(Bucket=f"inventory-{name}", CreateBucketConfiguration={"LocationConstraint": REGION})
    add(planted, "aws_s3_bucket", f"inventory-{name}", arn=f"arn:aws:s3:::inventory-{name}", region=REGION)
    database = client("rds").create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="postgres", MasterUsername="x", MasterUserPassword="not-a-secret", AllocatedStorage=20
    )["DBInstance"]
    add(planted, "aws_db_instance", name, id=database["DbiResourceId"], identifier=name, arn=database["DBInstanceArn"])
    client("rds").create_db_cluster(DBClusterIdentifier=f"aurora-{name}", Engine="aurora-postgresql", MasterUsername="x", MasterUserPassword="not-a-secret")
    add(planted, "aws_rds_cluster", f"aurora-{name}")
    client("rds").create_db_instance(
        DBInstanceIdentifier=f"aurora-{name}-1", DBClusterIdentifier=f"aurora-{name}", DBInstanceClass="db.t3.medium", Engine="aurora-postgresql"
    )
    add(planted, "aws_rds_cluster_instance", f"aurora-{name}-1")

    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=assume)["Role"]["Arn"]
    add(planted, "aws_iam_role", name, arn=role)
    iam.create_user(UserName=name)
    add(planted, "aws_iam_user", name)
    policy = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))["Policy"]["Arn"]
    add(planted, "aws_iam_policy", policy)

    client("lambda").create_function(
        FunctionName=name, Role=role, Runtime="python3.12", Handler="a.b", Code={"ImageUri": "x"}, PackageType="Image"
    )
    add(planted, "aws_lambda_function", name)
    client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}")
    client("logs").create_log_group(logGroupName=f"/app/{name}")
    add(planted, "aws_cloudwatch_log_group", f"/app/{name}")
    table = client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], Tags=[{"Key": "team", "Value": "shop"}],
    )["TableDescription"]["TableArn"]
    add(planted, "aws_dynamodb_table", name, arn=table)

    cluster = client("ecs").create_cluster(clusterName=name)["cluster"]["clusterArn"]
    add(planted, "aws_ecs_cluster", name, id=cluster, arn=cluster)
    client("ecs").register_task_definition(family=name, containerDefinitions=[{"name": "x", "image": "x", "memory": 1}])
    service = client("ecs").create_service(cluster=name, serviceName="web", taskDefinition=name, desiredCount=0)["service"]["serviceArn"]
    add(planted, "aws_ecs_service", f"{name}/web", id=service)
    client("eks").create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    add(planted, "aws_eks_cluster", name)
    client("eks").create_nodegroup(clusterName=name, nodegroupName="blue", subnets=subnets, nodeRole=role)
    add(planted, "aws_eks_node_group", f"{name}:blue")
    repository = client("ecr").create_repository(repositoryName=f"team/{name}")["repository"]["repositoryArn"]
    add(planted, "aws_ecr_repository", f"team/{name}", arn=repository)

    balancer = elb.create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    # The same under its other name.
    add(planted, "aws_lb" if planted else "aws_alb", balancer)
    target = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    add(planted, "aws_lb_target_group", target)
    client("elb").create_load_balancer(LoadBalancerName=name, Listeners=[{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}], AvailabilityZones=[f"{REGION}a"])
    add(planted, "aws_elb", name)

    add(planted, "aws_kms_key", client("kms").create_key()["KeyMetadata"]["KeyId"])
    add(planted, "aws_sns_topic", client("sns").create_topic(Name=name)["TopicArn"])
    queue = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    add(planted, "aws_sqs_queue", queue, arn=f"arn:aws:sqs:{REGION}:123456789012:{name}")
    add(planted, "aws_secretsmanager_secret", client("secretsmanager").create_secret(Name=name, SecretString="not-a-secret")["ARN"])
    add(planted, "aws_route53_zone", client("route53").create_hosted_zone(Name=f"{name}.example", CallerReference=name)["HostedZone"]["Id"].split("/")[-1])

# What is not expected to be in a state.
iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
# As a stack would have it: the emulator's own stacks put no tags on what they make.
client("dynamodb").create_table(
    TableName="of-a-stack", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], Tags=[{"Key": "aws:cloudformation:stack-name", "Value": "by-stack"}],
)
# A log group that has outlived its function.
client("logs").create_log_group(logGroupName="/aws/lambda/gone")
add(True, "aws_cloudwatch_log_group", "/aws/lambda/gone")
# In another region, which is asked too (the emulator's URLs of queues name none, and only the ARN tells them apart), and in one that is not.
add(True, "aws_sqs_queue", client("sqs", "eu-central-1").create_queue(QueueName="managed")["QueueUrl"])
client("sqs", "us-west-2").create_queue(QueueName="elsewhere")
client("s3", "us-west-2").create_bucket(Bucket="inventory-elsewhere", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
