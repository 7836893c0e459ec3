"""`turnsignal crm`: CRMs that post to us, tried without the CRM."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import plain, settings
from service.failures import Failure

if TYPE_CHECKING:
    from service.crm_settings import CrmSource
    from service.settings import Http

_LONGEST_SHOWN = 2000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    crm = typer.Typer(no_args_is_help=True, help="CRMs that post changes to /webhooks/crm/NAME.")
    crm.callback()(_group)
    crm.command()(send)
    app.add_typer(crm, name="crm")


def _group() -> None:
    """Without it, the one command would stand for the group."""


def send(
    source: Annotated[str, typer.Argument(help="Its name in crm.sources.")],
    file: Annotated[Path, typer.Argument(help="What the CRM would post: its JSON, or an outbound message.")],
    to: Annotated[
        str | None, typer.Option(help="Another address, as that of the proxy; else this machine's service.")
    ] = None,
) -> None:
    """Post a file to the running service, signed as the CRM would sign it, and show the answer.

    It is believed, and written to the source's topic, as if the CRM had sent it: on a service that tells
    people, take a file that says nothing. A source with a token sends it as bearer.

    Exit 1 where it is not accepted, 3 where nobody answers.

    Example: turnsignal crm send hubspot notifications.json
    """
    import httpx

    chosen = settings()
    known = chosen.crm.sources
    if source not in known:
        raise Failure(f"there is no crm.sources.{source}; known: {', '.join(known) or 'none'}", 2)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}", 2) from None
    address = to or _own(chosen.http, source)
    try:
        answer = httpx.post(
            address, content=body, headers=_headers(known[source], body), timeout=15, trust_env=to is not None
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failure(f"{address}: {error}", 3) from None
    typer.echo(f"{address}: {answer.status_code} {answer.reason_phrase}")
    typer.echo(plain(answer.text, _LONGEST_SHOWN))
    if not answer.is_success:
        raise typer.Exit(1)


def _own(http: "Http", source: str) -> str:
    from service.assembly import own_address

    return f"{own_address(http)}/webhooks/crm/{source}"


def _headers(source: "CrmSource", body: bytes) -> dict[str, str]:
    """Those that the CRM would send, with the newest secret."""
    from service.crm import data_cloud, hubspot

    secret = source.secrets[0].get_secret_value()
    if source.kind == "hubspot":
        return hubspot.signed_headers(secret, source.url or "", body, time.time())
    if source.kind == "salesforce_data_cloud":
        return data_cloud.signed_headers(secret, body)
    kind = "text/xml" if source.kind == "salesforce" else "application/json"
    return {"authorization": f"Bearer {secret}", "content-type": kind}
