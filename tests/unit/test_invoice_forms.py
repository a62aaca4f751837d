"""What an invoice looks like: its words, templates of a merchant's own, and its PDF."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from cashbox_service.app.bills import invoice_pdf, rendering, statement_templates, template_language
from cashbox_service.app.bills.rendering import Facts, Form
from cashbox_service.app.bills.statement_templates import TemplateKey
from cashbox_service.app.templating.language import TemplateFailed
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import Money
from cashbox_service.domain.statement import (
    DUE_LABEL,
    Reminder,
    StatementCharge,
    StatementContent,
    StatementEntry,
    render_statement,
)

D = Decimal
FACTS = Facts("Due", "account-1", "S1", "", "jo@example.org")
CONTENT = StatementContent(
    company="Example & Söhne",
    invoice_id="S1-00000003",
    date=date(2024, 3, 5),
    customer=("Jo <b>Doe</b>", "12 Main Street"),
    previous_balance=D("13.20"),
    payments=(StatementEntry("Payment chk-881", D("5.00")),),
    charges=(StatementCharge("tri", "Three steps", D("1.5"), D("1234.50")),),
    credits=(StatementEntry("Overpayment", D("6.80")),),
    tax=D("0.10"),
    pay_by=date(2024, 3, 15),
    currency="EUR",
)


def built_in(form: Form, language: str, content: StatementContent = CONTENT) -> list[str]:
    return render_statement(content, rendering.wording_of(form, language)).splitlines()


@pytest.mark.parametrize(
    ("language", "label", "day"),
    [
        ("de", "Zu zahlender Betrag:", "Zahlbar bis: 15.03.2024"),
        ("DE_at", "Zu zahlender Betrag:", "Zahlbar bis: 15.03.2024"),
        ("ger", "Zu zahlender Betrag:", "Zahlbar bis: 15.03.2024"),
        ("fr", "Montant total à payer :", "À payer avant le : 15 mars 2024"),
        ("es-MX", "Importe total a pagar:", "Pagar antes del: 15 mar 2024"),
    ],
)
def test_text_in_another_language_keeps_the_line_that_programs_read(
    language: str, label: str, day: str
) -> None:
    lines = built_in(Form.TEXT, language)
    assert lines[-1] == day
    assert lines[-3:-1] == [f"{label}{'1236.00':>{83 - len(label)}}", f"{DUE_LABEL}{'1236.00':>66}"]
    assert {len(line) for line in lines if line.endswith("1234.50")} == {83}


def test_english_text_and_pdf_and_languages_without_words_are_as_ever() -> None:
    plain = render_statement(CONTENT).splitlines()
    for form in (Form.TEXT, Form.PDF):
        for language in ("en", "EN", "xx", ""):
            assert built_in(form, language) == plain


def test_a_german_pdf_writes_amounts_as_germans_do() -> None:
    text = "\n".join(built_in(Form.PDF, "de"))
    assert "1.236,00\N{NO-BREAK SPACE}€" in text
    assert DUE_LABEL not in text


def html(language: str, content: StatementContent = CONTENT, reminder: Reminder | None = None) -> str:
    source = template_language.built_in_html()
    return rendering.by_template(source, Form.HTML, language, content, FACTS, reminder)


def test_html_is_in_the_language_and_escapes_what_people_wrote() -> None:
    page = html("de", reminder=Reminder(2, Money.of(D("8.20"), "EUR")))
    for shown in (
        '<html lang="de">', "2. Zahlungserinnerung", "1.234,50\N{NO-BREAK SPACE}€", "8,20\N{NO-BREAK SPACE}€",
        "Jo &lt;b&gt;Doe&lt;/b&gt;", "Example &amp; Söhne", "05.03.2024",
    ):  # fmt: skip
        assert shown in page
    assert "<b>" not in page
    assert "€1,236.00" in html("en")
    assert "<caption>Payments</caption>" not in html(
        "en", replace(CONTENT, payments=(), previous_balance=D(0))
    )


def own(source: str, form: Form = Form.TEXT) -> str:
    return rendering.by_template(source, form, "de", CONTENT, FACTS)


def test_a_template_prints_figures_and_may_keep_the_layout() -> None:
    line = "{% for c in charges %}{{ c.sku|left(6) }}{{ c.amount|money|right(15) }}{% endfor %}"
    assert own(line) == "tri           1234.50"
    assert own(line, Form.PDF) == "tri        1.234,50 €"
    german = render_statement(CONTENT, rendering.wording_of(Form.TEXT, "de"))
    assert own("{{ layout }}Danke!") == german + "Danke!"
    assert own("{{ pay_by|day }} {{ labels.total_due|bare }}") == "15.03.2024 Zu zahlender Betrag"
    assert own("{{ customer|first }}", Form.HTML) == "Jo &lt;b&gt;Doe&lt;/b&gt;"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("{% for c in charges %}", "line 1"),
        ("\n{{ colour }}", "there is no colour"),
        ("{{ company|shout }}", "shout"),
        ("{% for x in 'abc' %}{% endfor %}", "loops go over charges, credits, customer, payments"),
        ("{% for x in range(9) %}{% endfor %}", "call is not allowed"),
        ("{% macro m() %}{% endmacro %}", "macro is not allowed"),
        ("{% include 'other' %}", "include is not allowed"),
        ("{% set x = company ~ company %}", "assign is not allowed"),
        ("{{ company.upper() }}", "call is not allowed"),
        ("{{ 9 ** 9 }}", "pow is not allowed"),
        ("{{ 'x' * 99999999 }}", "TypeError"),
        ("{{ '%99999999s' % company }}", "TypeError"),
        ("{{ company|left(99999999) }}", "ValueError"),
        ("{{ company.__class__.__mro__ }}", "unsafe"),
        ("{{ labels.day.__call__ }}", "unsafe"),
        ("{% for a in charges %}{% for b in charges %}{% for c in charges %}{% endfor %}{% endfor %}{% endfor %}",
         "more than 2 deep"),
        ("\n\n{{ reminder.index }}", "line 3: UndefinedError"),
        ("x" * 50_000, "more than 49152 characters"),
    ],
)  # fmt: skip
def test_a_template_that_could_fail_or_do_harm_is_refused_with_its_place(source: str, problem: str) -> None:
    with pytest.raises(InvalidValue, match=r"^The template cannot be used: ") as refused:
        statement_templates.check(TemplateKey.of("text"), source)
    assert problem in str(refused.value)
    assert "Jo Doe" not in str(refused.value)


def test_what_fails_later_is_a_failure_of_the_template_and_tells_nothing_of_the_invoice() -> None:
    with pytest.raises(TemplateFailed) as failed:
        own("{{ charges.7.name.Doe }}")
    assert "Doe" not in str(failed.value)


@pytest.mark.parametrize(
    ("form", "language", "name"), [("gif", "en", ""), ("text", "deutsch!", ""), ("text", "en", "x" * 256)]
)
def test_a_template_is_of_a_form_a_language_and_an_id(form: str, language: str, name: str) -> None:
    with pytest.raises(InvalidValue):
        TemplateKey.of(form, language, name)


def pdf_text(text: str, language: str | None = None) -> str:
    pages = PdfReader(BytesIO(invoice_pdf.render(text, "S1-00000003", language))).pages
    return "\n".join(page.extract_text() for page in pages)


@pytest.mark.parametrize(
    "written",
    [
        "Zażółć gęślą jaźń", "Привет, мир! ₽", "Ελληνικά", "Größe façade señor €", "Čeština ţară ğ",
        "杂志社 漢字", "雑誌とカタカナ", "잡지 구독",
    ],
)  # fmt: skip
def test_a_pdf_holds_every_alphabet_as_text(written: str) -> None:
    text = render_statement(replace(CONTENT, charges=(StatementCharge("tri", written, D(1), D("10.00")),)))
    found = pdf_text(text)
    for word in written.split():
        assert word in found
    assert "Total Amount Due:" in found


def test_a_pdf_embeds_only_the_glyphs_it_needs_and_none_for_courier() -> None:
    plain = invoice_pdf.render(render_statement(CONTENT), "x")
    assert b"FontFile" not in plain
    assert b"/Courier" in plain
    greek = invoice_pdf.render("Ελληνικά", "x")
    assert b"FontFile2" in greek
    assert len(greek) < 40_000


def test_wide_letters_leave_the_columns_behind_them_where_they_are() -> None:
    runs = list(invoice_pdf._runs("    tri   杂志社 x     x 1   10.00"))
    assert [(at, run) for at, run, _ in runs] == [
        (4, "tri"), (10, "杂志社"), (16, " x"), (20, "x 1"), (26, "10.00"),
    ]  # fmt: skip


def test_a_long_invoice_runs_over_pages() -> None:
    pages = PdfReader(BytesIO(invoice_pdf.render("\n".join(f"Zeile ł {n}" for n in range(120)), "x"))).pages
    assert [page.extract_text().splitlines()[0] for page in pages] == [
        "Zeile ł 0",
        "Zeile ł 57",
        "Zeile ł 114",
    ]
