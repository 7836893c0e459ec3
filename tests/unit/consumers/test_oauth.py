"""Tokens are kept while they are fresh, and asked for as RFC 6749 has it."""

import base64
import json
from urllib.parse import parse_qs

from consumers.oauth import ClientCredentials
from tests.parts.web import Reply, WebServer


def test_a_token_is_kept_while_it_is_fresh_and_asked_for_anew(web_server: WebServer) -> None:
    """Every connection asks for one; the authorization server is asked once in a token's life."""
    now = [0.0]
    for token, life in (("first", 100), ("second", None), ("third", 100)):
        answer = {"access_token": token} | ({"expires_in": life} if life else {})
        web_server.reply(Reply(200, json.dumps(answer)))
    tokens = ClientCredentials(web_server.url("/t"), "id", "secret", "kafka", timer=lambda: now[0])
    told = []
    for now[0] in (0, 79, 81, 300, 322):
        told.append(tokens.token())
    assert told == ["first", "first", "second", "second", "third"]
    request = web_server.requests[0]
    assert parse_qs(request.body.decode()) == {"grant_type": ["client_credentials"], "scope": ["kafka"]}
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"id:secret").decode()
