import os


def handle(event, context):
    return os.environ["TABLE_ORDERS"]
