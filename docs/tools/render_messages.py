# ruff: noqa: INP001  (a script, not a package)
"""Shows an alert as its receivers see it: `python docs/tools/render_messages.py alert.json out/`.

Writes email.html, email.txt, slack.json and slack.html, a likeness of how Slack draws the blocks. An alert is
one line of `turnsignal replay` (`-` is standard input).
"""

import argparse
import html
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from accounts.alert import from_json
from alerts.language import language
from alerts.mail import as_html, as_text
from alerts.message import Notice, message_of
from alerts.parcel import Parcel
from alerts.slack.blocks import payload

_STYLE = """
:root { color-scheme: light; }
body { margin: 0; padding: 20px; background: #fff; color: #1d1c1d; max-width: 640px;
  font: 15px/22px Lato, "Noto Sans", "Helvetica Neue", Arial, "Noto Sans CJK SC", sans-serif; }
.post { display: flex; gap: 10px; }
.face { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #1f2937; color: #fff;
  font-weight: 700; text-align: center; line-height: 36px; }
.who { font-weight: 900; } .app { background: #ddd; border-radius: 2px; font-size: 10px; padding: 1px 3px;
  color: #454245; vertical-align: 2px; } .time { color: #616061; font-size: 12px; }
.block { margin: 8px 0; overflow-wrap: anywhere; }
.header { font-size: 18px; line-height: 24px; font-weight: 900; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
.context { color: #616061; font-size: 13px; line-height: 18px; }
ul, ol { margin: 4px 0; padding-left: 26px; } li { margin: 2px 0; }
a { color: #1264a3; } .user { background: #e8f5fa; color: #1264a3; border-radius: 3px; padding: 0 2px; }
"""


def main() -> None:
    """Read one alert, write its four forms."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("alert", help="file with one alert as JSON, or - for standard input")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--notice", choices=get_args(Notice), default="raised")
    parser.add_argument("--public-url", default="https://turnsignal.example.com")
    parser.add_argument("--locale", help="the reader's; else that of the account")
    options = parser.parse_args()
    text = sys.stdin.read() if options.alert == "-" else Path(options.alert).read_text(encoding="utf-8")
    alert = from_json(text)
    spoken = language(options.locale or alert.account.locale)
    message = message_of(alert, options.notice, options.public_url, spoken)
    owner = alert.account.owner
    parcel = Parcel("dlv_example", "owner@example.com", "owner", message, datetime.now(UTC))
    slack = payload(message, (owner and owner.slack_id) or "channel", parcel.delivery_id)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, content in {
        "email.html": as_html(parcel),
        "email.txt": as_text(parcel),
        "slack.json": json.dumps(slack, ensure_ascii=False, indent=2),
        "slack.html": slack_page(slack["blocks"]),
    }.items():
        (options.folder / name).write_text(content, encoding="utf-8")


def slack_page(blocks: list[dict[str, Any]]) -> str:
    """Blocks in a likeness of Slack's own look."""
    drawn = "\n".join(f'<div class="block">{_block(block)}</div>' for block in blocks)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Slack</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f'<div class="post"><div class="face">T</div><div><span class="who">Turnsignal</span> '
        f'<span class="app">APP</span> <span class="time">9:02 AM</span>{drawn}</div></div></body></html>'
    )


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f'<div class="header">{html.escape(block["text"]["text"])}</div>'
        case "section":
            fields = "".join(f"<div>{_mrkdwn(field['text'])}</div>" for field in block.get("fields", []))
            return f'<div class="fields">{fields}</div>'
        case "context":
            words = " ".join(html.escape(element["text"]) for element in block["elements"])
            return f'<div class="context">{words}</div>'
        case "rich_text":
            return "".join(_rich(element) for element in block["elements"])
    raise ValueError(f"no picture of a block of type {block['type']!r}")


def _mrkdwn(text: str) -> str:
    """Our own labels in bold and italics; the rest of mrkdwn is not used."""
    drawn = []
    for line in text.split("\n"):  # already escaped, for HTML as for Slack
        for mark, tag in (("*", "b"), ("_", "i")):
            if line.startswith(mark) and line.endswith(mark):
                drawn.append(f"<{tag}>{line[1:-1]}</{tag}>")
                break
        else:
            drawn.append(line)
    return "<br>".join(drawn)


def _rich(element: dict[str, Any]) -> str:
    inner = element["elements"]
    if element["type"] == "rich_text_list":
        tag = "ol" if element["style"] == "ordered" else "ul"
        return f"<{tag}>{''.join(f'<li>{_rich(item)}</li>' for item in inner)}</{tag}>"
    return "".join(_inline(part) for part in inner)


def _inline(part: dict[str, Any]) -> str:
    if part["type"] == "user":
        return f'<span class="user">@{html.escape(part["user_id"])}</span>'
    drawn = html.escape(part["text"]).replace("\n", "<br>")
    if part["type"] == "link":
        drawn = f'<a href="{html.escape(part["url"])}">{drawn}</a>'
    for name, tag in (("bold", "b"), ("italic", "i")):
        if part.get("style", {}).get(name):
            drawn = f"<{tag}>{drawn}</{tag}>"
    return drawn


if __name__ == "__main__":
    main()
