"""`turnsignal roles`: what the titles say."""

import io
import sys

import typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    roles = typer.Typer(no_args_is_help=True, help="What a job title says of a person's function.")
    roles.command()(classify)
    roles.callback()(lambda: None)  # keeps `classify` a word of its own while it is the only one
    app.add_typer(roles, name="roles")


def classify() -> None:
    """Read titles from standard input, one a line; write `function<TAB>title` for each, in the same order.

    Example: echo "Strategischer Einkäufer" | turnsignal roles classify
    """
    from accounts.roles import function_of

    # Odd bytes pass through as they came.
    titles = io.TextIOWrapper(sys.stdin.buffer, "utf-8", errors="surrogateescape", newline="\n")
    output = io.TextIOWrapper(sys.stdout.buffer, "utf-8", errors="surrogateescape", newline="\n")
    for line in titles:
        title = line.rstrip("\r\n")
        output.write(f"{function_of(title)}\t{title}\n")
    output.flush()
    output.detach()
    titles.detach()
