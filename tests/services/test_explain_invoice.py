"""``cashbox-service explain invoice``: why every line of an invoice stands there, as a person and a program read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

Explain = Callable[[str], dict[str, Any]]

CALIFORNIA = {
    "country": "US",
    "district": "CA",
    "rate": "0.1",
    "jurisdiction": "STATE_06",
    "name": "CA Sales Tax",
}


@pytest.fixture
def explain(server: Server, merchant: Login) -> Explain:
    """The explanation of one invoice as a program reads it."""

    def of(invoice_id: str) -> dict[str, Any]:
        done = server.command("explain", "invoice", invoice_id, "--merchant", merchant.login, "--json")
        assert done.returncode == 0, done.stderr
        (explanation,) = json.loads(done.stdout)
        assert isinstance(explanation, dict)
        return explanation

    return of


def rules(reasons: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The facts of each reason by its rule."""
    return {reason["rule"]: reason["facts"] for reason in reasons}


@pytest.fixture
def story(client: Client, sandbox: Sandbox) -> Any:
    """The worked timeline of the specification: a free month, then 5.00, a modem from the second month on, tax."""
    sandbox.set_clock("2024-01-31T10:00:00")
    sandbox.tax(CALIFORNIA)
    plan = shop.plan(
        client,
        shop.month(cycles=1, free=True),
        shop.month("5.00", cycles=2),
        shop.month("10.00"),
    )
    basic, modem = shop.product(client, "2.00"), shop.product(client, "15.00")
    account = shop.account(client, shippingAddress=shop.address())
    return shop.subscribe(
        client,
        billingPlan=shop.reference(plan),
        account=shop.reference(account),
        items=[
            {"index": 0, "product": shop.reference(basic), "quantity": 3},
            {"index": 1, "product": shop.reference(modem), "cycles": 1, "startDate": "1 month"},
        ],
    ).autobill


def test_every_line_tells_the_rules_and_dates_that_made_it(
    sandbox: Sandbox, explain: Explain, story: Any
) -> None:
    sandbox.bill_on("2024-02-29T06:00:00")
    told = explain(f"{story.merchantAutoBillId}-00000001")
    assert (told["state"], told["amounts"]["balance"]) == ("Paid", "0.00")

    why = rules(told["reasons"])
    assert why["plan"]["period"] == 2
    assert why["cycle"] == {
        "autoBillCycle": 1,
        "billingPlanCycle": 1,
        "serviceStart": "2024-02-29",
        "serviceEnd": "2024-03-30",
    }
    assert why["timing"]["invoiceDate"] == "2024-02-29"

    plan, basic, modem, summary, payment = told["lines"]
    assert rules(plan["reasons"])["price"] == {
        "source": "period",
        "row": 1,
        "listPrice": "5.00",
        "price": "5.00",
        "currency": "USD",
    }
    assert rules(basic["reasons"])["quantity"]["subtotal"] == "6.00"
    assert rules(basic["reasons"])["item timing"]["billing"] == 2
    timing = rules(modem["reasons"])["item timing"]
    assert (timing["startsOn"], timing["billing"], timing["cycles"]) == ("2024-02-29", 1, 1)
    tax = rules(modem["reasons"])["tax"]
    assert (tax["jurisdiction"], tax["rate"], tax["base"], tax["amount"]) == (
        "STATE_06",
        "0.1",
        "15.00",
        "1.50",
    )
    assert tax["place"] == "CA, US"
    assert [reason["rule"] for reason in summary["reasons"]] == ["tax summary", "tax"]
    assert payment["amount"] == "-28.60"
    (attempt,) = told["attempts"]
    assert (attempt["facts"]["retryNumber"], attempt["facts"]["status"]) == (0, "Captured")


def test_a_free_cycle_says_what_it_would_have_cost(explain: Explain, story: Any) -> None:
    told = explain(f"{story.merchantAutoBillId}-00000000")
    assert "free period" in rules(told["reasons"])
    basic = told["lines"][1]
    assert (basic["amount"], rules(basic["reasons"])["price"]["listPrice"]) == ("0.00", "2.00")


def test_an_open_invoice_is_explained_by_the_prices_of_today(
    client: Client, explain: Explain, story: Any
) -> None:
    product = story.items[0].product
    client("Product").update(product={"VID": product.VID, "prices": [{"amount": "4.00", "currency": "USD"}]})
    told = explain(f"{story.merchantAutoBillId}-00000001")
    assert told["state"] == "Open"
    assert rules(told["lines"][1]["reasons"])["price"]["listPrice"] == "4.00"


def test_a_bill_keeps_its_reasons_when_the_prices_change(
    client: Client, sandbox: Sandbox, explain: Explain, story: Any
) -> None:
    sandbox.bill_on("2024-02-29T06:00:00")
    number = f"{story.merchantAutoBillId}-00000001"
    before = explain(number)
    client("Product").update(
        product={"VID": story.items[0].product.VID, "prices": [{"amount": "4.00", "currency": "USD"}]}
    )
    assert explain(number)["lines"] == before["lines"]


def test_credit_and_payments_are_lines_with_reasons_of_their_own(
    client: Client, sandbox: Sandbox, explain: Explain
) -> None:
    """A cheque of 13.00 for a bill of 10.00 leaves credit of 3.00, which the next bill uses."""
    sandbox.set_clock("2024-01-15T12:00:00")
    autobill = shop.subscribe(client, shop.invoiced()).autobill
    first, second = (f"{autobill.merchantAutoBillId}-{number:08}" for number in range(2))
    shop.pay(client, autobill, "13.00", invoiceId=first)
    sandbox.advance(31)
    used = next(line for line in explain(second)["lines"] if line["amount"] == "-3.00")
    why = rules(used["reasons"])["credit"]
    assert (why["grantedOn"], why["usedOn"], why["source"]) == ("2024-01-15", "2024-02-15", "Payment")
    paid = next(line for line in explain(first)["lines"] if line["name"].startswith("Payment "))
    assert rules(paid["reasons"])["payment"]["amount"] == "13.00"


def test_a_person_reads_it_too(server: Server, merchant: Login, sandbox: Sandbox, story: Any) -> None:
    sandbox.bill_on("2024-02-29T06:00:00")
    done = server.command("explain", "invoice", f"{story.merchantAutoBillId}-00000001")
    assert done.returncode == 0, done.stderr
    for said in (
        "period 2 of 3: every 1 month(s), 2 times",
        "Invoice date 2024-02-29: on its service date.",
        "Row 1 of the product's prices is in USD: 15.00.",
        'The item is billed from 2024-02-29 on, as its startDate "1 month" says; this is billing 1 of 1.',
        "CA Sales Tax (STATE_06): 10 % on 15.00 is 1.50",
    ):
        assert said in done.stdout


def test_an_invoice_that_does_not_exist_is_not_explained(server: Server) -> None:
    done = server.command("explain", "invoice", "nobody-00000000")
    assert done.returncode == 1
    assert "nobody-00000000" in done.stderr


def test_invoices_of_other_merchants_are_not_shown(
    server: Server, module_merchant: Login, story: Any
) -> None:
    number = f"{story.merchantAutoBillId}-00000000"
    done = server.command("explain", "invoice", number, "--merchant", module_merchant.login)
    assert done.returncode == 1
