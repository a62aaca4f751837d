"""The language of invoices: it knows the words and figures of one invoice, and how its language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from cashbox_service.app.templating.language import Facts, Language, TemplateProblem, TemplateRefused
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.statement import Wording, one_line, plain_money, plain_number

LISTS: Final = frozenset({"customer", "payments", "charges", "credits"})
"""What a template may loop over."""

NAMES: Final = LISTS | {
    "company", "invoice_id", "state", "date", "pay_by", "currency", "language", "labels", "layout", "reminder",
    "account_id", "autobill_id", "autobill_name", "email",
    "previous_balance", "total_payments", "balance", "total_charges", "total_credits", "tax", "total_due",
}  # fmt: skip
"""What it may speak of."""

WORDING: Final = "wording"
"""The fact that filters write amounts and days by; templates cannot name it."""

_WIDEST: Final = 200


def filled_in(source: str, facts: Facts, *, html: bool) -> str:
    """The document. Raises InvalidValue naming line and reason for what is no template, and TemplateFailed."""
    try:
        return _LANGUAGE.fill_in(source, facts, escaping=html)
    except TemplateRefused as refused:
        raise unusable(refused) from None


def unusable(problem: TemplateProblem) -> InvalidValue:
    """What is told of a template that cannot be loaded; with the cause, as nothing but a sample can be in it."""
    said = located(problem)
    cause = f": {problem.__cause__}" if problem.__cause__ is not None else ""
    return InvalidValue("source", said, "fails", message=f"The template cannot be used: {said}{cause}.")


def located(problem: TemplateProblem) -> str:
    """What is wrong, behind the place."""
    where = f"line {problem.line}" if problem.line is not None else "template"
    return f"{where}: {problem.problem}"


@cache
def built_in_html() -> str:
    """The source of the HTML invoice that everybody has."""
    return resources.files(__package__).joinpath("templates", "invoice.html").read_text(encoding="utf-8")


def _money(facts: Facts, amount: Any) -> str:
    return _wording(facts).money(amount, facts["currency"])


def _plain(facts: Facts, amount: Any) -> str:
    return plain_money(amount, facts["currency"])


def _day(facts: Facts, on: Any) -> str:
    return _wording(facts).day(on)


def _wording(facts: Facts) -> Wording:
    found: Wording = facts[WORDING]
    return found


def _line(text: Any) -> str:
    return one_line(str(text))


def _left(text: Any, width: int) -> str:
    return _cut(text, width).ljust(width)


def _right(text: Any, width: int) -> str:
    return _cut(text, width).rjust(width)


def _cut(text: Any, width: int) -> str:
    if not 0 < width <= _WIDEST:
        raise ValueError("width")
    return _line(text)[:width]


def _bare(label: Any) -> str:
    return str(label).rstrip(": #\N{NO-BREAK SPACE}")


_FILTERS: Final[Mapping[str, Any]] = {
    "number": plain_number, "line": _line, "left": _left, "right": _right, "bare": _bare,
}  # fmt: skip

_LANGUAGE: Final = Language(
    max_source=48 * 1024,
    max_made=4 * 1024 * 1024,
    max_loops=40,
    max_nested=2,
    names=NAMES,
    lists=LISTS,
    has_figures=True,
    whole_lines=True,
    filters=_FILTERS,
    filters_with_facts={"money": _money, "plain": _plain, "day": _day},
)
