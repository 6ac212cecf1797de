# What the lines of changes.txt use.
client = boto3.client
autoscaling, cloudwatch, ec2, ecr, ecs = map(client, ['autoscaling', 'cloudwatch', 'ec2', 'ecr', 'ecs'])
iam, kms, logs, sns, sqs, ssm, secrets = map(client, ['iam', 'kms', 'logs', 'sns', 'sqs', 'ssm', 'secretsmanager'])


def allow(principal, action, resource=None):
    statement = {'Sid': 'Drift', 'Effect': 'Allow', 'Action': action}
    if principal:
        statement['Principal'] = principal if principal != '*' else {'AWS': '*'}
    if resource:
        statement['Resource'] = resource
    return json.dumps({'Version': '2012-10-17', 'Statement': [statement]})


trust = json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'Service': 'ecs-tasks.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]})


def world(port):
    return {'IpProtocol': 'tcp', 'FromPort': port, 'ToPort': port, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}


def key(description):
    keys = [kms.describe_key(KeyId=it['KeyId'])['KeyMetadata'] for it in kms.list_keys()['Keys']]
    return next(it['KeyId'] for it in keys if it['Description'] == description)


def vpc(is_main):
    subnets = {it['VpcId'] for it in ec2.describe_subnets()['Subnets'] if it['CidrBlock'].startswith('10.20.')}
    all = [it['VpcId'] for it in ec2.describe_vpcs()['Vpcs'] if it['CidrBlock'] == '10.20.0.0/16']
    return next(it for it in all if (it in subnets) == is_main)


def subnet(cidr):
    return ec2.describe_subnets(Filters=[{'Name': 'cidr-block', 'Values': [cidr]}])['Subnets'][0]['SubnetId']


def table(name):
    return ec2.describe_route_tables(Filters=[{'Name': 'tag:Name', 'Values': [name]}])['RouteTables'][0]['RouteTableId']


def group(name):
    return ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': [name]}])['SecurityGroups'][0]['GroupId']


def rules(name):
    found = ec2.describe_security_group_rules(Filters=[{'Name': 'group-id', 'Values': [group(name)]}])['SecurityGroupRules']
    return [it['SecurityGroupRuleId'] for it in found if not it['IsEgress']]


def topic(name):
    return next(it['TopicArn'] for it in sns.list_topics()['Topics'] if it['TopicArn'].endswith('drift-' + name))


def queue(name):
    return sqs.get_queue_url(QueueName='drift-' + name)['QueueUrl']


def alarm(name, **changes):
    now = cloudwatch.describe_alarms(AlarmNames=[name])['MetricAlarms'][0]
    kept = ['AlarmName', 'ComparisonOperator', 'EvaluationPeriods', 'MetricName', 'Namespace', 'Period', 'Statistic',
            'Threshold', 'AlarmActions', 'TreatMissingData', 'ActionsEnabled']
    cloudwatch.put_metric_alarm(**{**{name: now[name] for name in kept if name in now}, **changes})
