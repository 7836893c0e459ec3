"""`turnsignal settings`: all of them."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="settings")(show)


def show(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the page docs/settings.md.")] = False,
) -> None:
    """List every setting with its default, what is allowed, and its meaning.

    Example: turnsignal settings --markdown > docs/settings.md
    """
    from service.settings_page import page

    text = page()
    if markdown:
        typer.echo(text, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
