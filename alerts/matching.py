"""Which alerts a route or a silence is about."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase

from accounts.alert import Alert

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matchers:
    """An alert fits where it fits every matcher that is given; one without any fits every alert.

    Texts are compared in any case, with * for any letters and ? for one; of several patterns one must fit.
    `at_risk_from` and `at_risk_below` bound the value at risk, in the base currency where a rate leads there,
    else in the account's own; an account whose value is not known counts as 0.
    """

    account: Patterns = ()  # by id or name
    segment: Patterns = ()
    owner: Patterns = ()  # by email address or name
    kind: Patterns = ()
    stage: Patterns = ()
    severity: Patterns = ()
    product_line: Patterns = ()
    at_risk_from: float | None = None
    at_risk_below: float | None = None

    def fits(self, alert: Alert) -> bool:
        """Whether an alert is meant."""
        return not any(self.missed(alert))

    def missed(self, alert: Alert) -> Iterator[str]:
        """Each matcher that an alert does not fit, with what it is instead, in words."""
        for name, values in texts_of(alert).items():
            patterns: Patterns = getattr(self, name)
            if patterns and not any(_like(value, pattern) for value in values for pattern in patterns):
                yield f"{name} is {' / '.join(values) or 'not known'}, not {' or '.join(patterns)}"
        amount = at_risk(alert)
        if self.at_risk_from is not None and amount < self.at_risk_from:
            yield f"at risk are {amount:,.0f}, less than {self.at_risk_from:,.0f}"
        if self.at_risk_below is not None and amount >= self.at_risk_below:
            yield f"at risk are {amount:,.0f}, not less than {self.at_risk_below:,.0f}"

    def in_words(self) -> str:
        """Segment = machine*, severity = warning or critical."""
        said = []
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple) and value:
                said.append(f"{field.name} = {' or '.join(value)}")
            elif value is not None and not isinstance(value, tuple):
                said.append(f"{field.name} = {value:,.0f}")
        return ", ".join(said) or "everything"


def texts_of(alert: Alert) -> dict[str, Patterns]:
    """What the text matchers look at, by their names."""
    card, owner = alert.account, alert.account.owner
    lines = next((piece.numbers for piece in alert.evidence if piece.signal == "product_lines"), {})
    return {
        "account": _known(alert.account_id, card.name),
        "segment": _known(card.segment),
        "owner": _known(owner.email, owner.name) if owner else (),
        "kind": (alert.kind,),
        "stage": (alert.stage,),
        "severity": (alert.severity,),
        "product_line": tuple(lines),
    }


def at_risk(alert: Alert) -> float:
    """What of the account's future orders stands at risk, in the base currency where there is a rate."""
    return (alert.value.base.at_risk if alert.value.base else alert.value.at_risk) or 0.0


def by_value_at_risk(alert: Alert) -> tuple[int, str, float]:
    """A key that sorts by value at risk, the largest first, in the base currency.

    Money of different currencies is never compared: what no rate converts comes after the rest, a currency
    at a time, and accounts without a value last.
    """
    value = alert.value
    if value.base is not None:
        return 0, "", -value.base.at_risk
    return (2, "", 0.0) if value.at_risk is None else (1, value.currency or "", -value.at_risk)


def _known(*values: str | None) -> Patterns:
    return tuple(value for value in values if value)


def _like(value: str, pattern: str) -> bool:
    return fnmatchcase(value.casefold(), pattern.casefold())
