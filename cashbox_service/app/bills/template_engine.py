"""Templates of invoices: a small, safe part of Jinja2.

A template sees nothing but the words and figures of one invoice. It prints, chooses, and loops over the lists of the
invoice; whatever could run for long, grow or reach beyond (calls, macros, includes, assignments, repeated strings) is
refused when it is loaded. Jinja2 is imported for the first template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.statement import one_line, plain_money, plain_number

if TYPE_CHECKING:
    from jinja2 import Environment, Template

MAX_SOURCE: Final = 48 * 1024
"""Characters of a template."""

MAX_DOCUMENT: Final = 4 * 1024 * 1024
"""Characters that a template may make."""

LISTS: Final = frozenset({"customer", "payments", "charges", "credits"})
"""What a template may loop over."""

NAMES: Final = LISTS | {
    "company", "invoice_id", "state", "date", "pay_by", "currency", "language", "labels", "layout", "reminder",
    "account_id", "autobill_id", "autobill_name", "email",
    "previous_balance", "total_payments", "balance", "total_charges", "total_credits", "tax", "total_due",
}  # fmt: skip
"""What it may speak of."""

_DEEPEST_LOOP: Final = 2
_WIDEST: Final = 200
_STATEMENTS: Final = frozenset({"Template", "Output", "TemplateData", "For", "If"})
_EXPRESSIONS: Final = frozenset(
    {
        "Name", "Const", "Getattr", "Getitem", "Filter", "Test", "Compare", "Operand", "And", "Or", "Not", "Neg",
        "Pos", "Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Concat", "CondExpr", "Tuple", "List", "Keyword",
    }
)  # fmt: skip
_FILTERS: Final = (
    "abs", "capitalize", "default", "e", "escape", "first", "last", "length", "lower", "round", "string", "title",
    "trim", "truncate", "upper",
)  # fmt: skip
"""Filters of Jinja2 that make nothing much larger than what they are given."""


class TemplateFailure(Exception):
    """A template could not be rendered. Says where and what kind of thing it was, not what the invoice holds."""


@lru_cache(maxsize=128)
def compiled(source: str, *, html: bool) -> Template:
    """The template, ready to render. Raises InvalidValue naming line and reason for one that is not allowed."""
    from jinja2 import TemplateError

    if len(source) > MAX_SOURCE:
        raise _wrong(None, f"it is longer than {MAX_SOURCE} characters")
    engine = _engine(html)
    try:
        tree = engine.parse(source)
        for line, problem in _problems(tree):
            raise _wrong(line, problem)
        return engine.from_string(tree)
    except TemplateError as error:
        raise _wrong(getattr(error, "lineno", None), error.message or "it is faulty") from None


def rendered(template: Template, context: Mapping[str, Any]) -> str:
    """The document. Raises TemplateFailure for whatever goes wrong in the template."""
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(context):
            size += len(part)
            if size > MAX_DOCUMENT:
                break
            parts.append(part)
    except Exception as error:
        raise TemplateFailure(f"line {_line_of(error)}: {type(error).__name__}") from error
    if size > MAX_DOCUMENT:
        raise TemplateFailure(f"the document is longer than {MAX_DOCUMENT} characters")
    return "".join(parts)


@cache
def built_in_html() -> str:
    """The source of the HTML invoice that everybody has."""
    return resources.files(__package__).joinpath("templates", "invoice.html").read_text(encoding="utf-8")


def _wrong(line: int | None, problem: str) -> InvalidValue:
    where = f"line {line}" if line is not None else "template"
    return InvalidValue("source", where, problem, message=f"The template cannot be used: {where}: {problem}.")


def _problems(tree: Any) -> Iterator[tuple[int | None, str]]:
    """What is not allowed in the parsed template, with its line."""
    from jinja2 import meta, nodes

    for node in tree.find_all(nodes.Node):
        kind = type(node).__name__
        if kind not in _STATEMENTS | _EXPRESSIONS:
            yield node.lineno, f"{kind} is not possible in a template"
    for loop in tree.find_all(nodes.For):
        if not (isinstance(loop.iter, nodes.Name) and loop.iter.name in LISTS) or loop.recursive:
            yield loop.lineno, f"loops go over {', '.join(sorted(LISTS))}"
        if _depth(loop, nodes.For) > _DEEPEST_LOOP:
            yield loop.lineno, f"loops are at most {_DEEPEST_LOOP} deep"
    for name in sorted(meta.find_undeclared_variables(tree) - NAMES):
        yield None, f"there is no {name}; there are {', '.join(sorted(NAMES))}"


def _depth(loop: Any, kind: type[Any]) -> int:
    inner = [_depth(one, kind) for one in loop.iter_child_nodes() for one in _outermost(one, kind)]
    return 1 + max(inner, default=0)


def _outermost(node: Any, kind: type[Any]) -> list[Any]:
    if isinstance(node, kind):
        return [node]
    return [found for child in node.iter_child_nodes() for found in _outermost(child, kind)]


@cache
def _engine(html: bool) -> Environment:
    from jinja2 import StrictUndefined, pass_context
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Engine(ImmutableSandboxedEnvironment):
        """Text is not multiplied, and nothing is called."""

        intercepted_binops = frozenset({"*", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if any(isinstance(side, str | list | tuple) for side in (left, right)):
                raise TypeError(operator)
            return super().call_binop(context, operator, left, right)

        def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - nothing is
            return False

    @pass_context
    def money(context: Any, amount: Any) -> str:
        written: str = context["labels"].money(amount, context["currency"])
        return written

    @pass_context
    def plain(context: Any, amount: Any) -> str:
        return plain_money(amount, context["currency"])

    @pass_context
    def day(context: Any, on: Any) -> str:
        written: str = context["labels"].day(on)
        return written

    engine = Engine(
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=0,
    )
    engine.globals.clear()
    engine.filters = {name: engine.filters[name] for name in _FILTERS} | {
        "money": money,
        "plain": plain,
        "day": day,
        "number": plain_number,
        "line": lambda text: one_line(str(text)),
        "left": lambda text, width: _cut(text, width).ljust(width),
        "right": lambda text, width: _cut(text, width).rjust(width),
        "bare": lambda label: str(label).rstrip(": #\N{NO-BREAK SPACE}"),
    }
    return engine


def _cut(text: Any, width: int) -> str:
    if not 0 < width <= _WIDEST:
        raise ValueError("width")
    return one_line(str(text))[:width]


def _line_of(error: BaseException) -> int | str:
    """Where in the template it happened: the deepest frame of the template's own code."""
    line: int | str = "?"
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
