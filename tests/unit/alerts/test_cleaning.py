"""Words from events do no harm where they are shown."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.cleaning import clean, is_mailbox, mrkdwn, shorten

HOSTILE = (
    "Acme\r\nBcc: x@evil.example\x00 \u202egpj.exe\u2066<!channel> "
    '<script>alert(1)</script> *b* _i_ ~s~ `c` "&'
)


def test_clean_removes_breaks_controls_and_bidi_marks() -> None:
    """A name cannot end a header line or turn the text after it around."""
    cleaned = clean(HOSTILE, 200)
    assert not set(cleaned) & set("\r\n\0\u202e\u2066")
    assert cleaned.startswith("Acme Bcc:")


@example("0\r\ud7fc\r0", 4)
@given(st.text(), st.integers(1, 50))
def test_clean_is_bounded_printable_and_stable(text: str, most: int) -> None:
    """Whatever comes in, one line of bounded length comes out, and cleaning it again changes nothing."""
    cleaned = clean(text, most)
    assert len(cleaned) <= most
    assert clean(cleaned, most) == cleaned
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in cleaned)
    cleaned.encode("utf-8")


def test_clean_keeps_what_scripts_need() -> None:
    """Chinese, accents and the joiners of Persian and emoji belong to names."""
    for name in ("华东传动设备有限公司", "Müller & Söhne", "می\u200cخواهم", "👩\u200d🔧 Works"):
        assert clean(name, 80) == name


def test_clean_of_a_huge_text_is_fast() -> None:
    """A name of megabytes is cut before it is looked at."""
    assert len(clean("x" * 10_000_000, 80)) == 80


@given(st.text())
def test_mrkdwn_leaves_no_control_sequence(text: str) -> None:
    """No <…> is left for Slack to read as mention or link, and no mark stands next to a word."""
    escaped = mrkdwn(text)
    assert "<" not in escaped
    assert ">" not in escaped
    for mark in "*_~`":
        assert escaped.count(mark) == escaped.count(f"\u200b{mark}\u200b")


def test_shorten_marks_what_was_cut() -> None:
    """A reader sees that there was more."""
    assert shorten("a longer name", 8) == "a longe…"
    assert shorten("short", 8) == "short"


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nRCPT TO:<x@y>",
        "a b@c.example",
        "a@b@c.example",
        "<a@b.example>",
        "@b.example",
        "a@",
        "",
    ],
)
def test_addresses_that_are_none_are_refused(address: str) -> None:
    """What would break a header or an SMTP command is no address."""
    assert not is_mailbox(address)


def test_addresses_are_accepted() -> None:
    """Ordinary, tagged and international addresses are addresses."""
    for address in ("owner@vendor.example", "first.last+alerts@mail.vendor.example", "用户@例子.example"):
        assert is_mailbox(address)
