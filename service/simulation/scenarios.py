"""Scenarios: how the course of each kind of account is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from types import MappingProxyType

from service.simulation.companies import Company
from service.simulation.course import Collapse, Course, Negotiation, Shift
from service.simulation.draws import between, lognormal
from service.simulation.seasons import Wave

MIX: Mapping[str, float] = MappingProxyType(
    {
        "stable": 0.20,
        "shift_then_loss": 0.14,
        "seasonal": 0.09,
        "passing_buyers": 0.09,
        "purchasing_led": 0.06,
        "sparse": 0.15,
        "sudden_loss": 0.06,
        "shift_stays": 0.07,
        "growing": 0.05,
        "sparse_shift_then_loss": 0.09,
    }
)

FEWEST_WEEKS = 26  # a course needs room for a before and an after
_SIGNS = (("price", 0.8), ("unbundling", 0.8), ("quiet", 0.65), ("specification", 0.6))
_PURCHASING_SHOWS = 0.95
_TAIL = 12  # weeks that are left after a collapse for it to be seen


def course_of(scenario: str, company: Company, rng: Random, weeks: int) -> Course:
    """Draw an account's course; raises ValueError for a scenario that is none of MIX."""
    if scenario not in MIX:
        raise ValueError(f"no scenario {scenario!r}; there are {', '.join(MIX)}")
    course = _ordinary(scenario, company, rng, weeks)
    if scenario.startswith("sparse"):
        course = _sparse(course, rng)
    vary = _VARIATIONS.get(scenario)
    return vary(course, rng, weeks) if vary else course


def _ordinary(scenario: str, company: Company, rng: Random, weeks: int) -> Course:
    """An active, development-led account to which nothing happens."""
    late = rng.random() < 0.3  # noqa: PLR2004  (most were customers when the records begin)
    activity = lognormal(rng, 1.0, 0.35)
    return Course(
        account_id=company.account_id,
        name=company.name,
        scenario=scenario,
        locale=company.region.locale,
        currency=company.region.currency,
        first_week=int(rng.uniform(0, 0.15 * weeks)) if late else int(rng.uniform(0, 3)),
        contacts=54 * activity / 52,
        orders=12 * lognormal(rng, activity, 0.25) / 52,
        tickets=1.0 * activity / 52,
        opportunities=1.7 * activity / 52,
        order_value=lognormal(rng, 95_000, 0.7) * company.region.money,
        share=min(0.30, max(0.05, rng.betavariate(3, 16))),
        price=rng.uniform(0.35, 0.6),
        unbundled=rng.uniform(0.03, 0.2),
        busyness_shape=rng.uniform(1.0, 3.0),
        order_shape=rng.uniform(1.8, 4.0),
        turnover=0.09 / 52 * rng.uniform(0.5, 1.8),
        negotiation=Negotiation(rng.randrange(4, 52), rng.uniform(1, 2)) if rng.random() < 0.7 else None,  # noqa: PLR2004
        wave=Wave(rng.uniform(0, 0.15), rng.random()),
        growth=rng.gauss(0.0, 0.04),
        buyers_sign=rng.random() < 0.12,  # noqa: PLR2004
    )


def _sparse(course: Course, rng: Random) -> Course:
    """A few events a year."""
    negotiation = course.negotiation and replace(course.negotiation, talks=0.5)
    return replace(
        course,
        contacts=rng.uniform(5, 12) / 52,
        orders=rng.uniform(2, 4) / 52,
        tickets=rng.uniform(0.1, 0.5) / 52,
        opportunities=rng.uniform(0.3, 1.0) / 52,
        turnover=course.turnover / 2,  # fewer of their people are known
        negotiation=negotiation,
    )


def _shift(course: Course, rng: Random, weeks: int) -> Course:
    """The say moves to purchasing; which signs show differs from account to account."""
    shown = {sign for sign, chance in _SIGNS if rng.random() < chance}
    if rng.random() < _PURCHASING_SHOWS or len(shown) < 2:  # noqa: PLR2004  (a shift that nothing shows is none)
        shown.add("purchasing")
    shift = Shift(
        week=course.first_week + rng.uniform(0.33, 0.55) * (weeks - course.first_week),
        ramp=rng.uniform(2, 10),
        purchasing=6 * rng.lognormvariate(0, 0.3) if "purchasing" in shown else 1.0,
        price=rng.uniform(2.5, 6) if "price" in shown else 1.0,
        unbundling=6 * rng.lognormvariate(0, 0.4) if "unbundling" in shown else 1.0,
        quiet=rng.uniform(0.3, 0.75) if "quiet" in shown else 0.0,
        specification="specification" in shown,
        signs=tuple(sorted(shown)),
    )
    return replace(course, shift=shift)


def _collapse(course: Course, rng: Random, week: float) -> Course:
    """Orders stop at this week, or all but stop; contacts fade with them."""
    collapse = Collapse(
        week=round(week),
        trickle=rng.uniform(0.03, 0.12) if rng.random() < 0.3 else 0.0,  # noqa: PLR2004
        contacts=rng.uniform(0.03, 0.25),
        contacts_lead=rng.uniform(0, 6),
        fade=rng.uniform(5, 12),
    )
    return replace(course, collapse=collapse)


def _shift_then_loss(course: Course, rng: Random, weeks: int) -> Course:
    course = _shift(course, rng, weeks)
    since = course.shift.week if course.shift else 0.0
    latest = weeks - min(_TAIL, weeks // 8)
    shortest = 26 if course.scenario.startswith("sparse") else 20  # who orders seldom takes longer to leave
    gap = between(rng, shortest, min(66.0, latest - since))
    return _collapse(course, rng, min(latest, since + gap))


def _sudden_loss(course: Course, rng: Random, weeks: int) -> Course:
    begin = course.first_week + 0.4 * (weeks - course.first_week)
    week = round(between(rng, begin, weeks - min(20, weeks // 5)))
    return replace(
        course, collapse=Collapse(week, 0.0, rng.uniform(0, 0.06), contacts_lead=0, fade=rng.uniform(1, 4))
    )


def _seasonal(course: Course, rng: Random, _: int) -> Course:
    return replace(course, wave=Wave(rng.uniform(0.5, 0.9), rng.random()))


def _passing_buyers(course: Course, rng: Random, _: int) -> Course:
    negotiation = Negotiation(rng.randrange(4, 52), rng.uniform(2.5, 4.5), guests=rng.randint(2, 3))
    return replace(course, negotiation=negotiation)


def _purchasing_led(course: Course, rng: Random, _: int) -> Course:
    return replace(course, share=rng.uniform(0.5, 0.72), unbundled=rng.uniform(0.3, 0.8))


def _growing(course: Course, rng: Random, _: int) -> Course:
    return replace(course, growth=rng.uniform(0.12, 0.35))


_VARIATIONS: Mapping[str, Callable[[Course, Random, int], Course]] = MappingProxyType(
    {
        "shift_then_loss": _shift_then_loss,
        "sparse_shift_then_loss": _shift_then_loss,
        "shift_stays": _shift,
        "sudden_loss": _sudden_loss,
        "seasonal": _seasonal,
        "passing_buyers": _passing_buyers,
        "purchasing_led": _purchasing_led,
        "growing": _growing,
    }
)
