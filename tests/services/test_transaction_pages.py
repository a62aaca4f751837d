"""Sales whose customer is sent to a page first, and what follows when he comes back (transaction §7.9 to §7.12)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.servers import Server
from tests.services import customers, sales, shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
AT_ONCE = [{"name": "vin:BillPayPalImmediately", "value": "true"}]
NOT_WAITING = "PayPal tx needs to be in AuthPending dispsosition Disposition AuthorizationPending 1({})"


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


def _sold(client: Client, method: dict[str, Any], account: Any = None, **fields: Any) -> Any:
    return sales.sell(client, sales.order(account, sourcePaymentMethod=method, **fields)).transaction


def _finalize(client: Client, sold: Any, success: bool, expecting: int = 200) -> Any:
    return (
        client("Transaction")
        .expecting(expecting)
        .finalizePayPalAuth(payPalTransactionId=sold.VID, success=success)
    )


def _confirm(client: Client, sold: Any, code: str, expecting: int = 200) -> Any:
    return (
        client("Transaction")
        .expecting(expecting)
        .finalizeCarrierBilling(transactionVid=sold.VID, confirmationCode=code)
    )


def _action(client: Client, sold: Any, expecting: int = 200) -> Any:
    return client("Transaction").expecting(expecting).finalizeCustomerAction(transactionVid=sold.VID)


def _log(client: Client, sold: Any) -> list[str]:
    return shop.log(client("Transaction").fetchByVid(vid=sold.VID).transaction)


class TestPayPal:
    def test_the_buyer_is_sent_to_a_page_and_back_to_the_shop(self, client: Client, server: Server) -> None:
        sold = _sold(client, sales.paypal_page())
        assert shop.log(sold) == ["AuthorizationPending", "New"]
        status = sold.statusLog[0].payPalStatus
        assert status.token.startswith("EC-")
        assert status.redirectUrl == customers.page(sold)
        assert "20.00 USD" in customers.looks_at(server, sold)
        back = customers.decide(server, sold)
        assert (back or "").startswith("https://shop.example/back?basket=7&")
        asked = customers.query(back)
        assert (asked["vindicia_vid"], asked["token"]) == (sold.VID, status.token)
        assert len(asked["PayerID"]) == 13

    @pytest.mark.parametrize("ask", [sales.sell, sales.authorize])
    def test_a_buyer_who_agreed_has_bought(
        self, client: Client, server: Server, sandbox: Sandbox, ask: Callable[..., Any]
    ) -> None:
        sold = ask(client, sales.order(sourcePaymentMethod=sales.paypal_page())).transaction
        payer = customers.query(customers.decide(server, sold))["PayerID"]
        done = _finalize(client, sold, True).transaction
        assert shop.log(done) == ["Authorized", "AuthorizationPending", "New"]
        status = done.statusLog[0].payPalStatus
        assert (status.payerId, status.paypalEmail) == (payer, f"{payer.lower()}@paypal.test")
        assert (done.sourcePaymentMethod.paypal.payerId, done.sourcePaymentMethod.paypal.referenceId) == (
            payer,
            None,
        )
        sandbox.bill()
        captured = ["Captured"] if ask is sales.sell else []
        assert _log(client, sold) == [*captured, "Authorized", "AuthorizationPending", "New"]

    def test_an_agreement_is_kept_where_one_was_asked_for(
        self, client: Client, server: Server, sandbox: Sandbox
    ) -> None:
        account = shop.account(client)
        sold = _sold(client, sales.paypal_page(requestReferenceId=True), account)
        customers.decide(server, sold)
        method = _finalize(client, sold, True).transaction.sourcePaymentMethod
        assert method.paypal.referenceId.startswith("B-")
        again = _sold(client, shop.reference(method), account, nameValues=AT_ONCE)
        assert shop.log(again) == ["Authorized", "New"]

    def test_with_an_agreement_the_buyer_is_still_sent_to_the_page_unless_told_otherwise(
        self, client: Client
    ) -> None:
        sold = _sold(client, sales.paypal_page(referenceId="B-1"))
        assert shop.log(sold) == ["AuthorizationPending", "New"]

    def test_a_buyer_who_refused_has_not_bought(
        self, client: Client, server: Server, sandbox: Sandbox
    ) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = _sold(client, sales.paypal_page(), account)
        assert (sold.amount, sales.credit(client, account)) == (D("15.00"), D(0))
        back = customers.decide(server, sold, "refuse")
        assert (back or "").startswith("https://shop.example/no?")
        assert "PayerID" not in customers.query(back)
        assert _finalize(client, sold, False).transaction is None
        assert _log(client, sold) == ["Cancelled", "AuthorizationPending", "New"]
        assert sales.credit(client, account) == D("5.00")
        sandbox.bill()

    def test_a_refusal_at_the_page_stands_whatever_the_shop_says(
        self, client: Client, server: Server
    ) -> None:
        sold = _sold(client, sales.paypal_page())
        customers.decide(server, sold, "refuse")
        done = _finalize(client, sold, True).transaction
        assert shop.log(done) == ["Cancelled", "AuthorizationPending", "New"]
        assert done.statusLog[0].payPalStatus.authCode == "10486"

    def test_the_first_decision_stands(self, client: Client, server: Server) -> None:
        sold = _sold(client, sales.paypal_page())
        agreed = customers.decide(server, sold)
        assert customers.decide(server, sold, "refuse") == agreed
        assert shop.log(_finalize(client, sold, True).transaction)[0] == "Authorized"

    @pytest.mark.parametrize(
        ("first", "number"), [(True, 3), (False, 5)], ids=["after success", "after failure"]
    )
    @pytest.mark.parametrize("second", [True, False])
    def test_a_sale_is_finalized_once(self, client: Client, first: bool, second: bool, number: int) -> None:
        sold = _sold(client, sales.paypal_page())
        _finalize(client, sold, first)
        before = _log(client, sold)
        assert shop.text(_finalize(client, sold, second, 400)) == NOT_WAITING.format(number)
        assert _log(client, sold) == before

    def test_without_an_answer_the_sale_is_off(self, client: Client, sandbox: Sandbox) -> None:
        sold = _sold(client, sales.paypal_page())
        sandbox.script({"timeOut": "answer"})
        assert shop.text(_finalize(client, sold, True, 402)) == "Error attempting to authorize"
        assert _log(client, sold) == ["Cancelled", "AuthorizationPending", "New"]

    def test_a_buyer_who_does_not_come_back_is_given_up(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = _sold(client, sales.paypal_page(), account)
        sandbox.advance(2)
        assert _log(client, sold) == ["AuthorizationPending", "New"]
        sandbox.advance(2)
        assert _log(client, sold) == ["Cancelled", "AuthorizationPending", "New"]
        assert sales.credit(client, account) == D("5.00")
        assert sales.cancelled(client, type("Answer", (), {"transaction": sold})) == [400]

    def test_a_payment_without_a_way_back_is_not_started(self, client: Client) -> None:
        order = sales.order(sourcePaymentMethod={"type": "PayPal", "paypal": {"paypalEmail": "a@b.c"}})
        assert shop.text(sales.sell(client, order, expecting=400)) == "Authorization failed."
        client("Account").expecting(400).fetchByMerchantAccountId(
            merchantAccountId=order["account"]["merchantAccountId"]
        )

    def test_an_amount_without_items_cannot_be_taxed(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.settings(taxProcessing="on")
        order = sales.order(amount="5.00", sourcePaymentMethod=sales.paypal_page())
        assert shop.text(sales.sell(client, order, expecting=400)) == (
            "Must specify line items in transaction to calculate sales tax for auth!"
        )

    @pytest.mark.parametrize("method", [shop.card(), sales.carrier()])
    def test_another_type_is_refused(self, client: Client, method: dict[str, Any]) -> None:
        sold = _sold(client, method)
        assert shop.text(_finalize(client, sold, True, 400)) == (
            f"Payment method type {method['type']} is not supported here."
        )


class TestPayPalOrders:
    VAT = {"country": "GB", "rate": "0.2", "jurisdiction": "GB", "name": "VAT"}
    STATE = {"country": "US", "district": "CA", "rate": "0.065", "jurisdiction": "STATE_06", "name": "CA TAX"}

    def _order(self, client: Client, sold: Any, expecting: int = 200) -> Any:
        return (
            client("Transaction")
            .expecting(expecting)
            .addressAndSalesTaxFromPayPalOrder(payPalTransactionId=sold.VID)
        )

    def test_the_sale_is_taxed_where_the_buyer_wants_it_sent(
        self, client: Client, server: Server, sandbox: Sandbox
    ) -> None:
        sandbox.tax(self.VAT, self.STATE)
        sold = _sold(client, sales.paypal_page(), shippingAddress=shop.address())
        assert sold.amount == D("21.30")
        customers.decide(server, sold, name="Ada", addr1="1 High St", city="Leeds", country="GB")
        order = self._order(client, sold)
        assert (order.subtotalAmount, order.totalTax, order.totalAmount) == (
            D("20.00"),
            D("4.00"),
            D("24.00"),
        )
        assert [(one.description, one.tax) for one in order.taxItems] == [("VAT", D("4.00"))]
        assert (order.ShippingAddress.name, order.ShippingAddress.city) == ("Ada", "Leeds")
        assert (order.SalesTaxAddress.city, order.BillingAddress) == ("LEEDS", None)
        for seen in (order.transaction, client("Transaction").fetchByVid(vid=sold.VID).transaction):
            assert (seen.amount, seen.shippingAddress.city) == (D("24.00"), "Leeds")
            assert shop.log(seen) == ["AuthorizationPending", "New"]
        done = _finalize(client, sold, True).transaction
        assert (done.amount, shop.log(done)[0]) == (D("24.00"), "Authorized")
        sandbox.bill()

    def test_asked_again_it_answers_the_same(self, client: Client, server: Server, sandbox: Sandbox) -> None:
        sandbox.tax(self.VAT)
        sold = _sold(client, sales.paypal_page())
        customers.decide(server, sold, city="Leeds", country="GB")
        first, second = (self._order(client, sold) for _ in range(2))
        assert (first.totalAmount, first.totalTax) == (second.totalAmount, second.totalTax)
        assert second.totalAmount == D("24.00")

    def test_the_address_of_the_sale_stays_where_the_buyer_names_no_other(
        self, client: Client, server: Server, sandbox: Sandbox
    ) -> None:
        sandbox.tax(self.STATE)
        sold = _sold(client, sales.paypal_page(), shippingAddress=shop.address())
        customers.decide(server, sold)
        order = self._order(client, sold)
        assert (order.ShippingAddress.city, order.totalAmount) == ("Redwood City", D("21.30"))

    def test_it_may_be_asked_before_the_buyer_decided(self, client: Client) -> None:
        order = self._order(client, _sold(client, sales.paypal_page()))
        assert (order.subtotalAmount, order.totalTax, order.totalAmount) == (D("20.00"), 0, D("20.00"))

    def test_credit_stays_used(self, client: Client, server: Server, sandbox: Sandbox) -> None:
        sandbox.tax(self.VAT)
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = _sold(client, sales.paypal_page(), account)
        assert sold.amount == D("15.00")
        customers.decide(server, sold, city="Leeds", country="GB")
        assert self._order(client, sold).totalAmount == D("19.00")
        done = _finalize(client, sold, True).transaction
        assert (done.amount, sales.credit(client, account)) == (D("19.00"), D(0))

    def test_it_is_over_with_the_sale(self, client: Client) -> None:
        sold = _sold(client, sales.paypal_page())
        _finalize(client, sold, False)
        assert shop.text(self._order(client, sold, 400)) == NOT_WAITING.format(5)


class TestCarrierBilling:
    def test_a_page_without_a_way_back_says_what_stands(self, client: Client, server: Server) -> None:
        sold = _sold(client, sales.carrier())
        said = [customers.hears(server, sold, decision) for decision in ("refuse", "agree")]
        assert all("The payment is cancelled." in text for text in said)

    def test_the_code_that_was_texted_takes_the_money_at_once(self, client: Client) -> None:
        sold = _sold(client, sales.carrier())
        assert shop.log(sold) == ["AuthorizationPending", "New"]
        assert sold.statusLog[0].carrierBillingStatus.buyUrl
        done = _confirm(client, sold, "1234").transaction
        assert shop.log(done) == ["Captured", "Authorized", "AuthorizationPending", "New"]

    @pytest.mark.parametrize("code", ["true", "TRUE"])
    def test_a_redirect_says_true(self, client: Client, code: str) -> None:
        assert shop.log(_confirm(client, _sold(client, sales.carrier()), code).transaction)[0] == "Captured"

    @pytest.mark.parametrize("code", ["false", "False"])
    def test_a_redirect_says_false(self, client: Client, code: str) -> None:
        done = _confirm(client, _sold(client, sales.carrier()), code).transaction
        assert shop.log(done) == ["Cancelled", "AuthorizationPending", "New"]

    def test_a_wrong_code_ends_the_sale(self, client: Client) -> None:
        done = _confirm(client, _sold(client, sales.carrier()), "0000").transaction
        assert shop.log(done) == ["Cancelled", "AuthorizationPending", "New"]
        assert done.statusLog[0].carrierBillingStatus.authCode == "811"

    def test_a_sale_is_finalized_once(self, client: Client) -> None:
        sold = _sold(client, sales.carrier())
        _confirm(client, sold, "1234")
        _confirm(client, sold, "1234", 400)
        assert _log(client, sold)[0] == "Captured"

    def test_there_has_to_be_a_code(self, client: Client) -> None:
        sold = _sold(client, sales.carrier())
        assert shop.text(_confirm(client, sold, "", 400)) == "Missing required parameter 'confirmationCode'."
        assert _log(client, sold) == ["AuthorizationPending", "New"]

    def test_a_capture_that_is_not_answered_is_left_to_the_batch(
        self, client: Client, sandbox: Sandbox
    ) -> None:
        sold = _sold(client, sales.carrier())
        sandbox.script({"operation": "capture", "timeOut": "request"})
        assert shop.log(_confirm(client, sold, "1234").transaction)[0] == "Authorized"
        sandbox.bill()
        assert _log(client, sold)[0] == "Captured"


class TestHostedPages:
    @pytest.fixture
    def account(self, client: Client) -> Any:
        return shop.account(client)

    @pytest.mark.parametrize("method", [sales.hosted_page(), sales.skrill()])
    def test_the_provider_knows_what_the_customer_did(
        self, client: Client, server: Server, account: Any, method: dict[str, Any]
    ) -> None:
        sold = _sold(client, method, account)
        assert shop.log(sold) == ["AuthorizationPending", "New"]
        assert shop.log(_action(client, sold).transaction) == ["AuthorizationPending", "New"]
        back = customers.decide(server, sold)
        assert back == f"https://shop.example/back?vid={sold.VID}"
        assert shop.log(_action(client, sold).transaction) == ["Authorized", "AuthorizationPending", "New"]
        assert shop.log(_action(client, sold).transaction)[0] == "Authorized"

    @pytest.mark.parametrize("method", [sales.hosted_page(), sales.skrill()])
    def test_a_customer_who_refused_has_not_bought(
        self, client: Client, server: Server, account: Any, method: dict[str, Any]
    ) -> None:
        sales.grant(client, account, "5.00")
        sold = _sold(client, method, account)
        customers.decide(server, sold, "refuse")
        assert shop.log(_action(client, sold).transaction) == ["Cancelled", "AuthorizationPending", "New"]
        assert sales.credit(client, account) == D("5.00")

    def test_the_batch_learns_it_when_the_shop_does_not_ask(
        self, client: Client, server: Server, account: Any, sandbox: Sandbox
    ) -> None:
        sold = _sold(client, sales.hosted_page(), account)
        customers.decide(server, sold)
        sandbox.bill()
        sandbox.bill()
        assert _log(client, sold) == ["Captured", "Authorized", "AuthorizationPending", "New"]

    def test_a_customer_who_does_not_come_back_is_given_up(
        self, client: Client, account: Any, sandbox: Sandbox
    ) -> None:
        sold = _sold(client, sales.hosted_page(), account)
        sandbox.advance(4)
        assert _log(client, sold) == ["Cancelled", "AuthorizationPending", "New"]

    def test_it_cannot_be_authorized_alone(self, client: Client, account: Any) -> None:
        for method in (sales.hosted_page(), sales.boleto()):
            refused = sales.authorize(client, sales.order(account, sourcePaymentMethod=method), expecting=400)
            assert shop.text(refused) == f"Payment method type {method['type']} is not supported here."

    def test_its_account_has_to_exist(self, client: Client) -> None:
        refused = sales.sell(client, sales.order(sourcePaymentMethod=sales.hosted_page()), expecting=404)
        assert shop.text(refused) == "Unable to load Account"

    def test_a_card_that_was_not_challenged_has_nothing_to_finalize(self, client: Client) -> None:
        sold = _sold(client, shop.card())
        assert (
            shop.text(_action(client, sold, 400)) == "Payment method type CreditCard is not supported here."
        )

    def test_a_challenged_card_waits_and_is_given_up(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.script({"pending": "AuthorizationPending"})
        sold = _sold(client, shop.card())
        assert shop.log(sold) == ["AuthorizationPending", "New"]
        assert shop.log(_action(client, sold).transaction) == ["AuthorizationPending", "New"]
        sandbox.advance(4)
        assert _log(client, sold) == ["Cancelled", "AuthorizationPending", "New"]


class TestSlipsAndDeposits:
    def test_a_slip_is_shown_and_its_payment_awaited(
        self, client: Client, server: Server, sandbox: Sandbox
    ) -> None:
        sold = _sold(client, sales.boleto())
        assert shop.log(sold) == ["AuthorizedPending", "New"]
        assert sold.statusLog[0].boletoStatus.uri
        sandbox.bill()
        assert _log(client, sold) == ["Captured", "AuthorizedPending", "New"]

    @pytest.mark.parametrize(("number", "last"), [("123456789", "Captured"), ("123459999", "Cancelled")])
    def test_the_bank_decides_about_a_deposit(
        self, client: Client, sandbox: Sandbox, number: str, last: str
    ) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = _sold(client, shop.bank_account(number), account)
        assert (shop.log(sold), sold.ecpTransactionType) == (["AuthorizedPending", "New"], "Inbound")
        sandbox.bill()
        assert _log(client, sold) == [last, "AuthorizedPending", "New"]
        assert sales.credit(client, account) == (0 if last == "Captured" else D("5.00"))

    def test_an_unknown_bank_declines(self, client: Client) -> None:
        method = shop.bank_account()
        method["ecp"]["routingNumber"] = "000000000"
        sold = _sold(client, method)
        assert (shop.log(sold), sold.statusLog[0].ecpStatus.authCode) == (["Cancelled", "New"], "750")
