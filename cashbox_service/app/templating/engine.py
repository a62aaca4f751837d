"""Templates compiled and filled in: what they can reach, the filters that all of them have, and how long they may run.

The sandbox of Jinja2 keeps a template from reaching out, not from growing or running on: so an object has no members
but those that `_member` finds, text is not multiplied, and every round of a loop is counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, nodes, pass_context, pass_eval_context
from jinja2.filters import FILTERS, do_join, do_round
from jinja2.nodes import EvalContext
from jinja2.runtime import ChainableUndefined, Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from cashbox_service.app.templating import grammar
from cashbox_service.app.templating.language import Facts, Language, TemplateFailed, TemplateRefused

_FILTERS: Final = (
    "capitalize", "default", "e", "escape", "first", "last", "length", "lower", "string", "title", "trim", "truncate",
    "upper",
)  # fmt: skip
"""Filters of Jinja2 that make nothing much larger than what they are given."""

_TESTS: Final = ("defined", "undefined", "none")
_MEMBERS: Final[Mapping[type[Any], tuple[str, ...]]] = MappingProxyType(
    {LoopContext: ("index", "index0", "first", "last", "length"), dt.date: ("year", "month", "day")}
)
"""What may be read of objects that are neither mappings nor lists."""

_MAX_SEPARATOR: Final = 100
_MAX_PLACES: Final = 12
_MAX_REASON: Final = 200
_STEP: Final = 100
"""Characters of a text that count as a step where a loop speaks of it."""

_COUNTED: Final = "counted rounds"
"""The filter and the fact by which loops are counted; no template can name them."""

_FAULTS: Final = (
    TemplateError, RecursionError, SyntaxError, ValueError, TypeError, MemoryError, OverflowError,
)  # fmt: skip
"""What reading a template may end in."""


class _Environment(ImmutableSandboxedEnvironment):
    """Looks up members of mappings and lists, calls nothing, and reckons with figures alone."""

    intercepted_binops = frozenset({"*", "%"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._member(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._member(obj, argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if any(isinstance(side, str | list | tuple) for side in (left, right)):
            raise TypeError(operator)
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - nothing is
        return False

    def _member(self, obj: Any, name: Any) -> Any:
        if isinstance(obj, Mapping) and name in obj:
            return obj[name]
        if isinstance(obj, list | tuple) and isinstance(name, int) and -len(obj) <= name < len(obj):
            return obj[name]
        if any(isinstance(obj, kind) and name in members for kind, members in _MEMBERS.items()):
            return getattr(obj, name)
        if isinstance(name, str) and name.startswith("_"):
            return self.unsafe_undefined(obj, name)
        if isinstance(obj, Undefined):
            return obj[name]
        return self.undefined(obj=obj, name=str(name))


class _Steps:
    """What is left of the steps that a template may take."""

    def __init__(self) -> None:
        self.left = Language.MAX_STEPS

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise TemplateFailed(f"its loops take more than {Language.MAX_STEPS} steps")


def fill_in(language: Language, source: str, facts: Facts, *, escaping: bool) -> str:
    """What a template makes of facts. Raises TemplateRefused, TemplateFailed."""
    template = compiled(language, source, escaping=escaping)
    parts: list[str] = []
    room = language.max_made
    try:
        for part in template.generate({**facts, _COUNTED: _Steps()}):
            room -= len(part)
            if room < 0:
                raise TemplateFailed(f"it makes more than {language.max_made} characters")
            parts.append(part)
    except TemplateFailed:
        raise
    except Exception as error:
        raise TemplateFailed(type(error).__name__, _line_of(error)) from error
    return "".join(parts)


@lru_cache(maxsize=256)
def compiled(language: Language, source: str, *, escaping: bool) -> Template:
    """The template, ready to be filled in. Raises TemplateRefused."""
    if len(source) > language.max_source:
        raise TemplateRefused(f"it has more than {language.max_source} characters")
    environment = _environment(language, escaping)
    try:
        tree = environment.parse(source)
        grammar.check(tree, language)
        _count_rounds(tree)
        tree.set_environment(environment)
        return environment.from_string(tree)
    except _FAULTS as fault:
        raise _refusal(fault) from None


@lru_cache(maxsize=16)
def _environment(language: Language, escaping: bool) -> _Environment:
    made = _Environment(
        autoescape=escaping,
        undefined=ChainableUndefined if language.names is None else StrictUndefined,
        trim_blocks=language.whole_lines,
        lstrip_blocks=language.whole_lines,
        keep_trailing_newline=True,
        cache_size=0,
        optimized=False,
        finalize=_shown,
    )
    made.globals = {}
    made.filters = {name: FILTERS[name] for name in _FILTERS} | {"join": _joined, _COUNTED: _rounds}
    made.tests = {name: TESTS[name] for name in _TESTS} | {"odd": _is_odd, "even": _is_even}
    if language.has_figures:
        made.filters |= {"abs": FILTERS["abs"], "round": _rounded}
    made.filters |= language.filters
    made.filters |= {name: pass_context(each) for name, each in language.filters_with_facts.items()}
    return made


def _shown(value: Any) -> Any:
    """What is written for a value: nothing for what is no text, figure or day."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | int | float | Decimal | dt.date | Undefined) else ""


def _count_rounds(tree: nodes.Template) -> None:
    """Have every loop go over its list by way of `_rounds`."""
    for loop in list(tree.find_all(nodes.For)):
        weight: list[nodes.Expr] = [nodes.Const(part) for part in grammar.weight(loop)]
        loop.iter = nodes.Filter(loop.iter, _COUNTED, weight, [], None, None, lineno=loop.lineno)


@pass_context
def _rounds(context: Context, items: Iterable[Any], count: int, names: tuple[str, ...]) -> Iterator[Any]:
    told = [context.get(name) for name in names]
    steps = count + sum(len(text) // _STEP for text in told if isinstance(text, str))
    for item in items:
        context[_COUNTED].take(steps)
        yield item


@pass_eval_context
def _joined(
    context: EvalContext, items: Iterable[Any], between: str = "", attribute: str | None = None
) -> str:
    if len(between) > _MAX_SEPARATOR:
        raise ValueError("separator")
    joined: str = do_join(context, items, between, attribute)
    return joined


def _rounded(value: Any, precision: int = 0, method: Any = "common") -> Any:
    if not isinstance(value, int | float | Decimal) or abs(precision) > _MAX_PLACES:
        raise ValueError("precision")
    return do_round(value, precision, method)  # type: ignore[arg-type]  # rounds decimals too


def _is_odd(value: Any) -> bool:
    return not _is_even(value)


def _is_even(value: Any) -> bool:
    if not isinstance(value, int):  # a text would be a format
        raise TypeError("number")
    return value % 2 == 0


def _refusal(fault: BaseException) -> TemplateRefused:
    if isinstance(fault, TemplateError) and fault.message:
        return TemplateRefused(fault.message.rstrip(".")[:_MAX_REASON], getattr(fault, "lineno", None))
    return TemplateRefused("it is too deeply nested, or compares what cannot be compared")


def _line_of(error: BaseException) -> int | None:
    """Where in the template it happened: the deepest frame of the template's own code."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
