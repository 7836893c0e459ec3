"""A message as plain text in pieces, the most important first: services differ in how much they take."""

import re
from collections.abc import Iterator

from alerts.cleaning import ZERO_WIDTH
from alerts.digest import Digest
from alerts.language import Language
from alerts.message import Message

# What services make calls or links of, in the words of an event: everybody, <@somebody>, [text](address).
_CALLS = re.compile(r"(@)(?=everyone|here|channel|all|room)|(<)(?=[@!#])|(\])(?=\()", re.IGNORECASE)


def pieces(content: Message | Digest) -> list[str]:
    """Title and paragraphs; a service that takes less gets the first of them."""
    told = _of_message(content) if isinstance(content, Message) else _of_digest(content)
    return [harmless(one) for one in (content.subject, *told) if one]


def harmless(text: str) -> str:
    """The same to read, but calling nobody and leading nowhere."""
    return _CALLS.sub(lambda found: f"{found[0]}{ZERO_WIDTH}", text)


def _of_message(message: Message) -> Iterator[str]:
    say, label = message.language.say, message.language.label
    yield message.sentence
    yield "\n".join(_facts(message))
    yield _link(message.link, say("Open the account"), message.language)
    if message.evidence:
        lines = [f"- {line.text}{f' ({line.names})' if line.names else ''}" for line in message.evidence]
        yield "\n".join([label(say("What was seen")).rstrip(), *lines])
    if message.steps:
        steps = [f"{number}. {step}" for number, step in enumerate(message.steps, 1)]
        yield "\n".join([f"{label(say('What to do next'))}{message.play}", *steps])
    yield message.remark


def _facts(message: Message) -> Iterator[str]:
    say, label = message.language.say, message.language.label
    if message.decides:
        since = f" ({message.decides_since})" if message.decides_since else ""
        yield f"{label(say('Decides now'))}{message.decides}{since}"
    money = [part for part in (message.bought, message.at_risk) if part]
    if money:
        yield f"{label(say('Money at stake'))}{message.language.listed(money)}"


def _of_digest(digest: Digest) -> Iterator[str]:
    yield digest.sentence
    yield from (_of_entry(entry.message) for entry in digest.entries)
    yield digest.more
    yield from (f"{one.account}: {one.headline}. {one.sentence}" for one in digest.corrections)
    yield digest.link or ""
    yield digest.remark


def _of_entry(message: Message) -> str:
    return "\n".join([f"{message.account}: {message.headline}", message.sentence, *_facts(message)])


def _link(link: str | None, words: str, language: Language) -> str:
    return f"{language.label(words)}{link}" if link else ""
