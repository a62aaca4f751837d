"""What older versions have otherwise: every row of the projection's tables, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.soap import records as r
from cashbox_service.soap.projection import Answering, projection_of
from cashbox_service.soap.versions import contract_of
from tests.soap.older import NOW, PACIFIC, Older, texts, tree

D = Decimal


@cache
def speaking(version: str) -> Older:
    return Older(version)


def autobill_shown(version: str, **fields: Any) -> Any:
    """The AutoBill that a client of the version sees."""
    response = r.AutoBillFetchByVidResponse(autobill=r.AutoBill(**fields))
    return speaking(version).given("AutoBill", "fetchByVid", response).find("autobill")


def autobill_taken(version: str, parts: str, more: str = "") -> Any:
    """The request of AutoBill.update that the handler gets."""
    return speaking(version).taken("AutoBill", "update", f"<autobill>{parts}</autobill>{more}")


def sale_shown(version: str, **fields: Any) -> Any:
    response = r.TransactionFetchByVidResponse(transaction=r.Transaction(**fields))
    return speaking(version).given("Transaction", "fetchByVid", response).find("transaction")


def line(**fields: Any) -> r.TransactionItem:
    given: dict[str, Any] = {"sku": "s", "name": "Book", "price": D("10.00"), "quantity": D(1)}
    return r.TransactionItem(**given | fields)


@pytest.mark.parametrize("version", ["21.0", "22.0", "23.0", "24.1"])
def test_versions_that_are_the_model_are_not_projected(version: str) -> None:
    facts = contract_of(version)
    assert facts is not None
    assert projection_of(facts) is None


# Subscriptions


def test_the_one_product_of_an_autobill_is_that_of_its_first_item() -> None:
    taken = autobill_taken("3.6", "<product><merchantProductId>a</merchantProductId></product>")
    assert [item.product.merchantProductId for item in taken.autobill.items] == ["a"]

    removed = r.AutoBillItem(product=r.Product(merchantProductId="old"), removedDate=NOW)
    items = [removed, r.AutoBillItem(product=r.Product(merchantProductId="a")), r.AutoBillItem()]
    shown = autobill_shown("3.6", items=items)
    assert tree(shown) == [("product", [("merchantProductId", "a")])]
    assert tree(autobill_shown("3.6", items=[removed])) == [("product", [("merchantProductId", "old")])]
    assert tree(autobill_shown("3.6")) == []


def test_an_autobill_that_names_no_product_leaves_the_items_alone() -> None:
    assert autobill_taken("3.6", "<merchantAutoBillId>b</merchantAutoBillId>").autobill.items == ()


def test_the_next_billing_stands_for_the_future_rebills() -> None:
    shown = autobill_shown("3.6", nextBilling=r.Transaction(amount=D("10.00"), currency="USD"))
    assert tree(shown.find("futureRebills")) == [("amount", "10.00"), ("currency", "USD")]


@pytest.mark.parametrize("version", ["3.6", "4.3", "8.0"])
@pytest.mark.parametrize(
    ("status", "billing", "start", "shown"),
    [
        ("Processing", "Unbilled", None, "Active"),
        ("Active", "Good Standing", None, "Active"),
        ("Active", "In Retry", None, "Active"),
        ("Active", "Unusable PaymentMethod", None, "Suspended"),
        ("Active", "Grace Period", None, "Suspended"),
        ("Active", None, None, "Active"),
        ("Pending Activation", "Unbilled", datetime(2024, 3, 11, tzinfo=UTC), "Active"),
        ("Pending Activation", "Unbilled", datetime(2024, 3, 9, tzinfo=UTC), "PendingCustomerAction"),
        ("Pending Activation", "Pending Acceptance", None, "PendingCustomerAction"),
        ("Pending Cancel", "Billing Completed", None, "Cancelled"),
        ("Cancelled", "Failed To Collect", None, "Cancelled"),
        ("Expired", "Billing Completed", None, "Cancelled"),
        ("Legacy Suspended", None, None, "Suspended"),
        ("Upgraded", None, None, "Upgraded"),
        ("Dryrun", None, None, "Active"),
        ("Unknown", None, None, None),
        (None, None, None, None),
    ],
)
def test_status_is_shown_in_the_words_of_the_time(
    version: str, status: str | None, billing: str | None, start: datetime | None, shown: str | None
) -> None:
    found = autobill_shown(version, status=status, billingState=billing, startTimestamp=start)
    assert found.findtext("status") == shown
    assert found.find("billingState") is None


def test_status_stays_where_the_version_knows_it_and_is_ignored_in_older_requests() -> None:
    assert autobill_shown("20.0", status="Pending Cancel").findtext("status") == "Pending Cancel"
    assert autobill_taken("8.0", "<status>Suspended</status>").autobill.status is None


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        ("<priceBasis>Included</priceBasis>", D(0)),
        ("<priceBasis>Included</priceBasis><amount>4</amount>", D(4)),
        ("<priceBasis>Added</priceBasis>", None),
        ("<index>0</index>", None),
    ],
)
def test_an_included_price_is_an_amount_of_zero(sent: str, amount: Decimal | None) -> None:
    item = autobill_taken("4.3", f"<items>{sent}</items>").autobill.items[0]
    assert item.amount == amount


@pytest.mark.parametrize(("amount", "basis"), [(D(0), "Included"), (D(4), "Added"), (None, "Added")])
def test_an_amount_of_zero_is_shown_as_included(amount: Decimal | None, basis: str) -> None:
    shown = autobill_shown("4.2", items=[r.AutoBillItem(amount=amount)])
    assert shown.findtext("items/priceBasis") == basis


@pytest.mark.parametrize("version", ["4.3", "8.0"])
def test_licences_are_the_amount_of_an_initial_event(version: str) -> None:
    taken = autobill_taken(version, "<items><eventInitializer><amount>5</amount></eventInitializer></items>")
    assert taken.autobill.items[0].quantity == D(5)
    assert autobill_taken(version, "<items/>").autobill.items == ()

    licensed = r.RatePlan(ratePlanModel="LicenseBased")
    for item in (
        r.AutoBillItem(quantity=D(5), ratePlan=licensed),
        r.AutoBillItem(quantity=D(5), product=r.Product(defaultRatePlan=licensed)),
    ):
        assert autobill_shown(version, items=[item]).findtext("items/eventInitializer/amount") == "5"
    plain = r.AutoBillItem(quantity=D(5), product=r.Product())
    assert autobill_shown(version, items=[plain]).find("items/eventInitializer") is None


def test_the_times_of_an_item_had_other_names() -> None:
    item = r.AutoBillItem(addedDate=datetime(2024, 1, 1, 12, tzinfo=UTC), removedDate=NOW)
    shown = autobill_shown("4.3", items=[item])
    assert shown.findtext("items/startTimestamp") == "2024-01-01T04:00:00-08:00"
    assert shown.findtext("items/endTimestamp") == "2024-03-10T05:00:00-07:00"
    taken = autobill_taken("4.3", "<items><startTimestamp>2024-01-01</startTimestamp></items>")
    assert taken.autobill.items[0].addedDate is None


def updated(version: str, **fields: Any) -> Any:
    return speaking(version).given("AutoBill", "update", r.AutoBillUpdateResponse(**fields))


@pytest.mark.parametrize("version", ["3.6", "4.3", "8.0"])
def test_an_update_tells_whether_it_created_and_what_is_billed_first(version: str) -> None:
    late_in_the_day = datetime(2024, 3, 11, 3, tzinfo=UTC)
    first = r.Transaction(amount=D("10.00"), currency="USD", timestamp=late_in_the_day)
    answer = updated(version, autobill=r.AutoBill(VID="v"), created=True, initialTransaction=first)
    names = ("created", "firstBillAmount", "firstBillingCurrency", "firstBillDate")
    assert [answer.findtext(name) for name in names] == ["1", "10.00", "USD", "2024-03-10"]
    assert answer.find("initialTransaction") is None

    later = r.AutoBill(billingState="Unbilled", nextBilling=first)
    assert updated(version, autobill=later, created=False).findtext("firstBillDate") == "2024-03-10"
    running = r.AutoBill(billingState="Good Standing", nextBilling=first)
    answer = updated(version, autobill=running, created=False)
    assert (answer.findtext("created"), answer.find("firstBillDate")) == ("0", None)
    assert updated(version, autobill=running, created=True).findtext("firstBillAmount") == "10.00"
    assert updated(version).findtext("created") == "0"


def test_an_update_validates_for_the_future_when_it_validates_at_all() -> None:
    more = "<duplicateBehavior>Fail</duplicateBehavior><validatePaymentMethod>{}</validatePaymentMethod>"
    assert autobill_taken("8.0", "", more.format(1)).validateForFuturePayment is True
    assert autobill_taken("3.6", "", more.format(0)).validateForFuturePayment is False
    assert autobill_taken("3.6", "").validateForFuturePayment is None


@pytest.mark.parametrize(
    ("version", "sent", "scope"),
    [
        ("3.6", "<replaceOnAllAutoBills>1</replaceOnAllAutoBills><numCycles>3</numCycles>", "AllActive"),
        ("8.0", "<replaceOnAllAutoBills>0</replaceOnAllAutoBills>", "MatchingPaymentMethod"),
        ("20.0", "<replaceOnAllAutoBills>1</replaceOnAllAutoBills>", "AllActive"),
        ("20.0", "<replaceOnAllAutoBills/>", None),
    ],
)
def test_a_payment_method_replaces_on_all_autobills_or_on_its_own(
    version: str, sent: str, scope: str | None
) -> None:
    taken = speaking(version).taken("Account", "updatePaymentMethod", sent)
    assert (taken.updateScopeOnAccount, taken.updateScopeOnChildren) == (scope, "None")


def test_the_longest_active_entitlement_is_the_one() -> None:
    ends = [datetime(2024, month, 1, tzinfo=UTC) for month in (4, 6, 8)]
    rights = [
        r.Entitlement(active=month != 8, endTimestamp=end) for month, end in zip((4, 6, 8), ends, strict=True)
    ]

    def shown(*entitlements: r.Entitlement) -> list[str]:
        response = r.EntitlementFetchByEntitlementIdAndAccountResponse(entitlements=entitlements)
        answer = speaking("3.6").given("Entitlement", "fetchByEntitlementIdAndAccount", response)
        return [tag for tag, _ in tree(answer)] + texts(answer, "entitlement/endTimestamp")

    assert shown(*rights) == ["return", "entitlement", "2024-05-31T17:00:00-07:00"]
    assert shown(*rights, r.Entitlement(active=True)) == ["return", "entitlement"]
    assert shown() == ["return"]


@pytest.mark.parametrize(
    ("of", "source"),
    [({"autoBillVID": "v"}, "AutoBill"), ({"merchantAutoBillId": "b"}, "AutoBill"), ({}, "Account")],
)
def test_an_entitlement_said_where_it_comes_from(of: dict[str, str], source: str) -> None:
    response = r.EntitlementFetchByAccountResponse(entitlements=[r.Entitlement(**of)])  # type: ignore[arg-type]
    shown = speaking("4.3").given("Entitlement", "fetchByAccount", response)
    assert texts(shown, "entitlements/source") == [source]


@pytest.mark.parametrize("service", ["AutoBill", "Transaction"])
def test_what_had_no_pages_is_given_whole(service: str) -> None:
    asked = "<account><VID>v</VID></account><includeChildren>1</includeChildren>"
    taken = speaking("8.0").taken(service, "fetchByAccount", asked)
    assert (taken.account.VID, taken.includeChildren, taken.page) == ("v", True, 0)
    assert taken.pageSize > 10**9
    paged = speaking("20.0").taken(service, "fetchByAccount", f"{asked}<page>2</page><pageSize>5</pageSize>")
    assert (paged.page, paged.pageSize) == (2, 5)


@pytest.mark.parametrize("operation", ["fetchAllInSeason", "fetchAllOffSeason"])
def test_autobills_by_season_had_pages_and_a_day(operation: str) -> None:
    asked = "<page>2</page><pageSize>5</pageSize><nowDate>2024-12-01</nowDate>"
    taken = speaking("20.0").taken("AutoBill", operation, asked)
    assert (taken.page, taken.pageSize, taken.nowDate) == (2, 5, date(2024, 12, 1))
    bare = speaking("4.3").taken("AutoBill", operation, "")
    assert (bare.page, bare.pageSize, bare.nowDate) == (0, None, None)


# The catalog


def test_a_product_had_one_description() -> None:
    taken = speaking("3.6").taken("Product", "update", "<product><description>Book</description></product>")
    assert [(text.language, text.description) for text in taken.product.descriptions] == [("EN", "Book")]
    assert (
        speaking("3.6").taken("Product", "update", "<product><VID>v</VID></product>").product.descriptions
        == ()
    )

    def shown(*languages: str) -> str | None:
        texts = [r.ProductDescription(language=each, description=f"in {each}") for each in languages]
        response = r.ProductFetchByVidResponse(product=r.Product(descriptions=texts))
        return speaking("3.6").given("Product", "fetchByVid", response).findtext("product/description")

    assert [shown("fr", "en"), shown("fr", "de"), shown()] == ["in en", "in fr", None]


@pytest.mark.parametrize(
    ("version", "given", "shown"),
    [("4.3", "Service", "Service"), ("4.3", "DM030000", None), ("8.0", "DM030000", "DM030000")],
)
def test_a_tax_class_that_a_version_does_not_list_is_left_out(
    version: str, given: str, shown: str | None
) -> None:
    response = r.ProductFetchByVidResponse(product=r.Product(taxClassification=given))
    answer = speaking(version).given("Product", "fetchByVid", response)
    assert answer.findtext("product/taxClassification") == shown


def test_a_region_that_a_version_does_not_list_is_left_out() -> None:
    for version, shown in (("8.0", ["DE", None]), ("20.0", ["DE", "NZ"])):
        exemptions = [r.TaxExemption(region=region, exemptionId="x", active=True) for region in ("DE", "NZ")]
        response = r.AccountFetchByVidResponse(account=r.Account(taxExemptions=exemptions))
        answer = speaking(version).given("Account", "fetchByVid", response)
        assert [each.findtext("region") for each in answer.findall("account/taxExemptions")] == shown


@pytest.mark.parametrize(
    ("unit", "attribute"), [("Day", "days"), ("Week", "weeks"), ("Month", "months"), ("Year", "years")]
)
def test_a_length_of_time_was_a_number_of_units(unit: str, attribute: str) -> None:
    parts = f"<type>{unit}</type><amount>3</amount>"
    given = f"<product><creditGranted><timeIntervals>{parts}</timeIntervals></creditGranted></product>"
    interval = speaking("3.6").taken("Product", "update", given).product.creditGranted.timeIntervals[0]
    lengths = {name: getattr(interval, name) for name in ("days", "weeks", "months", "years")}
    assert lengths == dict.fromkeys(lengths) | {attribute: 3}

    mixed: Any = r.TimeInterval(**{attribute: 3, "days": 3})  # type: ignore[arg-type]
    credit = r.Credit(timeIntervals=[mixed, r.TimeInterval()])
    response = r.ProductFetchByVidResponse(product=r.Product(creditGranted=credit))
    shown = speaking("3.6").given("Product", "fetchByVid", response)
    assert tree(shown.findall("product/creditGranted/timeIntervals")[0]) == [("type", unit), ("amount", "3")]
    assert tree(shown.findall("product/creditGranted/timeIntervals")[1]) == []


@pytest.mark.parametrize(("amount", "method"), [(D(5), "Add"), (D(-5), "Deduct")])
def test_an_event_says_how_it_was_recorded(amount: Decimal, method: str) -> None:
    response = r.RatePlanFetchEventByVidResponse(event=r.Event(amount=amount))
    shown = speaking("4.3").given("RatePlan", "fetchEventByVid", response)
    assert tree(shown.find("event")) == [("recordMethod", method), ("amount", "5")]


def recording(*methods: str) -> Any:
    events = "".join(f"<event><recordMethod>{method}</recordMethod></event>" for method in methods)
    line = speaking("4.3")
    return line.projection.target(("RatePlan", "recordEvent"), line.read("RatePlan", "recordEvent", events))


def test_events_of_versions_without_a_method_are_recorded() -> None:
    line = speaking("8.0")
    read = line.read("RatePlan", "recordEvent", "<event><amount>5</amount></event>")
    assert line.projection.target(("RatePlan", "recordEvent"), read) == ("RatePlan", "recordEvent")


def test_events_are_recorded_or_deducted() -> None:
    assert recording("Add", "") == ("RatePlan", "recordEvent")
    assert recording() == ("RatePlan", "recordEvent")
    assert recording("Deduct", "Deduct") == ("RatePlan", "deductEvent")
    with pytest.raises(InvalidRequest, match="same recordMethod"):
        recording("Add", "Deduct")
    assert recording("SetTotal") == ("RatePlan", "recordEvent")
    for method, sets in (("SetTotal", True), ("Add", None)):
        event = f"<event><recordMethod>{method}</recordMethod></event>"
        assert speaking("4.3").taken("RatePlan", "recordEvent", event).setTotal is sets


# Money


@pytest.mark.parametrize("version", ["3.6", "4.3", "8.0"])
def test_a_discount_is_a_line_of_its_own(version: str) -> None:
    items = [line(sku="book", discount=D("-2.00"), campaignId="c"), line(sku="pen", discount=D(0)), line()]
    shown = sale_shown(version, transactionItems=items)
    assert texts(shown, "transactionItems/sku") == [
        "book", "Discount for merchantProductId book", "pen", "s",
    ]  # fmt: skip
    discount = shown.findall("transactionItems")[1]
    assert (discount.findtext("name"), discount.findtext("price"), discount.findtext("quantity")) == (
        "Discount for merchantProductId book", "-2.00", "1",
    )  # fmt: skip
    campaigns = ["c"] if version != "3.6" else []
    assert texts(shown, "transactionItems/campaignId") == campaigns
    assert texts(discount, "campaignId") == campaigns


def test_a_discount_stands_in_its_line_where_the_version_knows_it() -> None:
    shown = sale_shown("20.0", transactionItems=[line(discount=D("-2.00"))])
    assert texts(shown, "transactionItems/discount") == ["-2.00"]


@pytest.mark.parametrize(
    ("fields", "quantity", "price"),
    [
        ({"quantity": D("3.000000")}, "3", "10.00"),
        ({"quantity": D("2.5"), "subtotal": D("25.00")}, "1", "25.00"),
        ({"quantity": D("2.5")}, "1", "25.000"),
    ],
)
def test_quantities_are_whole(fields: dict[str, Any], quantity: str, price: str) -> None:
    shown = sale_shown("8.0", transactionItems=[line(**fields)])
    found = shown.find("transactionItems")
    assert (found.findtext("quantity"), found.findtext("price")) == (quantity, price)
    assert (
        sale_shown("20.0", transactionItems=[line(quantity=D("2.5"))]).findtext("transactionItems/quantity")
        == "2.5"
    )


def test_a_whole_quantity_is_taken_as_a_number_with_decimals() -> None:
    parts = "<transaction><transactionItems><quantity>2</quantity></transactionItems></transaction>"
    found = speaking("4.3").taken("Transaction", "auth", parts).transaction.transactionItems[0].quantity
    assert (found, type(found)) == (D(2), D)


def test_a_sale_is_for_the_time_that_its_items_are_for() -> None:
    def days(first: int, last: int) -> r.TransactionItem:
        start, end = (datetime(2024, 1, day, 20, tzinfo=UTC) for day in (first, last))
        return line(servicePeriodStartDate=start, servicePeriodEndDate=end)

    shown = sale_shown("4.3", transactionItems=[days(3, 9), line(), days(1, 7)])
    assert shown.findtext("billingPeriodStart") == "2024-01-01T12:00:00-08:00"
    assert shown.findtext("billingPeriodEnd") == "2024-01-09T12:00:00-08:00"
    assert sale_shown("3.6", transactionItems=[line()]).find("billingPeriodStart") is None


@pytest.mark.parametrize("version", ["3.6", "8.0"])
def test_a_refund_always_has_an_amount(version: str) -> None:
    refunds = [
        r.Refund(amount=D("5.00")),
        r.Refund(
            refundItems=[r.RefundItem(amount=D("1.00")), r.RefundItem(amount=D("2.00")), r.RefundItem()]
        ),
        r.Refund(),
    ]
    shown = speaking(version).given("Refund", "perform", r.RefundPerformResponse(refunds=refunds))
    assert texts(shown, "refunds/amount") == ["5.00", "3.00", "0"]
    taken = speaking(version).taken("Refund", "perform", "<refunds><amount>5</amount></refunds>")
    assert taken.refunds[0].amount == D(5)


@pytest.mark.parametrize(
    ("kind", "entry"),
    [("ApplePay", "CreditCard"), ("Skrill", "PayPal"), ("MerchantAcceptedPayment", "Boleto"), ("ECP", "ECP")],
)
def test_a_payment_by_a_method_that_came_later_stands_under_its_nearest_kin(kind: str, entry: str) -> None:
    status = r.TransactionStatus(status="Captured", timestamp=NOW, paymentMethodType=kind)
    shown = sale_shown("3.6", statusLog=[status], sourcePaymentMethod=r.PaymentMethod(VID="v", type=kind))
    assert shown.findtext("statusLog/paymentMethodType") == entry
    assert shown.findtext("sourcePaymentMethod/type") == (kind if kind == entry else None)


def test_what_is_known_of_a_card_had_another_name() -> None:
    facts = r.ExtendedCardAttributes(DebitCard=1, Reloadable=0, Affluent=1, CountryOfIssuance="USA")
    method = r.PaymentMethod(creditCard=r.CreditCard(extendedCardAttributes=facts))
    shown = sale_shown("4.3", sourcePaymentMethod=method).find("sourcePaymentMethod/creditCard")
    assert tree(shown.find("enhancedAuthResponse")) == [
        ("fundingSourceType", "DEBIT"),
        ("fundingSourceReloadable", "NO"),
        ("customerAffluence", "AFFLUENT"),
        ("issuerCountryCode", "USA"),
    ]
    bare = sale_shown("4.3", sourcePaymentMethod=r.PaymentMethod(creditCard=r.CreditCard()))
    assert bare.find("sourcePaymentMethod/creditCard/enhancedAuthResponse") is None


def test_a_code_that_came_later_is_the_success_it_is() -> None:
    def code(version: str, number: int) -> str | None:
        response = r.PaymentMethodUpdateResponse(
            return_=r.Return(returnCode=number, returnString="saved"), created=True, validated=False
        )
        key = ("PaymentMethod", "update")
        line = speaking(version)
        answering = Answering(PACIFIC, lambda: NOW, failed=False)
        shown = line.projection.response(key, key, response, None, answering)
        return str(shown.return_.returnCode)  # type: ignore[attr-defined]

    assert [code("3.6", 261), code("4.3", 261), code("3.6", 228)] == ["200", "261", "228"]


def test_the_account_of_a_token_transaction_is_ignored() -> None:
    parts = "<transactions><account><VID>other</VID></account><description>x</description></transactions>"
    taken = speaking("3.6").taken("Account", "tokenTransaction", parts)
    assert [each.description for each in taken.transactions] == ["x"]


def test_one_invoice_number_is_the_oldest_and_one_document_is_a_list() -> None:
    numbers = r.AutoBillFetchInvoiceNumbersResponse(invoicenum=["b-0", "b-1"])
    assert texts(speaking("8.0").given("AutoBill", "fetchInvoiceNumbers", numbers), "invoicenum") == ["b-0"]
    assert texts(speaking("18.0").given("AutoBill", "fetchInvoiceNumbers", numbers), "invoicenum") == [
        "b-0",
        "b-1",
    ]
    none = r.AutoBillFetchInvoiceNumbersResponse()
    assert texts(speaking("8.0").given("AutoBill", "fetchInvoiceNumbers", none), "invoicenum") == []
    document = r.AutoBillFetchInvoiceResponse(invoice=b"PDF")
    assert texts(speaking("20.0").given("AutoBill", "fetchInvoice", document), "invoice") == ["UERG"]


def test_dates_of_the_first_bill_are_days() -> None:
    response = r.AutoBillUpdateResponse(initialTransaction=r.Transaction(timestamp=NOW))
    assert updated_date(response) == date(2024, 3, 10).isoformat()
    assert updated_date(r.AutoBillUpdateResponse(initialTransaction=r.Transaction())) is None


def updated_date(response: r.AutoBillUpdateResponse) -> str | None:
    found: str | None = speaking("8.0").given("AutoBill", "update", response).findtext("firstBillDate")
    return found
