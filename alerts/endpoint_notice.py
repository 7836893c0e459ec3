"""That an endpoint was disabled, in words for those who look after Turnsignal."""

from collections.abc import Mapping
from typing import Any

from alerts.cleaning import clean
from alerts.digest import Digest
from alerts.language import Language


def disabled_notice(told: Mapping[str, Any], public_url: str | None, language: Language) -> Digest:
    """A message of no account; senders lay it out as a digest that has no entries."""
    name = clean(str(told["description"] or told["host"]), 80)
    headline = language.say("Webhook endpoint disabled: {name}", name=name)
    return Digest(
        subject=headline,
        headline=headline,
        sentence=language.say(
            "Nothing is posted to {host} any more ({reason}). Once it works again, enable the endpoint {id} "
            "and replay what it has missed.",
            host=clean(str(told["host"]), 100),
            reason=clean(str(told["reason"]), 200),
            id=told["endpoint_id"],
        ),
        entries=(),
        more="",
        corrections=(),
        link=f"{public_url.rstrip('/')}/" if public_url else None,
        remark=language.say("Other endpoints and channels are not affected."),
        language=language,
    )
