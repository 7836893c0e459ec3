"""Another program's endpoint, which believes only what both published libraries verify, and itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import standardwebhooks
import svix.webhooks
from standardwebhooks.webhooks import EmptyWebhookSecretError

from tests.parts.web import Reply, Request, WebServer

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRONG = (
    EmptyWebhookSecretError,
    standardwebhooks.WebhookVerificationError,
    svix.webhooks.WebhookVerificationError,
    ValueError,
)


def _verify_by_hand(secret: str, body: bytes, headers: dict[str, str]) -> None:
    """As the specification has it: svix calls the other library, so that the two cannot differ."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mine = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    if mine not in headers["webhook-signature"].split(" "):
        raise ValueError("no signature is the one of the specification")


class WebhookReceiver(WebServer):
    """Answers 204 to what is signed with the secret of the path, and 401 to all else."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[str, str] = {}
        self.events: list[tuple[str, Any]] = []
        """(webhook-id, event), once for each id: a repeated one is known."""
        self.times: Counter[str] = Counter()
        """How often each id came."""
        self._seen = threading.Lock()

    def default(self, request: Request) -> Reply:
        headers = {name.lower(): value for name, value in request.headers.items()}
        secret = self.secrets.get(request.path, "")
        try:
            event = standardwebhooks.Webhook(secret).verify(request.body, headers)
            svix.webhooks.Webhook(secret).verify(request.body, headers)
            _verify_by_hand(secret, request.body, headers)
        except _WRONG:
            return Reply(401)
        with self._seen:
            identity = headers["webhook-id"]
            self.times[identity] += 1
            if self.times[identity] == 1:
                self.events.append((identity, event))
        return Reply(204, "")

    def of(self, account_id: str) -> Iterator[dict[str, Any]]:
        """The alerts of an account, in the order they came."""
        return (event["data"] for _, event in self.events if event["data"].get("account_id") == account_id)
