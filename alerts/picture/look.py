"""How a picture is to be drawn."""

from typing import Literal, NamedTuple

Form = Literal["png", "svg"]
Theme = Literal["light", "dark", "auto"]
Width = Literal["narrow", "wide"]


class Look(NamedTuple):
    """Form, width, theme and whether the account's name stands above; this is how messages carry it."""

    form: Form = "png"
    width: Width = "narrow"
    theme: Theme = "light"
    titled: bool = True


FOR_MESSAGES = Look()
