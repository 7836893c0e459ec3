"""The account's picture over HTTP and for messages, from real databases."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import structlog
from PIL import Image

from accounts.account import from_bytes
from accounts.policy import Policy
from accounts.timeline import timeline
from alerts.language import ENGLISH, language
from alerts.picture.look import Look
from alerts.picture.pictures import Pictures
from service.app import create_app
from service.simulation import STORY_ACCOUNT
from storage import queries
from storage.engine import reading, transaction
from storage.tables import accounts
from tests.integration.serving import TOKEN, Client, migrated, open_client, put_account, put_story

if TYPE_CHECKING:
    from collections.abc import Iterator

STRANGE = ["a/b", "ü ?#%41&", "x/picture.svg", "x/picture.png", "x/picture.gif", '"><script>', "客户/1"]


@pytest.fixture
def played(sqlite_url: str) -> Iterator[sa.Engine]:
    """A database with the story of one account."""
    with migrated(sqlite_url) as engine:
        put_story(engine)
        yield engine


def test_a_program_gets_png_and_svg(database_url: str) -> None:
    """With the look it asks for; what it asks wrongly is told."""
    with migrated(database_url) as engine:
        put_story(engine)
        client = open_client(engine)
        base = f"/api/v1/accounts/{STORY_ACCOUNT}/picture"
        png, svg = client.get(f"{base}.png"), client.get(f"{base}.svg?locale=zh-CN&width=wide&title=false")
        assert client.get(f"{base}.svg?theme=pink").status_code == 422
        assert client.get(f"{base}.gif").status_code == 404
    assert png.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(png.content)).width == 1000
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "采购主导" in svg.text
    assert "Tarnhollow" not in svg.text
    assert 'width="900"' in svg.text


def test_an_svg_may_do_nothing(played: sa.Engine) -> None:
    """Opened by itself it is a document of our origin: it gets its colours and nothing else."""
    client = open_client(played)
    for base in ("/accounts", "/api/v1/accounts"):
        headers = client.get(f"{base}/{STORY_ACCOUNT}/picture.svg").headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
        assert policy.endswith("sandbox")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    page = client.get(f"/accounts/{STORY_ACCOUNT}").headers["content-security-policy"]
    assert "img-src 'self'" in page


@pytest.mark.parametrize("base", ["/accounts", "/api/v1/accounts"])
def test_a_stranger_sees_no_picture(played: sa.Engine, base: str) -> None:
    """It names a customer and its orders."""
    client = Client(create_app(played, checks={}, tokens=[TOKEN]))
    url = f"{base}/{STORY_ACCOUNT}/picture.svg"
    assert client.get(url).status_code == 401
    assert client.get(url, authorization=f"Bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("name", STRANGE)
def test_strange_ids_have_pictures_and_keep_their_pages(sqlite_url: str, name: str) -> None:
    """Also an account whose own id ends like the path of a picture."""
    with migrated(sqlite_url) as engine:
        put_story(engine)
        with transaction(engine) as connection:
            connection.execute(sa.update(accounts).values(account_id=name, card=None))
        client = open_client(engine)
        url = quote(name, safe="")
        assert client.get(f"/api/v1/accounts/{url}").json()["account_id"] == name
        assert client.get(f"/api/v1/accounts/{url}/picture.png").headers["content-type"] == "image/png"
        page = client.get(f"/accounts/{url}")
        assert page.headers["content-type"].startswith("text/html")
        assert f"/accounts/{url}/picture.svg" in page.text
        assert client.get(f"/accounts/{url}/picture.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("base", ["/accounts", "/api/v1/accounts"])
def test_no_week_no_picture(sqlite_url: str, base: str) -> None:
    """Neither for an account that is new nor for one that is not there; and no broken image on its page."""
    with migrated(sqlite_url) as engine:
        put_account(engine, "new")
        client = open_client(engine)
        assert client.get(f"{base}/new/picture.svg").status_code == 404
        assert client.get(f"{base}/nobody/picture.svg").status_code == 404
        assert client.get(f"{base}/a%00b/picture.svg").status_code == 404
        assert "<img" not in client.get("/accounts/new").text


def test_a_message_gets_its_picture_and_what_it_shows(played: sa.Engine) -> None:
    """In the owner's language; nothing for an account that is not there."""
    pictures = Pictures(played, Policy())
    found = pictures.attached(STORY_ACCOUNT, language("zh"))
    assert found is not None
    assert found.png.startswith(b"\x89PNG")
    assert found.alt == pictures.described(STORY_ACCOUNT, language("zh"))
    assert "采购" in found.alt
    assert pictures.attached("nobody", ENGLISH) is None


def test_a_message_goes_out_without_a_picture_rather_than_not_at_all(played: sa.Engine) -> None:
    """A state that cannot be drawn is our fault, not the reader's."""
    with transaction(played) as connection:
        connection.execute(sa.update(accounts).values(state=b"\xc1 no state"))
    with structlog.testing.capture_logs() as logs:
        assert Pictures(played, Policy()).attached(STORY_ACCOUNT, ENGLISH) is None
    assert [entry["action"] for entry in logs] == ["picture_failed"]


def test_a_picture_is_drawn_once_until_the_account_changes(played: sa.Engine) -> None:
    """Several channels and a reader's second look cost nothing; a new state or name is drawn anew."""
    pictures, look = Pictures(played, Policy()), Look("svg")
    first = pictures.of(STORY_ACCOUNT, ENGLISH, look)
    assert pictures.of(STORY_ACCOUNT, ENGLISH, look) is first
    with transaction(played) as connection:
        connection.execute(sa.update(accounts).values(card={"name": "Renamed"}))
    renamed = pictures.of(STORY_ACCOUNT, ENGLISH, look)
    assert renamed is not None
    assert b">Renamed</text>" in renamed.content
    assert pictures.of(STORY_ACCOUNT, language("zh"), look) != renamed


def test_the_picture_of_a_database_is_as_its_account_was_judged(played: sa.Engine) -> None:
    """The reviewer's own policy, so that the sums are those that raised the alerts."""
    with reading(played) as connection:
        found = queries.account(connection, STORY_ACCOUNT)
    assert found is not None
    assert found[1] is not None
    told = timeline(from_bytes(found[1]), Policy())
    assert told is not None
    assert told.as_judged
