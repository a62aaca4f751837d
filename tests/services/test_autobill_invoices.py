"""AutoBill invoices: their numbers by state, their text, giving one up (autobill §6.28 – §6.30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire

Check = Callable[[], None]
RULE = "_" * 83


@pytest.fixture(autouse=True)
def _audited(books_are_right: Check, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def autobill(client: Client, sandbox: Sandbox) -> Any:
    """Paid by hand: invoices Written Off, Paid, Overdue, Due and Open, of 10 January to 10 May."""
    made = shop.subscribe(
        client, shop.invoiced(), startTimestamp="2024-01-10T00:00:00-08:00", invoiceTerms=10
    ).autobill
    sandbox.bill()
    client("AutoBill").writeOffInvoice(autobill=shop.reference(made), invoiceId=_number(made, 0))
    shop.pay(client, made, "10.00")
    return made


def _number(autobill: Any, index: int) -> str:
    return f"{autobill.merchantAutoBillId}-{index:08d}"


def _lines(text: str) -> list[str]:
    return text.splitlines()


def test_all_numbers_oldest_first(client: Client, autobill: Any) -> None:
    assert shop.invoices(client, autobill) == [_number(autobill, index) for index in range(5)]
    assert shop.invoices(client, autobill, "") == shop.invoices(client, autobill)


@pytest.mark.parametrize(
    ("state", "numbers"),
    [
        ("Written Off", [0]),
        ("WrittenOff", [0]),
        ("writtenOff", [0]),
        ("Paid", [1]),
        ("Overdue", [2]),
        ("Due", [3]),
        ("Open", [4]),
        ("Closed", []),
    ],
)
def test_numbers_of_one_state(client: Client, autobill: Any, state: str, numbers: list[int]) -> None:
    assert shop.invoices(client, autobill, state) == [_number(autobill, index) for index in numbers]


def test_a_state_that_does_not_exist(wire: Wire, autobill: Any) -> None:
    named = f"<autobill><VID>{autobill.VID}</VID></autobill>"
    answer = wire.call("AutoBill", "fetchInvoiceNumbers", f"{named}<invoicestate>Lost</invoicestate>")
    assert answer.code == 400
    assert "vin:InvoiceStates" in answer.text
    assert '"Lost"' in answer.text


def test_without_an_autobill(wire: Wire) -> None:
    answer = wire.call("AutoBill", "fetchInvoiceNumbers", "")
    assert (answer.code, answer.text) == (400, "Unable to load AutoBill: ")


def test_the_text_of_an_invoice_to_the_letter(client: Client, sandbox: Sandbox, merchant: Any) -> None:
    address = {
        "addr1": "1 Main Street",
        "addr2": "Flat 2",
        "city": "San Mateo",
        "district": "CA",
        "postalCode": "94402",
        "country": "US",
    }
    account = shop.account(client, name="Ada Reader", company="Readers Ltd", shippingAddress=address)
    paper = shop.product(client, "4.50", merchantProductId=shop.new_id("paper"))
    long_name = "A magazine with a name so long that nobody ever reads it to the end"
    web = shop.product(
        client,
        "1.25",
        merchantProductId=shop.new_id("web"),
        descriptions=[{"language": "EN", "description": long_name}],
    )
    plan = shop.plan(client, shop.month(), description="Monthly plan")
    autobill = shop.subscribe(
        client,
        shop.invoiced(),
        account=shop.reference(account),
        billingPlan=shop.reference(plan),
        items=[
            {"product": shop.reference(paper), "quantity": 2},
            {"product": shop.reference(web), "quantity": "1.5"},
        ],
        startTimestamp="2024-03-10T00:00:00-08:00",
        invoiceTerms=10,
    ).autobill
    sandbox.bill()
    first, second = _number(autobill, 0), _number(autobill, 1)
    paid = shop.pay(client, autobill, "3.00", invoiceId=first).transaction.merchantTransactionId
    own = shop.pay(client, autobill, "1.00", invoiceId=second).transaction.merchantTransactionId
    company = merchant.login[:48]
    assert _lines(shop.invoice_text(client, autobill, second)) == [
        f"{company:<49}Invoice #: {second}",
        f"{'':48}Date: 2024-04-10",
        "",
        "Readers Ltd",
        "Ada Reader",
        "1 Main Street",
        "Flat 2",
        "San Mateo CA 94402",
        "US",
        "",
        f"Previous Balance:{'10.88':>66}",
        RULE,
        "Payments:",
        RULE,
        f"    Payment {paid:<20}{'3.00':>51}",
        f"    Payment {own:<20}{'1.00':>51}",
        f"Total Payments{'4.00':>69}",
        f"BALANCE{'6.88':>76}",
        RULE,
        "Current Charges:",
        f"    {plan.merchantBillingPlanId:<30}{'Monthly plan':<34}x 1{'0.00':>12}",
        f"    {paper.merchantProductId:<30}{'Magazine':<34}x 2{'9.00':>12}",
        f"    {web.merchantProductId:<30}{long_name[:34]}x 1.5{'1.88':>10}",
        RULE,
        f"Total Current Charges{'10.88':>62}",
        "Credits:",
        RULE,
        f"Total Credits{'0.00':>70}",
        f"TAX{'0.00':>80}",
        RULE,
        f"Total Amount Due:{'17.76':>66}",
        "Pay By: 2024-04-20",
    ]


def test_the_amount_due_goes_down_with_payments_on_earlier_invoices(client: Client, autobill: Any) -> None:
    # Invoice 2 was billed when 0 and 1 were owed; invoice 0 was given up and 1 paid since.
    assert shop.due(client, autobill, _number(autobill, 3)) == 30
    shop.pay(client, autobill, "10.00")
    assert shop.due(client, autobill, _number(autobill, 3)) == 20
    shop.pay(client, autobill, "10.00")
    assert shop.due(client, autobill, _number(autobill, 3)) == 10


def test_a_card_bill_that_was_charged_has_nothing_due(client: Client) -> None:
    autobill = shop.subscribe(client).autobill
    first = _number(autobill, 0)
    assert shop.due(client, autobill, first) == 0
    paid = shop.transactions(client, autobill)[0].merchantTransactionId
    assert f"Payment {paid}" in shop.invoice_text(client, autobill, first)


def test_credit_that_was_used_stands_on_the_invoice(client: Client, sandbox: Sandbox) -> None:
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    shop.pay(client, autobill, "14.00", overageDisposition="applytoCredit")
    sandbox.bill_on("2024-05-15T08:00:00")
    text = shop.invoice_text(client, autobill, _number(autobill, 1))
    assert f"    Overpayment{'4.00':>68}" in _lines(text)
    assert f"Total Credits{'4.00':>70}" in _lines(text)
    assert shop.due(client, autobill, _number(autobill, 1)) == 6


def test_an_open_invoice_shows_what_it_would_charge_today(client: Client) -> None:
    product = shop.product(client, "10.00")
    autobill = shop.subscribe(client, items=[{"product": shop.reference(product)}]).autobill
    client("Product").update(
        product={"VID": product.VID, "prices": [{"amount": "30.00", "currency": "USD"}]},
        duplicateBehavior=None,
    )
    text = shop.invoice_text(client, autobill, _number(autobill, 1))
    assert shop.due(client, autobill, _number(autobill, 1)) == 30
    assert "Date: 2024-05-15" in text
    assert f"Previous Balance:{'0.00':>66}" in text


def test_amounts_have_the_digits_of_the_currency(client: Client) -> None:
    product = shop.product(client, "1000", currency="JPY")
    autobill = shop.subscribe(
        client, shop.invoiced(), currency="JPY", items=[{"product": shop.reference(product)}]
    ).autobill
    assert f"Total Amount Due:{'1000':>66}" in shop.invoice_text(client, autobill, _number(autobill, 0))


def test_the_product_is_named_in_the_language_of_the_account(client: Client) -> None:
    account = shop.account(client, preferredLanguage="de")
    product = shop.product(
        client,
        descriptions=[
            {"language": "EN", "description": "Magazine"},
            {"language": "DE", "description": "Zeitschrift für Ältere"},
        ],
    )
    autobill = shop.subscribe(
        client, account=shop.reference(account), items=[{"product": shop.reference(product)}]
    ).autobill
    assert "Zeitschrift für Ältere" in shop.invoice_text(client, autobill, _number(autobill, 0))


def test_a_name_cannot_imitate_the_amount_due(client: Client) -> None:
    account = shop.account(client, name="Total Amount Due:   0.00\nTotal Amount Due: 0.00")
    autobill = shop.subscribe(client, shop.invoiced(), account=shop.reference(account)).autobill
    text = shop.invoice_text(client, autobill, _number(autobill, 0))
    last = [line for line in _lines(text) if line.startswith("Total Amount Due:")][-1]
    assert last.split()[-1] == "10.00"


def test_as_pdf(client: Client, autobill: Any) -> None:
    answer = client("AutoBill").fetchInvoice(
        autobill=shop.reference(autobill), invoiceId=_number(autobill, 2), asPDF=True
    )
    assert answer.invoice.startswith(b"%PDF-")
    assert answer.invoice.rstrip().endswith(b"%%EOF")


def test_a_template_or_language_that_is_not_known_falls_back(client: Client, autobill: Any) -> None:
    plain = shop.invoice_text(client, autobill, _number(autobill, 2))
    assert (
        shop.invoice_text(client, autobill, _number(autobill, 2), statementTemplateId="x", language="xx")
        == plain
    )


def test_an_invoice_that_is_not_there(client: Client, autobill: Any) -> None:
    other = shop.subscribe(client).autobill
    for wrong in ("nothing", _number(other, 0)):
        answer = (
            client("AutoBill")
            .expecting(400)
            .fetchInvoice(autobill=shop.reference(autobill), invoiceId=wrong, asPDF=False)
        )
        assert shop.text(answer) == f"Unable to load Invoice: {wrong}"


def test_without_an_invoice_id(client: Client, autobill: Any) -> None:
    answer = (
        client("AutoBill")
        .expecting(400)
        .fetchInvoice(autobill=shop.reference(autobill), invoiceId="", asPDF=False)
    )
    assert shop.text(answer) == "Missing required parameter 'invoiceId'."


def test_a_reminder_that_was_sent_can_be_read_again(client: Client, autobill: Any) -> None:
    # Invoice 2 was due on 20 March: reminders went out on 27 March and 3 April.
    for index in (1, 2):
        text = shop.invoice_text(client, autobill, _number(autobill, 2), dunningIndex=index)
        assert f"Payment Reminder {index}" in _lines(text)
        assert f"Current Balance:{'10.00':>67}" in _lines(text)
    assert shop.invoice_text(client, autobill, _number(autobill, 2), dunningIndex=0).startswith(
        shop.invoice_text(client, autobill, _number(autobill, 2))[:40]
    )


@pytest.mark.parametrize(("invoice", "index"), [(2, 3), (2, 9), (2, -1), (3, 1), (1, 1), (4, 1)])
def test_a_reminder_that_was_not_sent(client: Client, autobill: Any, invoice: int, index: int) -> None:
    answer = (
        client("AutoBill")
        .expecting(400)
        .fetchInvoice(
            autobill=shop.reference(autobill),
            invoiceId=_number(autobill, invoice),
            asPDF=False,
            dunningIndex=index,
        )
    )
    assert "dunningIndex" in shop.text(answer)


@pytest.mark.parametrize(("index", "state"), [(2, "Overdue"), (3, "Due")])
def test_a_debt_is_written_off(client: Client, autobill: Any, index: int, state: str) -> None:
    assert shop.states(client, autobill)[_number(autobill, index)] == state
    answer = client("AutoBill").writeOffInvoice(
        autobill=shop.reference(autobill), invoiceId=_number(autobill, index)
    )
    assert shop.text(answer) == "OK"
    assert shop.states(client, autobill)[_number(autobill, index)] == "Written Off"


def test_written_off_twice_changes_nothing(client: Client, autobill: Any) -> None:
    client("AutoBill").writeOffInvoice(autobill=shop.reference(autobill), invoiceId=_number(autobill, 0))
    assert shop.states(client, autobill)[_number(autobill, 0)] == "Written Off"


@pytest.mark.parametrize("index", [1, 4])
def test_what_is_paid_or_open_is_no_debt(client: Client, autobill: Any, index: int) -> None:
    before = shop.states(client, autobill)
    answer = (
        client("AutoBill")
        .expecting(400)
        .writeOffInvoice(autobill=shop.reference(autobill), invoiceId=_number(autobill, index))
    )
    state = before[_number(autobill, index)]
    assert shop.text(answer) == f"Invoice {_number(autobill, index)} is in state {state}."
    assert shop.states(client, autobill) == before


def test_writing_off_what_is_not_there(client: Client, autobill: Any) -> None:
    answer = (
        client("AutoBill")
        .expecting(404)
        .writeOffInvoice(autobill=shop.reference(autobill), invoiceId="nothing")
    )
    assert shop.text(answer) == "Invoice ID not found."


def test_writing_off_the_last_debt_brings_back_good_standing_and_stops_the_retries(
    client: Client, sandbox: Sandbox
) -> None:
    order = shop.order(client, shop.card(shop.SOFT_DECLINED))
    autobill = shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill
    shop.pay(client, autobill, "3.00")
    client("AutoBill").writeOffInvoice(autobill=shop.reference(autobill), invoiceId=_number(autobill, 0))
    now = shop.fetched(client, autobill)
    assert shop.standing(now) == ("Active", "Good Standing")
    assert now.nextBilling.timestamp.isoformat() == "2024-05-15T00:00:00-07:00"
    sandbox.advance(20)
    assert len(shop.transactions(client, autobill)) == 2
    assert list(shop.states(client, autobill).values()) == ["Written Off", "Open"]


def test_writing_off_one_of_two_debts_is_not_enough(client: Client, autobill: Any) -> None:
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    client("AutoBill").writeOffInvoice(autobill=shop.reference(autobill), invoiceId=_number(autobill, 3))
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    client("AutoBill").writeOffInvoice(autobill=shop.reference(autobill), invoiceId=_number(autobill, 2))
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
