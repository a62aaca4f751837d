"""A shop whose cards are kept by Stripe: what its customers pay, what it gets to read, and what Stripe holds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

import pytest
import requests

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.reliability.conftest import Crashing, Settle
from tests.servers import Server
from tests.services import refunds, sales, shop
from tests.services.sandbox import Sandbox
from tests.services.test_transaction_migrate import history
from tests.soap_client import Login, ServiceClient
from tests.stripe.conftest import Start
from tests.stripe.far_end import FarEnd

VISA = "4242424242424242"
DECLINED_WHEN_CHARGED = "4000000000000341"
DECLINED_WHEN_KEPT = "4000000000000002"
WANTS_THE_CUSTOMER = "4000002500003155"

Held = Callable[[], list[int]]
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


def by_token(token: str, **fields: Any) -> dict[str, Any]:
    """A card that only Stripe knows the number of."""
    return {"type": "CreditCard", "creditCard": {"expirationDate": "203812"}, "externalToken": token} | fields


def sale(token: str, **fields: Any) -> dict[str, Any]:
    """Two books, 20.00."""
    return sales.order(sourcePaymentMethod=by_token(token), **fields)


def declining(decline_code: str) -> dict[str, Any]:
    """The body of an answer as Stripe gives it when a bank declines."""
    return {"error": {"type": "card_error", "code": "card_declined", "decline_code": decline_code}}


def standing(transaction: Any) -> tuple[str, str | None]:
    """What the merchant reads of it: status and code."""
    return transaction.statusLog[0].status, sales.code(transaction)


class TestASale:
    def test_it_is_authorized_by_call_and_captured_by_the_batch(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held, merchant: Login
    ) -> None:
        sold = sales.sell(client, sale(far_end.card(VISA)))
        assert standing(sold.transaction) == ("Authorized", "100")
        assert sold.transaction.paymentProcessor == "Stripe"
        [intent] = far_end.intents(merchant.vid)
        assert sold.transaction.paymentProcessorTransactionId == intent["id"]
        assert (intent["amount"], intent["currency"], intent["status"]) == (2000, "usd", "requires_capture")
        assert intent["metadata"]["cashbox_transaction"] == sold.transaction.merchantTransactionId
        sandbox.bill()
        assert standing(sales.later(client, sold)) == ("Captured", "100")
        assert [one["status"] for one in far_end.intents(merchant.vid)] == ["succeeded"]
        assert held() == [2000]

    def test_an_authorization_can_be_cancelled(self, client: Client, far_end: FarEnd, held: Held) -> None:
        sold = sales.authorize(client, sale(far_end.card(VISA)))
        assert held() == [2000]
        assert sales.cancelled(client, sold) == [200]
        assert sales.log(client, sold)[0] == "Cancelled"
        assert held() == []

    def test_an_authorization_is_captured_on_request(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, merchant: Login
    ) -> None:
        sold = sales.authorize(client, sale(far_end.card(VISA)))
        assert sales.captured(client, sold) == [200]
        sandbox.bill()
        assert sales.log(client, sold)[0] == "Captured"
        assert [one["status"] for one in far_end.intents(merchant.vid)] == ["succeeded"]

    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("insufficient_funds", "302"),
            ("lost_card", "502"),
            ("incorrect_cvc", "531"),
            ("unheard_of", "303"),
        ],
    )
    def test_a_decline_carries_the_code_of_its_reason(
        self, client: Client, far_end: FarEnd, held: Held, word: str, code: str
    ) -> None:
        order = sale(far_end.card(VISA))
        with far_end.telling("/confirm$", 402, declining(word)):
            sold = sales.sell(client, order)
        assert standing(sold.transaction) == ("Cancelled", code)
        assert held() == []

    def test_a_card_that_is_declined_is_not_charged(
        self, client: Client, far_end: FarEnd, held: Held
    ) -> None:
        sold = sales.sell(client, sale(far_end.card(DECLINED_WHEN_CHARGED)))
        assert standing(sold.transaction) == ("Cancelled", "303")
        assert held() == []

    def test_a_customer_whom_his_bank_wants_to_see_is_sent_nowhere_without_a_browser(
        self, client: Client, far_end: FarEnd, merchant: Login
    ) -> None:
        sold = sales.sell(client, sale(far_end.card(WANTS_THE_CUSTOMER)))
        assert standing(sold.transaction) == ("Cancelled", "401")
        assert [one["status"] for one in far_end.intents(merchant.vid)] == ["canceled"]

    def test_a_token_that_stripe_does_not_know_is_not_on_file(self, client: Client) -> None:
        sold = sales.sell(client, sale("pm_unknown"))
        assert standing(sold.transaction) == ("Cancelled", "304")

    def test_a_card_by_its_number_is_refused_and_never_leaves_the_service(
        self, client: Client, far_end: FarEnd
    ) -> None:
        asked = len(far_end.sent)
        sold = sales.sell(client, sales.order())
        assert standing(sold.transaction) == ("Cancelled", "227")
        assert far_end.sent[asked:] == []


class TestACustomerWhomHisBankWantsToSee:
    BACK = "https://shop.example/back?basket=7"

    def sell(self, client: Client, far_end: FarEnd, back: str = BACK, *, expecting: int = 200) -> Any:
        browser = {"returnUrl": back, "browserAcceptHeader": "*/*", "browserUserAgentHeader": "Mozilla/5.0"}
        card = by_token(far_end.card(WANTS_THE_CUSTOMER), extendedVerification=browser)
        return sales.sell(client, sales.order(sourcePaymentMethod=card), expecting=expecting)

    def back(self, client: Client, sold: Any) -> Any:
        """He comes back to the shop, which asks what he did."""
        vid = sold.transaction.VID
        return client("Transaction").finalizeCustomerAction(transactionVid=vid).transaction

    def intent(self, far_end: FarEnd, merchant: Login) -> dict[str, Any]:
        [found] = far_end.intents(merchant.vid)
        return found

    def test_he_is_sent_there_and_comes_back_to_a_sale_that_is_authorized(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, merchant: Login, held: Held
    ) -> None:
        sold = self.sell(client, far_end)
        waiting = sold.transaction.statusLog[0]
        intent = self.intent(far_end, merchant)["id"]
        assert waiting.status == "AuthorizationPending"
        assert waiting.extendedVerification.redirectUrl.startswith(f"{far_end.url}/bank/{intent}")
        [confirmed] = [one for one in far_end.sent if one.path.endswith(f"{intent}/confirm")]
        assert confirmed.params["return_url"] == f"{self.BACK}&vid={sold.transaction.VID}"
        assert self.back(client, sold).statusLog[0].status == "AuthorizationPending"
        far_end.visit_bank(intent, agrees=True)
        assert standing(self.back(client, sold)) == ("Authorized", "100")
        sandbox.bill()
        assert sales.log(client, sold)[0] == "Captured"
        assert held() == [2000]

    def test_he_fails_there(self, client: Client, far_end: FarEnd, merchant: Login, held: Held) -> None:
        sold = self.sell(client, far_end)
        far_end.visit_bank(self.intent(far_end, merchant)["id"], agrees=False)
        assert standing(self.back(client, sold)) == ("Cancelled", "401")
        assert held() == []

    def test_he_never_comes_back(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, merchant: Login
    ) -> None:
        sold = self.sell(client, far_end)
        sandbox.advance(4)
        assert sales.log(client, sold)[0] == "Cancelled"
        assert self.intent(far_end, merchant)["status"] == "canceled"

    def test_what_is_no_address_is_refused_and_nothing_is_asked(
        self, client: Client, far_end: FarEnd, merchant: Login
    ) -> None:
        refused = self.sell(client, far_end, "javascript:alert(1)", expecting=400)
        assert shop.text(refused) == (
            'sourcePaymentMethod.extendedVerification.returnUrl "javascript:alert(1)" is not an http or https address.'
        )
        assert far_end.intents(merchant.vid) == []


class TestARefund:
    def test_a_part_goes_back_and_no_more_than_there_was(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held, merchant: Login
    ) -> None:
        sold = sales.sell(client, sale(far_end.card(VISA)))
        sandbox.bill()
        done = refunds.perform(client, refunds.of(sold, "5.00"))
        refunds.carry_out(sandbox)
        assert refunds.later(client, done).status == "Complete"
        assert far_end.refunds(far_end.intents(merchant.vid)[0]["id"]) == [500]
        assert held() == [1500]

    @pytest.mark.parametrize("lost", ["request", "answer"])
    def test_one_without_answer_is_repeated_and_paid_once(
        self,
        client: Client,
        sandbox: Sandbox,
        far_end: FarEnd,
        held: Held,
        merchant: Login,
        settle: Settle,
        lost: str,
    ) -> None:
        sold = sales.sell(client, sale(far_end.card(VISA)))
        sandbox.bill()
        done = refunds.perform(client, refunds.of(sold, "5.00"))
        with far_end.losing(lost):
            refunds.carry_out(sandbox)
        assert refunds.later(client, done).status == "Processing"
        assert settle() == 1
        assert refunds.later(client, done).status == "Complete"
        assert far_end.refunds(far_end.intents(merchant.vid)[0]["id"]) == [500]
        assert held() == [1500]

    def test_what_is_refunded_before_it_is_captured_is_not_taken(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held
    ) -> None:
        sold = sales.sell(client, sale(far_end.card(VISA)))
        refunds.perform(client, refunds.of(sold, "20.00"))
        refunds.carry_out(sandbox)
        assert sales.log(client, sold)[0] == "Cancelled"
        assert held() == []

    def test_a_sale_that_stripe_took_before_the_shop_moved_here_is_refunded(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd
    ) -> None:
        paid = {"amount": "1000", "currency": "usd", "payment_method": far_end.card(VISA), "confirm": "true"}
        intent = far_end.ask("POST", "/v1/payment_intents", paid)
        moved = history(paymentProcessor="Stripe", paymentProcessorTransactionId=intent["id"])
        client("Transaction").migrate(migrationTransactions=[moved])
        sold = client("Transaction").fetchByMerchantTransactionId(
            merchantTransactionId=moved["merchantTransactionId"]
        )
        done = refunds.perform(client, refunds.of(sold, "4.00"))
        with far_end.telling(f"{intent['id']}$", 200, intent | {"amount_received": 1000}):
            refunds.carry_out(sandbox)
        assert refunds.later(client, done).status == "Complete"
        assert far_end.refunds(intent["id"]) == [400]


class TestASubscription:
    def test_its_renewals_are_charged_without_the_customer(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held
    ) -> None:
        autobill = shop.subscribe(client, by_token(far_end.card(VISA))).autobill
        sandbox.bill()
        asked = len(far_end.sent)
        sandbox.bill_on("2024-02-15T06:00:00")
        confirmed = [one.params for one in far_end.sent[asked:] if one.path.endswith("/confirm")]
        assert [one.get("off_session") for one in confirmed] == ["true"]
        assert [shop.log(one)[0] for one in shop.transactions(client, autobill)] == ["Captured", "Captured"]
        assert list(shop.states(client, autobill).values()) == ["Paid", "Paid", "Open"]
        assert held() == [1000, 1000]

    def test_a_customer_of_stripe_pays_with_his_default_card(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held
    ) -> None:
        card = far_end.card(VISA)
        default = {"payment_method": card, "invoice_settings[default_payment_method]": card}
        customer = far_end.ask("POST", "/v1/customers", default)["id"]
        shop.subscribe(client, by_token(customer))
        sandbox.bill_on("2024-02-15T06:00:00")
        assert held() == [1000, 1000]

    def test_a_soft_decline_is_tried_again(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held
    ) -> None:
        autobill = shop.subscribe(client, by_token(far_end.card(VISA))).autobill
        sandbox.bill()
        with far_end.telling("/confirm$", 402, declining("insufficient_funds")):
            sandbox.bill_on("2024-02-15T06:00:00")
        assert shop.standing(shop.fetched(client, autobill)) == ("Active", "In Retry")
        sandbox.advance(3)
        assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
        assert held() == [1000, 1000]

    def test_a_hard_decline_is_not(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held
    ) -> None:
        autobill = shop.subscribe(client, by_token(far_end.card(VISA))).autobill
        sandbox.bill()
        with far_end.telling("/confirm$", 402, declining("stolen_card")):
            sandbox.bill_on("2024-02-15T06:00:00")
        sandbox.advance(5)
        last = shop.transactions(client, autobill)[-1]
        assert standing(last) == ("Cancelled", "502")
        assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Unusable PaymentMethod")
        assert held() == [1000]


class TestAStoredCard:
    def test_it_is_validated_without_reserving_money(
        self, client: Client, far_end: FarEnd, merchant: Login
    ) -> None:
        answer = self._store(client, far_end.card(VISA))
        assert answer.validated is True
        assert answer.authStatus.creditCardStatus.authCode == "101"
        assert answer.paymentMethod.creditCard.account is None
        assert far_end.intents(merchant.vid) == []

    def test_a_declined_one_is_told(self, client: Client, far_end: FarEnd) -> None:
        answer = self._store(client, far_end.card(DECLINED_WHEN_KEPT), expecting=402)
        assert shop.text(answer) == "Unable to authorize payment method: 303"
        assert answer.validated is False

    def _store(self, client: Client, token: str, *, expecting: int = 200) -> Any:
        return (
            client("PaymentMethod")
            .expecting(expecting)
            .update(
                paymentMethod=by_token(token),
                validate=True,
                minChargebackProbability=100,
                replaceOnAllAutoBills=False,
            )
        )


class TestWithoutAnswer:
    @pytest.mark.parametrize(
        "point", [FaultPoint.INTENT_COMMITTED, FaultPoint.PROCESSOR_ANSWERED, FaultPoint.OUTCOME_WRITTEN]
    )
    def test_a_process_that_dies_leaves_one_charge_or_none(
        self,
        client: Client,
        crashing: Crashing,
        settle: Settle,
        far_end: FarEnd,
        held: Held,
        point: FaultPoint,
    ) -> None:
        own_id = shop.new_id("sale")
        order = sale(far_end.card(VISA), merchantTransactionId=own_id)
        with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
            sales.sell(doomed, order)
        asked = point is not FaultPoint.INTENT_COMMITTED
        assert held() == ([2000] if asked else [])
        assert settle() == 1
        assert self._log(client, own_id) == ["Authorized" if asked else "Cancelled", "New"]
        assert held() == ([2000] if asked else [])

    def test_a_process_that_is_killed_while_stripe_thinks_leaves_one_charge(
        self,
        client: Client,
        server: Server,
        merchant: Login,
        start: Start,
        settle: Settle,
        far_end: FarEnd,
        held: Held,
        tmp_path: Any,
    ) -> None:
        own_id = shop.new_id("sale")
        order = sale(far_end.card(VISA), merchantTransactionId=own_id)
        with start(server.kind, server.database_url, tmp_path, ends_with=-9) as doomed:
            calling = Thread(target=self._sell_in_vain, args=(doomed, merchant, order))
            with far_end.holding("/confirm$") as confirming:
                calling.start()
                assert confirming.carried_out.wait(30)
                doomed.process.kill()
                doomed.process.wait()
            calling.join()
        assert self._log(client, own_id) == ["New"]
        assert settle() == 1
        assert self._log(client, own_id) == ["Authorized", "New"]
        assert held() == [2000]
        assert settle() == 0

    @pytest.mark.parametrize("lost", ["request", "answer"])
    def test_a_renewal_is_settled_and_never_charged_twice(
        self, client: Client, sandbox: Sandbox, settle: Settle, far_end: FarEnd, held: Held, lost: str
    ) -> None:
        autobill = shop.subscribe(client, by_token(far_end.card(VISA))).autobill
        sandbox.bill()
        with far_end.losing(lost, "/confirm$"):
            sandbox.bill_on("2024-02-15T06:00:00")
        assert shop.log(shop.transactions(client, autobill)[1]) == ["New"]
        assert sandbox.bill() == []
        assert settle() == 1
        if lost == "request":
            assert shop.standing(shop.fetched(client, autobill)) == ("Active", "In Retry")
            sandbox.advance(3)
        assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
        assert held() == [1000, 1000]

    def test_money_for_a_sale_that_was_called_off_is_given_back(
        self, client: Client, settle: Settle, far_end: FarEnd, held: Held
    ) -> None:
        order = sale(far_end.card(VISA))
        with far_end.losing("answer", "/confirm$"):
            sales.sell(client, order, expecting=402)
        assert held() == [2000]
        assert settle() == 1
        assert held() == []

    @pytest.mark.parametrize("lost", ["request", "answer"])
    def test_a_capture_is_repeated_and_done_once(
        self, client: Client, sandbox: Sandbox, far_end: FarEnd, held: Held, lost: str
    ) -> None:
        sold = sales.sell(client, sale(far_end.card(VISA)))
        with far_end.losing(lost, "/capture$"):
            sandbox.bill()
        assert sales.log(client, sold)[0] == "Authorized"
        sandbox.bill()
        assert sales.log(client, sold)[0] == "Captured"
        assert held() == [2000]

    def test_stripe_out_of_reach_is_a_soft_decline_and_nothing_is_charged_later(
        self, client: Client, settle: Settle, far_end: FarEnd, held: Held
    ) -> None:
        order = sale(far_end.card(VISA))
        with far_end.losing("answer", "POST .*payment_intents$"):
            sold = sales.sell(client, order)
        assert standing(sold.transaction) == ("Cancelled", "902")
        assert settle() == 0
        assert held() == []

    def _log(self, client: Client, own_id: str) -> list[str]:
        found = client("Transaction").fetchByMerchantTransactionId(merchantTransactionId=own_id)
        return shop.log(found.transaction)

    def _sell_in_vain(self, server: Server, merchant: Login, order: dict[str, Any]) -> None:
        with suppress(requests.ConnectionError):
            sales.sell(lambda service: ServiceClient(server, merchant, service), order)
