"""`turnsignal`: every command is a module of service.commands with a `register(app)`."""

import os
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from service.failures import explained

COMMANDS = (
    "demo", "run", "migrate", "status", "offsets", "pause", "imports", "crm", "review", "feedback",
    "dead_letters", "outbox", "deliveries", "routes", "silences", "webhooks", "settings", "topics", "mapping",
    "reprocess", "replay", "backtest", "explain", "calibrate", "simulate", "roles", "plays",
)  # fmt: skip

_HELP = """Tells account owners that a business customer is turning away while there is still time to act.

First look: [b]turnsignal demo[/b]. On your own past: [b]turnsignal replay events.jsonl[/b].
For good: [b]turnsignal migrate[/b], then [b]turnsignal run[/b]. Settings: [b]turnsignal settings[/b].
"""

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False, help=_HELP)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  (typer calls it so)
    if wanted:
        typer.echo(f"turnsignal {version('turnsignal')}")
        raise typer.Exit


@app.callback()
def _options(
    config: Annotated[
        Path | None, typer.Option(help="Settings file; else TURNSIGNAL_CONFIG or ./turnsignal.toml.")
    ] = None,
    _version: Annotated[  # noqa: FBT002  (typer declares options so)
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which this is.")
    ] = False,
) -> None:
    if config is not None:
        os.environ["TURNSIGNAL_CONFIG"] = str(config)


for _name in COMMANDS:
    import_module(f"service.commands.{_name}").register(app)


def main() -> None:
    """Run a command; a known failure is one clear message and an exit code, never a traceback."""
    with explained():
        app()
    sys.exit(0)
