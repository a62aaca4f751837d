"""Operations that only older versions have, against the running server: what took their place does the work."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import sales, shop, usage
from tests.services.sandbox import Sandbox
from tests.soap_client import Login, ServiceClient

D = Decimal


@pytest.fixture
def speak(server: Server, merchant: Login) -> Any:
    """``speak("3.6")("AutoBill")``: the service as a program of that version has it."""
    return lambda version: lambda service: ServiceClient(server, merchant, service, version=version)


def test_future_rebills(client: Client, speak: Any) -> None:
    bill = shop.subscribe(client).autobill
    ahead = speak("3.6")("AutoBill").futureRebills(autobill=shop.reference(bill), quantity=2).transactions
    assert [one.amount for one in ahead] == [D("10.00"), D("10.00")]
    refused = speak("3.6")("AutoBill").expecting(400).futureRebills(autobill=shop.reference(bill), quantity=0)
    assert shop.text(refused) == "Quantity must be a positive integer."


def test_a_search_page(client: Client, speak: Any) -> None:
    sold = sales.sell(client, sales.order(nameValues=[{"name": "shelf", "value": "7"}])).transaction
    search = speak("3.6")("Transaction").fetchSearchPage
    pages = {"VID": sold.VID, "objectsPerPage": 10}
    found = search(**pages, pageNumber=0, nameValues=[{"name": "shelf", "value": "7"}])
    assert [one.merchantTransactionId for one in found.transactions] == [sold.merchantTransactionId]
    assert (found.objectsPerPage, found.pageNumber) == (10, 0)
    assert not search(**pages, pageNumber=1).transactions
    unknown = speak("3.6")("Transaction").expecting(404)
    unknown.fetchSearchPage(VID="0" * 40, objectsPerPage=10, pageNumber=0)


@pytest.mark.parametrize(("said", "status"), [(True, "Captured"), (False, "Cancelled")])
def test_a_sale_over_a_carrier(client: Client, speak: Any, said: bool, status: str) -> None:
    waiting = sales.sell(client, sales.order(sourcePaymentMethod=sales.carrier())).transaction
    done = speak("8.0")("Transaction").finalizeBokuAuthCapture(transactionVid=waiting.VID, success=said)
    assert done.transaction.VID == waiting.VID
    assert done.transaction.statusLog[0].status == status


def test_events_that_say_how_they_are_recorded(client: Client, speak: Any) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "2.00")))

    def record(amount: str, method: str, expecting: int = 200) -> None:
        event = usage.event(bill, amount) | {"recordMethod": method}
        speak("4.3")("RatePlan").expecting(expecting).recordEvent(event=[event])

    record("5", "Add")
    record("2", "Deduct")
    assert usage.waiting(client, bill).ratedUnitTotal == D(3)
    shown = speak("4.3")("RatePlan").fetchEvents(autobill=shop.reference(bill)).event
    assert sorted((one.recordMethod, one.amount) for one in shown) == [("Add", D(5)), ("Deduct", D(2))]


def test_events_that_set_a_total(client: Client, speak: Any) -> None:
    bill = usage.subscribe(client, usage.plan(client, usage.tier("0", "2.00")))
    service = speak("4.3")("RatePlan")

    def total(amount: str, expecting: int = 200, times: int = 1) -> Decimal:
        event = usage.event(bill, amount) | {"recordMethod": "SetTotal"}
        service.expecting(expecting).recordEvent(event=[event] * times)
        units: Decimal = usage.waiting(client, bill).ratedUnitTotal
        return units

    assert [total(amount) for amount in ("5", "2", "2", "9", "0")] == [D(5), D(2), D(2), D(9), D(0)]
    assert sorted(one.amount for one in usage.events(client)) == [D(-9), D(-3), D(5), D(7)]
    assert total("-1", expecting=400) == 0
    assert total("4", expecting=400, times=2) == 0


def test_payment_providers(speak: Any) -> None:
    service = speak("3.6")("PaymentProvider")
    found = service.fetchByVid(vid="Test").paymentProvider
    assert (found.VID, found.description) == ("Test", "Test")
    assert shop.text(service.expecting(404).fetchByVid(vid="Nobody")).startswith(
        "Unable to load PaymentProvider"
    )
    service.expecting(400).update(paymentProvider={"description": "Test"})


def test_measurements(speak: Any) -> None:
    stats = [{"type": "Completed", "numTransactions": 1, "minMs": 1, "avgMs": 2, "maxMs": 3}]
    speak("3.6")("MetricStatistics").report(
        method="auth", begin="2024-01-01T00:00:00Z", end="2024-01-02T00:00:00Z", numFailed=0, stats=stats
    )


def test_the_entitlement_that_lasts_longest(client: Client, speak: Any) -> None:
    product = shop.product(client, merchantEntitlementIds=[{"id": "reading"}])
    bill = shop.subscribe(client, items=[{"product": shop.reference(product)}]).autobill
    ask = speak("3.6")("Entitlement").fetchByEntitlementIdAndAccount
    found = ask(entitlementId="reading", account=shop.reference(bill.account))
    assert (found.entitlement.merchantEntitlementId, found.entitlement.active) == ("reading", True)
    none = ask(entitlementId="writing", account=shop.reference(bill.account))
    assert "returnCode" in none or none.entitlement is None


@pytest.mark.parametrize("version", ["3.6", "8.0", "16.0", "18.0", "22.0"])
def test_auto_billing_is_stopped(client: Client, speak: Any, sandbox: Sandbox, version: str) -> None:
    bill = shop.subscribe(client).autobill
    reason = {"cancelReasonCode": "103"} if float(version) >= 18 else {}
    speak(version)("Account").stopAutoBilling(
        account=shop.reference(bill.account), disentitle=True, force=True, **reason
    )
    stopped = shop.fetched(client, bill)
    assert stopped.status == "Cancelled"
    assert stopped.cancelReason.reason_code == ("103" if reason else "1")


def test_an_account_pays_since_3_7(client: Client, speak: Any) -> None:
    account = shop.account(client, paymentMethods=[shop.card()])
    bill = shop.subscribe(client, shop.invoiced(), account=shop.reference(account)).autobill
    paid = speak("3.7")("Account").makePayment(
        account=shop.reference(account),
        paymentMethod=shop.card(),
        amount="10.00",
        currency="USD",
        invoiceId=shop.invoices(client, bill)[0],
    )
    assert paid.summary == "Success"
    assert next(iter(shop.states(client, bill).values())) == "Paid"
    assert not hasattr(speak("3.6")("Account")._proxy, "makePayment")


def extra(client: Client, price: str) -> Any:
    return shop.reference(shop.product(client, price))


def skus(autobill: Any) -> list[str]:
    return [item.product.merchantProductId for item in autobill["items"] if item.removedDate is None]


def test_an_upgrade_changes_product_and_price(client: Client, speak: Any, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    bill = shop.subscribe(client).autobill
    gold = shop.product(client, "25.00")
    asked = {
        "autobill": {"VID": bill.VID, "product": shop.reference(gold)},
        "effectiveDate": "TODAY",
        "negativeNet": "CREDIT",
    }
    tried = speak("3.6")("AutoBill").upgrade(**asked, dryrun=True)
    assert tried.netcost == 15
    assert skus(shop.fetched(client, bill)) == skus(bill)

    done = speak("3.6")("AutoBill").upgrade(**asked)

    assert (done.netcost, done.debit, done.credit) == (15, 15, 0)
    assert (done.autobill.VID, done.autobill.product.merchantProductId) == (bill.VID, gold.merchantProductId)
    assert skus(shop.fetched(client, bill)) == [gold.merchantProductId]
    refused = speak("4.3")("AutoBill").expecting(400)
    text = shop.text(
        refused.upgrade(**asked | {"effectiveDate": "RESTART", "autobill": shop.reference(bill)})
    )
    assert text == 'Unable to modify AutoBill: effectiveDate "RESTART" is not supported: TODAY or NEXT.'


def test_a_product_comes_and_goes(client: Client, speak: Any, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-01-31T10:00:00")
    bill = shop.subscribe(client).autobill
    product, service = extra(client, "4.00"), speak("4.3")("AutoBill")
    named = shop.reference(bill)

    added = service.addProduct(autobill=named, item={"product": product}, billImmediately=True)
    assert (added.debit, added.transaction.amount, len(added.autobill["items"])) == (D("4.00"), D("4.00"), 2)

    removed = service.removeProduct(autobill=named, product=product, prorate=True, refundImmediately=True)
    assert (removed.credit, [refund.amount for refund in removed.refunds]) == (D("4.00"), [D("4.00")])
    assert skus(shop.fetched(client, bill)) == skus(bill)

    later = service.addProduct(autobill=named, item={"product": product}, addNextPeriod=True)
    assert later.debit == 0
    assert service.expecting(400).removeProduct(autobill=named, product={"merchantProductId": "none"})
