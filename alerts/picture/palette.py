"""Colours that the colour-blind tell apart (Okabe & Ito 2008), on a light and on a dark ground.

No two of a palette are the same: in an SVG each stands for its name, which the reader's own theme fills.
"""

from typing import NamedTuple

from accounts.stages import Stage


class Palette(NamedTuple):
    """A colour for each part; every one is told apart by something else too."""

    ground: str
    ink: str
    soft: str
    line: str
    purchasing: str
    hatch: str  # on purchasing
    others: str
    ink_on_others: str
    shared: str  # who decides: both
    orders: str
    warned: str
    learning: str
    stable: str
    watch: str
    shifted: str
    declining: str
    at_risk: str
    lost: str
    on_dark: str  # words on `at_risk` and `lost`
    on_light: str  # words on the other stages

    def of(self, stage: Stage) -> str:
        """A stage's ground."""
        return str(getattr(self, stage))

    def on(self, stage: Stage) -> str:
        """The colour of words on a stage's ground."""
        return self.on_dark if stage in {"at_risk", "lost"} else self.on_light


LIGHT = Palette(
    ground="#ffffff",
    ink="#1b2027",
    soft="#55606e",
    line="#d3d9e0",
    purchasing="#d55e00",
    hatch="#ffb27a",
    others="#8cc9ee",
    ink_on_others="#1b2025",
    shared="#f5d5bd",
    orders="#0072b2",
    warned="#a33f00",
    learning="#e6e9ed",
    stable="#eef3f0",
    watch="#f7e9b0",
    shifted="#f0b041",
    declining="#e3a15f",
    at_risk="#b5450b",
    lost="#3a3f47",
    on_dark="#fffffe",
    on_light="#1b2026",
)
DARK = Palette(
    ground="#1b2128",
    ink="#e7eaef",
    soft="#a3afbc",
    line="#3a444f",
    purchasing="#f07f2e",
    hatch="#8f3f00",
    others="#3f86b5",
    ink_on_others="#0c1116",
    shared="#6d4630",
    orders="#63b3ea",
    warned="#ffa564",
    learning="#2c343d",
    stable="#24302c",
    watch="#5a4d1c",
    shifted="#8c5f0e",
    declining="#8a5426",
    at_risk="#e0672c",
    lost="#c3c9d1",
    on_dark="#12161b",
    on_light="#f3f5f8",
)
