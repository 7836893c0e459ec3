"""Python that is written from a mapping file and compiled once: functions of a root."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

ROOT = "root"  # the variable that holds what is evaluated


class Program:
    """The names that generated code may use, and the functions made of it.

    What comes from a mapping file gets into the code only as literals of Python and as constants by name.
    """

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions
        self._names: dict[str, Any] = {}
        self._count = 0

    def know(self, **names: Any) -> None:
        """Let code use these names."""
        self._names.update(names)

    def variable(self) -> str:
        """A variable that no other code uses."""
        self._count += 1
        return f"v{self._count}"

    def constant(self, value: Any) -> str:
        """How code names a value."""
        if value is None or isinstance(value, str | bool):
            return repr(value)
        name = f"c{len(self._names)}"
        self._names[name] = value
        return name

    def function(self, lines: Sequence[str]) -> Callable[[Any], Any]:
        """A function of the root with these lines as its body."""
        body = "".join(f"    {line}\n" for line in lines)
        space: dict[str, Any] = {}
        source = f"def made({ROOT}):\n{body}"
        exec(compile(source, "<mapping>", "exec"), self._names, space)  # noqa: S102  (our own code, see above)
        made: Callable[[Any], Any] = space["made"]
        return made
