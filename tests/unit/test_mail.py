"""Rules of mails: versions, languages, pauses; and templates, which are filled in whatever they hold, or refused."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.app.mail.template_language import LETTERS
from cashbox_service.app.templating.language import TemplateFailed, TemplateProblem, TemplateRefused
from cashbox_service.domain.mail import (
    BACK_OFF,
    TemplateType,
    TemplateVersion,
    candidates,
    next_version,
    retry_delay,
    template_type,
)
from cashbox_service.domain.notice import Notice, Reminder, next_reminder, reached
from cashbox_service.mailbox import mailbox
from cashbox_service.soap import projection

FACTS = {
    "name": "Ada & <b>Co</b>",
    "account": {"name": "Ada & <b>Co</b>", "shippingAddress": {"city": "London"}},
    "transaction": {"transactionItems": [{"name": "Book"}, {"name": "Pen"}]},
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Dear {{name}},", "Dear Ada & <b>Co</b>,"),
        ("{{ account.shippingAddress.city }}", "London"),
        ("[{{ nothing }}{{ account.nothing.at.all }}{{ account['nothing'] }}]", "[]"),
        ("{{ nothing | default('customer') }}", "customer"),
        (
            "{% for i in transaction.transactionItems %}{{ loop.index }}{{ i.name }} {% endfor %}",
            "1Book 2Pen ",
        ),
        ("{% if account.name %}yes{% else %}no{% endif %}", "yes"),
        ("[{{ account }}{{ transaction.transactionItems }}]", "[]"),
        ("[{{ account.items }}{{ account.__class__ }}{{ name.__class__.__mro__ }}]", "[]"),
        ("no placeholder at all { } %", "no placeholder at all { } %"),
    ],
)
def test_placeholders_are_filled_in_and_what_is_unknown_is_empty(source: str, text: str) -> None:
    LETTERS.check(source)
    assert LETTERS.fill_in(source, FACTS, escaping=False) == text


def test_what_is_filled_into_html_is_escaped_and_the_html_is_not() -> None:
    assert (
        LETTERS.fill_in("<p>{{name}}</p>", FACTS, escaping=True) == "<p>Ada &amp; &lt;b&gt;Co&lt;/b&gt;</p>"
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{",
        "{% for %}",
        "{{ name() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 100000 }}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{{ name | attr('__class__') }}",
        "{{ name | center(100000000) }}",
        "{% for a in 'abc' %}{% endfor %}",
        "{% for a in b %}{% for c in b %}{% endfor %}{% endfor %}",
        "{% for a in b %}x{% endfor %}" * 11,
        "{% if a %}" * 200 + "{% endif %}" * 200,
        "{{" + "a." * 3000 + "b}}",
        "{{ a }}" * 6000,
    ],
)
def test_what_could_cost_too_much_or_is_malformed_is_refused_beforehand(source: str) -> None:
    with pytest.raises(TemplateRefused):
        LETTERS.check(source)


def test_no_letter_is_longer_than_it_may_be() -> None:
    loop = "{% for a in b %}" + "x" * 150_000 + "{% endfor %}"
    with pytest.raises(TemplateFailed, match="characters"):
        LETTERS.fill_in(loop, {"b": [{}] * 200}, escaping=False)


def test_the_most_expensive_template_takes_no_time_worth_speaking_of() -> None:
    body = "{% if a.name == name %}{{ a.name | upper | lower | title }}{% endif %}" * 350
    started = time.process_time()
    LETTERS.fill_in("{% for a in b %}" + body + "{% endfor %}", {"b": [{"name": ""}] * 200}, escaping=True)
    assert time.process_time() - started < 5  # on any machine; a second at most on a quiet one


@given(st.text(alphabet="{}%# abc.|()[]'\"-+*~,=<if for in endif endfor>", max_size=60))
def test_any_text_is_filled_in_or_refused(source: str) -> None:
    try:
        LETTERS.check(source)
    except TemplateProblem:
        return
    with suppress(TemplateProblem):
        LETTERS.fill_in(source, FACTS, escaping=True)


def test_a_body_may_be_so_long_and_no_longer() -> None:
    LETTERS.check("x" * LETTERS.max_source)
    with pytest.raises(TemplateRefused):
        LETTERS.check("x" * (LETTERS.max_source + 1))


@pytest.mark.parametrize(
    ("current", "wished", "made"),
    [
        (None, None, "1.0"),
        (None, "5.0", "1.0"),
        ((1, 0), None, "1.1"),
        ((1, 9), "2.7", "2.0"),
        ((2, 0), "1.5", "2.1"),
        ((2, 0), "2.9", "2.1"),
        ((2, 0), "x", "2.1"),
    ],
)
def test_versions_rise(current: tuple[int, int] | None, wished: str | None, made: str) -> None:
    before = TemplateVersion(*current) if current is not None else None
    assert str(next_version(before, wished)) == made


def test_templates_are_looked_for_by_product_and_then_by_language() -> None:
    assert list(candidates(["p"], "DE")) == [("p", "de"), ("p", "en"), (None, "de"), (None, "en")]
    assert list(candidates([], "de_AT")) == [(None, "de-at"), (None, "de"), (None, "en")]
    assert list(candidates([], None)) == [(None, "en")]


def test_pauses_between_tries_grow_and_end() -> None:
    delays = [retry_delay(attempts) for attempts in range(1, len(BACK_OFF) + 2)]
    assert delays == [*sorted(BACK_OFF), None]


def test_every_type_of_the_interface_is_the_name_of_a_notice() -> None:
    known = {template_type(notice) for notice in Notice}
    assert set(projection.model().enums["EmailTemplateType"]) == {kind.value for kind in TemplateType}
    assert {kind.value for kind in TemplateType} <= known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@b",
        "a@b, c@d",
        "a@b\r\nBcc: c@d",
        "a@b\x00",
        "x" * 400 + "@b",
        "a b@c d",
        "\ud800@b",
    ],
)
def test_what_is_no_mailbox_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        mailbox(text)


def test_a_mailbox_may_have_a_name() -> None:
    found = mailbox(' "Ada, of Shop" <ada@example.com> ')
    assert (found.display_name, found.addr_spec) == ("Ada, of Shop", "ada@example.com")


DUE = date(2024, 2, 14)


@pytest.mark.parametrize(
    ("after", "given", "on"),
    [
        (date(2024, 2, 1), 0, date(2024, 2, 21)),
        (date(2024, 2, 21), 1, date(2024, 2, 28)),
        (date(2024, 3, 1), 2, date(2024, 3, 15)),
        (date(2024, 3, 15), None, None),
    ],
)
def test_reminders_follow_the_dunning_days(after: date, given: int | None, on: date | None) -> None:
    found = next_reminder("i", DUE, (7, 14, 30), after=after)
    assert (found.given, found.on) == (given, on) if found is not None else on is None
    assert next_reminder("i", DUE, (), after=after) is None


@pytest.mark.parametrize(("day", "number"), [(21, 1), (27, 1), (28, 2), (29, 2)])
def test_the_latest_reminder_that_is_due_is_given(day: int, number: int) -> None:
    assert reached(Reminder("i", DUE, 0, date(2024, 2, 21)), (7, 14, 30), date(2024, 2, day)) == number
