"""A digest as Slack lays it out: an account a paragraph, the most value at risk first."""

from alerts.cleaning import mrkdwn, shorten
from alerts.digest import Digest, Entry
from alerts.language import Language
from alerts.message import Message
from alerts.slack.blocks import EMOJI, LONGEST_FALLBACK, Block, aside, footer, header, link, section, text


def digest_payload(digest: Digest, delivery_id: str, addressed: str = "") -> Block:
    """Text and blocks."""
    say = digest.language.say
    words = digest.subject + say(". ") + digest.sentence
    return {
        "text": mrkdwn(shorten(words, LONGEST_FALLBACK)),
        "blocks": digest_blocks(digest, delivery_id, addressed),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def digest_blocks(digest: Digest, delivery_id: str, addressed: str = "") -> list[Block]:
    """The blocks."""
    opening = [text(digest.sentence)]
    if addressed:
        opening.insert(0, text(digest.language.say("For {name}: ", name=addressed), bold=True))
    found = [header(digest.headline, delivery_id), _rich(section(*opening))]
    found += [_rich(section(*_entry(entry, digest.language))) for entry in digest.entries]
    if digest.more:
        found.append(_rich(section(link(digest.link, digest.more) if digest.link else text(digest.more))))
    if digest.corrections:
        found += [{"type": "divider"}, _corrections(digest)]
    found.append(footer(digest.remark))
    return found


def _entry(entry: Entry, language: Language) -> list[Block]:
    message = entry.message
    found = [text(f"{EMOJI[message.tone]} "), _name(message)]
    if entry.new:
        found += [text(" "), text(language.say("new"), code=True)]
    found.append(text(f"\n{message.headline}"))
    stake = message.at_risk or message.bought
    return [*found, aside(f"\n{stake}", language)] if stake else found


def _corrections(digest: Digest) -> Block:
    items = [
        section(_name(message), text(digest.language.say(": ")), text(message.sentence))
        for message in digest.corrections
    ]
    words = text(digest.language.say("No longer holds"), bold=True)
    return _rich(section(words), {"type": "rich_text_list", "style": "bullet", "elements": items})


def _name(message: Message) -> Block:
    return link(message.link, message.account) if message.link else text(message.account, bold=True)


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}
