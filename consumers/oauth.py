"""Tokens for SASL OAUTHBEARER, by OAuth 2.0's client credentials (RFC 6749, 4.4)."""

import ssl
import threading
from collections.abc import Callable
from time import monotonic

import httpx
from kafka.net.sasl.oauth import AbstractTokenProvider

from consumers.kafka_errors import TokenError

_SECONDS = 5.0  # kafka-python asks on the thread that also keeps the group membership alive
_FRESH = 0.8  # of its life, a token is used
_LIFE_SECONDS = 300.0  # of a token that does not say


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]
    """Fetches a token, and keeps it while it is fresh; all clients of a process may share it."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        scope: str | None = None,
        *,
        verify: ssl.SSLContext | bool = True,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__()
        self._url = url
        self._client = client_id, client_secret
        self._scope = scope
        self._verify = verify
        self._timer = timer
        self._lock = threading.Lock()
        self._token = ""
        self._fresh_until = float("-inf")

    def token(self) -> str:
        """A token that is fresh; raises TokenError."""
        with self._lock:
            if self._timer() >= self._fresh_until:
                asked = self._timer()
                self._token, life = self._fetch()
                self._fresh_until = asked + _FRESH * life
            return self._token

    def _fetch(self) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"} | ({"scope": self._scope} if self._scope else {})
        try:
            answer = httpx.post(
                self._url, data=form, auth=self._client, timeout=_SECONDS, verify=self._verify
            )
        except httpx.HTTPError as error:
            raise TokenError(f"no token from {self._url}: {str(error) or type(error).__name__}") from None
        if answer.status_code in {400, 401, 403}:
            raise TokenError(
                f"{self._url} gives no token to client {self._client[0]} (HTTP {answer.status_code}): "
                "check kafka.token_client_id, kafka.token_client_secret and kafka.token_scope"
            )
        try:
            answer.raise_for_status()
            told = answer.json()
            return str(told["access_token"]), float(told.get("expires_in") or _LIFE_SECONDS)
        except (httpx.HTTPError, ValueError, TypeError, KeyError):
            raise TokenError(
                f"{self._url} answers HTTP {answer.status_code} and no token: is it a token endpoint?"
            ) from None
