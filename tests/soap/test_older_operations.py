"""Operations that only older versions have, through the whole endpoint: answered by what took their place.

The handlers here are those of a server that has them all; a second one has none, and says so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.domain.errors import NotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.endpoint import SoapEndpoint
from cashbox_service.soap.registry import Registry
from cashbox_service.soap.returns import Row
from tests.soap.echo import LOGIN, PASSWORD, EchoService, Reply, envelope
from tests.soap.published import check

D = Decimal
RETURNS: dict[str, tuple[Row, ...]] = {
    "modify": (Row(400, "Unable to modify AutoBill: {detail}", "decided", NotFound),),
}

REGISTRY = Registry()
SEEN: list[Any] = []


@REGISTRY.handles("AutoBill", "modify")
def modify(_call: Call, request: r.AutoBillModifyRequest) -> r.AutoBillModifyResponse:
    SEEN.append(request)
    if request.autobill is None:
        raise NotFound("VID", "")
    return r.AutoBillModifyResponse(
        autobill=r.AutoBill(VID=request.autobill.VID, status="Active"),
        transaction=r.Transaction(amount=D("7.50")),
        refunds=[r.Refund(amount=D("2.50")), r.Refund(amount=D("1.00"))],
    )


@REGISTRY.handles("AutoBill", "fetchFutureRebills")
def fetch_future_rebills(
    _call: Call, request: r.AutoBillFetchFutureRebillsRequest
) -> r.AutoBillFetchFutureRebillsResponse:
    SEEN.append(request)
    return r.AutoBillFetchFutureRebillsResponse(transactions=[r.Transaction(amount=D("10.00"))])


@REGISTRY.handles("Transaction", "finalizeCarrierBilling")
def finalize(
    _call: Call, request: r.TransactionFinalizeCarrierBillingRequest
) -> r.TransactionFinalizeCarrierBillingResponse:
    SEEN.append(request)
    return r.TransactionFinalizeCarrierBillingResponse(transaction=r.Transaction(VID=request.transactionVid))


@REGISTRY.handles("Transaction", "fetchByVid")
def fetch(_call: Call, request: r.TransactionFetchByVidRequest) -> r.TransactionFetchByVidResponse:
    pairs = [r.NameValuePair(name="n", value="v")]
    return r.TransactionFetchByVidResponse(transaction=r.Transaction(VID=request.vid, nameValues=pairs))


@REGISTRY.handles("PaymentProvider", "fetchByName")
def fetch_provider(
    _call: Call, request: r.PaymentProviderFetchByNameRequest
) -> r.PaymentProviderFetchByNameResponse:
    return r.PaymentProviderFetchByNameResponse(paymentProvider=r.PaymentProvider(name=request.name))


@REGISTRY.handles("RatePlan", "deductEvent")
def deduct(_call: Call, request: r.RatePlanDeductEventRequest) -> r.RatePlanDeductEventResponse:
    SEEN.append(request)
    return r.RatePlanDeductEventResponse()


class OldClient:
    """A program of some version; every answer that is no refusal has to hold to the published schema."""

    def __init__(self, registry: Registry) -> None:
        self._service = EchoService()
        self._service.endpoint = SoapEndpoint(
            self._service.app, base_url="https://billing.example", registry=registry
        )

    def call(self, version: str, service: str, operation: str, parts: str = "") -> Reply:
        auth = (
            f"<auth><version>{version}</version><login>{LOGIN}</login><password>{PASSWORD}</password></auth>"
        )
        namespace = f"http://soap.vindicia.com/v{version.replace('.', '_')}/{service}"
        reply = self._service.post(
            envelope(f'<tns:{operation} xmlns:tns="{namespace}">{auth}{parts}</tns:{operation}>')
        )
        assert reply.status == "200 OK", reply.body
        check(service, reply.body, version)
        return reply


@pytest.fixture
def old() -> OldClient:
    SEEN.clear()
    return OldClient(REGISTRY)


BILL = "<autobill><VID>v</VID>{}</autobill>"


def test_future_rebills_are_the_next_billings(old: OldClient) -> None:
    reply = old.call("3.6", "AutoBill", "futureRebills", BILL.format("") + "<quantity>2</quantity>")
    assert reply.root[0][0].tag == "{http://soap.vindicia.com/v3_6/AutoBill}futureRebillsResponse"
    assert (reply.code, reply.text("amount")) == (200, "10.00")
    assert (SEEN[0].autobill.VID, SEEN[0].quantity) == ("v", 2)


@pytest.mark.parametrize(
    ("date", "effective", "prorated"), [("TODAY", "today", True), ("next", "nextBill", False)]
)
@pytest.mark.parametrize("version", ["3.6", "4.3"])
def test_an_upgrade_modifies_the_autobill(
    old: OldClient, version: str, date: str, effective: str, prorated: bool
) -> None:
    product = "<product><merchantProductId>new</merchantProductId></product>"
    kept = "" if version == "3.6" else "<items><VID>i</VID></items>"
    item = product if version == "3.6" else f"{kept}<items>{product}</items>"
    template = f"<billingPlan><merchantBillingPlanId>gold</merchantBillingPlanId></billingPlan>{item}"
    rest = f"<effectiveDate>{date}</effectiveDate><dryrun>1</dryrun><negativeNet>REFUND</negativeNet>"
    reply = old.call(version, "AutoBill", "upgrade", BILL.format(template) + rest)

    assert [reply.text(name) for name in ("returnCode", "netcost", "credit", "debit", "VID")] == [
        "200", "4.00", "3.50", "7.50", "v",
    ]  # fmt: skip
    [asked] = SEEN
    assert (asked.effectiveDate, asked.billProratedPeriod, asked.dryrun) == (effective, prorated, True)
    assert asked.changeBillingPlanTo.merchantBillingPlanId == "gold"
    [change] = asked.autoBillItemModifications
    assert change.removeAutoBillItem.index == (0 if version == "3.6" else 1)
    assert change.addAutoBillItem.product.merchantProductId == "new"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            "<effectiveDate>RESTART</effectiveDate>",
            'effectiveDate "RESTART" is not supported: TODAY or NEXT.',
        ),
        ("", 'effectiveDate "" is not supported: TODAY or NEXT.'),
        (
            "<costLimit>5</costLimit><effectiveDate>TODAY</effectiveDate>",
            'costLimit "5" is not supported: try with dryrun first.',
        ),
        (
            "<skipOnetimeCharge>1</skipOnetimeCharge><effectiveDate>TODAY</effectiveDate>",
            'skipOnetimeCharge "1" is not supported.',
        ),
    ],
)
def test_an_upgrade_that_a_modification_cannot_make_is_refused_before_anything_happens(
    old: OldClient, parts: str, text: str
) -> None:
    reply = old.call("4.3", "AutoBill", "upgrade", BILL.format("") + parts)
    assert (reply.code, reply.text("returnString")) == (400, text)
    assert SEEN == []


def test_refusals_are_those_of_the_operation_that_answers(old: OldClient) -> None:
    reply = old.call("4.3", "AutoBill", "upgrade", "<effectiveDate>TODAY</effectiveDate>")
    assert reply.code == 400
    assert (reply.text("returnString") or "").startswith("Unable to modify AutoBill: ")


@pytest.mark.parametrize(
    ("flags", "effective", "prorated"),
    [
        ("", "today", False),
        ("<prorate>1</prorate>", "today", True),
        ("<billImmediately>1</billImmediately>", "today", True),
        ("<addNextPeriod>1</addNextPeriod><prorate>1</prorate>", "nextBill", False),
    ],
)
def test_a_product_is_added(old: OldClient, flags: str, effective: str, prorated: bool) -> None:
    item = "<item><product><merchantProductId>extra</merchantProductId></product><cycles>2</cycles></item>"
    reply = old.call("4.3", "AutoBill", "addProduct", BILL.format("") + item + flags)
    assert (reply.code, reply.text("debit")) == (200, "7.50")
    assert reply.text("transaction") is not None
    [asked] = SEEN
    assert (asked.effectiveDate, asked.billProratedPeriod, asked.changeBillingPlanTo) == (
        effective,
        prorated,
        None,
    )
    [change] = asked.autoBillItemModifications
    assert (change.removeAutoBillItem, change.addAutoBillItem.cycles) == (None, 2)


@pytest.mark.parametrize(
    ("flags", "effective", "prorated"),
    [
        ("", "today", False),
        ("<prorate>1</prorate><refundImmediately>1</refundImmediately>", "today", True),
        ("<removeNextPeriod>1</removeNextPeriod><prorate>1</prorate>", "nextBill", False),
    ],
)
def test_a_product_is_removed(old: OldClient, flags: str, effective: str, prorated: bool) -> None:
    product = "<product><merchantProductId>extra</merchantProductId></product>"
    reply = old.call("4.3", "AutoBill", "removeProduct", BILL.format("") + product + flags)
    assert (reply.code, reply.text("credit")) == (200, "3.50")
    [asked] = SEEN
    assert (asked.effectiveDate, asked.billProratedPeriod) == (effective, prorated)
    [change] = asked.autoBillItemModifications
    assert change.removeAutoBillItem.product.merchantProductId == "extra"
    assert change.addAutoBillItem is None


@pytest.mark.parametrize(
    ("sent", "code"), [("<success>1</success>", "true"), ("<success>0</success>", "false"), ("", None)]
)
def test_a_carrier_says_yes_or_no(old: OldClient, sent: str, code: str | None) -> None:
    reply = old.call(
        "8.0", "Transaction", "finalizeBokuAuthCapture", f"<transactionVid>t</transactionVid>{sent}"
    )
    assert (reply.code, reply.text("VID")) == (200, "t")
    assert (SEEN[0].transactionVid, SEEN[0].confirmationCode) == ("t", code)


@pytest.mark.parametrize(
    ("page", "pairs", "found"),
    [
        (0, "", True),
        (0, "<nameValues><name>n</name><value>v</value></nameValues>", True),
        (0, "<nameValues><name>n</name><value>w</value></nameValues>", False),
        (1, "", False),
    ],
)
def test_a_search_page_has_the_transaction_or_nothing(
    old: OldClient, page: int, pairs: str, found: bool
) -> None:
    parts = f"<VID>t</VID><objectsPerPage>10</objectsPerPage><pageNumber>{page}</pageNumber>{pairs}"
    reply = old.call("3.6", "Transaction", "fetchSearchPage", parts)
    assert (reply.code, reply.text("objectsPerPage"), reply.text("pageNumber")) == (200, "10", str(page))
    assert reply.text("VID") == ("t" if found else None)


def test_a_provider_is_found_by_its_name_and_not_changed(old: OldClient) -> None:
    reply = old.call("3.6", "PaymentProvider", "fetchByVid", "<vid>Test</vid>")
    assert [reply.text(name) for name in ("returnCode", "VID", "description")] == ["200", "Test", "Test"]

    reply = old.call("3.6", "PaymentProvider", "update", "<paymentProvider><VID>Test</VID></paymentProvider>")
    assert reply.code == 400
    assert (reply.text("returnString") or "").startswith("Payment providers are set up by the operator")


def test_measurements_of_clients_are_accepted(old: OldClient) -> None:
    reply = old.call("3.6", "MetricStatistics", "report", "<method>auth</method><numFailed>0</numFailed>")
    assert (reply.code, reply.text("returnString")) == (200, "OK")
    assert SEEN == []


def test_deductions_go_where_deductions_are_made(old: OldClient) -> None:
    events = "<event><merchantEventId>e</merchantEventId><recordMethod>Deduct</recordMethod><amount>5</amount></event>"
    reply = old.call("4.3", "RatePlan", "recordEvent", events)
    assert reply.code == 200
    assert isinstance(SEEN[0], r.RatePlanDeductEventRequest)
    assert (SEEN[0].event[0].merchantEventId, SEEN[0].event[0].amount) == ("e", D(5))
    mixed = (
        "<event><recordMethod>Add</recordMethod></event><event><recordMethod>Deduct</recordMethod></event>"
    )
    assert old.call("4.3", "RatePlan", "recordEvent", mixed).code == 400
    added = "<event><recordMethod>Add</recordMethod></event>"
    assert old.call("4.3", "RatePlan", "recordEvent", added).code == 503


@pytest.mark.parametrize(
    ("version", "service", "operation"),
    [
        ("3.6", "AutoBill", "futureRebills"),
        ("4.3", "AutoBill", "upgrade"),
        ("4.3", "AutoBill", "addProduct"),
        ("4.3", "AutoBill", "removeProduct"),
        ("8.0", "Transaction", "finalizeBokuAuthCapture"),
        ("3.6", "Transaction", "fetchSearchPage"),
        ("3.6", "PaymentProvider", "fetchByVid"),
        ("8.0", "AutoBill", "cancel"),
        ("20.0", "SeasonSet", "update"),
        ("22.0", "SeasonSet", "fetchAll"),
    ],
)
def test_what_the_server_does_not_do_yet_it_says_in_every_version(
    version: str, service: str, operation: str
) -> None:
    reply = OldClient(Registry()).call(version, service, operation)
    assert (reply.code, reply.text("returnString")) == (
        503, f"Not available in this server yet: {service}.{operation}",
    )  # fmt: skip


def test_wrong_credentials_and_values_are_refused_in_the_words_of_the_version() -> None:
    service = EchoService()
    namespace = "http://soap.vindicia.com/v3_6/AutoBill"
    bad = '<tns:futureRebills xmlns:tns="{}">{}<quantity>x</quantity></tns:futureRebills>'
    denied = service.post(envelope(bad.format(namespace, "")))
    assert denied.code == 403
    auth = f"<auth><login>{LOGIN}</login><password>{PASSWORD}</password></auth>"
    service.endpoint = SoapEndpoint(service.app, base_url="https://billing.example", registry=REGISTRY)
    refused = service.post(envelope(bad.format(namespace, auth)))
    assert refused.code == 400
    assert 'Item "Vindicia::Soap::AutoBill.quantity" of type xsd:int' in (refused.text("returnString") or "")
    check("AutoBill", refused.body, "3.6")


def test_the_time_of_a_call_is_that_of_its_work(old: OldClient) -> None:
    """Only what hangs on the time asks for it: an AutoBill that waits for its start."""
    registry = Registry()

    @registry.handles("AutoBill", "fetchByVid")
    def waiting(call: Call, _request: r.AutoBillFetchByVidRequest) -> r.AutoBillFetchByVidResponse:
        call.work.now = datetime(2024, 1, 1, tzinfo=UTC)
        start = datetime(2024, 1, 2, tzinfo=UTC)
        return r.AutoBillFetchByVidResponse(
            autobill=r.AutoBill(status="Pending Activation", startTimestamp=start)
        )

    assert OldClient(registry).call("8.0", "AutoBill", "fetchByVid").text("status") == "Active"
