"""What the answer to a makePayment shows is what stands afterwards, however early it was written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from zeep.helpers import serialize_object

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None], sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-03-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def autobill(client: Client, sandbox: Sandbox) -> Any:
    """One of two that owe 10.00 each for February and March, of one account."""
    account = shop.reference(shop.account(client))
    first, _ = (
        shop.subscribe(
            client, shop.invoiced(), account=account, startTimestamp=f"2024-02-{day}T00:00:00-08:00"
        ).autobill
        for day in (10, 20)
    )
    sandbox.bill()
    return first


def stored(client: Client, answer: Any) -> Any:
    transaction = client("Transaction").fetchByVid(vid=answer.transaction.VID).transaction
    return serialize_object(transaction)


@pytest.mark.parametrize("amount", ["4.00", "10.00", "95.00"])
def test_the_answer_shows_what_a_fetch_shows(client: Client, autobill: Any, amount: str) -> None:
    answer = shop.pay(client, autobill, amount, note="at the counter")
    assert answer["return"].returnCode == 200
    assert answer.summary == "Success"
    assert serialize_object(answer.transaction) == stored(client, answer)


def test_credit_that_the_payment_leaves_is_in_its_own_answer(client: Client, autobill: Any) -> None:
    answer = shop.pay(client, autobill, "25.00", overageDisposition="applyToCredit")
    account = client("Account").fetchByVid(vid=answer.transaction.account.VID).account
    assert shop.credit(answer.transaction.account) == shop.credit(account)
    whole = shop.pay(client, autobill, "95.00")
    account = client("Account").fetchByVid(vid=answer.transaction.account.VID).account
    assert shop.credit(whole.transaction.account) == shop.credit(account)
    assert sum(amount for amount, _ in shop.credit(account)) >= Decimal("50.00")


def test_a_payment_on_the_account_shows_the_same(client: Client, autobill: Any) -> None:
    account = shop.reference(shop.fetched(client, autobill).account)
    answer = client("Account").makePayment(
        account=account, paymentMethod=shop.cheque(), amount=Decimal("35.00"), invoiceId=""
    )
    assert serialize_object(answer.transaction) == stored(client, answer)


def test_a_description_of_the_answer_narrows_it(client: Client, autobill: Any) -> None:
    srd = '{"transaction": ["amount"], "summary": ""}'
    answer = shop.pay(client, autobill, "4.00", srd=srd)
    assert answer.transaction.amount == Decimal("4.00")
    assert answer.transaction.account is None
    assert answer.transaction.note is None


def test_each_of_many_answers_is_its_own_payments(client: Client, autobill: Any) -> None:
    answers = [shop.pay(client, autobill, "0.10", note=f"no. {number}") for number in range(20)]
    assert [answer.transaction.note for answer in answers] == [f"no. {number}" for number in range(20)]
    assert len({answer["return"].soapId for answer in answers}) == 20
    assert serialize_object(answers[-1].transaction) == stored(client, answers[-1])
