"""What belongs to one merchant does not exist for another, whichever call asks (conventions §3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Client, _new_merchant
from tests.servers import Server
from tests.services import chargebacks, refunds, sales, shop, usage
from tests.services.wire import Reply, Wire
from tests.soap_client import Login, ServiceClient


@dataclass
class Shelf:
    """A merchant with one of everything."""

    client: Client
    wire: Wire
    ids: dict[str, str]
    card_vid: str


def shelf(server: Server, login: Login, ids: dict[str, str]) -> Shelf:
    """``ids``: the merchant's own ids of everything; the VIDs are added."""

    def client(service: str) -> ServiceClient:
        return ServiceClient(server, login, service)

    account = shop.account(
        client,
        merchantAccountId=ids["account"],
        externalId=ids["external"],
        emailAddress=ids["email"],
        shippingAddress={"city": "London"},
        nameValues=[{"name": ids["name"], "value": "1"}],
        paymentMethods=[shop.card(merchantPaymentMethodId=ids["method"])],
    )
    method = account.paymentMethods[0]
    product = shop.product(client, merchantProductId=ids["product"])
    plan = shop.plan(client, merchantBillingPlanId=ids["plan"])
    bill = shop.subscribe(
        client,
        shop.reference(method),
        merchantAutoBillId=ids["bill"],
        account=shop.reference(account),
        billingPlan=shop.reference(plan),
        items=[{"index": 0, "product": shop.reference(product)}],
    ).autobill
    own_right = {"merchantEntitlementId": "pass"}
    client("Account").grantEntitlement(account=shop.reference(account), entitlement=own_right)
    transaction = shop.transactions(client, bill)[0]
    waiting = sales.sell(
        client, sales.order(shop.reference(account), sourcePaymentMethod=sales.paypal_page())
    ).transaction
    authorized = sales.authorize(client, sales.order(shop.reference(account))).transaction
    sold = sales.authorize(client, sales.order(shop.reference(account)))
    assert sales.captured(client, sold) == [200]
    refund = refunds.perform(client, refunds.of(sold, "1.00"))
    disputed = chargebacks.of(sold, caseNumber=ids["case"], referenceNumber=ids["case"])
    rate_plan = usage.plan(client, merchantRatePlanId=ids["rate"])
    rated = usage.subscribe(client, rate_plan)
    usage.record(client, rated, "5", event_id=ids["event"])
    letters = [
        client("EmailTemplate").update(
            template={
                "product": of,
                "templateType": "Success",
                "from": "me@example.com",
                "textMessage": "Mine",
            }
        )
        for of in ({}, shop.reference(product))
    ]
    made = {
        "templateVid": letters[0].template.vid,
        "rateVid": rate_plan.VID,
        "ratedVid": rated.VID,
        "eventVid": usage.found(client, ids["event"]).VID,
        "soldVid": sold.transaction.VID,
        "sold": sold.transaction.merchantTransactionId,
        "refundVid": refund.VID,
        "chargebackVid": chargebacks.update(client, disputed).VID,
        "accountVid": account.VID,
        "addressVid": account.shippingAddress.VID,
        "methodVid": method.VID,
        "productVid": product.VID,
        "planVid": plan.VID,
        "billVid": bill.VID,
        "transactionVid": transaction.VID,
        "paypalVid": waiting.VID,
        "paypalBillVid": shop.transactions(client, shop.subscribe(client, sales.paypal_page()).autobill)[
            -1
        ].VID,
        "authorizedVid": authorized.VID,
        "transaction": transaction.merchantTransactionId,
    }
    return Shelf(client, Wire(server, login), ids | made, method.creditCard.VID)


@pytest.fixture(scope="module")
def mine(server: Server, module_merchant: Login) -> Shelf:
    kinds = ("account", "external", "email", "name", "method", "product", "plan", "bill", "case")
    ids = {kind: shop.new_id(kind) for kind in (*kinds, "rate", "event")}
    return shelf(server, module_merchant, ids)


@pytest.fixture(scope="module")
def untouched(mine: Shelf) -> list[bytes]:
    """What the owner reads before anybody else called; no test of this module changes it."""
    return _everything(mine)


@pytest.fixture(scope="module")
def stranger(server: Server) -> Login:
    return _new_merchant(server)


@pytest.fixture
def theirs(server: Server, stranger: Login) -> Wire:
    return Wire(server, stranger)


READS = (
    ("Account", "fetchByVid", "<vid>{accountVid}</vid>"),
    ("Account", "fetchByMerchantAccountId", "<merchantAccountId>{account}</merchantAccountId>"),
    ("Account", "fetchByExternalId", "<externalId>{external}</externalId>"),
    ("Account", "fetchByEmail", "<emailAddress>{email}</emailAddress>"),
    (
        "Account",
        "fetchCreatedSince",
        "<timestamp>2020-01-01</timestamp><endTimestamp>2099-01-01</endTimestamp>",
    ),
    ("Account", "fetchByPaymentMethod", "<paymentMethod><VID>{methodVid}</VID></paymentMethod>"),
    (
        "Account",
        "fetchByPaymentMethod",
        "<paymentMethod><merchantPaymentMethodId>{method}</merchantPaymentMethodId></paymentMethod>",
    ),
    (
        "Account",
        "fetchByPaymentMethod",
        "<paymentMethod><type>CreditCard</type><creditCard><account>4111111111111111</account></creditCard></paymentMethod>",
    ),
    ("Address", "fetchByVid", "<vid>{addressVid}</vid>"),
    ("PaymentMethod", "fetchByVid", "<vid>{methodVid}</vid>"),
    ("PaymentMethod", "fetchByMerchantPaymentMethodId", "<paymentMethodId>{method}</paymentMethodId>"),
    ("PaymentMethod", "fetchByAccount", "<account><VID>{accountVid}</VID></account>"),
    (
        "PaymentMethod",
        "fetchByAccount",
        "<account><merchantAccountId>{account}</merchantAccountId></account>",
    ),
    ("Transaction", "fetchByVid", "<vid>{transactionVid}</vid>"),
    ("Transaction", "fetchByVid", "<vid>{paypalVid}</vid>"),
    ("Transaction", "fetchByVid", "<vid>{authorizedVid}</vid>"),
    (
        "Transaction",
        "fetchByMerchantTransactionId",
        "<merchantTransactionId>{transaction}</merchantTransactionId>",
    ),
    ("Transaction", "fetchByAccount", "<account><VID>{accountVid}</VID></account>"),
    ("Transaction", "fetchByAutobill", "<autobill><VID>{billVid}</VID></autobill>"),
    (
        "Transaction",
        "fetchByAutobill",
        "<autobill><merchantAutoBillId>{bill}</merchantAutoBillId></autobill>",
    ),
    ("Transaction", "fetchByPaymentMethod", "<paymentMethod><VID>{methodVid}</VID></paymentMethod>"),
    (
        "Transaction",
        "fetchByPaymentMethod",
        "<paymentMethod><type>CreditCard</type><creditCard><account>4111111111111111</account></creditCard></paymentMethod>",
    ),
    ("Refund", "fetchByVid", "<vid>{refundVid}</vid>"),
    ("Refund", "fetchByAccount", "<account><VID>{accountVid}</VID></account>"),
    ("Refund", "fetchByTransaction", "<transaction><VID>{soldVid}</VID></transaction>"),
    ("Chargeback", "fetchByVid", "<vid>{chargebackVid}</vid>"),
    ("Chargeback", "fetchByAccount", "<account><VID>{accountVid}</VID></account>"),
    ("Chargeback", "fetchByCaseNumber", "<caseNumber>{case}</caseNumber>"),
    ("Chargeback", "fetchByReferenceNumber", "<referenceNumber>{case}</referenceNumber>"),
    (
        "Chargeback",
        "fetchByMerchantTransactionId",
        "<merchantTransactionId>{sold}</merchantTransactionId>",
    ),
    (
        "Account",
        "isEntitled",
        "<account><VID>{accountVid}</VID></account><merchantEntitlementId>pass</merchantEntitlementId>",
    ),
    ("Entitlement", "fetchByAccount", "<account><VID>{accountVid}</VID></account>"),
    (
        "Entitlement",
        "fetchByEntitlementIdAndAccount",
        "<entitlementId>pass</entitlementId><account><VID>{accountVid}</VID></account>",
    ),
    ("AutoBill", "fetchByVid", "<vid>{billVid}</vid>"),
    ("AutoBill", "fetchByMerchantAutoBillId", "<merchantAutoBillId>{bill}</merchantAutoBillId>"),
    ("AutoBill", "fetchByAccount", "<account><VID>{accountVid}</VID></account>"),
    ("AutoBill", "fetchInvoiceNumbers", "<autobill><VID>{billVid}</VID></autobill>"),
    (
        "AutoBill",
        "fetchFutureRebills",
        "<autobill><VID>{billVid}</VID></autobill><quantity>2</quantity>",
    ),
    (
        "AutoBill",
        "settlementQuote",
        "<autobill><VID>{billVid}</VID></autobill><amountOnly>1</amountOnly>",
    ),
    ("AutoBill", "fetchBillingItemHistory", "<autobill><VID>{billVid}</VID></autobill>"),
    ("AutoBill", "fetchUpgradeHistoryByVid", "<vid>{billVid}</vid>"),
    (
        "AutoBill",
        "fetchUpgradeHistoryByMerchantAutoBillId",
        "<merchantAutoBillId>{bill}</merchantAutoBillId>",
    ),
    ("EmailTemplate", "fetchByVid", "<vid>{templateVid}</vid>"),
    ("EmailTemplate", "fetchByProduct", "<product/>"),
    ("EmailTemplate", "fetchByType", "<product><VID>{productVid}</VID></product><type>Success</type>"),
    ("Product", "fetchByVid", "<vid>{productVid}</vid>"),
    ("Product", "fetchByMerchantProductId", "<merchantProductId>{product}</merchantProductId>"),
    ("BillingPlan", "fetchByVid", "<vid>{planVid}</vid>"),
    ("RatePlan", "fetchByVid", "<vid>{rateVid}</vid>"),
    ("RatePlan", "fetchByMerchantRatePlanId", "<merchantRatePlanId>{rate}</merchantRatePlanId>"),
    ("RatePlan", "fetchEventByVid", "<vid>{eventVid}</vid>"),
    ("RatePlan", "fetchEventById", "<merchantEventId>{event}</merchantEventId>"),
    ("RatePlan", "fetchEvents", "<autobill><VID>{ratedVid}</VID></autobill>"),
    ("RatePlan", "fetchUnbilledEvents", "<ratePlan><VID>{rateVid}</VID></ratePlan>"),
    ("RatePlan", "fetchUnbilledRatedUnitsTotal", "<account><VID>{accountVid}</VID></account>"),
    ("RatePlan", "fetchUnbilledRatedUnitsTotal", "<product><VID>{productVid}</VID></product>"),
    ("BillingPlan", "fetchByMerchantBillingPlanId", "<merchantBillingPlanId>{plan}</merchantBillingPlanId>"),
)


@pytest.mark.parametrize(("service", "operation", "arguments"), READS)
def test_a_read_finds_it_for_its_owner_alone(
    mine: Shelf, theirs: Wire, service: str, operation: str, arguments: str
) -> None:
    asked = arguments.format(**mine.ids)

    assert mine.wire.call(service, operation, asked).code == 200
    _assert_nothing(theirs.call(service, operation, asked), mine)


def _assert_nothing(reply: Reply, mine: Shelf) -> None:
    """A refusal that carries nothing of the owner's, but what was sent itself."""
    assert reply.code in (400, 404)
    assert [str(part.tag) for part in reply.body] == ["return"]


THIEF = "<merchantAccountId>thief</merchantAccountId>"
MY_ACCOUNT = "<account><VID>{accountVid}</VID></account>"
MY_METHOD = "<sourcePaymentMethod><VID>{methodVid}</VID></sourcePaymentMethod>"
GOODS = "<transactionItems><name>n</name><price>1</price><quantity>1</quantity></transactionItems>"
TOLD = "<statusLog><status>Captured</status><paymentMethodType>CreditCard</paymentMethodType></statusLog>"
OWN_SALE = (
    f"<account>{THIEF}</account><sourcePaymentMethod><type>CreditCard</type><creditCard><account>{shop.CARD}</account>"
    f"<expirationDate>{shop.EXPIRY}</expirationDate></creditCard></sourcePaymentMethod>{GOODS}"
)
WRITES = (
    ("Account", "update", "<account><VID>{accountVid}</VID><name>Thief</name></account>"),
    (
        "EmailTemplate",
        "update",
        "<template><vid>{templateVid}</vid><from>thief@example.com</from></template>",
    ),
    ("Address", "update", "<address><VID>{addressVid}</VID><city>Thief</city></address>"),
    (
        "Account",
        "update",
        f"<account>{THIEF}<shippingAddress><VID>{{addressVid}}</VID></shippingAddress></account>",
    ),
    (
        "Account",
        "update",
        f"<account>{THIEF}<paymentMethods><VID>{{methodVid}}</VID></paymentMethods></account>",
    ),
    (
        "PaymentMethod",
        "update",
        "<paymentMethod><VID>{methodVid}</VID><accountHolderName>Thief</accountHolderName></paymentMethod>",
    ),
    ("PaymentMethod", "validate", "<paymentMethod><VID>{methodVid}</VID></paymentMethod>"),
    (
        "Account",
        "updatePaymentMethod",
        "<account><VID>{accountVid}</VID></account><paymentMethod><VID>{methodVid}</VID><active>0</active></paymentMethod>",
    ),
    (
        "Account",
        "makePayment",
        "<account><VID>{accountVid}</VID></account><paymentMethod><VID>{methodVid}</VID></paymentMethod><amount>1</amount>",
    ),
    (
        "AutoBill",
        "makePayment",
        "<autobill><VID>{billVid}</VID></autobill><paymentMethod><VID>{methodVid}</VID></paymentMethod><amount>1</amount>",
    ),
    ("AutoBill", "update", "<autobill><VID>{billVid}</VID></autobill>"),
    (
        "AutoBill",
        "finalizePayPalAuth",
        "<payPalTransactionId>{paypalBillVid}</payPalTransactionId><success>0</success>",
    ),
    ("AutoBill", "finalizeCustomerAction", "<transactionVid>{paypalBillVid}</transactionVid>"),
    (
        "AutoBill",
        "finalizeCarrierBilling",
        "<transactionVid>{paypalBillVid}</transactionVid><confirmationCode>false</confirmationCode>",
    ),
    (
        "AutoBill",
        "migrate",
        "<autobill><VID>{billVid}</VID></autobill><nextPeriodStartDate>2099-01-01</nextPeriodStartDate>",
    ),
    ("AutoBill", "cancel", "<autobill><VID>{billVid}</VID></autobill><disentitle>1</disentitle>"),
    (
        "Account",
        "grantEntitlement",
        "<account><VID>{accountVid}</VID></account><entitlement><merchantEntitlementId>x</merchantEntitlementId></entitlement>",
    ),
    (
        "Account",
        "revokeEntitlement",
        "<account><VID>{accountVid}</VID></account><merchantEntitlementId>pass</merchantEntitlementId>",
    ),
    (
        "Account",
        "extendEntitlementToDate",
        f"{MY_ACCOUNT}<merchantEntitlementId>pass</merchantEntitlementId><extensionDate>2099-01-01</extensionDate>",
    ),
    (
        "Account",
        "extendEntitlementByInterval",
        f"{MY_ACCOUNT}<merchantEntitlementId>pass</merchantEntitlementId><interval><days>1</days></interval>",
    ),
    ("Account", "stopAutoBilling", "<account><VID>{accountVid}</VID></account><disentitle>1</disentitle>"),
    ("Transaction", "authCapture", f"<transaction><VID>{{transactionVid}}</VID>{OWN_SALE}</transaction>"),
    ("Transaction", "authCapture", f"<transaction>{MY_ACCOUNT}{GOODS}</transaction>"),
    ("Transaction", "auth", f"<transaction><account>{THIEF}</account>{MY_METHOD}{GOODS}</transaction>"),
    ("Transaction", "score", f"<transaction><VID>{{transactionVid}}</VID>{OWN_SALE}</transaction>"),
    ("Transaction", "score", f"<transaction><account>{THIEF}</account>{MY_METHOD}{GOODS}</transaction>"),
    ("Transaction", "report", f"<transactions><VID>{{transactionVid}}</VID>{OWN_SALE}{TOLD}</transactions>"),
    (
        "Transaction",
        "report",
        (
            f"<transactions><account>{THIEF}</account><amount>1</amount>{TOLD}"
            "<previousMerchantTransactionId>{transaction}</previousMerchantTransactionId></transactions>"
        ),
    ),
    (
        "Transaction",
        "migrate",
        (
            f"<migrationTransactions>{MY_ACCOUNT}<amount>1</amount><paymentMethod><VID>{{methodVid}}</VID></paymentMethod>"
            f"{TOLD}</migrationTransactions>"
        ),
    ),
    ("Transaction", "calculateSalesTax", f"<transaction>{MY_ACCOUNT}{GOODS}</transaction>"),
    (
        "Transaction",
        "finalizePayPalAuth",
        "<payPalTransactionId>{paypalVid}</payPalTransactionId><success>0</success>",
    ),
    (
        "Transaction",
        "finalizeCarrierBilling",
        "<transactionVid>{paypalVid}</transactionVid><confirmationCode>1</confirmationCode>",
    ),
    ("Transaction", "finalizeCustomerAction", "<transactionVid>{paypalVid}</transactionVid>"),
    (
        "Transaction",
        "addressAndSalesTaxFromPayPalOrder",
        "<payPalTransactionId>{paypalVid}</payPalTransactionId>",
    ),
    (
        "Refund",
        "report",
        "<refunds><transaction><VID>{soldVid}</VID></transaction><amount>1</amount></refunds>",
    ),
    ("Chargeback", "update", "<chargeback><VID>{chargebackVid}</VID><status>Won</status></chargeback>"),
    ("Chargeback", "report", "<chargebacks><VID>{chargebackVid}</VID><status>Won</status></chargebacks>"),
    ("RatePlan", "update", "<ratePlan><VID>{rateVid}</VID><status>Suspended</status></ratePlan>"),
    ("RatePlan", "recordEvent", "<event><autoBillVid>{ratedVid}</autoBillVid><amount>1</amount></event>"),
    ("RatePlan", "deductEvent", "<event><autoBillVid>{ratedVid}</autoBillVid><amount>1</amount></event>"),
    ("RatePlan", "reverseEvent", "<event><VID>{eventVid}</VID></event>"),
    ("RatePlan", "reverseEvent", "<event><merchantEventId>{event}</merchantEventId></event>"),
    (
        "AutoBill",
        "modify",
        (
            "<autobill><VID>{billVid}</VID></autobill><effectiveDate>today</effectiveDate><autoBillItemModifications>"
            "<removeAutoBillItem><index>0</index></removeAutoBillItem></autoBillItemModifications>"
        ),
    ),
    (
        "AutoBill",
        "addCharge",
        (
            "<autobill><VID>{billVid}</VID></autobill><description>Visit</description><amount>1</amount>"
            "<currency>USD</currency><taxClassification>TaxExempt</taxClassification>"
        ),
    ),
    ("AutoBill", "delayBillingByDays", "<autobill><VID>{billVid}</VID></autobill><delayDays>1</delayDays>"),
    (
        "AutoBill",
        "delayBillingToDate",
        "<autobill><VID>{billVid}</VID></autobill><newBillingDate>2099-01-01</newBillingDate>",
    ),
    (
        "AutoBill",
        "changeBillingDayOfMonth",
        "<autobill><VID>{billVid}</VID></autobill><dayOfMonth>31</dayOfMonth>",
    ),
    ("Product", "update", "<product><VID>{productVid}</VID><status>Suspended</status></product>"),
    ("BillingPlan", "update", "<billingPlan><VID>{planVid}</VID><status>Suspended</status></billingPlan>"),
)


@pytest.mark.parametrize(("service", "operation", "arguments"), WRITES)
def test_a_write_by_vid_is_refused_and_changes_nothing(
    mine: Shelf, theirs: Wire, untouched: list[bytes], service: str, operation: str, arguments: str
) -> None:
    reply = theirs.call(service, operation, arguments.format(**mine.ids))

    assert reply.code in (400, 404), reply.text
    assert _everything(mine) == untouched
    assert (
        theirs.call(
            "Account", "fetchByMerchantAccountId", "<merchantAccountId>thief</merchantAccountId>"
        ).code
        == 400
    )


@pytest.mark.parametrize("operation", ["capture", "cancel"])
def test_anothers_sales_are_not_found_one_by_one_either(
    mine: Shelf, theirs: Wire, untouched: list[bytes], operation: str
) -> None:
    asked = "<transactions><VID>{authorizedVid}</VID></transactions>".format(**mine.ids)
    asked += f"<transactions><merchantTransactionId>{mine.ids['transaction']}</merchantTransactionId></transactions>"

    reply = theirs.call("Transaction", operation, asked)

    assert reply.values("results/returnCode") == ["404", "404"]
    assert _everything(mine) == untouched


def test_anothers_sale_is_not_refunded(mine: Shelf, theirs: Wire, untouched: list[bytes]) -> None:
    asked = "<refunds><transaction><VID>{soldVid}</VID></transaction><amount>1</amount></refunds>"

    reply = theirs.call("Refund", "perform", asked.format(**mine.ids))

    assert (reply.code, reply.values("refunds/status"), reply.children("refunds/transaction")) == (
        206,
        ["Failed"],
        ["VID"],
    )
    assert _everything(mine) == untouched


SINCE = "<timestamp>2020-01-01T00:00:00Z</timestamp>"
WINDOW = f"{SINCE}<endTimestamp>2099-01-01T00:00:00Z</endTimestamp>"


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "part", "own_id"),
    [
        ("Transaction", "fetchDelta", "<pageSize>100</pageSize>", "transactions", "transactionVid"),
        ("Entitlement", "fetchDeltaSince", WINDOW, "entitlements/account", "accountVid"),
        ("AutoBill", "fetchDeltaSince", WINDOW, "autobills", "billVid"),
        ("Transaction", "fetchDeltaSince", WINDOW, "transactions", "transactionVid"),
        ("Refund", "fetchDeltaSince", WINDOW, "refunds", "refundVid"),
        ("Chargeback", "fetchDelta", "<pageSize>100</pageSize>", "chargebacks", "chargebackVid"),
        ("Chargeback", "fetchDeltaSince", WINDOW, "chargebacks", "chargebackVid"),
        ("RatePlan", "fetchAll", "", "ratePlans", "rateVid"),
        ("RatePlan", "fetchEvents", "", "event", "eventVid"),
        ("RatePlan", "fetchUnbilledEvents", "", "event", "eventVid"),
        ("Chargeback", "fetchByStatus", "<status>New</status>", "chargebacks", "chargebackVid"),
        ("Chargeback", "fetchByStatusSince", f"<status>New</status>{SINCE}", "chargebacks", "chargebackVid"),
    ],
)
def test_changes_are_told_to_the_owner_alone(
    mine: Shelf, theirs: Wire, service: str, operation: str, arguments: str, part: str, own_id: str
) -> None:
    own = mine.wire.call(service, operation, arguments)
    assert mine.ids[own_id] in own.values(f"{part}/VID")

    reply = theirs.call(service, operation, arguments)

    assert (reply.code, reply.values(f"{part}/VID")) == (200, [])


def _everything(mine: Shelf) -> list[bytes]:
    """What the owner reads of each thing, without the id of the call."""
    answers = [
        mine.wire.call(service, operation, arguments.format(**mine.ids))
        for service, operation, arguments in READS
    ]
    return [answer.content.split(b"</soapId>")[1] for answer in answers]


def test_a_merchant_id_that_another_merchant_uses_makes_an_object_of_its_own(
    mine: Shelf, server: Server, untouched: list[bytes]
) -> None:
    other = shelf(
        server, _new_merchant(server), {key: mine.ids[key] for key in mine.ids if not key.endswith("Vid")}
    )

    vids = [key for key in mine.ids if key.endswith("Vid")]
    assert all(other.ids[key] != mine.ids[key] for key in vids)
    assert other.card_vid != mine.card_vid
    assert _everything(mine) == untouched


def test_names_of_name_value_pairs_are_a_merchants_own(mine: Shelf, theirs: Wire) -> None:
    asked = "<type>Account</type>"

    assert mine.wire.call("NameValuePair", "fetchNameValueNames", asked).values("names") == [mine.ids["name"]]
    assert theirs.call("NameValuePair", "fetchNameValueNames", asked).values("names") == []


def test_a_password_of_another_merchant_opens_nothing(server: Server, stranger: Login, mine: Shelf) -> None:
    mixed: Any = Login(stranger.login, "not " + stranger.password)

    reply = Wire(server, mixed).call("Account", "fetchByVid", f"<vid>{mine.ids['accountVid']}</vid>")

    assert (reply.code, reply.text) == (403, 'Permission denied to domain "soap"')
