"""`turnsignal run`, `consume`, `serve` and `notify`: the processes."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.processes import database_ready, logging, settings, wrong_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.assembly import Assembly
    from service.settings import Settings
    from service.supervisor import Part

Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Port for this process, in place of http.port.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(run)
    app.command()(consume)
    app.command()(serve)
    app.command()(notify)


def run(
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring the schema up to date first.")] = False,
    port: Port = None,
) -> None:
    """Everything in one process: consume, review, serve and notify.

    Ends with 0 after SIGTERM or Ctrl-C, with 1 when a part fails.

    Example: TURNSIGNAL_KAFKA__BOOTSTRAP_SERVERS=broker:9092 turnsignal run --migrate
    """
    from service.assembly import with_own_secret

    _process(lambda assembly: assembly.everything(), port, migrate=migrate, prepare=with_own_secret)


def consume(port: Port = None) -> None:
    """Read events, review accounts and pass alerts on; /metrics and /readyz on the port.

    Start as many as there are partitions, at most. They share webhook.secrets with `serve`.

    Example: TURNSIGNAL_WEBHOOK__URL=http://serve:8321/webhooks/alerts turnsignal consume --port 8322
    """
    _process(lambda assembly: assembly.consume(), port)


def serve(port: Port = None) -> None:
    """The webhook endpoint, the API and the pages.

    Example: TURNSIGNAL_HTTP__TOKENS_FILE=/run/secrets/token turnsignal serve
    """
    _process(lambda assembly: assembly.serve(), port)


def notify(port: Port = None) -> None:
    """Bring alerts to Slack and email; /metrics and /readyz on the port.

    Example: TURNSIGNAL_EMAIL__HOST=mail.example.com turnsignal notify --port 8323
    """
    _process(lambda assembly: assembly.notify(), port)


def _process(
    choose: "Callable[[Assembly], list[Part]]",
    port: int | None,
    *,
    migrate: bool = False,
    prepare: "Callable[[Settings], Settings]" = lambda settings: settings,
) -> None:
    """Build the parts and run them until they end."""
    from service.assembly import Assembly
    from service.configuration import SettingsError
    from service.supervisor import Supervisor

    chosen = prepare(settings())
    if port is not None:
        chosen = chosen.model_copy(update={"http": chosen.http.model_copy(update={"port": port})})
    logging(chosen)
    database_ready(chosen, migrate=migrate)
    try:
        assembly = Assembly(chosen)
        parts = choose(assembly)
    except SettingsError as error:
        raise wrong_settings(error) from None
    code = Supervisor(parts).run()
    assembly.close()
    raise typer.Exit(code)
