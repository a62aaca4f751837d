"""Transaction.capture and cancel: what becomes of authorized sales, one by one (transaction §6.4, §7.3, §7.4)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

D = Decimal
Check = Callable[[], None]

DONE, NOT_POSSIBLE, REFUSED, NOT_FOUND, NEVER_AUTHORIZED = 200, 400, 402, 404, 405


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


def _ask(client: Client, operation: str, *transactions: dict[str, Any]) -> Any:
    return getattr(client("Transaction"), operation)(transactions=list(transactions))


def _lapsed(client: Client, sandbox: Sandbox, **fields: Any) -> Any:
    """An authorization that nobody captured in time."""
    sold = sales.authorize(client, sales.order(**fields))
    sandbox.advance(8)
    assert sales.log(client, sold)[0] == "Cancelled"
    return sold


class TestCapture:
    def test_an_authorized_sale_is_captured_by_the_next_batch(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.authorize(client, sales.order())
        sandbox.bill()
        assert sales.log(client, sold) == ["Authorized", "New"]
        assert sales.captured(client, sold) == [DONE]
        assert sales.log(client, sold) == ["Authorized", "New"]
        sandbox.bill()
        seen = sales.later(client, sold)
        assert shop.log(seen) == ["Captured", "Authorized", "New"]
        assert sales.code(seen) == "T00"

    def test_auth_capture_needs_no_call(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.sell(client, sales.order())
        sandbox.bill()
        assert sales.log(client, sold) == ["Captured", "Authorized", "New"]

    def test_every_transaction_has_a_result_in_the_order_asked(self, client: Client) -> None:
        first, second = (sales.authorize(client, sales.order()).transaction for _ in range(2))
        answer = _ask(
            client,
            "capture",
            {"merchantTransactionId": second.merchantTransactionId},
            {"merchantTransactionId": "nobody's"},
            {"VID": "0" * 40},
            {"VID": first.VID, "merchantTransactionId": "ignored"},
        )
        assert shop.text(answer) == "Ok"
        assert (answer.qtySuccess, answer.qtyFail) == (2, 2)
        assert [(one.returnCode, one.merchantTransactionId) for one in answer.results] == [
            (DONE, second.merchantTransactionId),
            (NOT_FOUND, "nobody's"),
            (NOT_FOUND, None),
            (DONE, first.merchantTransactionId),
        ]
        assert {one.originalMerchantTransactionId for one in answer.results} == {None}

    def test_what_is_over_or_on_its_way_cannot_be_captured(self, client: Client, sandbox: Sandbox) -> None:
        taken = sales.sell(client, sales.order())
        sandbox.bill()
        scheduled = sales.sell(client, sales.order())
        declined = sales.sell(client, sales.order(sourcePaymentMethod=shop.card(shop.SOFT_DECLINED)))
        cancelled = sales.authorize(client, sales.order())
        sales.cancelled(client, cancelled)
        answers = sales.captured(client, taken, scheduled, declined, cancelled)
        assert answers == [NOT_POSSIBLE] * 4

    @pytest.mark.parametrize("method", [sales.paypal_page(), sales.boleto(), shop.bank_account()])
    def test_what_was_never_authorized_cannot_be_captured(
        self, client: Client, method: dict[str, Any]
    ) -> None:
        waiting = sales.sell(client, sales.order(sourcePaymentMethod=method))
        assert sales.captured(client, waiting) == [NEVER_AUTHORIZED]

    def test_a_second_capture_in_one_call_is_refused(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.authorize(client, sales.order())
        assert sales.captured(client, sold, sold) == [DONE, NOT_POSSIBLE]
        sandbox.bill()
        assert sales.log(client, sold) == ["Captured", "Authorized", "New"]

    def test_a_refused_capture_takes_the_sale_back(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.sell(client, sales.order())
        sandbox.script({"operation": "capture", "authCode": "303"})
        sandbox.bill()
        assert sales.log(client, sold) == ["Cancelled", "Authorized", "New"]

    def test_a_capture_without_an_answer_is_tried_again(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.sell(client, sales.order())
        sandbox.script({"operation": "capture", "timeOut": "answer"})
        sandbox.bill()
        assert sales.log(client, sold) == ["Authorized", "New"]
        sandbox.bill()
        assert sales.log(client, sold) == ["Captured", "Authorized", "New"]

    def test_results_may_be_narrowed(self, client: Client) -> None:
        sold = sales.authorize(client, sales.order())
        answer = client("Transaction").capture(
            srd='{"results": {"merchantTransactionId": ""}}', transactions=[shop.reference(sold.transaction)]
        )
        assert answer.results[0].merchantTransactionId == sold.transaction.merchantTransactionId


class TestLapsedAuthorizations:
    def test_an_authorization_is_given_up_after_a_week(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.authorize(client, sales.order())
        sandbox.advance(6)
        assert sales.log(client, sold) == ["Authorized", "New"]
        sandbox.advance(1)
        seen = sales.later(client, sold)
        assert (shop.log(seen), sales.code(seen)) == (["Cancelled", "Authorized", "New"], "T00")

    def test_a_scheduled_one_is_not_given_up(self, client: Client, sandbox: Sandbox) -> None:
        sold = sales.authorize(client, sales.order())
        sandbox.set_clock("2024-04-22T11:59:00")
        assert sales.captured(client, sold) == [DONE]
        sandbox.advance(2)
        assert sales.log(client, sold) == ["Captured", "Authorized", "New"]

    def test_it_is_asked_for_anew_as_a_transaction_of_its_own(self, client: Client, sandbox: Sandbox) -> None:
        sold = _lapsed(
            client, sandbox, note="gift", merchantAffiliateId="aff", nameValues=[{"name": "a", "value": "b"}]
        )
        old_id = sold.transaction.merchantTransactionId
        answer = _ask(client, "capture", shop.reference(sold.transaction))
        (result,) = answer.results
        assert (result.returnCode, result.originalMerchantTransactionId) == (DONE, old_id)
        assert result.merchantTransactionId not in (None, old_id)
        sandbox.bill()
        made = (
            client("Transaction")
            .fetchByMerchantTransactionId(merchantTransactionId=result.merchantTransactionId)
            .transaction
        )
        assert shop.log(made) == ["Captured", "Authorized", "New"]
        assert (made.amount, made.note, made.merchantAffiliateId) == (D("20.00"), "gift", "aff")
        assert shop.names(made) == {"a": "b"}
        assert made.account.VID == sold.transaction.account.VID
        assert [line.name for line in made.transactionItems] == ["Book"]
        assert sales.log(client, sold) == ["Cancelled", "Authorized", "New"]

    def test_it_is_asked_for_anew_once(self, client: Client, sandbox: Sandbox) -> None:
        sold = _lapsed(client, sandbox)
        assert sales.captured(client, sold, sold) == [DONE, NOT_POSSIBLE]

    def test_one_that_nobody_gave_up_yet_is_asked_for_anew_too(
        self, client: Client, sandbox: Sandbox
    ) -> None:
        sold = sales.authorize(client, sales.order())
        sandbox.set_clock("2024-04-23T12:00:00")
        assert sales.captured(client, sold) == [DONE]
        assert sales.log(client, sold) == ["Cancelled", "Authorized", "New"]

    @pytest.mark.parametrize("outcome", [{"authCode": "302"}, {"timeOut": "answer"}, {"timeOut": "request"}])
    def test_a_refusal_leaves_it_for_another_try(
        self, client: Client, sandbox: Sandbox, outcome: dict[str, str]
    ) -> None:
        sold = _lapsed(client, sandbox)
        sandbox.script(outcome)
        answer = _ask(client, "capture", shop.reference(sold.transaction))
        (result,) = answer.results
        assert (result.returnCode, result.originalMerchantTransactionId) == (REFUSED, None)
        assert result.merchantTransactionId == sold.transaction.merchantTransactionId
        found = client("Transaction").fetchByAccount(account=shop.reference(sold.transaction.account))
        assert [one.VID for one in found.transactions] == [sold.transaction.VID]
        assert sales.captured(client, sold) == [DONE]

    def test_a_retired_payment_method_is_not_asked(self, client: Client, sandbox: Sandbox) -> None:
        sold = _lapsed(client, sandbox)
        client("PaymentMethod").update(
            paymentMethod=shop.reference(sold.transaction.sourcePaymentMethod) | {"active": False},
            validate=False,
            minChargebackProbability=100,
            replaceOnAllAutoBills=False,
        )
        assert sales.captured(client, sold) == [REFUSED]

    def test_credit_comes_back_and_is_used_again(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = sales.authorize(client, sales.order(account))
        assert sales.credit(client, account) == 0
        sandbox.advance(8)
        assert sales.credit(client, account) == D("5.00")
        assert sales.captured(client, sold) == [DONE]
        assert sales.credit(client, account) == 0

    def test_without_its_credit_it_is_not_asked_for_anew(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = sales.authorize(client, sales.order(account))
        sandbox.advance(8)
        sales.sell(client, sales.order(account))
        assert sales.captured(client, sold) == [REFUSED]

    def test_one_that_credit_paid_whole_needs_nobody(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        sales.grant(client, account, "20.00")
        sold = sales.authorize(client, sales.order(account, sourcePaymentMethod=None))
        sandbox.advance(8)
        assert sales.credit(client, account) == D("20.00")
        assert sales.captured(client, sold) == [DONE]
        assert sales.credit(client, account) == 0


class TestCancel:
    @pytest.mark.parametrize("ask", [sales.authorize, sales.sell])
    def test_an_authorized_sale_is_called_off(
        self, client: Client, sandbox: Sandbox, ask: Callable[..., Any]
    ) -> None:
        sold = ask(client, sales.order())
        assert sales.cancelled(client, sold) == [DONE]
        seen = sales.later(client, sold)
        assert (shop.log(seen), sales.code(seen)) == (["Cancelled", "Authorized", "New"], "-1")
        sandbox.bill()
        assert sales.log(client, sold) == ["Cancelled", "Authorized", "New"]

    def test_every_transaction_has_a_result_in_the_order_asked(self, client: Client) -> None:
        sold = sales.authorize(client, sales.order()).transaction
        answer = _ask(
            client, "cancel", {"merchantTransactionId": "nobody's"}, {"VID": "0" * 40}, shop.reference(sold)
        )
        assert (shop.text(answer), answer.qtySuccess, answer.qtyFail) == ("Ok", 1, 2)
        assert [(one.returnCode, one.merchantTransactionId) for one in answer.results] == [
            (NOT_FOUND, "nobody's"),
            (NOT_FOUND, None),
            (DONE, sold.merchantTransactionId),
        ]

    def test_what_is_over_cannot_be_called_off(self, client: Client, sandbox: Sandbox) -> None:
        taken = sales.sell(client, sales.order())
        sandbox.bill()
        declined = sales.sell(client, sales.order(sourcePaymentMethod=shop.card(shop.SOFT_DECLINED)))
        sold = sales.authorize(client, sales.order())
        assert sales.cancelled(client, taken, declined, sold, sold) == [
            NOT_POSSIBLE,
            NOT_POSSIBLE,
            DONE,
            NOT_POSSIBLE,
        ]

    @pytest.mark.parametrize(
        "method", [sales.paypal_page(), sales.boleto(), shop.bank_account(), sales.carrier()]
    )
    def test_what_was_never_authorized_cannot_be_called_off(
        self, client: Client, method: dict[str, Any]
    ) -> None:
        waiting = sales.sell(client, sales.order(sourcePaymentMethod=method))
        assert sales.cancelled(client, waiting) == [NEVER_AUTHORIZED]

    def test_an_approved_paypal_payment_is_refunded_not_called_off(self, client: Client) -> None:
        sold = sales.sell(
            client,
            sales.order(
                sourcePaymentMethod=shop.paypal(),
                nameValues=[{"name": "vin:BillPayPalImmediately", "value": "true"}],
            ),
        )
        assert shop.log(sold.transaction) == ["Authorized", "New"]
        assert sales.cancelled(client, sold) == [NEVER_AUTHORIZED]

    def test_the_bill_of_an_autobill_is_no_one_time_sale(self, client: Client) -> None:
        (bill,) = shop.transactions(client, shop.subscribe(client).autobill)
        assert shop.log(bill)[0] == "Authorized"
        answer = _ask(client, "cancel", shop.reference(bill))
        assert [one.returnCode for one in answer.results] == [NEVER_AUTHORIZED]
        answer = _ask(client, "capture", shop.reference(bill))
        assert [one.returnCode for one in answer.results] == [NOT_POSSIBLE]

    def test_credit_comes_back(self, client: Client) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = sales.authorize(client, sales.order(account))
        assert (sold.transaction.amount, sales.credit(client, account)) == (D("15.00"), D(0))
        assert sales.cancelled(client, sold) == [DONE]
        assert sales.credit(client, account) == D("5.00")

    def test_it_stands_even_when_the_processor_does_not_answer(
        self, client: Client, sandbox: Sandbox
    ) -> None:
        sold = sales.authorize(client, sales.order())
        sandbox.script({"operation": "void", "timeOut": "request"})
        assert sales.cancelled(client, sold) == [DONE]
        assert sales.log(client, sold) == ["Cancelled", "Authorized", "New"]
        assert sales.cancelled(client, sold) == [NOT_POSSIBLE]


@pytest.mark.parametrize("operation", ["capture", "cancel"])
def test_an_unknown_vid_is_answered_with_an_empty_id(wire: Wire, operation: str) -> None:
    reply = wire.call("Transaction", operation, f"<transactions><VID>{'0' * 40}</VID></transactions>")
    assert reply.value("results/merchantTransactionId") == ""


@pytest.mark.parametrize("operation", ["capture", "cancel"])
def test_an_empty_list_is_refused(wire: Wire, operation: str) -> None:
    reply = wire.call("Transaction", operation)
    assert (reply.code, reply.text) == (400, f"Must specify transactions to {operation}")
