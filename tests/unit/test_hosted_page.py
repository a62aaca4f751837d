"""What the payment page asks, and what it takes for an answer."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import hosted_form, hosted_page
from cashbox_service.domain.hosted_goods import sum_of, transaction_lines
from cashbox_service.domain.hosted_method import HostedMethod, method_named
from cashbox_service.domain.hosted_page import Problem, answered, asked

TODAY = date(2026, 7, 31)
CARD = {"holder": "Ada", "number": "4111111111111111", "expiry": "07/26", "cvn": "123", "addr1": "1 Road",
        "city": "Rome", "postalCode": "00100", "country": "IT"}  # fmt: skip


def method(name: str) -> HostedMethod:
    found = method_named(name)
    assert found is not None
    return found


def problems(**changes: str) -> dict[str, Problem]:
    asks = asked(method("PaymentMethod_Update"), (), has_card=False)
    return dict(answered(asks, CARD | changes, TODAY).problems)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expiry": "06/26"}, Problem.PAST),
        ({"expiry": "12/99"}, None),
        ({"expiry": "00/30"}, Problem.INVALID),
        ({"expiry": "07/1999"}, Problem.INVALID),
        ({"expiry": "07/٣٨"}, Problem.INVALID),
        ({"cvn": "1234"}, Problem.INVALID),
        ({"number": "378282246310005", "cvn": "1234"}, None),
        ({"number": "378282246310005", "cvn": "123"}, Problem.INVALID),
        ({"number": "411111XXXXXX1111"}, Problem.INVALID),
        ({"number": "4111\u00a01111-1111 1111"}, None),
        ({"country": "it"}, Problem.INVALID),
        ({"country": "AE", "postalCode": ""}, None),
        ({"addr2": "a" * 256}, Problem.TOO_LONG),
    ],
)
def test_answers_are_taken_or_not(changes: dict[str, str], problem: Problem | None) -> None:
    assert set(problems(**changes).values()) == ({problem} if problem else set())


@given(st.dictionaries(st.sampled_from([*CARD, "addr2", "district"]), st.text(max_size=300)))
def test_whatever_is_typed_is_either_a_problem_or_a_form_that_is_accepted(changes: dict[str, str]) -> None:
    asks = asked(method("Transaction_Auth"), (), has_card=False)
    answers = answered(asks, CARD | changes, TODAY)
    if answers.problems:
        return
    sent = hosted_form.posted([("vin_PaymentMethod_type", "CreditCard"), *answers.values])
    hosted_form.check_payment(hosted_form.merged((), sent), is_stored=False)


def test_texts_with_commas_are_no_choices() -> None:
    fixed = hosted_form.private(
        [
            ("vin_Transaction_transactionItems_0_name", "Book, hardcover"),
            ("Transaction_currency", "USD, EUR"),
            ("order", "1, 2"),
        ]
    )
    asks = asked(method("Transaction_Auth"), fixed, has_card=False)
    assert [(ask.name, ask.choices) for ask in asks if ask.choices] == [
        ("vin_Transaction_currency", ("USD", "EUR"))
    ]
    form = hosted_form.posted([*hosted_page.kept(fixed), ("vin_Transaction_currency", "EUR")])
    hosted_form.check_private(fixed, form)
    values = hosted_form.merged(fixed, form)
    assert sorted(values.values()) == ["Book, hardcover", "EUR"]


def test_a_sum_is_known_when_every_price_is() -> None:
    def lines(**more: str) -> tuple[object, object]:
        start = "vin_Transaction_transactionItems_"
        values = {"0_sku": "a", "0_price": "2.50", "0_quantity": "2", "10_name": "b", "10_price": "1"} | more
        fixed = hosted_form.private([(start + name, value) for name, value in values.items()])
        found = transaction_lines({each.field: each.value for each in fixed if each.field}, "USD")
        total = sum_of(found, "USD")
        return [line.text for line in found], total and str(total.amount)

    assert lines() == (["a", "b"], "6.00")
    assert lines(**{"10_price": "1, 2"}) == (["a", "b"], None)
    assert lines(**{"9_name": "c", "9_price": "-1.00"}) == (["a", "c", "b"], "5.00")
    assert lines(**{"0_price": "1e9"}) == (["a", "b"], None)
