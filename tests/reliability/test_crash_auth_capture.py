"""A process that is killed in the middle of a one-time sale: the customer pays once or not at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import requests

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.reliability.conftest import Crashing, Settle
from tests.reliability.processor_books import ProcessorBooks
from tests.servers import Server
from tests.services import customers, sales, shop
from tests.services.sandbox import Sandbox

Check = Callable[[], None]

NONE, FIFTEEN, TWENTY = Decimal(0), Decimal("15.00"), Decimal("20.00")
BEFORE_THE_OUTCOME = [
    FaultPoint.INTENT_COMMITTED,
    FaultPoint.PROCESSOR_ANSWERED,
    FaultPoint.OUTCOME_WRITTEN,
]
ASKED_OR_NOT = BEFORE_THE_OUTCOME[:2]
GIVING_BACK = [FaultPoint.OUTCOME_COMMITTED, FaultPoint.RETURN_COMMITTED, FaultPoint.MONEY_RETURNED]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def crash(crashing: Crashing, point: FaultPoint, call: Callable[[Client], Any]) -> None:
    """``call`` in a process that ends at the point."""
    with crashing(point) as client, pytest.raises(requests.ConnectionError):
        call(client)


def crash_while_selling(crashing: Crashing, point: FaultPoint, account: Any = None, **fields: Any) -> str:
    """The merchantTransactionId of a sale whose caller was never answered."""
    own_id = shop.new_id("sale")
    order = sales.order(account, merchantTransactionId=own_id, **fields)
    crash(crashing, point, lambda client: sales.sell(client, order))
    return own_id


def found(client: Client, own_id: str) -> Any:
    return client("Transaction").fetchByMerchantTransactionId(merchantTransactionId=own_id).transaction


def log(client: Client, own_id: str) -> list[str]:
    return shop.log(found(client, own_id))


@pytest.mark.parametrize("point", BEFORE_THE_OUTCOME)
def test_before_the_outcome_is_stored_nothing_is_half_done(
    client: Client,
    crashing: Crashing,
    books_are_right: Check,
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    point: FaultPoint,
) -> None:
    own_id = crash_while_selling(crashing, point)
    assert log(client, own_id) == ["New"]
    books_are_right()

    asked = point is not FaultPoint.INTENT_COMMITTED
    assert at_processor.held == ([TWENTY] if asked else [])
    assert settle() == 1
    assert log(client, own_id) == ["Authorized" if asked else "Cancelled", "New"]
    books_are_right()

    assert settle() == 0
    sandbox.bill()
    assert at_processor.held == ([TWENTY] if asked else [])
    assert at_processor.requests == int(asked)
    assert log(client, own_id)[0] == ("Captured" if asked else "Cancelled")


def test_after_the_outcome_is_stored_nothing_is_left_to_do(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle, sandbox: Sandbox
) -> None:
    own_id = crash_while_selling(crashing, FaultPoint.OUTCOME_COMMITTED)
    assert log(client, own_id) == ["Authorized", "New"]
    assert settle() == 0
    sandbox.bill()
    assert log(client, own_id)[0] == "Captured"
    assert [charge.captures for charge in at_processor.charges] == [1]


@pytest.mark.parametrize("point", ASKED_OR_NOT)
def test_the_same_sale_sent_again_charges_nobody_twice(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle, point: FaultPoint
) -> None:
    own_id = crash_while_selling(crashing, point)
    for _ in range(2):
        again = sales.sell(client, sales.order(merchantTransactionId=own_id), expecting=400)
        assert shop.text(again) == (
            f'Transaction with merchantTransactionId "{own_id}" has already been processed'
        )
        settle()
    assert at_processor.requests == int(point is not FaultPoint.INTENT_COMMITTED)


@pytest.mark.parametrize("point", ASKED_OR_NOT)
def test_credit_is_used_once_or_comes_back(
    client: Client,
    crashing: Crashing,
    books_are_right: Check,
    at_processor: ProcessorBooks,
    settle: Settle,
    point: FaultPoint,
) -> None:
    account = shop.account(client)
    sales.grant(client, account, "5.00")
    own_id = crash_while_selling(crashing, point, account)
    assert (log(client, own_id), sales.credit(client, account)) == (["New"], NONE)
    books_are_right()
    assert settle() == 1
    asked = point is not FaultPoint.INTENT_COMMITTED
    assert at_processor.held == ([FIFTEEN] if asked else [])
    assert sales.credit(client, account) == (0 if asked else 5)
    books_are_right()


@pytest.mark.parametrize("point", [FaultPoint.OUTCOME_WRITTEN, FaultPoint.OUTCOME_COMMITTED])
def test_a_sale_that_credit_pays_is_made_whole_or_not_at_all(
    client: Client, crashing: Crashing, settle: Settle, at_processor: ProcessorBooks, point: FaultPoint
) -> None:
    account = shop.account(client)
    sales.grant(client, account, "20.00")
    own_id = crash_while_selling(crashing, point, account, sourcePaymentMethod=None)
    assert settle() == 0
    if point is FaultPoint.OUTCOME_COMMITTED:
        assert (log(client, own_id), sales.credit(client, account)) == (["Authorized", "New"], NONE)
    else:
        client("Transaction").expecting(404).fetchByMerchantTransactionId(merchantTransactionId=own_id)
        assert sales.credit(client, account) == 20
    assert at_processor.requests == 0


def test_a_decline_that_was_not_heard_is_recorded_later(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle
) -> None:
    declined = shop.card(shop.SOFT_DECLINED)
    own_id = crash_while_selling(crashing, FaultPoint.PROCESSOR_ANSWERED, sourcePaymentMethod=declined)
    assert settle() == 1
    made = found(client, own_id)
    assert (shop.log(made), sales.code(made)) == (["Cancelled", "New"], "302")
    assert at_processor.held == []


def test_the_policy_is_applied_to_an_approval_that_was_not_heard(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle
) -> None:
    unlike = shop.card(shop.AVS_NO_MATCH)
    own_id = crash_while_selling(crashing, FaultPoint.PROCESSOR_ANSWERED, sourcePaymentMethod=unlike)
    assert at_processor.held == [TWENTY]
    assert settle() == 1
    assert log(client, own_id) == ["Cancelled", "Authorized", "New"]
    assert at_processor.held == []


@pytest.mark.parametrize("point", GIVING_BACK)
def test_what_the_policy_refused_is_given_back_once(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle, point: FaultPoint
) -> None:
    own_id = crash_while_selling(crashing, point, sourcePaymentMethod=shop.card(shop.AVS_NO_MATCH))
    assert log(client, own_id) == ["Cancelled", "Authorized", "New"]
    assert settle() == 1
    assert at_processor.held == []
    assert [charge.voids for charge in at_processor.charges] == [1]
    assert settle() == 0


def test_a_janitor_that_is_killed_leaves_it_to_the_next(
    client: Client,
    crashing: Crashing,
    doomed_settle: Callable[[FaultPoint], None],
    at_processor: ProcessorBooks,
    settle: Settle,
) -> None:
    unlike = shop.card(shop.AVS_NO_MATCH)
    own_id = crash_while_selling(crashing, FaultPoint.PROCESSOR_ANSWERED, sourcePaymentMethod=unlike)
    doomed_settle(FaultPoint.RETURN_COMMITTED)
    assert log(client, own_id) == ["Cancelled", "Authorized", "New"]
    assert at_processor.held == [TWENTY]
    doomed_settle(FaultPoint.MONEY_RETURNED)
    assert settle() == 1
    assert [charge.voids for charge in at_processor.charges] == [1]


def test_janitors_that_meet_book_a_sale_once(
    client: Client, crashing: Crashing, settle: Settle, at_processor: ProcessorBooks
) -> None:
    account = shop.account(client)
    sales.grant(client, account, "5.00")
    own_id = crash_while_selling(crashing, FaultPoint.PROCESSOR_ANSWERED, account)
    with ThreadPoolExecutor(3) as threads:
        settled = list(threads.map(lambda _: settle(), range(3)))
    assert sum(settled) == 1
    assert (log(client, own_id), sales.credit(client, account)) == (["Authorized", "New"], NONE)
    assert at_processor.held == [FIFTEEN]


@pytest.mark.parametrize("point", ASKED_OR_NOT)
def test_a_paypal_payment_that_was_being_finalized_is_completed_or_off(
    client: Client,
    server: Server,
    crashing: Crashing,
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    point: FaultPoint,
) -> None:
    sold = sales.sell(client, sales.order(sourcePaymentMethod=sales.paypal_page())).transaction
    customers.decide(server, sold)
    crash(
        crashing,
        point,
        lambda other: other("Transaction").finalizePayPalAuth(payPalTransactionId=sold.VID, success=True),
    )
    own_id = sold.merchantTransactionId
    assert log(client, own_id) == ["AuthorizationPending", "New"]
    client("Transaction").expecting(400).finalizePayPalAuth(payPalTransactionId=sold.VID, success=True)
    assert settle() == 1
    asked = point is not FaultPoint.INTENT_COMMITTED
    last = "Authorized" if asked else "Cancelled"
    assert log(client, own_id) == [last, "AuthorizationPending", "New"]
    assert at_processor.held == ([TWENTY] if asked else [])
    sandbox.bill()
    assert log(client, own_id)[0] == ("Captured" if asked else "Cancelled")


@pytest.mark.parametrize("point", ASKED_OR_NOT)
def test_a_lapsed_sale_that_was_being_asked_for_anew_can_be_asked_for_again(
    client: Client,
    crashing: Crashing,
    at_processor: ProcessorBooks,
    settle: Settle,
    sandbox: Sandbox,
    point: FaultPoint,
) -> None:
    sold = sales.authorize(client, sales.order())
    sandbox.advance(8)
    assert at_processor.held == []
    crash(crashing, point, lambda other: sales.captured(other, sold))
    assert settle() == 1
    assert at_processor.held == []
    assert sales.captured(client, sold) == [200]
    sandbox.bill()
    assert at_processor.held == [TWENTY]
    bought = client("Transaction").fetchByAccount(account=shop.reference(sold.transaction.account))
    assert sorted(shop.log(one)[0] for one in bought.transactions) == ["Cancelled", "Captured"]


@pytest.mark.parametrize("point", [FaultPoint.RETURN_COMMITTED, FaultPoint.MONEY_RETURNED])
def test_a_sale_that_was_called_off_is_given_back(
    client: Client, crashing: Crashing, at_processor: ProcessorBooks, settle: Settle, point: FaultPoint
) -> None:
    sold = sales.sell(client, sales.order())
    crash(crashing, point, lambda other: sales.cancelled(other, sold))
    assert sales.log(client, sold) == ["Cancelled", "Authorized", "New"]
    assert settle() == 1
    assert [charge.voids for charge in at_processor.charges] == [1]
