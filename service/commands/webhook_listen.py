"""`turnsignal webhooks listen`: a receiver on this machine, for trying webhooks."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.processes import plain
from service.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from service.webhook_listener import Heard


def register(webhooks: typer.Typer) -> None:
    """Add the command."""
    webhooks.command()(listen)


def listen(
    secret: Annotated[
        str | None, typer.Option(help="The endpoint's whsec_… secret; else one is made.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")] = 0,
    status: Annotated[
        int, typer.Option(min=200, max=599, help="Answer with it, as 500 to watch retries.")
    ] = 204,
    as_json: Annotated[
        bool, typer.Option("--json", help="Each event as one JSON line, for programs.")
    ] = False,
) -> None:
    """Receive webhooks on this machine, verify their signatures and show them; Ctrl-C ends it.

    It listens on 127.0.0.1, so that a Turnsignal on the same machine may post to it where
    webhooks.allow_private_addresses is set. What is not signed with the secret is answered 401.

    Example: turnsignal webhooks listen --status 500
    """
    from alerts.endpoint_secrets import is_secret, new_secret
    from service.webhook_listener import Listener

    known = secret or new_secret()
    if not is_secret(known):
        raise Failure("a secret is whsec_ and from 24 to 64 bytes in base64", 2)
    show = _show_json if as_json else _show
    try:
        listener = Listener(port, known, status, show)
    except OSError as error:
        raise Failure(f"cannot listen on port {port}: {error.strerror}") from None
    with listener:
        typer.echo(f"listening on {listener.url}, answering {status}", err=True)
        if secret is None:
            typer.echo(
                f"in another terminal: turnsignal webhooks add {listener.url} --secret {known}", err=True
            )
        try:
            listener.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            typer.echo(f"{len(listener.ids)} messages", err=True)


def _show(heard: "Heard") -> None:
    typer.echo("\n".join(_lines(heard)))


def _lines(heard: "Heard") -> "Iterator[str]":
    if heard.event is None:
        yield f"{heard.answered} {plain(heard.message_id, 60)}: not believed: {plain(heard.problem or '')}"
        return
    again = " (again)" if heard.repeated else ""
    event = heard.event
    yield f"{heard.answered} {plain(heard.message_id, 60)}{again}: {plain(str(event.get('type')), 60)}"
    data = event.get("data")
    if not isinstance(data, dict):
        return
    for name in ("account_id", "kind", "stage", "led_by", "severity", "status", "text"):
        if name in data:
            yield f"    {name:<10} {plain(str(data[name]))}"
    yield from _evidence(data)


def _evidence(data: "Mapping[str, Any]") -> "Iterator[str]":
    pieces = data.get("evidence")
    for piece in pieces if isinstance(pieces, list) else ():
        if isinstance(piece, dict) and "text" in piece:
            yield f"    - {plain(str(piece['text']))}"


def _show_json(heard: "Heard") -> None:
    import msgspec

    told = {"webhook_id": heard.message_id, "answered": heard.answered, "repeated": heard.repeated}
    body = {"event": heard.event} if heard.event is not None else {"problem": heard.problem}
    typer.echo(msgspec.json.encode(told | body).decode())
