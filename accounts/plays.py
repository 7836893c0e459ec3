"""What has helped in such a case: a small library, and the rule that chooses from it."""

from accounts.alert import Play
from accounts.stages import Kind

SENIOR_SPONSORS = Play(
    "senior-sponsors",
    "Broaden the contact base beyond purchasing",
    [
        "Ask your executive sponsor to call theirs this month: what is the product to achieve next year?",
        "Visit the development team with an application engineer; bring a new application, not a quotation.",
        "Map who decides, who advises and who uses, and give each a counterpart of ours.",
    ],
)
NEW_APPLICATION = Play(
    "new-application",
    "Bring the development team back with a new application",
    [
        "Ask the engineers what they design next; offer a trial or a joint test before they specify.",
        "Send an application engineer, not a quotation: one open technical question solved on site.",
        "Invite them to the roadmap talk, and let what they say appear in the next offer.",
    ],
)
TOTAL_COST = Play(
    "total-cost",
    "Answer price with proof of total cost",
    [
        "Work out total cost of ownership with the customer's own figures: downtime, scrap, hours.",
        "Have a user of theirs confirm the figures before purchasing sees them.",
        "Put the next price talk into a meeting where the users sit too.",
    ],
)
UNBUNDLED_OFFER = Play(
    "unbundled-offer",
    "Offer the experienced buyer an unbundled choice of our own",
    [
        "List what they now buy as components and what they stopped buying: support, service, systems.",
        "Offer a lean package at a fair price, with support on call, before a supplier of parts does.",
        "Keep one thing only we can do in the package: an application review each half-year.",
    ],
)
CLOSE_THE_GAP = Play(
    "close-the-gap",
    "Find out why it has grown quiet",
    [
        "Look at open tickets, late deliveries and unanswered questions of the last quarter first.",
        "Call the person who used to write most often; ask what has changed for them.",
        "Agree on the next date: a review, a training or a trial of something new.",
    ],
)
RESCUE = Play(
    "rescue",
    "Get the right people into one room this month",
    [
        "Agree on one plan with your manager and one executive: what we offer, what we do not.",
        "Meet the customer's development lead and the buyer together; learn what a competitor offers.",
        "Propose a joint roadmap with a first step inside four weeks.",
        "Put the account on the weekly review until the next order is in.",
    ],
)
WIN_BACK = Play(
    "win-back",
    "Learn why, and leave the door open",
    [
        "Ask for an open talk about the decision: whom they chose, and what tipped it.",
        "Settle service and spare parts well; the installed base is the way back.",
        "Note when the next project or contract begins, and be there half a year before.",
    ],
)
KEEP_CLOSE = Play(
    "keep-close",
    "Keep what brought them back",
    [
        "Note what was done and who helped, for the next account that turns.",
        "Keep the broader contacts alive: one talk a quarter with each side.",
    ],
)

_BY_KIND: dict[Kind, Play] = {
    "decline": CLOSE_THE_GAP,
    "at_risk": RESCUE,
    "lost": WIN_BACK,
    "recovered": KEEP_CLOSE,
    "champion_left": SENIOR_SPONSORS,
    "service_gap": CLOSE_THE_GAP,
}
_BY_SIGNAL: dict[str, tuple[Play, str]] = {
    "purchasing_share": (SENIOR_SPONSORS, "purchasing's seats are the strongest sign"),
    "price_talk": (TOTAL_COST, "talk of price is the strongest sign"),
    "technical_silence": (NEW_APPLICATION, "the engineers have fallen silent most of all"),
    "unbundling": (UNBUNDLED_OFFER, "unbundled orders are the strongest sign"),
}


def play_for(kind: Kind, strongest_signal: str) -> Play:
    """The play for an alert: by its strongest sign where the buying centre shifted, else by its kind."""
    if kind == "buying_centre_shift":
        play, why = _BY_SIGNAL.get(strongest_signal, _BY_SIGNAL["purchasing_share"])
    else:
        play, why = _BY_KIND[kind], f"the usual first steps when an account is {_STATE_WORDS[kind]}"
    return Play(play.id, play.title, play.steps, why)


_STATE_WORDS: dict[Kind, str] = {
    "decline": "slowing down",
    "at_risk": "both shifting and slowing down",
    "lost": "silent beyond its own rhythm",
    "recovered": "back",
    "champion_left": "without its champion",
    "service_gap": "waiting for answers",
}
