"""Who is at work in a consumer group: some things must not be done meanwhile."""

from kafka.errors import GroupAuthorizationFailedError, GroupIdNotFoundError

from consumers.kafka_client import admin_of
from consumers.kafka_config import KafkaConfig
from service.failures import Failure


def hosts_of(config: KafkaConfig) -> list[str]:
    """The hosts of the group's members, one a member; raises Failure, NoKafkaError and KafkaError."""
    with admin_of(config) as admin:
        group = admin.describe_groups([config.group_id])[config.group_id]
    error = group["error"]
    if error is not None and GroupAuthorizationFailedError.__name__ in error:
        raise GroupAuthorizationFailedError(config.group_id)
    if error is not None and GroupIdNotFoundError.__name__ not in error:
        raise Failure(f"group {config.group_id} cannot be asked for its members: {error}", 3)
    return sorted(str(member["client_host"]).lstrip("/") for member in group["members"])
