"""The tree of routes for a terminal: whole, or with the way that an alert takes."""

from rich.text import Text
from rich.tree import Tree

from accounts.alert import Alert
from alerts.routing import Route, looks, ways


def whole(root: Route) -> Tree:
    """Every route, with what it matches and what it does."""
    tree = Tree(_label(root))
    _add(tree, root)
    return tree


def _add(tree: Tree, node: Route) -> None:
    for child in node.routes:
        _add(tree.add(_label(child)), child)


def followed(root: Route, alert: Alert) -> Tree:
    """The routes that are looked at for an alert: which fit, which do not and why, and which decide."""
    ends = {taken.path for taken in ways(root, alert)}
    stack: list[tuple[Tree, str]] = []
    for depth, node, missed in looks(root, alert):
        del stack[depth:]
        path = (*(name for _, name in stack), node.name)
        said = f"✗ {node.name}: {'; '.join(missed)}" if missed else f"✓ {node.name}"
        style = "dim" if missed else "bold green" if path in ends else "green"
        if path in ends and not missed:
            said += " → decides"
        label = Text(said, style)
        stack.append((stack[-1][0].add(label) if stack else Tree(label), node.name))
    return stack[0][0]


def _label(node: Route) -> Text:
    said = {
        "to": None if node.to is None else ", ".join(node.to) or "nobody",
        "channels": None if node.channels is None else ", ".join(node.channels),
        "pace": node.pace,
        "always": node.always,
        "repeat_days": node.repeat_days,
        "escalate_days": node.escalate_days,
    }
    does = "; ".join(f"{name} {value}" for name, value in said.items() if value is not None)
    on = ", then goes on" if node.goes_on else ""
    return Text.assemble((node.name, "bold"), f": {node.match.in_words()} → {does or 'as above'}{on}")
