"""AutoBill.makePayment: which invoice is paid, and what the payment looks like (autobill §6.26)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from zeep.helpers import serialize_object

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

D = Decimal
Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def invoiced(client: Client, sandbox: Sandbox) -> Any:
    """Three invoices of 10.00: one Overdue of 10 February and one of 10 March, one Due of 10 April; one Open."""
    return _three_invoices(client, sandbox)


def _three_invoices(client: Client, sandbox: Sandbox, **fields: Any) -> Any:
    given: dict[str, Any] = {"startTimestamp": "2024-02-10T00:00:00-08:00", "invoiceTerms": 10}
    autobill = shop.subscribe(client, shop.invoiced(), **(given | fields)).autobill
    sandbox.bill()
    return autobill


def _number(autobill: Any, index: int) -> str:
    return f"{autobill.merchantAutoBillId}-{index:08d}"


def _states(client: Client, autobill: Any) -> list[str]:
    return list(shop.states(client, autobill).values())


def test_the_invoices_before_any_payment(client: Client, invoiced: Any) -> None:
    assert _states(client, invoiced) == ["Overdue", "Overdue", "Due", "Open"]
    assert shop.standing(shop.fetched(client, invoiced)) == ("Active", "Overdue")


def test_without_an_invoice_id_the_oldest_unpaid_one_is_paid(client: Client, invoiced: Any) -> None:
    paid = shop.pay(client, invoiced, "10.00")
    assert paid.summary == "Success"
    assert shop.names(paid.transaction)["vin:InvoiceId"] == _number(invoiced, 0)
    assert _states(client, invoiced) == ["Paid", "Overdue", "Due", "Open"]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_due_or_overdue_invoice_may_be_named(client: Client, invoiced: Any, index: int) -> None:
    paid = shop.pay(client, invoiced, "10.00", invoiceId=_number(invoiced, index))
    assert shop.names(paid.transaction)["vin:InvoiceId"] == _number(invoiced, index)
    assert _states(client, invoiced)[index] == "Paid"


def test_an_empty_invoice_id_is_none(client: Client, invoiced: Any) -> None:
    paid = shop.pay(client, invoiced, "10.00", invoiceId="")
    assert shop.names(paid.transaction)["vin:InvoiceId"] == _number(invoiced, 0)


def test_an_open_invoice_is_paid_only_when_named(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client).autobill
    answer = (
        client("AutoBill")
        .expecting(400)
        .makePayment(autobill=shop.reference(autobill), paymentMethod=shop.cheque(), amount=5)
    )
    assert shop.text(answer) == (
        "Failed to make payment: No Transaction Billing objects which can accept payment were found for "
        f"AutoBill Product Serial {autobill.merchantAutoBillId}"
    )
    assert (answer.transaction, answer.summary) == (None, None)
    paid = shop.pay(client, autobill, "4.00", invoiceId=_number(autobill, 1))
    assert paid.summary == "Success"
    assert _states(client, autobill) == ["Paid", "Open"]
    assert shop.fetched(client, autobill).nextBilling.amount == 6
    sandbox.bill_on("2024-05-15T08:00:00")
    charged = shop.transactions(client, autobill)[-1]
    assert charged.amount == 6
    assert [(line.name, line.total) for line in charged.transactionItems if line.itemType == "Credit"] == [
        (f"Payment {paid.transaction.merchantTransactionId}", D("-4.00"))
    ]
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]


def test_an_open_invoice_that_is_prepaid_in_full_stays_open_and_charges_nothing(
    client: Client, sandbox: Sandbox
) -> None:
    autobill = shop.subscribe(client).autobill
    shop.pay(client, autobill, "10.00", invoiceId=_number(autobill, 1))
    assert _states(client, autobill) == ["Paid", "Open"]
    assert shop.fetched(client, autobill).nextBilling.amount == 0
    sandbox.bill_on("2024-05-15T08:00:00")
    charged = shop.transactions(client, autobill)[-1]
    assert (charged.amount, charged.paymentProcessor, shop.log(charged)) == (
        0,
        "Vindicia",
        ["Captured", "New"],
    )
    assert _states(client, autobill) == ["Paid", "Paid", "Open"]


def test_the_balance_of_an_open_invoice_follows_todays_prices(client: Client) -> None:
    product = shop.product(client, "10.00")
    autobill = shop.subscribe(client, items=[{"product": shop.reference(product)}]).autobill
    client("Product").update(
        product={"VID": product.VID, "prices": [{"amount": "30.00", "currency": "USD"}]},
        duplicateBehavior=None,
    )
    shop.pay(client, autobill, "25.00", invoiceId=_number(autobill, 1))
    assert shop.fetched(client, autobill).nextBilling.amount == 5
    assert shop.due(client, autobill, _number(autobill, 1)) == 5
    assert shop.credit(client("Account").fetchByVid(vid=autobill.account.VID).account) == []


@pytest.mark.parametrize("amount", ["0", "-1.00", "0.004"])
def test_nothing_or_less_cannot_be_paid(client: Client, invoiced: Any, amount: str) -> None:
    answer = (
        client("AutoBill")
        .expecting(400)
        .makePayment(autobill=shop.reference(invoiced), paymentMethod=shop.cheque(), amount=D(amount))
    )
    assert shop.text(answer) == "Failed to make payment: Amount must be greater than zero."


def test_the_amount_is_rounded_to_the_currency(client: Client, invoiced: Any) -> None:
    assert shop.pay(client, invoiced, "3.005").transaction.amount == D("3.01")


def test_the_currency_defaults_to_that_of_the_invoice(client: Client, sandbox: Sandbox) -> None:
    product = shop.product(client, "1000", currency="JPY")
    autobill = shop.subscribe(
        client, shop.invoiced(), currency="JPY", items=[{"product": shop.reference(product)}]
    ).autobill
    paid = shop.pay(client, autobill, "999.5").transaction
    assert (paid.currency, paid.amount) == ("JPY", 1000)
    assert _states(client, autobill) == ["Paid", "Open"]


def test_another_currency_is_refused(client: Client, invoiced: Any) -> None:
    answer = (
        client("AutoBill")
        .expecting(400)
        .makePayment(autobill=shop.reference(invoiced), paymentMethod=shop.cheque(), amount=5, currency="EUR")
    )
    assert shop.text(answer) == "Failed to make payment: Currency EUR does not match invoice currency USD."
    assert _states(client, invoiced) == ["Overdue", "Overdue", "Due", "Open"]


def test_an_invoice_that_is_not_there(client: Client, invoiced: Any) -> None:
    other = shop.subscribe(client, shop.invoiced()).autobill
    for wrong in ("nothing-00000000", _number(invoiced, 9), _number(other, 0)):
        answer = (
            client("AutoBill")
            .expecting(400)
            .makePayment(
                autobill=shop.reference(invoiced), paymentMethod=shop.cheque(), amount=5, invoiceId=wrong
            )
        )
        assert shop.text(answer) == f"Failed to make payment: Invoice {wrong} not found."


def test_an_invoice_that_takes_no_payment_any_more(client: Client, invoiced: Any) -> None:
    shop.pay(client, invoiced, "10.00")
    client("AutoBill").writeOffInvoice(autobill=shop.reference(invoiced), invoiceId=_number(invoiced, 1))
    for index, state in ((0, "Paid"), (1, "Written Off")):
        wrong = _number(invoiced, index)
        answer = (
            client("AutoBill")
            .expecting(400)
            .makePayment(
                autobill=shop.reference(invoiced), paymentMethod=shop.cheque(), amount=5, invoiceId=wrong
            )
        )
        assert (
            shop.text(answer)
            == f"Failed to make payment: Invoice {wrong} cannot accept payment in state {state}."
        )


@pytest.mark.parametrize("method", ["", "<paymentMethod/>", "<paymentMethod><type/></paymentMethod>"])
def test_without_a_payment_method(wire: Wire, invoiced: Any, method: str) -> None:
    named = f"<autobill><VID>{invoiced.VID}</VID></autobill>"
    answer = wire.call("AutoBill", "makePayment", f"{named}{method}<amount>5.00</amount>")
    assert answer.code == 400
    assert answer.text == "Failed to make payment: Missing required parameter 'paymentMethod'."


def test_without_an_amount(wire: Wire, invoiced: Any) -> None:
    named = f"<autobill><VID>{invoiced.VID}</VID></autobill>"
    method = "<paymentMethod><type>CreditCard</type></paymentMethod>"
    answer = wire.call("AutoBill", "makePayment", f"{named}{method}")
    assert (answer.code, answer.text) == (400, "Failed to make payment: Amount must be greater than zero.")


def test_without_an_autobill(wire: Wire) -> None:
    method = "<paymentMethod><type>CreditCard</type></paymentMethod>"
    answer = wire.call("AutoBill", "makePayment", f"{method}<amount>5.00</amount>")
    assert (answer.code, answer.text) == (
        400,
        "Failed to make payment: Missing required parameter 'autobill'.",
    )


def test_a_partial_payment_changes_no_state(client: Client, invoiced: Any) -> None:
    shop.pay(client, invoiced, "4.00")
    assert _states(client, invoiced) == ["Overdue", "Overdue", "Due", "Open"]
    assert shop.due(client, invoiced, _number(invoiced, 0)) == 6
    shop.pay(client, invoiced, "6.00")
    assert _states(client, invoiced) == ["Paid", "Overdue", "Due", "Open"]


def test_the_payment_is_a_transaction_to_the_letter(client: Client, invoiced: Any) -> None:
    method = shop.cheque("chk-881")
    paid = shop.pay(client, invoiced, "10.00", method, note="cheque 881").transaction
    assert (paid.amount, paid.currency, paid.note, paid.paymentProcessor) == (
        10,
        "USD",
        "cheque 881",
        "Vindicia",
    )
    assert (paid.autobillVID, paid.merchantAutobillIdentifier) == (invoiced.VID, invoiced.merchantAutoBillId)
    assert (paid.autoBillCycle, paid.billingPlanCycle, paid.retryNumber) == (None, None, None)
    assert paid.originalActivityDate is None
    assert paid.timestamp.date().isoformat() == "2024-04-15"
    assert paid.account.VID == invoiced.account.VID
    assert paid.sourcePaymentMethod.merchantPaymentMethodId == "pm-chk-881"
    assert [(pair.name, pair.value) for pair in paid.nameValues] == [
        ("vin:AutoBillVID", invoiced.VID),
        ("vin:MerchantAutoBillIdentifier", invoiced.merchantAutoBillId),
        ("vin:InvoiceId", _number(invoiced, 0)),
    ]


def test_the_status_log_of_a_cheque_has_no_status_object(client: Client, invoiced: Any) -> None:
    log = shop.pay(client, invoiced, "10.00").transaction.statusLog
    assert [entry.status for entry in log] == ["Captured", "New"]
    assert {entry.paymentMethodType for entry in log} == {"MerchantAcceptedPayment"}
    assert {(entry.creditCardStatus, entry.ecpStatus, entry.payPalStatus) for entry in log} == {
        (None, None, None)
    }


def test_the_payment_has_one_generic_line_and_an_empty_tax_line(client: Client, invoiced: Any) -> None:
    first, tax = shop.pay(client, invoiced, "10.00").transaction.transactionItems
    assert (first.sku, first.name, first.itemType, first.quantity) == (None, "Generic item", "Purchase", 1)
    assert (first.taxClassification, first.price, first.subtotal, first.total) == ("OtherTaxable", 10, 10, 10)
    assert (first.servicePeriodStartDate, first.servicePeriodEndDate) == (None, None)
    assert (tax.sku, tax.name, tax.total, tax.price) == ("Total Tax", "Total Tax", 0, 0)
    assert (first.indexNumber, tax.indexNumber) == (1, 2)


def test_the_payment_can_be_fetched_as_it_was_answered(client: Client, invoiced: Any) -> None:
    paid = shop.pay(client, invoiced, "10.00").transaction
    fetched = client("Transaction").fetchByVid(vid=paid.VID).transaction
    assert serialize_object(fetched) == serialize_object(paid)
    assert paid.VID in [one.VID for one in shop.transactions(client, invoiced)]


def test_the_flag_for_future_billing_is_accepted_and_ignored(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    shop.pay(
        client,
        autobill,
        "1.00",
        shop.card(shop.OTHER_CARD),
        invoiceId=_number(autobill, 1),
        usePaymentMethodForFutureBilling=True,
    )
    assert shop.fetched(client, autobill).paymentMethod.VID == autobill.paymentMethod.VID


def test_a_long_note_is_kept(client: Client, invoiced: Any) -> None:
    note = "paid at the counter, Ünïcode " * 40
    assert shop.pay(client, invoiced, "1.00", note=note).transaction.note == note
