"""What a template may hold: no calls, no assignments, nothing that could run for long or reach beyond its facts.

Checked in the syntax tree that Jinja2 makes of the template, before any of it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from jinja2 import meta, nodes

from cashbox_service.app.templating.language import Language, TemplateRefused

MAX_NODES: Final = 5_000
MAX_DEPTH: Final = 20
MAX_EXPRESSION: Final = 100
"""Most nodes of one expression: what it makes is held in memory at once."""

_ALLOWED: Final[tuple[type[nodes.Node], ...]] = (
    nodes.And, nodes.Compare, nodes.Concat, nodes.CondExpr, nodes.Const, nodes.Filter, nodes.For, nodes.Getattr,
    nodes.Getitem, nodes.If, nodes.Keyword, nodes.List, nodes.Name, nodes.Not, nodes.Operand, nodes.Or, nodes.Output,
    nodes.Template, nodes.TemplateData, nodes.Test, nodes.Tuple,
)  # fmt: skip
_WITH_FIGURES: Final[tuple[type[nodes.Node], ...]] = (
    nodes.Add, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Mul, nodes.Neg, nodes.Pos, nodes.Sub,
)  # fmt: skip
_OF_JINJA: Final = frozenset({"self", "super"})
"""Names that Jinja2 knows without having been told."""


class _Place(NamedTuple):
    """A node and where it stands: how deep, in how many loops, and whether it is a whole expression."""

    node: nodes.Node
    depth: int
    loops: int
    is_whole: bool


def check(tree: nodes.Template, language: Language) -> None:
    """Raises TemplateRefused for the first thing that is not of the language."""
    places = _places(tree)
    allowed = _ALLOWED + _WITH_FIGURES if language.has_figures else _ALLOWED
    for node, *_ in places:
        if not isinstance(node, allowed):
            raise TemplateRefused(f"{type(node).__name__.lower()} is not allowed", node.lineno)
    _check_loops(places, language)
    for node, *_ in places:
        _check_parts(node)
    if language.names is not None:
        _check_names(tree, language.names)


def weight(loop: nodes.For) -> tuple[int, tuple[str, ...]]:
    """What a round of a loop goes through, without the rounds of loops in it: how many nodes, and the names in them."""
    return sum(1 for _ in loop.find_all(nodes.Node)), tuple(name.name for name in loop.find_all(nodes.Name))


def _places(tree: nodes.Template) -> Sequence[_Place]:
    """Every node, in the order of the text. Raises TemplateRefused when they are too many or too deep."""
    found: list[_Place] = []
    for place in _walk(tree):
        found.append(place)
        if len(found) > MAX_NODES or place.depth > MAX_DEPTH or (place.is_whole and _is_long(place.node)):
            raise TemplateRefused("it is too large or too deeply nested")
    return found


def _walk(tree: nodes.Template) -> Iterator[_Place]:
    """Without recursion, since trees may be deep."""
    waiting = [_Place(tree, 0, 0, is_whole=False)]
    while waiting:
        place = waiting.pop()
        yield place
        loops = place.loops + isinstance(place.node, nodes.For)
        in_statement = not isinstance(place.node, nodes.Expr)
        waiting += reversed(
            [
                _Place(child, place.depth + 1, loops, in_statement and isinstance(child, nodes.Expr))
                for child in place.node.iter_child_nodes()
            ]
        )


def _is_long(expression: nodes.Node) -> bool:
    return sum(1 for _ in expression.find_all(nodes.Node)) >= MAX_EXPRESSION


def _check_loops(places: Sequence[_Place], language: Language) -> None:
    loops = [(place.node, place.loops) for place in places if isinstance(place.node, nodes.For)]
    for count, (loop, around) in enumerate(loops, start=1):
        if count > language.max_loops or around >= language.max_nested:
            nested = (
                "a loop within a loop"
                if language.max_nested == 1
                else f"loops that are more than {language.max_nested} deep"
            )
            raise TemplateRefused(f"it has more than {language.max_loops} loops, or {nested}", loop.lineno)
        _check_loop(loop, language.lists)


def _check_loop(loop: nodes.For, lists: frozenset[str] | None) -> None:
    over = loop.iter
    if lists is not None and not (isinstance(over, nodes.Name) and over.name in lists):
        raise TemplateRefused(f"loops go over {', '.join(sorted(lists))}", loop.lineno)
    if loop.recursive or not isinstance(over, nodes.Name | nodes.Getattr):
        raise TemplateRefused("a loop goes over a named list only", loop.lineno)


def _check_parts(node: nodes.Node) -> None:
    if isinstance(node, nodes.Filter | nodes.Test):
        if node.node is None or node.dyn_args or node.dyn_kwargs:
            raise TemplateRefused("a filter takes no such arguments", node.lineno)
    elif isinstance(node, nodes.Getitem):
        named = node.arg.node if isinstance(node.arg, nodes.Neg) else node.arg
        if not isinstance(named, nodes.Const):
            raise TemplateRefused("an element is named by a number or a text only", node.lineno)


def _check_names(tree: nodes.Template, names: frozenset[str]) -> None:
    unknown = (meta.find_undeclared_variables(tree) | _OF_JINJA) - names
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            raise TemplateRefused(
                f"there is no {node.name}; there are {', '.join(sorted(names))}", node.lineno
            )
