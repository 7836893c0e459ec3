"""What the demo shows."""

from io import StringIO

from rich.console import Console

from service.demo.screen import counts


def test_a_title_stays_on_one_line() -> None:
    """The summary's headings can be read and searched for, however narrow their tables are."""
    shown = StringIO()
    Console(file=shown, width=110).print(counts("Accounts by stage", {"lost": 1}))
    assert "Accounts by stage" in shown.getvalue()
