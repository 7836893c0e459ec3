# ruff: noqa: INP001  (for scripts, not a package)
"""Block Kit in a likeness of Slack's own look, as HTML."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]

# What Slack itself says around a message: of an app, when, in a thread, and of a field.
_OWN_WORDS = {
    "en": ("APP", "9:02 AM", "replied to a thread", " (optional)"),
    "zh-Hans": ("应用", "上午 9:02", "回复了消息列", "（可选）"),
}

_STYLE = """
:root { color-scheme: light; }
body { margin: 0; padding: 20px; background: #fff; color: #1d1c1d; max-width: 640px;
  font: 15px/22px Lato, "Noto Sans", "Helvetica Neue", Arial, "Noto Sans CJK SC", sans-serif; }
.post { display: flex; gap: 10px; margin-bottom: 14px; } .post > div:last-child { flex: 1; min-width: 0; }
.face { flex: none; width: 36px; height: 36px; border-radius: 6px; background: #1f2937; color: #fff;
  font-weight: 700; text-align: center; line-height: 36px; }
.who { font-weight: 900; } .app { background: #ddd; border-radius: 2px; font-size: 10px; padding: 1px 3px;
  color: #454245; vertical-align: 2px; } .time, .replied { color: #616061; font-size: 12px; }
.block { margin: 8px 0; overflow-wrap: anywhere; }
.header { font-size: 18px; line-height: 24px; font-weight: 900; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
.context { color: #616061; font-size: 13px; line-height: 18px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; }
.button { border: 1px solid #bbb; border-radius: 4px; padding: 0 12px; line-height: 34px; font-weight: 700;
  font-size: 13px; } .primary { background: #007a5a; border-color: #007a5a; color: #fff; }
.select { font-weight: 400; color: #616061; } .select::after { content: "⌄"; margin-left: 22px; }
img { max-width: 360px; display: block; border-radius: 8px; border: 1px solid #ddd; }
hr { border: 0; border-top: 1px solid #ddd; }
ul, ol { margin: 4px 0; padding-left: 26px; } li { margin: 2px 0; }
code { color: #c01343; background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px;
  font-size: 12px; }
a { color: #1264a3; } .user { background: #e8f5fa; color: #1264a3; border-radius: 3px; padding: 0 2px; }
.modal { border: 1px solid #ddd; border-radius: 8px; padding: 16px 20px; max-width: 480px; }
.modal h1 { font-size: 22px; margin: 0 0 12px; } .modal .box { border: 1px solid #868686; border-radius: 4px;
  height: 88px; } .modal .ends { display: flex; justify-content: flex-end; gap: 8px; margin-top: 16px; }
.hint { color: #616061; font-size: 13px; } .optional { color: #616061; font-weight: 400; }
"""


def page(posts: Sequence[str], tag: str = "en") -> str:
    """A conversation of posts."""
    return (
        f'<!DOCTYPE html><html lang="{tag}"><head><meta charset="utf-8"><title>Slack</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"{''.join(posts)}</body></html>"
    )


def post(
    blocks: Sequence[Block],
    *,
    tag: str = "en",
    files: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    reply: bool = False,
) -> str:
    """A message; `files` are addresses of pictures, `names` are those of members, by id."""
    app, at, in_thread, _ = _OWN_WORDS[tag]
    drawn = "\n".join(f'<div class="block">{_block(block, files or {})}</div>' for block in blocks)
    for member, name in (names or {}).items():
        drawn = drawn.replace(f"@{member}", f"@{html.escape(name)}")
    replied = f'<div class="replied">{in_thread}</div>' if reply else ""
    return (
        '<div class="post"><div class="face">T</div><div><span class="who">Turnsignal</span> '
        f'<span class="app">{app}</span> <span class="time">{at}</span>{replied}{drawn}</div></div>'
    )


def modal(view: Block, tag: str = "en") -> str:
    """A form."""
    *_, may_be_empty = _OWN_WORDS[tag]
    drawn = [f"<h1>{html.escape(view['title']['text'])}</h1>"]
    for block in view["blocks"]:
        if block["type"] == "section":
            drawn.append(
                f'<div class="block">{html.escape(block["text"]["text"]).replace(chr(10), "<br>")}</div>'
            )
        else:
            optional = f'<span class="optional">{may_be_empty}</span>' if block.get("optional") else ""
            drawn.append(f"<b>{html.escape(block['label']['text'])}</b>{optional}")
            drawn.append(
                f'<div class="box"></div><div class="hint">{html.escape(block["hint"]["text"])}</div>'
            )
    close, submit = (html.escape(view[name]["text"]) for name in ("close", "submit"))
    ends = f'<span class="button">{close}</span><span class="button primary">{submit}</span>'
    return f'<div class="modal">{"".join(drawn)}<div class="ends">{ends}</div></div>'


def _block(block: Block, files: Mapping[str, str]) -> str:  # noqa: PLR0911  (a table)
    match block["type"]:
        case "header":
            return f'<div class="header">{html.escape(block["text"]["text"])}</div>'
        case "section":
            fields = "".join(f"<div>{_mrkdwn(field['text'])}</div>" for field in block.get("fields", []))
            return f'<div class="fields">{fields}</div>'
        case "context":
            return f'<div class="context">{" ".join(map(_small, block["elements"]))}</div>'
        case "rich_text":
            return "".join(_rich(element) for element in block["elements"])
        case "image":
            alt = html.escape(block["alt_text"])
            return f'<img src="{html.escape(files[block["slack_file"]["id"]])}" alt="{alt}">'
        case "actions":
            return f'<div class="actions">{"".join(map(_element, block["elements"]))}</div>'
        case "divider":
            return "<hr>"
    raise ValueError(f"no picture of a block of type {block['type']!r}")


def _small(element: Block) -> str:
    return _mrkdwn(element["text"]) if element["type"] == "mrkdwn" else html.escape(element["text"])


def _element(element: Block) -> str:
    if element["type"] == "static_select":
        return f'<span class="button select">{html.escape(element["placeholder"]["text"])}</span>'
    style = " primary" if element.get("style") == "primary" else ""
    return f'<span class="button{style}">{html.escape(element["text"]["text"])}</span>'


def _mrkdwn(text: str) -> str:
    """Our own labels in bold and italics, and mentions; the rest of mrkdwn is not used."""
    drawn = []
    for line in text.split("\n"):  # already escaped, for HTML as for Slack
        shown = re.sub(r"<@(\w+)>", r'<span class="user">@\1</span>', line)
        for mark, tag in (("*", "b"), ("_", "i")):
            if line.startswith(mark) and line.endswith(mark):
                shown = f"<{tag}>{line[1:-1]}</{tag}>"
        drawn.append(shown)
    return "<br>".join(drawn)


def _rich(element: Block) -> str:
    inner = element["elements"]
    if element["type"] == "rich_text_list":
        tag = "ol" if element["style"] == "ordered" else "ul"
        return f"<{tag}>{''.join(f'<li>{_rich(item)}</li>' for item in inner)}</{tag}>"
    return "".join(_inline(part) for part in inner)


def _inline(part: Block) -> str:
    if part["type"] == "user":
        return f'<span class="user">@{html.escape(part["user_id"])}</span>'
    drawn = html.escape(part["text"]).replace("\n", "<br>")
    if part["type"] == "link":
        drawn = f'<a href="{html.escape(part["url"])}">{drawn}</a>'
    for name, tag in (("bold", "b"), ("italic", "i"), ("code", "code")):
        if part.get("style", {}).get(name):
            drawn = f"<{tag}>{drawn}</{tag}>"
    return drawn
