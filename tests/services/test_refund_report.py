"""Refund.report: refunds that were made elsewhere are recorded, all of them or none (§4.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import refunds, sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def sold(client: Client, sandbox: Sandbox) -> Any:
    """Two books at 10.00, paid by card and captured."""
    answer = sales.sell(client, sales.order())
    sandbox.bill()
    return answer


def one(client: Client, made: dict[str, Any]) -> Any:
    return refunds.report(client, made).refunds[0]


def test_what_was_said_is_kept(client: Client, sold: Any) -> None:
    told = refunds.of(
        sold,
        "5.00",
        merchantRefundId=shop.new_id("refund"),
        timestamp="2024-03-01T10:00:00-08:00",
        referenceString="bank-7",
        note="By phone",
    )
    stored = refunds.later(client, one(client, told))
    assert (stored.status, stored.amount, stored.referenceString, stored.note) == (
        "Reported",
        D("5.00"),
        "bank-7",
        "By phone",
    )
    assert stored.merchantRefundId == told["merchantRefundId"]
    assert stored.timestamp.isoformat() == "2024-03-01T10:00:00-08:00"


def test_no_processor_is_asked_and_the_log_stays(client: Client, sandbox: Sandbox, sold: Any) -> None:
    sandbox.script({"operation": "refund", "authCode": "302"})
    stored = one(client, refunds.of(sold, "5.00"))
    sandbox.bill()
    assert refunds.later(client, stored).status == "Reported"
    assert sales.log(client, sold) == ["Captured", "Authorized", "New"]


def test_the_original_amount_is_no_limit(client: Client, sold: Any) -> None:
    assert one(client, refunds.of(sold, "50.00")).amount == D("50.00")


def test_it_counts_against_what_can_still_be_refunded(client: Client, sold: Any) -> None:
    refunds.report(client, refunds.of(sold, "15.00"))
    assert (
        refunds.refused(client, refunds.of(sold, "6.00")) == "Refund amount 6.00 exceeds max allowable 5.00"
    )


def test_lines_show_what_was_refunded_of_them(client: Client, sold: Any) -> None:
    stored = one(client, refunds.items(sold, refunds.line(1, "4.00"), merchantRefundId="r-1"))
    assert stored.amount == D("4.00")
    traced = sales.later(client, sold).transactionItems[0].itemRefunds[0]
    assert (traced.amount, traced.refundId) == (D("4.00"), "r-1")


def test_an_unknown_transaction_is_made_from_what_was_sent(client: Client) -> None:
    own = shop.new_id("order")
    account = shop.account(client)
    told = {
        "transaction": {
            "merchantTransactionId": own,
            "amount": D("30.00"),
            "currency": "EUR",
            "account": shop.reference(account),
        },
        "amount": D("10.00"),
    }
    stored = one(client, told)
    assert (stored.currency, stored.status) == ("EUR", "Reported")
    made = client("Transaction").fetchByMerchantTransactionId(merchantTransactionId=own).transaction
    assert (made.amount, made.currency, made.account.VID) == (D("30.00"), "EUR", account.VID)
    again = one(client, {"transaction": {"merchantTransactionId": own}, "amount": D("1.00")})
    assert again.transaction.VID == made.VID


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"amount": D("0")}, "Refund amount must be greater than zero"),
        ({}, "Refund amount must be greater than zero"),
        ({"amount": D(1), "currency": "EUR"}, 'currency "EUR" is not that of the transaction, USD.'),
        ({"amount": D(1), "currency": "QQQ"}, 'currency "QQQ" is not a currency.'),
        (
            {"amount": D(1), "refundDistributionStrategy": "Everything"},
            'Unknown refund distribution strategy "Everything"',
        ),
        ({"amount": D(1), "merchantRefundId": "a/b"}, 'merchantRefundId "a/b" must not contain a slash.'),
    ],
)
def test_one_that_is_not_valid_keeps_all_from_being_stored(
    client: Client, sold: Any, told: dict[str, Any], text: str
) -> None:
    answer = refunds.report(client, refunds.of(sold, "1.00"), refunds.of(sold, **told), expecting=400)
    assert shop.text(answer) == text
    client("Refund").expecting(404).fetchByTransaction(transaction=shop.reference(sold.transaction))


def test_the_same_id_twice_is_refused(client: Client, sold: Any) -> None:
    made = [refunds.of(sold, "1.00", merchantRefundId="same") for _ in range(2)]
    assert shop.text(refunds.report(client, *made, expecting=400)) == "merchantRefundId already used"
