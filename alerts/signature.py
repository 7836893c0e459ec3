"""Whether a message comes from someone who knows one of the secrets (Standard Webhooks)."""

from collections.abc import Mapping, Sequence

from standardwebhooks import Webhook, WebhookVerificationError


class BadSignatureError(Exception):
    """The message is not signed with a known secret, or was signed more than five minutes ago or ahead."""


class Verifier:
    """Accepts any of several secrets, so that they can be changed while messages are on their way.

    Raises ValueError for no secret at all, or one that is not base64.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("the alert webhook needs at least one secret")
        try:
            self._webhooks = [Webhook(secret) for secret in secrets]
        except Exception:  # noqa: BLE001  # the library's message could quote the secret
            raise ValueError("a secret of the alert webhook is not base64, as in whsec_…") from None

    def verify(self, body: bytes, headers: Mapping[str, str]) -> str:
        """The message's id; raises BadSignatureError with a reason that tells an attacker nothing."""
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        given = {name: headers[name] for name in names if headers.get(name)}
        if len(given) < len(names):
            raise BadSignatureError(f"the headers {', '.join(names)} are needed")
        if not any(_verifies(webhook, body, given) for webhook in self._webhooks):
            raise BadSignatureError("no known secret fits this signature, or its timestamp is not of now")
        return given["webhook-id"]


def _verifies(webhook: Webhook, body: bytes, headers: dict[str, str]) -> bool:
    try:
        webhook.verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: no base64, no comma, no UTF-8
        return False
    return True
