"""What a one-time sale comes to: items, credit, tokens, taxes, money taken outside (transaction §5, §7.2)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import sales, shop
from tests.services.conftest import MakeToken
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
STATE = {"country": "US", "district": "CA", "rate": "0.065", "jurisdiction": "STATE_06", "name": "CA TAX"}


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


def _lines(transaction: Any) -> list[tuple[str, Decimal]]:
    return [(line.name, line.total) for line in transaction.transactionItems]


def _tokens(client: Client, account: Any) -> list[Decimal]:
    fetched = client("Account").fetchByVid(vid=account.VID).account
    return [balance.amount for balance in fetched.tokenBalances]


class TestItems:
    def test_lines_are_numbered_and_summed(self, client: Client) -> None:
        items = [
            sales.item("Book", "10.00", "2"),
            sales.item("Pen", "0.333", "3", itemType="Purchase", nameValues=[{"name": "a", "value": "b"}]),
            sales.item("Voucher", "1.00", "1", itemType="Credit"),
            sales.item("Rebate", "2.00", "1", itemType="DiscountBeforeTax"),
        ]
        sold = sales.sell(client, sales.order(transactionItems=items))
        for seen in (sold.transaction, sales.later(client, sold)):
            assert [line.indexNumber for line in seen.transactionItems] == [1, 2, 3, 4]
            assert _lines(seen) == [
                ("Book", D("20.00")),
                ("Pen", D("0.99")),
                ("Voucher", D("-1.00")),
                ("Rebate", D("-2.00")),
            ]
            assert seen.amount == D("17.99")
            assert shop.names(seen.transactionItems[1]) == {"a": "b"}
            assert seen.transactionItems[2].price == D("-1.00")

    def test_the_amount_that_was_sent_is_not_the_amount(self, client: Client) -> None:
        sold = sales.sell(client, sales.order(amount="1.00", transactionItems=[sales.item()]))
        assert sold.transaction.amount == D("20.00")

    def test_an_amount_alone_is_a_generic_item(self, client: Client) -> None:
        sold = sales.sell(client, sales.order(amount="7.50")).transaction
        (line,) = sold.transactionItems
        assert (line.sku, line.name, line.quantity, line.total) == (None, "Generic item", 1, D("7.50"))

    def test_a_name_may_come_from_the_product(self, client: Client) -> None:
        product = shop.product(client)
        item = {"sku": product.merchantProductId, "name": "", "price": "3.00", "quantity": 1}
        sold = sales.sell(client, sales.order(transactionItems=[item])).transaction
        assert sold.transactionItems[0].name == "Magazine"

    @pytest.mark.parametrize(
        ("parts", "text"),
        [
            ({"price": "-1.00"}, 'transactionItems.price "-1.00" is not between 0 and 1000000000000.'),
            ({"quantity": "-1"}, 'transactionItems.quantity "-1" is not between 0 and 1000000000000.'),
            ({"name": ""}, "Missing required parameter 'transactionItems.name'."),
            ({"itemType": "Credit"}, "Amount negative"),
            ({"campaignCode": "SPRING"}, 'Campaign code "SPRING" does not exist'),
            (
                {"servicePeriodStartDate": "2024-05-02", "servicePeriodEndDate": "2024-05-01"},
                'transactionItems.servicePeriodEndDate "2024-05-01" is before 2024-05-02.',
            ),
        ],
    )
    def test_an_item_that_cannot_be_is_named(self, client: Client, parts: dict[str, Any], text: str) -> None:
        refused = sales.sell(client, sales.order(transactionItems=[sales.item(**parts)]), expecting=400)
        assert shop.text(refused) == text

    def test_neither_items_nor_an_amount_is_refused(self, client: Client) -> None:
        refused = sales.sell(client, sales.order(transactionItems=[]), expecting=400)
        assert shop.text(refused) == "Must specify line items in transaction to calculate sales tax for auth!"

    def test_a_period_of_service_comes_back_as_days(self, client: Client) -> None:
        item = sales.item(servicePeriodStartDate="2024-05-01", servicePeriodEndDate="2024-05-31")
        (line,) = sales.sell(client, sales.order(transactionItems=[item])).transaction.transactionItems
        assert line.servicePeriodStartDate.isoformat() == "2024-05-01T00:00:00-07:00"
        assert line.servicePeriodEndDate.isoformat() == "2024-05-31T00:00:00-07:00"


class TestNothingToCollect:
    def test_a_sale_of_nothing_asks_nobody(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.script({"authCode": "530"})
        sold = sales.sell(client, sales.order(transactionItems=[sales.item(price="0")]))
        seen = sold.transaction
        assert (shop.log(seen), sales.code(seen), seen.paymentProcessor) == (
            ["Authorized", "New"],
            "VIN_900",
            "Vindicia",
        )
        assert shop.names(seen)["vin:payment_processor"] == "Vindicia"
        sandbox.bill()
        assert sales.log(client, sold) == ["Captured", "Authorized", "New"]

    def test_it_needs_no_payment_method(self, client: Client) -> None:
        account = shop.account(client)
        order = sales.order(account, sourcePaymentMethod=None, transactionItems=[sales.item(price="0")])
        assert shop.log(sales.sell(client, order).transaction) == ["Authorized", "New"]


class TestCredit:
    def test_credit_of_the_account_is_used_first(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sold = sales.sell(client, sales.order(account))
        book, credit = sold.transaction.transactionItems
        assert (sold.transaction.amount, sales.credit(client, account)) == (D("15.00"), D(0))
        assert (book.total, credit.itemType, credit.total) == (D("20.00"), "Credit", D("-5.00"))
        sandbox.bill()
        assert sales.log(client, sold)[0] == "Captured"

    def test_each_grant_is_a_line_of_its_own_in_order(self, client: Client) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00", "3.00")
        sold = sales.sell(client, sales.order(account)).transaction
        assert [total for _, total in _lines(sold)] == [D("20.00"), D("-5.00"), D("-3.00")]
        assert sold.amount == D("12.00")

    def test_credit_that_covers_all_asks_nobody(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        sales.grant(client, account, "25.00")
        sold = sales.sell(client, sales.order(account, sourcePaymentMethod=None))
        seen = sold.transaction
        assert (seen.amount, shop.log(seen), seen.paymentProcessor) == (0, ["Authorized", "New"], "Vindicia")
        assert sales.credit(client, account) == D("5.00")
        sandbox.bill()
        assert sales.log(client, sold)[0] == "Captured"

    def test_credit_that_covers_a_part_needs_somebody_for_the_rest(self, client: Client) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sales.sell(client, sales.order(account, sourcePaymentMethod=None), expecting=405)
        assert sales.credit(client, account) == D("5.00")

    def test_credit_of_another_currency_is_left_alone(self, client: Client) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        assert sales.sell(client, sales.order(account, currency="EUR")).transaction.amount == D("20.00")
        assert sales.credit(client, account) == D("5.00")

    @pytest.mark.parametrize("outcome", [{"authCode": "302"}, {"timeOut": "answer"}, {"timeOut": "request"}])
    def test_a_sale_that_is_off_gives_its_credit_back(
        self, client: Client, sandbox: Sandbox, outcome: dict[str, str]
    ) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sandbox.script(outcome)
        sales.sell(client, sales.order(account), expecting=402 if "timeOut" in outcome else 200)
        assert sales.credit(client, account) == D("5.00")

    def test_an_approval_that_the_policy_refuses_gives_it_back_too(self, client: Client) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        order = sales.order(account, sourcePaymentMethod=shop.card(shop.AVS_NO_MATCH))
        sales.sell(client, order, expecting=407)
        assert sales.credit(client, account) == D("5.00")

    def test_a_risky_sale_uses_none(self, client: Client) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        risky = [{"name": "vin:TestScore", "value": "71"}]
        sales.sell(client, sales.order(account, nameValues=risky), expecting=403, minChargebackProbability=70)
        assert sales.credit(client, account) == D("5.00")

    def test_a_part_that_was_approved_keeps_the_credit_used(self, client: Client, sandbox: Sandbox) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        sandbox.script({"authCode": "111", "approvedAmount": "4.00"})
        sold = sales.sell(client, sales.order(account)).transaction
        assert (sold.amount, sold.originalAmount) == (D("4.00"), D("15.00"))
        assert sales.credit(client, account) == 0

    def test_a_dry_run_shows_the_credit_and_leaves_it(self, client: Client) -> None:
        account = shop.account(client)
        sales.grant(client, account, "5.00")
        shown = sales.sell(client, sales.order(account), dryrun=True).transaction
        assert shown.amount == D("15.00")
        assert sales.credit(client, account) == D("5.00")


class TestTokens:
    def test_tokens_are_granted_with_the_approval(self, client: Client, make_token: MakeToken) -> None:
        account, token = shop.account(client), make_token("coins")
        items = [sales.item(tokens=[{"token": {"merchantTokenId": token}, "amount": 30}])]
        sold = sales.authorize(client, sales.order(account, transactionItems=items))
        assert _tokens(client, account) == [30]
        assert sales.cancelled(client, sold) == [200]
        assert sum(_tokens(client, account)) == 0

    def test_a_decline_grants_none(self, client: Client, make_token: MakeToken) -> None:
        account, token = shop.account(client), make_token("coins")
        items = [sales.item(tokens=[{"token": {"merchantTokenId": token}, "amount": 30}])]
        declined = shop.card(shop.SOFT_DECLINED)
        sales.sell(client, sales.order(account, transactionItems=items, sourcePaymentMethod=declined))
        assert sum(_tokens(client, account)) == 0

    def test_an_unknown_token_is_refused(self, client: Client) -> None:
        items = [sales.item(tokens=[{"token": {"merchantTokenId": "none"}, "amount": 30}])]
        sales.sell(client, sales.order(transactionItems=items), expecting=404)


class TestTaxes:
    def test_tax_is_added_to_the_sale(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.tax(STATE)
        sold = sales.sell(client, sales.order(shippingAddress=shop.address()))
        for seen in (sold.transaction, sales.later(client, sold)):
            assert _lines(seen) == [("Book", D("21.30")), ("Total Tax", D("1.30"))]
            assert (seen.amount, seen.salesTaxAddress.city) == (D("21.30"), "REDWOOD CITY")
        sandbox.bill()

    def test_a_sale_that_nobody_can_tax_says_so(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.tax(STATE)
        sold = sales.sell(client, sales.order()).transaction
        assert sold.amount == D("20.00")
        assert "neither a shipping nor a billing address" in shop.names(sold)["vin:TaxError_1"]

    @pytest.mark.parametrize("policy", ["inclusive", "none"])
    def test_without_the_tax_service_it_goes_on_and_is_captured_later(
        self, client: Client, sandbox: Sandbox, policy: str
    ) -> None:
        sandbox.settings(taxWhenUnavailable=policy)
        sandbox.tax(STATE, unavailable=True)
        sold = sales.sell(client, sales.order(shippingAddress=shop.address()), expecting=202)
        assert (sold.transaction.amount, shop.log(sold.transaction)[0]) == (D("20.00"), "Authorized")
        sandbox.bill_on("2024-04-15T12:59:00")
        assert sales.log(client, sold)[0] == "Authorized"
        sandbox.bill_on("2024-04-15T13:01:00")
        assert sales.log(client, sold)[0] == "Captured"

    def test_or_it_does_not_where_the_merchant_says_so(self, client: Client, sandbox: Sandbox) -> None:
        sandbox.settings(taxWhenUnavailable="fail")
        sandbox.tax(STATE, unavailable=True)
        order = sales.order(shippingAddress=shop.address())
        sales.sell(client, order, expecting=408)
        client("Account").expecting(400).fetchByMerchantAccountId(
            merchantAccountId=order["account"]["merchantAccountId"]
        )


class TestMoneyTakenOutside:
    def test_a_cheque_is_captured_at_once(self, client: Client) -> None:
        cheque = shop.cheque()
        sold = sales.sell(client, sales.order(shop.account(client), sourcePaymentMethod=cheque)).transaction
        assert (shop.log(sold), sold.amount) == (["Captured", "New"], D("20.00"))
        paid = sold.sourcePaymentMethod.merchantAcceptedPayment
        assert (paid.amount, paid.currency) == (D("20.00"), "USD")

    def test_it_is_booked_once(self, client: Client) -> None:
        account, cheque = shop.account(client), shop.cheque()
        sales.sell(client, sales.order(account, sourcePaymentMethod=cheque))
        again = dict(cheque) | {"merchantPaymentMethodId": shop.new_id("pm")}
        refused = sales.sell(client, sales.order(account, sourcePaymentMethod=again), expecting=400)
        assert cheque["merchantAcceptedPayment"]["paymentId"] in shop.text(refused)

    def test_it_has_to_be_the_amount(self, client: Client) -> None:
        order = sales.order(shop.account(client), sourcePaymentMethod=shop.cheque(amount="19.99"))
        refused = sales.sell(client, order, expecting=400)
        assert shop.text(refused) == 'merchantAcceptedPayment.amount "19.99" is not 20.00.'
