"""Refund.fetch…: finding refunds again (§4.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.services import refunds, sales, shop
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

D = Decimal


@pytest.fixture
def sold(client: Client, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    answer = sales.sell(client, sales.order())
    sandbox.bill()
    return answer


@pytest.fixture
def made(client: Client, sandbox: Sandbox, sold: Any) -> list[str]:
    """Three refunds of 1.00, on 16, 17 and 18 April."""
    found = []
    for day in (16, 17, 18):
        sandbox.set_clock(f"2024-04-{day}T12:00:00")
        found.append(refunds.perform(client, refunds.of(sold, "1.00")).VID)
    return found


def vids(answer: Any) -> list[str]:
    return [one.VID for one in answer.refunds]


def test_those_of_a_transaction_come_oldest_first(client: Client, sold: Any, made: list[str]) -> None:
    fetch = client("Refund").fetchByTransaction
    own = {"merchantTransactionId": sold.transaction.merchantTransactionId}
    assert vids(fetch(transaction=shop.reference(sold.transaction))) == made
    assert vids(fetch(transaction=own)) == made


def test_those_of_an_account_may_include_its_childrens(
    client: Client, decrees: Decrees, sold: Any, made: list[str]
) -> None:
    parent = shop.account(client)
    decrees.adopt(parent, sold.transaction.account)
    fetch = client("Refund").fetchByAccount
    assert vids(fetch(account=shop.reference(sold.transaction.account))) == made
    assert vids(fetch(account=shop.reference(parent), includeChildren=True)) == made
    client("Refund").expecting(404).fetchByAccount(account=shop.reference(parent), includeChildren=False)


def since(client: Client, lower: str, upper: str, method: Any = None) -> list[str]:
    """fetchDeltaSince; nobody's payment method is an empty element."""
    named = {} if method is None else shop.reference(method)
    return vids(client("Refund").fetchDeltaSince(timestamp=lower, endTimestamp=upper, paymentMethod=named))


def test_a_window_of_time_has_a_lower_limit_that_belongs_to_it(client: Client, made: list[str]) -> None:
    assert since(client, "2024-04-16T12:00:00", "2024-04-18T12:00:00") == made[:2]
    assert since(client, "2024-04-17T12:00:01", "2024-04-19T00:00:00") == made[2:]
    assert since(client, "2024-04-18T12:00:01", "2024-04-19T00:00:00") == []


def test_a_window_without_an_end_ends_now(wire: Wire, sandbox: Sandbox, made: list[str]) -> None:
    sandbox.set_clock("2024-04-18T12:00:05")
    reply = wire.call("Refund", "fetchDeltaSince", "<timestamp>2024-04-16T00:00:00</timestamp>")
    assert (reply.code, reply.values("refunds/VID")) == (200, made)


def test_a_window_may_be_narrowed_to_a_payment_method(client: Client, sold: Any, made: list[str]) -> None:
    other = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)]).paymentMethods[0]
    window = ("2024-04-16T00:00:00", "2024-04-19T00:00:00")
    assert since(client, *window, sold.transaction.sourcePaymentMethod) == made
    assert since(client, *window, other) == []


def test_by_a_reported_time_it_stands_where_it_happened(client: Client, sold: Any, made: list[str]) -> None:
    told = refunds.of(sold, "1.00", timestamp="2020-01-01T00:00:00")
    stored = refunds.report(client, told).refunds[0].VID
    assert since(client, "2019-01-01T00:00:00", "2021-01-01T00:00:00") == [stored]


def test_other_merchants_see_nothing_of_it(
    client: Client, shared: Client, sold: Any, made: list[str]
) -> None:
    shared("Refund").expecting(404).fetchByVid(vid=made[0])
    shared("Refund").expecting(404).fetchByTransaction(transaction=shop.reference(sold.transaction))
    failed = refunds.perform(shared, refunds.of(sold, "1.00"), expecting=206)
    assert failed.note == f"{refunds.FAILED}Unable to load transaction"
    assert failed.transaction.amount is None
