"""Looks at an emulated account with boto3, and breaks it. One request a line: a script, what it assigns to `result` goes back."""

import functools
import json
import os
import sys
import traceback
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = os.environ["AWS_REGION"]


@functools.cache
def client(service, region=REGION, account=None):
    credentials = {}
    if account:
        role = f"arn:aws:iam::{account}:role/other"
        found = client("sts").assume_role(RoleArn=role, RoleSessionName="other")["Credentials"]
        credentials = {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }
    return boto3.client(service, region_name=region, config=Config(retries={"total_max_attempts": 1}), **credentials)


def reset():
    """Everything goes, in all regions and accounts."""
    url = os.environ["AWS_ENDPOINT_URL"] + "/moto-api/reset"
    urllib.request.urlopen(urllib.request.Request(url, method="POST")).read()
    client.cache_clear()


def asked(call, **arguments):
    """An answer without what belongs to the call; an error's code where there is one."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    answer.pop("ResponseMetadata", None)
    return answer


def bucket(name):
    s3 = client("s3")
    asks = {
        "location": s3.get_bucket_location,
        "tags": s3.get_bucket_tagging,
        "ownership": s3.get_bucket_ownership_controls,
        "blocks": s3.get_public_access_block,
        "versioning": s3.get_bucket_versioning,
        "encryption": s3.get_bucket_encryption,
        "policy": s3.get_bucket_policy,
        "lifecycle": s3.get_bucket_lifecycle_configuration,
        "logging": s3.get_bucket_logging,
        "replication": s3.get_bucket_replication,
        "lock": s3.get_object_lock_configuration,
    }
    found = {what: asked(call, Bucket=name) for what, call in asks.items()}
    # Looking at the state bucket is an access that is logged.
    if not name.endswith("-logs"):
        found["objects"] = objects(name)
    if isinstance(found["tags"], dict):
        found["tags"]["TagSet"].sort(key=lambda tag: tag["Key"])
    if isinstance(found["policy"], dict):
        found["policy"] = json.loads(found["policy"]["Policy"])
    return found


def objects(name):
    """Every version with its ETag, which is the digest of its bytes, and every delete marker."""
    page = client("s3").list_object_versions(Bucket=name)
    versions = [[it["Key"], it["VersionId"], it["IsLatest"], it["ETag"]] for it in page.get("Versions", [])]
    markers = [[it["Key"], it["VersionId"], it["IsLatest"], None] for it in page.get("DeleteMarkers", [])]
    return sorted(versions + markers, key=lambda it: it[:2])


def keys(region):
    """Those that are not AWS's own."""
    kms = client("kms", region)
    aliases = {alias.get("TargetKeyId"): alias["AliasName"] for alias in kms.list_aliases()["Aliases"]}
    found = []
    for key in kms.list_keys()["Keys"]:
        if aliases.get(key["KeyId"], "").startswith("alias/aws/"):
            continue
        about = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        found.append(
            {
                "arn": about["Arn"],
                "state": about["KeyState"],
                "alias": aliases.get(key["KeyId"]),
                "rotation": asked(kms.get_key_rotation_status, KeyId=key["KeyId"]),
                "description": about["Description"],
                "policy": json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]),
                "tags": {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]},
            }
        )
    return sorted(found, key=lambda key: (key["alias"] or "", key["arn"]))


def table(name):
    dynamodb = client("dynamodb")
    about = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    tags = dynamodb.list_tags_of_resource(ResourceArn=about["TableArn"])["Tags"]
    return {
        "schema": about["KeySchema"],
        "attributes": about["AttributeDefinitions"],
        "billing": about.get("BillingModeSummary", {}).get("BillingMode"),
        "encryption": about.get("SSEDescription", {}).get("SSEType"),
        "protection": about.get("DeletionProtectionEnabled"),
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "items": dynamodb.scan(TableName=name)["Items"],
    }


def role(name):
    iam = client("iam")
    about = iam.get_role(RoleName=name)["Role"]
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "trust": about["AssumeRolePolicyDocument"],
        "tags": {tag["Key"]: tag["Value"] for tag in about.get("Tags", [])},
        "policies": {it: iam.get_role_policy(RoleName=name, PolicyName=it)["PolicyDocument"] for it in inline},
        "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
    }


def everything():
    """All that a backend may consist of, in all accounts' order; without what only tells when it was made."""
    iam = client("iam")
    found = {
        "buckets": {it["Name"]: bucket(it["Name"]) for it in client("s3").list_buckets()["Buckets"]},
        "keys": {region: keys(region) for region in ("eu-west-1", "eu-central-1")},
        "tables": {name: table(name) for name in client("dynamodb").list_tables()["TableNames"]},
        "roles": {it["RoleName"]: role(it["RoleName"]) for it in iam.list_roles()["Roles"]},
        "providers": [
            {"arn": it["Arn"], **asked(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=it["Arn"])}
            for it in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        ],
    }
    for provider in found["providers"]:
        provider.pop("CreateDate", None)
    return found


def main():
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        scope = {**globals(), "args": request["args"], "result": None}
        try:
            exec(request["script"], scope)
            answer = {"result": scope["result"]}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer, default=str), file=answers, flush=True)


main()
