"""Filling in templates: placeholders, conditions and lists, in a language too small to do harm.

Templates are Jinja's syntax read by its parser, and only what `_ALLOWED` names is taken: placeholders, a few filters,
conditions, and loops over the lists that a letter has. There are no calls, no arithmetic, no imports. What can be told
of a template's cost is told when it is stored (`check`); what depends on its data is bounded when it is filled in: no
letter is longer than `MAX_OUTPUT`. Both raise `TemplateProblem`, whatever is wrong.

The data are plain texts, numbers, lists and mappings: no entity is ever within reach of a template. Names that are not
known are empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, nodes
from jinja2.runtime import ChainableUndefined, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_SOURCE = 200_000
"""Most characters of a body."""

MAX_OUTPUT = 1_000_000
"""Most characters of a letter."""

MAX_NODES = 5_000
MAX_DEPTH = 20
MAX_LOOPS = 10
MAX_LIST = 200
"""Most elements of a list that a template is given; longer ones are cut."""

MAX_TEXT = 2_000
"""Most characters of a text that a template is given; longer ones are cut."""

FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "title", "trim", "upper")

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.And,
    nodes.Compare,
    nodes.CondExpr,
    nodes.Const,
    nodes.Filter,
    nodes.For,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.Name,
    nodes.Not,
    nodes.Operand,
    nodes.Or,
    nodes.Output,
    nodes.Template,
    nodes.TemplateData,
    nodes.Test,
)
_OF_LOOPS = ("first", "last", "index")
_TESTS = ("defined", "undefined", "none")
_FAULTS = (TemplateError, RecursionError, SyntaxError, ValueError, TypeError, MemoryError, OverflowError)
"""What reading and filling in a template may end in."""


class TemplateProblem(Exception):
    """A template cannot be filled in; the text says why, and quotes nothing but the template."""


class _Environment(ImmutableSandboxedEnvironment):
    """Looks up the members of mappings and lists, and nothing else of any object."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in _OF_LOOPS:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        if isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))


def _shown(value: Any) -> Any:
    """What is written for a value: nothing for what is no text or number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | int | Undefined) else ""


def _environment(*, escaping: bool) -> _Environment:
    made = _Environment(
        autoescape=escaping,
        undefined=ChainableUndefined,
        keep_trailing_newline=True,
        cache_size=0,
        optimized=False,
        finalize=_shown,
    )
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests = {name: made.tests[name] for name in _TESTS}
    made.globals = {}
    return made


_TEXT = _environment(escaping=False)
_HTML = _environment(escaping=True)


def check(source: str) -> None:
    """Raises TemplateProblem for a template that would not be filled in, as far as it can be told beforehand."""
    _compiled(source, html=True)


def fill_in(source: str, facts: Mapping[str, Any], *, html: bool) -> str:
    """The text with its placeholders filled in; in HTML what is filled in is escaped. Raises TemplateProblem."""
    pieces = []
    room = MAX_OUTPUT
    try:
        for piece in _compiled(source, html=html).generate(facts):
            room -= len(piece)
            if room < 0:
                raise TemplateProblem(f"the letter would have more than {MAX_OUTPUT} characters")
            pieces.append(piece)
    except _FAULTS as fault:
        raise TemplateProblem(_reason(fault)) from None
    return "".join(pieces)


@lru_cache(maxsize=256)
def _compiled(source: str, *, html: bool) -> Template:
    if len(source) > MAX_SOURCE:
        raise TemplateProblem(f"it has more than {MAX_SOURCE} characters")
    environment = _HTML if html else _TEXT
    try:
        tree = environment.parse(source)
        _check_tree(tree)
        return environment.from_string(tree)
    except _FAULTS as fault:
        raise TemplateProblem(_reason(fault)) from None


def _reason(fault: BaseException) -> str:
    if isinstance(fault, TemplateError) and fault.message:
        line = getattr(fault, "lineno", None)
        return fault.message.rstrip(".")[:200] + (f" (line {line})" if line else "")
    return "it is too deeply nested, or compares what cannot be compared"


def _check_tree(tree: nodes.Template) -> None:
    loops = 0
    for count, (node, depth, in_loop) in enumerate(_walk(tree), start=1):
        is_loop = isinstance(node, nodes.For)
        loops += is_loop
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise TemplateProblem("it is too large or too deeply nested")
        if loops > MAX_LOOPS or (is_loop and in_loop):
            raise TemplateProblem(f"it has more than {MAX_LOOPS} loops, or a loop within a loop")
        _check_node(node)


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int, bool]]:
    """Every node with its depth, and whether it stands in a loop; without recursion, since trees may be deep."""
    waiting = [(tree, 0, False)]
    while waiting:
        found, depth, in_loop = waiting.pop()
        yield found, depth, in_loop
        within = in_loop or isinstance(found, nodes.For)
        waiting += [(child, depth + 1, within) for child in found.iter_child_nodes()]


def _check_node(node: nodes.Node) -> None:
    if not isinstance(node, _ALLOWED):
        raise TemplateProblem(f"{type(node).__name__.lower()} is not allowed (line {node.lineno})")
    if isinstance(node, nodes.For):
        if node.recursive or node.test is not None or not isinstance(node.iter, nodes.Name | nodes.Getattr):
            raise TemplateProblem(f"a loop goes over a named list only (line {node.lineno})")
    elif isinstance(node, nodes.Filter):
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise TemplateProblem(f"a filter takes no such arguments (line {node.lineno})")
    elif isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
        raise TemplateProblem(f"an element is named by a number or a text only (line {node.lineno})")
