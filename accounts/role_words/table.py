"""What a table of words is made of."""

from collections.abc import Mapping
from typing import Literal

Function = Literal["development", "purchasing", "executive", "operations", "finance", "other"]
Strength = Literal["firm", "loose", "faint", "rank", "aide", "engineer"]
Words = Mapping[Strength, Mapping[Function, str]]
