"""Dataverse's webhooks (Dynamics 365): not signed; a header that you have chosen has a token.

Shapes: learn.microsoft.com, "Use webhooks to create external handlers for server events".
"""

from collections.abc import Mapping, Sequence

from service.crm.receiver import JsonAnswers, Notified, Refusal, Token, items_of, key_of, object_of


class Dynamics(JsonAnswers):
    """Believes a token, and makes one record of each execution context."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._token = Token(secrets)

    def admit(self, headers: Mapping[str, str], token: str) -> None:
        """Raises Refusal for whoever does not know the token."""
        self._token.check(headers, token)

    def records(self, headers: Mapping[str, str], body: bytes) -> list[Notified]:  # noqa: ARG002
        """The context as it came, with its row's id as key; raises Refusal."""
        items_of(body)
        fields = object_of(body)
        if not isinstance(fields.get("MessageName"), str):
            detail = "expected a RemoteExecutionContext, with its MessageName"
            raise Refusal("invalid", 422, "Not of Dataverse", detail)
        key = key_of(fields, "PrimaryEntityId")  # none where rows are linked: the message is of no one row
        return [Notified(key, body)]
