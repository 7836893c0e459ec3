"""What was seen, in one phrase and one sentence, for each kind of alert. Never a prophecy."""

from accounts.alert import Alert
from accounts.stages import Kind
from alerts.wording import led, since

_HEADLINES: dict[Kind, str] = {
    "buying_centre_shift": "The buying centre has shifted",
    "decline": "Business is slowing down",
    "at_risk": "The buying centre has shifted and business is slowing down",
    "lost": "Silent for longer than its rhythm explains",
    "champion_left": "Its champion has left",
    "service_gap": "Our side has grown quiet",
    "recovered": "The warning signs have receded",
}
# For a list of subjects on a phone: about 40 characters stay visible, the account's name included.
_SHORT: dict[Kind, str] = {
    "buying_centre_shift": "buying centre is shifting",
    "decline": "business is slowing down",
    "at_risk": "shifting and slowing down",
    "lost": "silent for too long",
    "champion_left": "its champion has left",
    "service_gap": "hears less from us",
    "recovered": "warning signs have receded",
}


def headline(alert: Alert) -> str:
    """What was seen, as a phrase."""
    if _silent(alert):
        return "Its champion has fallen silent"
    phrase = _HEADLINES[alert.kind]
    return phrase if _turned(alert) else phrase.replace("centre has shifted", "centre is shifting")


def of_kind(kind: Kind) -> str:
    """The phrase of every alert of a kind."""
    return _HEADLINES[kind]


def short(alert: Alert) -> str:
    """The same for a subject line, after the account's name."""
    if alert.kind == "buying_centre_shift" and _turned(alert):
        return "purchasing now leads" if alert.led_by == "purchasing" else "buying centre has shifted"
    return "its champion is silent" if _silent(alert) else _SHORT[alert.kind]


_SENTENCES: dict[Kind, str] = {
    "buying_centre_shift": "{both_ends}.",
    "at_risk": "{both_ends}; {slowed} below the account's own rhythm.",
    "decline": "{Slowed} below the account's own rhythm since {start}.",
    "lost": "By its own rhythm an order is long overdue; none since {start}.",
    "champion_left": "Whom most talks with engineers and executives were with has {gone} since {start}.",
    "service_gap": "They go on asking and buying; our answers or calls have become fewer since {start}.",
    "recovered": "What led to our earlier notice is no longer seen.",
}


def sentence(alert: Alert) -> str:
    """Since when, and from what to what."""
    start = since(alert.onset_at, alert.raised_at)
    slowed = _slowed(alert)
    return _SENTENCES[alert.kind].format(
        both_ends=_both_ends(alert),
        start=start,
        slowed=slowed,
        Slowed=slowed.capitalize(),
        gone="said nothing" if _silent(alert) else "been gone",
    )


def _silent(alert: Alert) -> bool:
    """Whether a champion is missed without anybody having said that they left."""
    return any(piece.signal == "champion_silent" for piece in alert.evidence)


def _slowed(alert: Alert) -> str:
    """Which of the two fell behind, as the evidence has it."""
    signals = {piece.signal for piece in alert.evidence if piece.nats > 0}
    found = [word for word in ("orders", "contacts") if f"{word}_slowing" in signals]
    return " and ".join(found) or "orders or contacts"


def _turned(alert: Alert) -> bool:
    return alert.led_by != alert.previously_led_by


def _both_ends(alert: Alert) -> str:
    """Development-led since 2023, purchasing-led since March 2026."""
    if not _turned(alert):
        start = since(alert.onset_at, alert.raised_at)
        if alert.led_by == "purchasing":
            return f"Purchasing-led, and more so since {start}"
        return f"Still {led(alert.led_by)}, with purchasing's weight rising since {start}"
    turned_at = since(alert.led_by_since or alert.onset_at, alert.raised_at)
    before = led(alert.previously_led_by).capitalize()
    if alert.previously_led_by_since is None:
        return f"{before} for as long as it is known, {led(alert.led_by)} since {turned_at}"
    began = since(alert.previously_led_by_since, alert.raised_at)
    return f"{before} since {began}, {led(alert.led_by)} since {turned_at}"
