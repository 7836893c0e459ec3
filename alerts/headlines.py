"""What was seen, in one phrase and one sentence, for each kind of alert. Never a prophecy."""

from accounts.alert import Alert, LedBy
from accounts.stages import Kind
from alerts.language import ENGLISH, Language, begun, marked
from alerts.wording import led

_HEADLINES: dict[Kind, str] = {
    "buying_centre_shift": marked("The buying centre has shifted"),
    "decline": marked("Business is slowing down"),
    "at_risk": marked("The buying centre has shifted and business is slowing down"),
    "lost": marked("Silent for longer than its rhythm explains"),
    "champion_left": marked("Its champion has left"),
    "service_gap": marked("Our side has grown quiet"),
    "recovered": marked("The warning signs have receded"),
}
# While the lead is still the same.
_UNTURNED: dict[Kind, str] = {
    "buying_centre_shift": marked("The buying centre is shifting"),
    "at_risk": marked("The buying centre is shifting and business is slowing down"),
}
# For a list of subjects on a phone: about 40 characters stay visible, the account's name included.
_SHORT: dict[Kind, str] = {
    "buying_centre_shift": marked("buying centre is shifting"),
    "decline": marked("business is slowing down"),
    "at_risk": marked("shifting and slowing down"),
    "lost": marked("silent for too long"),
    "champion_left": marked("its champion has left"),
    "service_gap": marked("hears less from us"),
    "recovered": marked("warning signs have receded"),
}


def headline(alert: Alert, language: Language = ENGLISH) -> str:
    """What was seen, as a phrase."""
    if _silent(alert):
        return language.say("Its champion has fallen silent")
    phrase = _HEADLINES[alert.kind]
    return language.say(phrase if _turned(alert) else _UNTURNED.get(alert.kind, phrase))


def of_kind(kind: Kind, language: Language = ENGLISH) -> str:
    """The phrase of every alert of a kind."""
    return language.say(_HEADLINES[kind])


def short(alert: Alert, language: Language = ENGLISH) -> str:
    """The same for a subject line, after the account's name."""
    if alert.kind == "buying_centre_shift" and _turned(alert):
        if alert.led_by == "purchasing":
            return language.say("purchasing now leads")
        return language.say("buying centre has shifted")
    return language.say("its champion is silent") if _silent(alert) else language.say(_SHORT[alert.kind])


_SENTENCES: dict[Kind, str] = {
    "buying_centre_shift": marked("{both_ends}."),
    "lost": marked("By its own rhythm an order is long overdue; none since {start}."),
    "champion_left": marked(
        "Whom most talks with engineers and executives were with has been gone since {start}."
    ),
    "service_gap": marked(
        "They go on asking and buying; our answers or calls have become fewer since {start}."
    ),
    "recovered": marked("What led to our earlier notice is no longer seen."),
}
_SILENT = marked("Whom most talks with engineers and executives were with has said nothing since {start}.")
# By which of the two fell behind, orders and contacts.
_SLOWED: dict[tuple[bool, bool], str] = {
    (True, True): marked("Orders and contacts below the account's own rhythm since {start}."),
    (True, False): marked("Orders below the account's own rhythm since {start}."),
    (False, True): marked("Contacts below the account's own rhythm since {start}."),
    (False, False): marked("Orders or contacts below the account's own rhythm since {start}."),
}
_AND_SLOWED: dict[tuple[bool, bool], str] = {
    (True, True): marked("{both_ends}; orders and contacts below the account's own rhythm."),
    (True, False): marked("{both_ends}; orders below the account's own rhythm."),
    (False, True): marked("{both_ends}; contacts below the account's own rhythm."),
    (False, False): marked("{both_ends}; orders or contacts below the account's own rhythm."),
}
_STILL: dict[LedBy, str] = {
    "development": marked("Still development-led, with purchasing's weight rising since {start}"),
    "shared": marked("Still jointly led, with purchasing's weight rising since {start}"),
    "purchasing": marked("Purchasing-led, and more so since {start}"),
}


def sentence(alert: Alert, language: Language = ENGLISH) -> str:
    """Since when, and from what to what."""
    start = language.since(alert.onset_at, alert.raised_at)
    return begun(language.say(_template(alert), both_ends=_both_ends(alert, language), start=start))


def _template(alert: Alert) -> str:
    match alert.kind:
        case "decline":
            return _SLOWED[_slowed(alert)]
        case "at_risk":
            return _AND_SLOWED[_slowed(alert)]
        case "champion_left" if _silent(alert):
            return _SILENT
    return _SENTENCES[alert.kind]


def _silent(alert: Alert) -> bool:
    """Whether a champion is missed without anybody having said that they left."""
    return any(piece.signal == "champion_silent" for piece in alert.evidence)


def _slowed(alert: Alert) -> tuple[bool, bool]:
    """Which of the two fell behind, as the evidence has it."""
    signals = {piece.signal for piece in alert.evidence if piece.nats > 0}
    return "orders_slowing" in signals, "contacts_slowing" in signals


def _turned(alert: Alert) -> bool:
    return alert.led_by != alert.previously_led_by


def _both_ends(alert: Alert, language: Language) -> str:
    """Development-led since 2023, purchasing-led since March 2026."""
    now = alert.raised_at
    if not _turned(alert):
        return language.say(_STILL[alert.led_by], start=language.since(alert.onset_at, now))
    turned_at = language.since(alert.led_by_since or alert.onset_at, now)
    before, after = (led(leader, language) for leader in (alert.previously_led_by, alert.led_by))
    if alert.previously_led_by_since is None:
        return language.say(
            "{before} for as long as it is known, {after} since {turned_at}",
            before=before,
            after=after,
            turned_at=turned_at,
        )
    return language.say(
        "{before} since {began}, {after} since {turned_at}",
        before=before,
        began=language.since(alert.previously_led_by_since, now),
        after=after,
        turned_at=turned_at,
    )
