"""The language of templates: what its users have in common, and that no template runs on, grows or reaches out."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest

from cashbox_service.app.mail.template_language import LETTERS
from cashbox_service.app.templating.language import Facts, Language, TemplateFailed, TemplateRefused

FIGURES = Language(
    max_source=50_000, max_made=10_000, max_loops=20, max_nested=2, names=frozenset({"rows", "long", "on", "sum"}),
    lists=frozenset({"rows"}), has_figures=True, whole_lines=True, filters={"twice": lambda text: text * 2},
    filters_with_facts={"beside": lambda facts, text: f"{text}/{facts['hidden']}"},
)  # fmt: skip
FACTS = {
    "rows": [{"sku": "a", "sum": Decimal("1.25")}, {"sku": "b", "sum": Decimal("2.50")}],
    "long": "x" * 5_000, "on": date(2024, 2, 29), "sum": Decimal("3.75"), "hidden": "h",
}  # fmt: skip


def made(source: str, facts: Facts = FACTS, *, escaping: bool = False) -> str:
    return FIGURES.fill_in(source, facts, escaping=escaping)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ rows|join(', ', 'sku') }} {{ rows[-1].sku ~ rows.0.sku }}", "a, b ba"),
        ("{% for r in rows if r.sku in ('b', 'c') %}{{ loop.length }}{{ r.sku }}{% endfor %}", "1b"),
        ("{% for r in rows %}{{ 'o' if loop.index is odd }}{% endfor %}", "o"),
        ("{{ (sum * 2 - 1) | round(1) }} {{ -sum }} {{ on.year }} {{ on }}", "6.5 -3.75 2024 2024-02-29"),
        ("{{ 'a'|twice }} {{ 'a'|beside }} {{ none }}{{ rows }}", "aa a/h "),
        ("{% if sum %}\n  {% if on %}\nx\n  {% endif %}\n{% endif %}", "x\n"),
    ],
)  # fmt: skip
def test_a_template_prints_reckons_and_loops_as_its_language_allows(source: str, text: str) -> None:
    assert made(source) == text


@pytest.mark.parametrize("source", ["{{ -1 }}", "{{ amount * 2 }}", "{{ amount|round }}", "{{ amount|abs }}"])
def test_where_facts_are_texts_there_is_nothing_to_reckon_with(source: str) -> None:
    with pytest.raises(TemplateRefused, match=r"line 1"):
        LETTERS.check(source)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{{ (\n" + "(" * 3_000 + "1" + ")" * 3_000 + ") }}", "nested"),
        ("{{ 1" + "0" * 5_000 + " }}", "."),
        ("{{ " + " ~ ".join(["long"] * 100) + " }}", "too large"),
        ("\n{{ rows|join(*rows) }}", r"a filter takes no such arguments \(line 2\)"),
        ("\n\n{{ hidden }}", r"there is no hidden; there are long, on, rows, sum \(line 3\)"),
        ("{% for r in rows recursive %}{% endfor %}", "a loop goes over"),
        ("{{ rows[on] }}", "an element is named by"),
        ("{{ rows[0:1] }}", "slice is not allowed"),
        ("{{ self }}", "there is no self"),
    ],
)
def test_what_is_not_of_the_language_is_refused_with_its_line(source: str, problem: str) -> None:
    with pytest.raises(TemplateRefused, match=problem):
        FIGURES.check(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 5|round(-999999999) }}", "{{ sum|round(999999999, 'ceil') }}", "{{ '%999999999d' is odd }}",
        "{{ '%999999999d' % sum }}", "{{ rows * 999999999 }}", "{{ rows|join(long) }}", "{{ long ~ long ~ long }}",
        "{{ long.upper }}", "{{ on.today }}", "{{ rows.append }}", "{{ sum.__class__ }}", "{{ loop }}{{ rows.9 }}",
    ],
)  # fmt: skip
def test_what_would_grow_or_reach_out_fails_at_once(source: str) -> None:
    with pytest.raises((TemplateFailed, TemplateRefused)) as failed:
        made(source, escaping=True)
    assert "xxx" not in str(failed.value)


@pytest.mark.parametrize(
    "body",
    ["{% if a.sku == b.sku %}{% endif %}", "{% if long|upper == 'x' %}{% endif %}"],
    ids=["short", "long"],
)
def test_loops_end_even_when_they_print_nothing(body: str) -> None:
    loops = "{% for a in rows %}{% for b in rows %}" + body + "{% endfor %}{% endfor %}"
    facts = {"rows": [{"sku": "a"}] * 4_000, "long": "x" * 1_000_000}
    with pytest.raises(TemplateFailed, match="its loops take more than 2000000 steps"):
        made(loops, facts)


def test_jinja_is_imported_for_the_first_template() -> None:
    users = "bills.statement_templates", "mail.letters", "mail.templates"
    imports = ", ".join(f"cashbox_service.app.{user}" for user in users)
    code = f"import sys, {imports}; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
