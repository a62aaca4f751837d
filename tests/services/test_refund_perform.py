"""Refund.perform: what is accepted, how it falls on money, credit, lines and tokens, what is refused (§2-§4.1)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.services import refunds, sales, shop
from tests.services.conftest import MakeToken
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

D = Decimal
Check = Callable[[], None]
UNKNOWN = {"VID": "0" * 40}


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


@pytest.fixture
def taxed(client: Client, sandbox: Sandbox) -> Any:
    """Two books at 10.00 and a pen at 3.33 with ten per cent added: 25.66."""
    sandbox.tax({"country": "US", "classification": "OtherTaxable", "rate": "0.1", "name": "TAX"})
    order = sales.order(
        transactionItems=[sales.item(), sales.item("Pen", "3.33", "1")], shippingAddress=shop.address()
    )
    answer = sales.sell(client, order)
    sandbox.bill()
    return answer


class TestAnAmount:
    def test_it_is_accepted_at_once_and_the_log_says_so(self, client: Client, sold: Any) -> None:
        done = refunds.perform(client, refunds.of(sold, "5.00", note="Late"))
        assert (done.status, done.amount, done.currency, done.note) == (
            "Processing",
            D("5.00"),
            "USD",
            "Late",
        )
        assert (done.refundDistributionStrategy, done.amountIncludesTax, done.tokenAction) == (
            "None",
            False,
            "None",
        )
        assert len(done.VID) == 40
        assert (done.referenceString, done.credit, done.refundItems) == (None, None, [])
        assert done.timestamp.isoformat() == "2024-04-15T12:00:00-07:00"
        assert shop.log(done.transaction) == ["Refunded", "Captured", "Authorized", "New"]

    def test_its_id_comes_from_the_series_of_transactions(self, client: Client, sold: Any) -> None:
        done = refunds.perform(client, refunds.of(sold, "5.00"))
        prefix = sold.transaction.merchantTransactionId[:-8]
        assert done.merchantRefundId[:-8] == prefix
        assert int(done.merchantRefundId[-8:]) > int(sold.transaction.merchantTransactionId[-8:])

    def test_the_merchant_may_give_it_an_id_and_name_values(self, client: Client, sold: Any) -> None:
        own = shop.new_id("refund")
        wanted = refunds.of(
            sold, "5.00", merchantRefundId=own, nameValues=[{"name": "why", "value": "broken"}]
        )
        done = refunds.later(client, refunds.perform(client, wanted))
        assert done.merchantRefundId == own
        assert shop.names(done) == {"why": "broken"}

    def test_the_transaction_is_found_by_the_id_of_the_merchant_too(self, client: Client, sold: Any) -> None:
        own = {"merchantTransactionId": sold.transaction.merchantTransactionId}
        assert refunds.perform(client, {"transaction": own, "amount": D(1)}).status == "Processing"

    def test_a_whole_transaction_that_was_fetched_is_a_reference(self, client: Client, sold: Any) -> None:
        vid = sales.later(client, sold).VID
        whole = {"VID": vid, "amount": D("999.00"), "transactionItems": [sales.item("Car", "999.00", "1")]}
        done = refunds.perform(client, {"transaction": whole, "amount": D("20.00")})
        assert done.transaction.amount == D("20.00")

    def test_two_add_up_in_one_call(self, client: Client, sold: Any) -> None:
        first, second = refunds.perform(
            client, refunds.of(sold, "15.00"), refunds.of(sold, "6.00"), expecting=206
        )
        assert (first.status, second.status) == ("Processing", "Failed")
        assert second.note == f"{refunds.FAILED}Refund amount 6.00 exceeds max allowable 5.00"

    def test_a_failed_one_does_not_keep_the_next(self, client: Client, sold: Any) -> None:
        answers = refunds.perform(
            client,
            refunds.of(sold, "21.00"),
            {"transaction": UNKNOWN, "amount": D(1)},
            refunds.of(sold, "20.00"),
            expecting=206,
        )
        assert [one.status for one in answers] == ["Failed", "Failed", "Processing"]

    def test_a_failed_one_shows_what_was_asked_and_is_not_stored(self, client: Client, sold: Any) -> None:
        wanted = refunds.items(sold, refunds.line(1, "99.00"), merchantRefundId="mine", currency="EUR")
        failed = refunds.perform(client, wanted, expecting=206)
        assert (failed.VID, failed.merchantRefundId, failed.status) == (None, None, "Failed")
        assert failed.note == f"{refunds.FAILED}Refund amount 99.00 exceeds max allowable 20.00"
        assert (failed.refundItems[0].amount, failed.currency) == (D("99.00"), "USD")
        assert failed.transaction.VID == sold.transaction.VID
        assert sales.log(client, sold) == ["Captured", "Authorized", "New"]
        client("Refund").expecting(404).fetchByTransaction(transaction=shop.reference(sold.transaction))

    def test_a_transaction_nobody_knows_is_shown_as_it_was_named(self, client: Client) -> None:
        wanted = {"transaction": {"merchantTransactionId": "nobody's"}, "amount": D(1)}
        failed = refunds.perform(client, wanted, expecting=206)
        assert failed.transaction.merchantTransactionId == "nobody's"
        assert failed.note == f"{refunds.FAILED}Unable to load transaction"


class TestLines:
    def test_part_of_a_line_takes_its_share_of_tax_along(self, client: Client, taxed: Any) -> None:
        done = refunds.perform(client, refunds.items(taxed, refunds.line(1, "5.00")))
        item = done.refundItems[0]
        assert (done.amount, item.amount, item.taxes[0].amount, item.sku) == (
            D("5.50"),
            D("5.00"),
            D("0.50"),
            "book",
        )
        traced = done.transaction.transactionItems[0].itemRefunds[0]
        assert (traced.amount, traced.taxAmount, traced.refundId) == (
            D("5.00"),
            D("0.50"),
            done.merchantRefundId,
        )

    def test_an_amount_with_tax_contains_it(self, client: Client, taxed: Any) -> None:
        done = refunds.perform(client, refunds.items(taxed, refunds.line(1, "5.50"), amountIncludesTax=True))
        assert (done.amount, done.amountIncludesTax) == (D("5.50"), True)
        assert (done.refundItems[0].amount, done.refundItems[0].taxes[0].amount) == (D("5.50"), D("0.50"))

    def test_what_empties_a_line_takes_all_its_tax(self, client: Client, taxed: Any) -> None:
        parts = [refunds.perform(client, refunds.items(taxed, refunds.line(2, "1.11"))) for _ in range(3)]
        assert [part.amount for part in parts] == [D("1.22"), D("1.22"), D("1.22")]
        assert sum(part.refundItems[0].taxes[0].amount for part in parts) == D("0.33")

    def test_the_tax_alone_may_be_given_back(self, client: Client, taxed: Any) -> None:
        done = refunds.perform(client, refunds.items(taxed, refunds.line(1, tax_only=True)))
        assert (done.amount, done.refundItems[0].taxOnly) == (D("2.00"), True)
        rest = refunds.perform(client, refunds.items(taxed, refunds.line(1, "20.00")))
        assert rest.amount == D("20.00")

    def test_a_line_is_named_by_its_sku_as_well(self, client: Client, taxed: Any) -> None:
        done = refunds.perform(client, refunds.items(taxed, {"sku": "pen", "amount": D("3.33")}))
        assert (done.amount, done.refundItems[0].transactionItemIndexNumber) == (D("3.66"), 2)

    def test_the_remaining_balance_empties_every_line(self, client: Client, taxed: Any) -> None:
        refunds.perform(client, refunds.items(taxed, refunds.line(1, "5.00")))
        done = refunds.perform(client, refunds.of(taxed, strategy="RemainingBalance"))
        assert done.amount == D("20.16")
        assert [(item.amount, item.taxes[0].amount) for item in done.refundItems] == [
            (D("15.00"), D("1.50")),
            (D("3.33"), D("0.33")),
        ]

    def test_after_a_refund_of_no_line_none_can_be_named(self, client: Client, taxed: Any) -> None:
        refunds.perform(client, refunds.of(taxed, "5.66"))
        assert (
            refunds.refused(client, refunds.items(taxed, refunds.line(1, "1.00")))
            == "Item refunds are not allowed after a transaction-level refund"
        )
        done = refunds.perform(client, refunds.of(taxed, strategy="RemainingBalance"))
        assert (done.amount, done.refundItems) == (D("20.00"), [])


class TestCredit:
    """20.00, of which 8.00 came from credit."""

    @pytest.fixture
    def account(self, client: Client) -> Any:
        account = shop.account(client, paymentMethods=[shop.card()])
        sales.grant(client, account, "8.00")
        return account

    @pytest.fixture
    def sold(self, client: Client, sandbox: Sandbox, account: Any) -> Any:
        answer = sales.sell(client, sales.order(account))
        sandbox.bill()
        assert (answer.transaction.amount, sales.credit(client, account)) == (D("12.00"), D(0))
        return answer

    def test_lines_take_money_first(self, client: Client, account: Any, sold: Any) -> None:
        done = refunds.perform(client, refunds.items(sold, refunds.line(1, "12.00")))
        assert (done.amount, done.credit, sales.credit(client, account)) == (D("12.00"), None, D(0))

    def test_then_credit_as_a_new_grant(self, client: Client, account: Any, sold: Any) -> None:
        done = refunds.perform(client, refunds.items(sold, refunds.line(1, "15.00")))
        given = done.credit.currencyAmounts[0]
        assert (done.amount, given.amount, given.source) == (D("12.00"), D("3.00"), "Refund")
        assert given.accountVID == account.VID
        assert sales.credit(client, account) == 3

    def test_the_remaining_balance_gives_back_both(self, client: Client, account: Any, sold: Any) -> None:
        done = refunds.perform(client, refunds.of(sold, strategy="RemainingBalance"))
        assert (done.amount, done.credit.currencyAmounts[0].amount) == (D("12.00"), D("8.00"))
        assert sales.credit(client, account) == 8

    def test_the_last_of_the_money_brings_all_credit(self, client: Client, account: Any, sold: Any) -> None:
        assert refunds.perform(client, refunds.of(sold, "5.00")).credit is None
        done = refunds.perform(client, refunds.of(sold, "7.00"))
        assert done.credit.currencyAmounts[0].amount == D("8.00")
        assert sales.credit(client, account) == 8

    def test_more_than_money_and_credit_is_refused(self, client: Client, sold: Any) -> None:
        assert (
            refunds.refused(client, refunds.of(sold, "12.01"))
            == "Refund amount 12.01 exceeds max allowable 12.00"
        )


class TestTokens:
    @pytest.fixture
    def coins(self, make_token: MakeToken) -> str:
        return make_token("coins")

    @pytest.fixture
    def sold(self, client: Client, sandbox: Sandbox, coins: str) -> Any:
        item = sales.item(tokens=[{"token": {"merchantTokenId": coins}, "amount": 50}])
        answer = sales.sell(client, sales.order(transactionItems=[item]))
        sandbox.bill()
        return answer

    def balance(self, client: Client, sold: Any) -> int:
        account = client("Account").fetchByVid(vid=sold.transaction.account.VID).account
        return sum(entry.amount for entry in account.tokenBalances)

    def test_grants_stay_by_default(self, client: Client, sold: Any) -> None:
        refunds.perform(client, refunds.of(sold, "20.00"))
        assert self.balance(client, sold) == 50

    @pytest.mark.parametrize("action", ["CancelZeroBalance", "CancelNegativeBalance"])
    def test_they_are_taken_when_asked(self, client: Client, sold: Any, coins: str, action: str) -> None:
        done = refunds.perform(client, refunds.of(sold, "20.00", tokenAction=action))
        assert done.tokenAction == action
        taken = done.credit.tokenAmounts[0]
        assert (taken.token.merchantTokenId, taken.amount) == (coins, 50)
        assert self.balance(client, sold) == 0

    def test_they_are_taken_once(self, client: Client, sold: Any) -> None:
        for _ in range(2):
            refunds.perform(client, refunds.of(sold, "10.00", tokenAction="CancelNegativeBalance"))
        assert self.balance(client, sold) == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("wanted", "note"),
        [
            ({}, "Refund amount must be greater than zero"),
            ({"amount": D("0.00")}, "Refund amount must be greater than zero"),
            ({"amount": D("-1.00")}, "Refund amount must be greater than zero"),
            ({"amount": D("0.004")}, "Refund amount must be greater than zero"),
            ({"amount": D("20.01")}, "Refund amount 20.01 exceeds max allowable 20.00"),
            (
                {"amount": D("1.00"), "refundDistributionStrategy": "Everything"},
                'Unknown refund distribution strategy "Everything"',
            ),
            (
                {"amount": D("1.00"), "merchantRefundId": "a/b"},
                'merchantRefundId "a/b" must not contain a slash.',
            ),
            ({"refundDistributionStrategy": "SpecifiedItems"}, "No refund items specified"),
        ],
    )
    def test_the_note_says_why(self, client: Client, sold: Any, wanted: dict[str, Any], note: str) -> None:
        assert refunds.refused(client, refunds.of(sold, **wanted)) == note

    @pytest.mark.parametrize(
        "line",
        [{"amount": D(1)}, {"sku": "car", "amount": D(1)}, refunds.line(3, "1.00"), refunds.line(2, "1.00")],
    )
    def test_a_line_has_to_be_one(self, client: Client, sold: Any, line: dict[str, Any]) -> None:
        """The second line is the sum of taxes, which cannot be named."""
        assert refunds.refused(client, refunds.items(sold, line)) == "Unable to identify transaction item"

    def test_an_amount_beside_lines_is_their_sum(self, client: Client, sold: Any) -> None:
        wanted = refunds.items(sold, refunds.line(1, "5.00"), amount=D("6.00"))
        assert (
            refunds.refused(client, wanted) == "Refund amount 6.00 does not equal the sum of its items 5.00"
        )

    def test_an_id_is_used_once(self, client: Client, sold: Any) -> None:
        own = shop.new_id("refund")
        refunds.perform(client, refunds.of(sold, "1.00", merchantRefundId=own))
        again = refunds.of(sold, "1.00", merchantRefundId=own)
        assert refunds.refused(client, again) == "merchantRefundId already used"

    def test_nothing_is_left_after_all_of_it(self, client: Client, sold: Any) -> None:
        refunds.perform(client, refunds.of(sold, "20.00"))
        assert (
            refunds.refused(client, refunds.of(sold, "0.01"))
            == "Refund amount 0.01 exceeds max allowable 0.00"
        )
        assert (
            refunds.refused(client, refunds.of(sold, strategy="RemainingBalance"))
            == "Transaction is not in a refundable state"
        )

    def test_a_declined_sale_cannot_be_refunded(self, client: Client) -> None:
        order = sales.order(sourcePaymentMethod=shop.card(shop.HARD_DECLINED))
        declined = sales.sell(client, order)
        assert sales.log(client, declined) == ["Cancelled", "New"]
        wanted = refunds.of(declined, "1.00")
        assert refunds.refused(client, wanted) == "Transaction is not in a refundable state"

    def test_a_cheque_is_reversed_instead(self, client: Client) -> None:
        bill = shop.subscribe(client, shop.invoiced(), invoiceTerms=10).autobill
        paid = shop.pay(client, bill, "10.00").transaction
        wanted = refunds.of(paid, "1.00")
        assert refunds.refused(client, wanted) == "Transaction is not in a refundable state"

    def test_a_transaction_has_to_be_named(self, client: Client) -> None:
        assert refunds.refused(client, {"amount": D(1)}) == "Unable to load transaction"

    def test_no_refund_at_all_is_a_bad_request(self, client: Client) -> None:
        answer = client("Refund").expecting(400).perform(refunds=[])
        assert shop.text(answer) == "No refunds specified"
