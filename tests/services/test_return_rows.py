"""Every row of the tables of return codes beside the handlers: each is provoked, with its text (conventions §3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from cashbox_service.soap.handlers import (
    account,
    account_entitlement,
    account_stop,
    address,
    autobill_ahead,
    autobill_cancel,
    autobill_charge,
    autobill_dates,
    autobill_finalize,
    autobill_history,
    autobill_migrate,
    autobill_modify,
    chargeback,
    diagnostic,
    email_template,
    entitlement,
    name_value_pair,
    payment_method,
    payment_provider,
    rate_plan,
    rate_plan_usage,
    refund,
    season_set,
    transaction,
    transaction_auth,
    transaction_capture,
    transaction_finalize,
    transaction_report,
    transaction_score,
    transaction_tax,
    web_session,
)
from cashbox_service.soap.returns import Row
from tests.conftest import Client
from tests.servers import Server
from tests.services import campaign_rows, customer_rows, hosted, sales, shop, usage
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient

_TABLES: dict[str, dict[str, tuple[Row, ...]]] = {
    "Account": {
        **{
            name: rows
            for name, rows in account.RETURNS.items()
            if name not in ("makePayment", "reversePayment")
        },
        **account_entitlement.RETURNS,
        **account_stop.RETURNS,
    },
    "AutoBill": {
        **autobill_ahead.RETURNS,
        **autobill_cancel.RETURNS,
        **autobill_finalize.RETURNS,
        **autobill_migrate.RETURNS,
        **autobill_charge.RETURNS,
        **autobill_dates.RETURNS,
        **autobill_history.RETURNS,
        **autobill_modify.RETURNS,
    },
    "Address": address.RETURNS,
    "Chargeback": chargeback.RETURNS,
    "Diagnostic": diagnostic.RETURNS,
    "EmailTemplate": email_template.RETURNS,
    "Entitlement": entitlement.RETURNS,
    "NameValuePair": name_value_pair.RETURNS,
    "PaymentMethod": payment_method.RETURNS,
    "PaymentProvider": payment_provider.RETURNS,
    "RatePlan": {**rate_plan.RETURNS, **rate_plan_usage.RETURNS},
    "Refund": refund.RETURNS,
    "SeasonSet": season_set.RETURNS,
    "Transaction": {
        **transaction.RETURNS,
        **transaction_auth.RETURNS,
        **transaction_capture.RETURNS,
        **transaction_finalize.RETURNS,
        **transaction_report.RETURNS,
        **transaction_score.RETURNS,
        **transaction_tax.RETURNS,
    },
    "WebSession": web_session.RETURNS,
}

TABLES = {
    service: {
        **_TABLES.get(service, {}),
        **customer_rows.TABLES.get(service, {}),
        **campaign_rows.TABLES.get(service, {}),
    }
    for service in dict.fromkeys([*_TABLES, *customer_rows.TABLES, *campaign_rows.TABLES])
}

UNKNOWN = f"<VID>{'0' * 40}</VID>"
NO_SEASONS = "<seasonSet><VID>{seasons}</VID></seasonSet>"
NEW = "<merchantAccountId>{new}</merchantAccountId>"
MINE = "<account><VID>{account}</VID></account>"
NOBODY = f"<account>{UNKNOWN}</account>"


def card(number: str = shop.CARD, more: str = "", *, wrapped: bool = True) -> str:
    details = f"<account>{number}</account><expirationDate>{shop.EXPIRY}</expirationDate>"
    content = f"<type>CreditCard</type><creditCard>{details}</creditCard>{more}"
    return f"<paymentMethod>{content}</paymentMethod>" if wrapped else content


AVS = "<billingAddress><addr1>AVS:N</addr1></billingAddress>"
CVN = "<nameValues><name>CVN</name><value>201</value></nameValues>"
RISKY = "<nameValues><name>vin:TestScore</name><value>71</value></nameValues>"
WAIVED = "<ignoreAvsPolicy>1</ignoreAvsPolicy><ignoreCvnPolicy>1</ignoreCvnPolicy>"
LIMIT = "<minChargebackProbability>70</minChargebackProbability>"
BAD_ADDRESS = f"<billingAddress>{UNKNOWN}</billingAddress>"
NO_TYPE = "<paymentMethod><accountHolderName>Ada</accountHolderName></paymentMethod>"
UNKNOWN_METHOD = f"<paymentMethod>{UNKNOWN}</paymentMethod>"
CHECK = "<updateBehavior>Validate</updateBehavior>"
DO = "<validate>1</validate>"
PROVIDER = "<paymentProvider><name>BOKU</name></paymentProvider>"
PRICE = f"{PROVIDER}<requestType>price</requestType>"

CHECKS: dict[str, list[tuple[int, str]]] = {
    "update": [
        (228, f"{card()}<replaceOnAllAutoBills>1</replaceOnAllAutoBills>"),
        (
            261,
            "<paymentMethod><VID>{other}</VID></paymentMethod><replaceOnAllAutoBills>1</replaceOnAllAutoBills>",
        ),
        (404, UNKNOWN_METHOD),
        (404, card(more=BAD_ADDRESS)),
        (402, card(shop.HARD_DECLINED) + DO),
        (407, card(more=AVS) + DO),
        (408, card(more=CVN) + DO),
        (409, card(more=AVS + CVN) + DO),
        (410, card() + DO),
        (403, card(more=RISKY) + LIMIT),
        (400, card("1111111111111111")),
        (400, NO_TYPE),
    ],
    "validate": [
        (404, UNKNOWN_METHOD),
        (404, card(more=BAD_ADDRESS)),
        (402, card(shop.HARD_DECLINED)),
        (407, card(more=AVS)),
        (408, card(more=CVN)),
        (409, card(more=AVS + CVN)),
        (410, card()),
        (403, card(more=RISKY) + LIMIT),
        (400, card("1111111111111111")),
        (400, NO_TYPE),
    ],
}


BILL = "<autobill><VID>{bill}</VID></autobill>"
NO_BILL = f"<autobill>{UNKNOWN}</autobill>"
UNKNOWN_BILLS = [(400, NO_BILL), (400, "")]
VISIT = "<description>Visit</description><amount>1</amount><currency>USD</currency>"
VISIT += "<taxClassification>TaxExempt</taxClassification>"
TODAY = "<billProratedPeriod>1</billProratedPeriod><effectiveDate>today</effectiveDate>"


def added(product: str = "<VID>{product}</VID>") -> str:
    item = f"<addAutoBillItem><product>{product}</product></addAutoBillItem>"
    return f"<autoBillItemModifications>{item}</autoBillItemModifications>"


class Case(NamedTuple):
    """The code of a row, the arguments that provoke it, and what has to happen before."""

    code: int
    arguments: str
    prepare: Callable[[Sandbox], None] | None = None


def without_tax_service(policy: str) -> Callable[[Sandbox], None]:
    """The tax service does not answer, and the merchant's setting says what then."""

    def prepare(sandbox: Sandbox) -> None:
        sandbox.tax(TAX, unavailable=True)
        sandbox.settings(taxWhenUnavailable=policy)

    return prepare


def taxed(sandbox: Sandbox) -> None:
    sandbox.tax(TAX)


def later(sandbox: Sandbox) -> None:
    """A day later: a session has expired."""
    sandbox.advance(1)


def declining(sandbox: Sandbox) -> None:
    """The processor declines what it is asked next."""
    sandbox.script({"authCode": "302"})


def unheard(sandbox: Sandbox) -> None:
    """The processor's next answer is lost."""
    sandbox.script({"timeOut": "answer"})


TAX = {"country": "US", "rate": "0.1", "jurisdiction": "COUNTRY_US", "name": "US TAX"}
GOODS = "<shippingAddress><country>US</country></shippingAddress>"
GOODS += "<transactionItems><sku>s</sku><name>n</name>{class}<price>1</price><quantity>1</quantity></transactionItems>"
BOOK = GOODS.replace("{class}", "")
ODD_GOODS = GOODS.replace("{class}", "<taxClassification>none</taxClassification>")
NO_METHOD = "<account><VID>{bare}</VID></account>"
UNKNOWN_SOURCE = f"<sourcePaymentMethod>{UNKNOWN}</sourcePaymentMethod>"


def source(number: str = shop.CARD, more: str = "") -> str:
    return f"<sourcePaymentMethod>{card(number, more, wrapped=False)}</sourcePaymentMethod>"


def sale(content: str, more: str = "") -> str:
    return f"<transaction>{content}</transaction>{more}"


def migrated(more: str) -> str:
    return f"<migrationTransactions><amount>1</amount>{MINE}{more}</migrationTransactions>"


PAID = f"<paymentMethod>{card(wrapped=False)}</paymentMethod><statusLog><status>Captured</status>"
PAID += (
    "<timestamp>2024-01-01T00:00:00Z</timestamp><paymentMethodType>CreditCard</paymentMethodType></statusLog>"
)
SALES = [
    Case(202, sale(MINE + source() + BOOK, WAIVED), without_tax_service("none")),
    Case(400, sale(MINE + source("1111111111111111") + BOOK)),
    Case(400, sale(MINE + source() + ODD_GOODS), taxed),
    Case(400, sale(BOOK)),
    Case(402, sale(MINE + source() + BOOK), unheard),
    Case(403, sale(MINE + source() + BOOK + RISKY, LIMIT)),
    Case(404, sale(NOBODY + source() + BOOK)),
    Case(404, sale(MINE + UNKNOWN_SOURCE + BOOK)),
    Case(405, sale(NO_METHOD + BOOK)),
    Case(408, sale(MINE + source() + BOOK), without_tax_service("fail")),
]
POLICIES = [
    Case(407, sale(source(more=AVS) + BOOK)),
    Case(408, sale(source(more=CVN) + BOOK)),
    Case(409, sale(source(more=AVS + CVN) + BOOK)),
    Case(410, sale(source() + BOOK)),
]


def finalizing(parameter: str, over: str, waiting: str, more: str = "") -> list[Case]:
    """What the two operations that complete a sale refuse; ``more`` is what stands beside the VID."""

    def of(name: str) -> str:
        return f"<{parameter}>{{{name}}}</{parameter}>{more}"

    unknown = f"<{parameter}>none</{parameter}>{more}"
    return [
        Case(400, more),
        Case(400, of(over)),
        Case(400, of("cardSale")),
        Case(402, of(waiting), unheard),
        Case(404, unknown),
    ]


RATED = "<autoBillVid>{rated}</autoBillVid>"
USED_EVENT = f"<event>{RATED}<amount>1</amount><merchantEventId>{{billedEvent}}</merchantEventId></event>"
STRANGE_EVENT = "<event><amount>1</amount><accountVid>none</accountVid></event>"
SEARCHES = [
    Case(404, NOBODY),
    Case(404, f"<autobill>{UNKNOWN}</autobill>"),
    Case(404, f"<product>{UNKNOWN}</product>"),
    Case(404, f"<ratePlan>{UNKNOWN}</ratePlan>"),
    Case(400, "<page>-1</page>"),
]
NO_BILL = f"<autobill>{UNKNOWN}</autobill>"
COMMITTED = "<autobill><VID>{committed}</VID></autobill>"


RIGHT = "<merchantEntitlementId>unheard of</merchantEntitlementId>"
EXTENDED = "<extensionDate>2099-01-01</extensionDate>"
GRANTED = MINE + "<merchantEntitlementId>granted</merchantEntitlementId>"


def reason(code: str, text: str) -> str:
    content = f"<reason_code>{code}</reason_code><description>{text}</description>"
    return f"<cancelReason>{content}</cancelReason>"


_CASES: Mapping[str, Mapping[str, list[Case] | list[tuple[int, str]]]] = {
    "Account": {
        "update": [
            (400, "<account><name>x</name></account>"),
            (400, f"<account>{NEW}<externalId>{{external}}</externalId></account>"),
            (
                400,
                f"<account>{NEW}<paymentMethods>{card('1111111111111111', wrapped=False)}</paymentMethods></account>",
            ),
            (404, NOBODY),
            (400, f"<account>{NEW}<defaultCurrency>QQQ</defaultCurrency></account>"),
        ],
        "fetchByMerchantAccountId": [(400, ""), (400, "<merchantAccountId>nobody</merchantAccountId>")],
        "fetchByExternalId": [(400, ""), (400, "<externalId>nobody</externalId>")],
        "fetchByVid": [(400, ""), (400, "<vid>nobody</vid>")],
        "fetchByEmail": [(400, ""), (404, "<emailAddress>nobody</emailAddress>")],
        "fetchCreatedSince": [
            (400, "<timestamp>2000-01-01</timestamp><page>-1</page>"),
            (400, "<timestamp>2000-01-01</timestamp><endTimestamp>2000-01-02</endTimestamp>"),
        ],
        "fetchByPaymentMethod": [(404, UNKNOWN_METHOD)],
        "updatePaymentMethod": [
            (261, f"{MINE}{card(shop.OTHER_CARD)}<updateScopeOnAccount>AllDue</updateScopeOnAccount>"),
            (404, NOBODY + card()),
            (404, MINE + UNKNOWN_METHOD),
            (400, card()),
            (400, MINE + card("1111111111111111")),
            (402, MINE + card(shop.HARD_DECLINED) + CHECK),
            (407, MINE + card(more=AVS) + CHECK),
            (408, MINE + card(more=CVN) + CHECK),
            (409, MINE + card(more=AVS + CVN) + CHECK),
            (410, MINE + card() + CHECK),
        ],
        "isEntitled": [(400, NOBODY + RIGHT), (400, MINE)],
        "grantEntitlement": [
            (400, f"{NOBODY}<entitlement>{RIGHT}</entitlement>"),
            (400, f"<entitlement>{RIGHT}</entitlement>"),
            (400, f"{MINE}<entitlement>{RIGHT}<endTimestamp>2000-01-01</endTimestamp></entitlement>"),
        ],
        "revokeEntitlement": [(400, NOBODY + RIGHT), (400, RIGHT), (400, MINE + RIGHT)],
        "extendEntitlementToDate": [
            (400, NOBODY + RIGHT + EXTENDED),
            (400, MINE + RIGHT),
            (400, MINE + RIGHT + EXTENDED),
            (400, f"{GRANTED}<extensionDate>2000-01-01</extensionDate>"),
        ],
        "extendEntitlementByInterval": [
            (400, f"{NOBODY}{RIGHT}<interval><days>1</days></interval>"),
            (400, MINE + RIGHT),
            (400, f"{MINE}{RIGHT}<interval><days>1</days></interval>"),
            (400, f"{GRANTED}<interval/><interval><days>0</days></interval>"),
        ],
        "fetchByWebSessionVid": [(400, ""), (404, "<vid>none</vid>"), (400, "<vid>{prepared}</vid>")],
        "stopAutoBilling": [
            (400, NOBODY),
            (400, f"{MINE}<autobills>{UNKNOWN}</autobills>"),
            (400, ""),
            (400, f"{MINE}<cancelReasonCode>none</cancelReasonCode>"),
            (400, "<account><VID>{tenant}</VID></account>"),
        ],
    },
    "AutoBill": {
        "addCharge": [
            Case(202, f"{BILL}{VISIT}<dryrun>1</dryrun>", without_tax_service("inclusive")),
            Case(400, NO_BILL + VISIT),
            Case(400, BILL),
        ],
        "changeBillingDayOfMonth": [(400, f"{NO_BILL}<dayOfMonth>1</dayOfMonth>"), (400, BILL)],
        "delayBillingByDays": [
            (400, f"{BILL}<delayDays>0</delayDays>"),
            (400, "<delayDays>1</delayDays>"),
            (400, f"{NO_BILL}<delayDays>1</delayDays>"),
            (400, "<autobill><VID>{ended}</VID></autobill><delayDays>1</delayDays>"),
        ],
        "delayBillingToDate": [
            (400, BILL),
            (400, "<newBillingDate>2099-01-01</newBillingDate>"),
            (400, f"{NO_BILL}<newBillingDate>2099-01-01</newBillingDate>"),
            (400, f"{BILL}<newBillingDate>2001-01-01</newBillingDate>"),
        ],
        "fetchBillingItemHistory": UNKNOWN_BILLS,
        "fetchUpgradeHistoryByMerchantAutoBillId": [
            (400, "<merchantAutoBillId>none</merchantAutoBillId>"),
            (400, ""),
        ],
        "fetchUpgradeHistoryByVid": [(400, "<vid>none</vid>"), (400, "")],
        "modify": [
            Case(202, f"{BILL}{TODAY}{added()}<dryrun>1</dryrun>", without_tax_service("inclusive")),
            Case(402, BILL + TODAY + added(), declining),
            Case(405, "<autobill><VID>{unpayable}</VID></autobill>" + TODAY + added()),
            Case(400, NO_BILL + TODAY + added()),
            Case(404, BILL + TODAY + added(UNKNOWN)),
            Case(400, BILL + TODAY),
        ],
        "fetchFutureRebills": [
            (400, f"{COMMITTED}<quantity>0</quantity>"),
            (400, "<quantity>1</quantity>"),
            (404, f"{NO_BILL}<quantity>1</quantity>"),
            (400, "<autobill><VID>{expired}</VID></autobill><quantity>1</quantity>"),
        ],
        "fetchDeltaSince": [(400, "")],
        "fetchRemainingPaymentDetails": [(400, NO_BILL), (400, "")],
        "fetchDailyInvoiceBillings": [(400, "<pageSize>0</pageSize>")],
        "cancel": [
            (400, NO_BILL),
            (400, ""),
            (400, f"{COMMITTED}<force>1</force><cancelReasonCode>none</cancelReasonCode>"),
            (400, COMMITTED),
        ],
        "finalizePayPalAuth": [
            (400, ""),
            (400, "<payPalTransactionId>none</payPalTransactionId>"),
            (400, "<payPalTransactionId>{billed}</payPalTransactionId>"),
            (400, "<payPalTransactionId>{overAgreement}</payPalTransactionId><success>1</success>"),
        ],
        "finalizeCarrierBilling": [
            (400, "<transactionVid>{carrierBill}</transactionVid>"),
            (400, "<transactionVid>none</transactionVid><confirmationCode>1</confirmationCode>"),
            (400, "<transactionVid>{billed}</transactionVid><confirmationCode>1</confirmationCode>"),
            (400, "<transactionVid>{overCarrierBill}</transactionVid><confirmationCode>1</confirmationCode>"),
        ],
        "finalizeCustomerAction": [
            (400, ""),
            (400, "<transactionVid>none</transactionVid>"),
            (400, "<transactionVid>{overAgreement}</transactionVid>"),
            (400, "<transactionVid>{billed}</transactionVid>"),
        ],
        "migrate": [(400, ""), (400, NO_BILL)],
        "settlementQuote": [(400, NO_BILL), (400, ""), (400, COMMITTED)],
        "updateCancelReason": [
            (400, "<cancelReason><reason_code>lost</reason_code></cancelReason>"),
            (400, reason("99", "Mine")),
        ],
    },
    "Address": {
        "update": [(404, f"<address>{UNKNOWN}</address>")],
        "fetchByVid": [(400, ""), (400, "<vid>none</vid>")],
    },
    "Chargeback": {
        "update": [
            Case(400, "<chargeback/>"),
            Case(404, f"<chargeback>{UNKNOWN}</chargeback>"),
            Case(400, "<chargeback><amount>-1</amount></chargeback>"),
        ],
        "report": [Case(404, f"<chargebacks>{UNKNOWN}</chargebacks>"), Case(400, "")],
        "fetchByVid": [Case(400, ""), Case(404, "<vid>none</vid>")],
        "fetchByAccount": [
            Case(400, ""),
            Case(404, NOBODY),
            Case(404, "<account><VID>{bare}</VID></account>"),
        ],
        "fetchByCaseNumber": [Case(400, ""), Case(404, "<caseNumber>none</caseNumber>")],
        "fetchByReferenceNumber": [Case(400, ""), Case(404, "<referenceNumber>none</referenceNumber>")],
        "fetchByStatus": [Case(400, ""), Case(400, "<status>New</status><page>-1</page>")],
        "fetchByStatusSince": [
            Case(400, "<status>New</status>"),
            Case(400, "<status>New</status><timestamp>2000-01-01</timestamp><pageSize>0</pageSize>"),
        ],
        "fetchByMerchantTransactionId": [
            Case(400, ""),
            Case(400, "<merchantTransactionId>none</merchantTransactionId>"),
        ],
        "fetchDeltaSince": [
            Case(400, ""),
            Case(400, "<timestamp>2000-01-02</timestamp><endTimestamp>2000-01-01</endTimestamp>"),
        ],
        "fetchDelta": [Case(400, "<pageSize>0</pageSize>")],
    },
    "Diagnostic": {
        "putHello": [(400, "<clientString>bye</clientString>")],
        "echoStringByProxy": [(400, ""), (400, "<version>2.0</version>")],
        "putSomeMockTransactions": [(400, "")],
        "echoBoolean": [(400, "")],
        "echoDateTime": [(400, "")],
    },
    "EmailTemplate": {
        "update": [
            (404, f"<template><vid>{'0' * 40}</vid></template>"),
            (400, "<template><templateType>Success</templateType></template>"),
        ],
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
        "fetchByProduct": [(404, "<product/>")],
        "fetchByType": [(400, "<product/>"), (404, "<product/><type>Success</type>")],
        "fetchByTypeAndVersion": [
            (400, "<product/>"),
            (404, "<product/><type>Success</type><version>1.0</version>"),
        ],
    },
    "Entitlement": {
        "fetchByAccount": [(400, NOBODY), (400, "")],
        "fetchByEntitlementIdAndAccount": [(400, f"<entitlementId>x</entitlementId>{NOBODY}"), (400, MINE)],
        "fetchDeltaSince": [(400, "")],
    },
    "NameValuePair": {"fetchNameValueNames": [(400, ""), (400, "<type>Nothing</type>")]},
    "PaymentMethod": CHECKS
    | {
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
        "fetchByMerchantPaymentMethodId": [(400, ""), (404, "<paymentMethodId>none</paymentMethodId>")],
        "fetchByAccount": [(400, ""), (404, NOBODY), (404, "<account><VID>{bare}</VID></account>")],
        "fetchByWebSessionVid": [(400, ""), (404, "<vid>none</vid>"), (404, "<vid>{prepared}</vid>")],
    },
    "PaymentProvider": {
        "fetchByName": [Case(400, ""), Case(404, "<name>none</name>")],
        "dataRequest": [
            Case(400, PROVIDER),
            Case(400, f"{PRICE}<requestArguments><name>sig</name></requestArguments>"),
            Case(400, PRICE),
        ],
    },
    "RatePlan": {
        "update": [Case(404, f"<ratePlan>{UNKNOWN}</ratePlan>"), Case(400, "")],
        "fetchByMerchantRatePlanId": [
            Case(400, ""),
            Case(404, "<merchantRatePlanId>none</merchantRatePlanId>"),
        ],
        "fetchByVid": [Case(400, ""), Case(404, "<vid>none</vid>")],
        "fetchAll": [Case(400, "<page>-1</page>")],
        "recordEvent": [
            Case(400, ""),
            Case(400, USED_EVENT),
            Case(400, f"<event>{RATED}<amount>0</amount></event>"),
            Case(400, STRANGE_EVENT),
        ],
        "reverseEvent": [
            Case(400, ""),
            Case(404, "<event><VID>none</VID></event>"),
            Case(400, "<event><merchantEventId>{billedEvent}</merchantEventId></event>"),
            Case(400, "<event><VID>none</VID></event>" * 51),
        ],
        "deductEvent": [
            Case(400, ""),
            Case(400, USED_EVENT.replace(">1<", ">0.5<")),
            Case(400, f"<event>{RATED}<amount>9</amount></event>"),
            Case(400, STRANGE_EVENT),
        ],
        "fetchUnbilledRatedUnitsTotal": SEARCHES,
        "fetchUnbilledEvents": SEARCHES,
        "fetchEvents": SEARCHES,
        "fetchEventById": [Case(400, ""), Case(404, "<merchantEventId>none</merchantEventId>")],
        "fetchEventByVid": [Case(400, ""), Case(404, "<vid>none</vid>")],
    },
    "SeasonSet": {
        "update": [(404, f"<seasonSet>{UNKNOWN}</seasonSet>"), (400, "")],
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
        "fetchByMerchantSeasonSetId": [
            (400, ""),
            (404, "<merchantSeasonSetId>none</merchantSeasonSetId>"),
        ],
        "isInSeason": [(400, ""), (404, f"<seasonSet>{UNKNOWN}</seasonSet>")],
        "fetchCurrentSeason": [(400, ""), (404, f"<seasonSet>{UNKNOWN}</seasonSet>"), (404, NO_SEASONS)],
        "fetchNextSeason": [(400, ""), (404, f"<seasonSet>{UNKNOWN}</seasonSet>"), (404, NO_SEASONS)],
    },
    "Refund": {
        "perform": [
            Case(206, "<refunds><transaction><VID>{cardSale}</VID></transaction></refunds>"),
            Case(400, ""),
        ],
        "report": [Case(400, ""), Case(400, "<refunds><amount>1.00</amount></refunds>")],
        "fetchByVid": [Case(400, ""), Case(404, "<vid>none</vid>")],
        "fetchByAccount": [
            Case(400, ""),
            Case(404, NOBODY),
            Case(404, "<account><VID>{bare}</VID></account>"),
        ],
        "fetchByTransaction": [
            Case(400, ""),
            Case(404, "<transaction><VID>{cardSale}</VID></transaction>"),
            Case(404, f"<transaction>{UNKNOWN}</transaction>"),
        ],
        "fetchDeltaSince": [
            Case(400, ""),
            Case(400, "<timestamp>2000-01-02</timestamp><endTimestamp>2000-01-01</endTimestamp>"),
            Case(404, f"<timestamp>2000-01-01</timestamp>{UNKNOWN_METHOD}"),
        ],
    },
    "Transaction": {
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
        "fetchByMerchantTransactionId": [
            (400, ""),
            (404, "<merchantTransactionId>none</merchantTransactionId>"),
        ],
        "fetchByAccount": [(400, NOBODY), (400, ""), (404, "<account><VID>{bare}</VID></account>")],
        "fetchByAutobill": [(400, ""), (404, f"<autobill>{UNKNOWN}</autobill>")],
        "fetchByPaymentMethod": [Case(404, UNKNOWN_METHOD)],
        "fetchDeltaSince": [Case(400, "")],
        "fetchDelta": [Case(400, "<pageSize>0</pageSize>")],
        "auth": [Case(code, call.replace(WAIVED, ""), prepare) for code, call, prepare in SALES],
        "authCapture": [*SALES, *POLICIES],
        "capture": [Case(200, "<transactions><VID>none</VID></transactions>"), Case(400, "")],
        "cancel": [Case(200, "<transactions><VID>none</VID></transactions>"), Case(400, "")],
        "finalizePayPalAuth": finalizing(
            "payPalTransactionId", "overPaypal", "paypal", "<success>1</success>"
        ),
        "finalizeCarrierBilling": finalizing(
            "transactionVid", "overCarrier", "carrier", "<confirmationCode>1234</confirmationCode>"
        ),
        "finalizeCustomerAction": [
            Case(400, ""),
            Case(400, "<transactionVid>{cardSale}</transactionVid>"),
            Case(404, "<transactionVid>none</transactionVid>"),
        ],
        "addressAndSalesTaxFromPayPalOrder": [
            Case(400, ""),
            Case(400, "<payPalTransactionId>{overPaypal}</payPalTransactionId>"),
            Case(400, "<payPalTransactionId>{cardSale}</payPalTransactionId>"),
            Case(404, "<payPalTransactionId>none</payPalTransactionId>"),
        ],
        "report": [Case(400, ""), Case(400, f"<transactions>{BOOK}</transactions>")],
        "migrate": [
            Case(202, migrated(PAID) + migrated("")),
            Case(400, migrated("")),
            Case(400, ""),
        ],
        "score": [
            Case(400, sale(MINE + source("1111111111111111") + BOOK)),
            Case(400, sale(MINE + source() + ODD_GOODS), taxed),
            Case(400, ""),
            Case(404, sale(NOBODY + source() + BOOK)),
            Case(404, sale(MINE + UNKNOWN_SOURCE + BOOK)),
        ],
        "calculateSalesTax": [
            Case(400, sale(ODD_GOODS), taxed),
            Case(400, ""),
            Case(404, sale(NOBODY + BOOK)),
            Case(404, sale(UNKNOWN_SOURCE + BOOK)),
            Case(408, sale(BOOK), without_tax_service("none")),
        ],
        "fetchByWebSessionVid": [(400, ""), (404, "<vid>none</vid>"), (404, "<vid>{prepared}</vid>")],
    },
    "WebSession": {
        "initialize": [(400, "")],
        "finalize": [
            Case(400, ""),
            Case(404, "<session><VID>none</VID></session>"),
            Case(400, "<session><VID>{prepared}</VID></session>", later),
            Case(401, "<session><VID>{finalized}</VID></session>"),
        ],
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
    },
}

CASES: Mapping[str, Mapping[str, Any]] = {
    service: {
        **_CASES.get(service, {}),
        **customer_rows.CASES.get(service, {}),
        **campaign_rows.CASES.get(service, {}),
    }
    for service in TABLES
}

ROWS = [
    pytest.param(service, operation, index, id=f"{service}.{operation}-{row.code}-{index}")
    for service, table in TABLES.items()
    for operation, rows in table.items()
    for index, row in enumerate(rows)
]


def test_there_is_a_case_for_every_row() -> None:
    assert {service: set(table) for service, table in CASES.items()} == {
        service: set(table) for service, table in TABLES.items()
    }
    for service, table in TABLES.items():
        for operation, rows in table.items():
            cases = [Case(*case) for case in CASES[service][operation]]
            assert [row.code for row in rows] == [case.code for case in cases], (service, operation)


@pytest.fixture(scope="module")
def ids(server: Server, module_merchant: Login) -> dict[str, str]:
    """Ids of a merchant that demands checks: an account that owes for an ended AutoBill, and one without anything."""

    def client(service: str) -> ServiceClient:
        return ServiceClient(server, module_merchant, service)

    rated = used_and_billed(client, Sandbox(server, module_merchant))
    account: Any = shop.account(
        client,
        externalId=shop.new_id("external"),
        paymentMethods=[shop.card(shop.SOFT_DECLINED), shop.paypal()],
    )
    order = shop.order(client, shop.reference(account.paymentMethods[0]), account=shop.reference(account))
    bill = shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill
    Decrees(server).end(bill, "Expired")
    bills = {
        name: shop.transactions(client, shop.subscribe(client, method).autobill)[-1].VID
        for name, method in (
            ("billed", shop.card()),
            ("overAgreement", sales.paypal_page()),
            ("carrierBill", sales.carrier()),
            ("overCarrierBill", sales.carrier()),
        )
    }
    client("AutoBill").finalizePayPalAuth(payPalTransactionId=bills["overAgreement"], success=False)
    client("AutoBill").finalizeCarrierBilling(
        transactionVid=bills["overCarrierBill"], confirmationCode="false"
    )
    granted = {"merchantEntitlementId": "granted", "endTimestamp": "2098-01-01T00:00:00Z"}
    client("Account").grantEntitlement(account=shop.reference(account), entitlement=granted)
    committed = shop.subscribe(client, minimumCommitment=12).autobill
    running = shop.subscribe(client).autobill
    gratis = [{"product": shop.reference(shop.product(client, None))}]
    unpayable = shop.update(client, shop.order(client, items=gratis)).autobill
    waiting = {
        name: sales.sell(
            client, sales.order(shop.reference(account), sourcePaymentMethod=method)
        ).transaction.VID
        for name, method in (
            ("paypal", sales.paypal_page()),
            ("overPaypal", sales.paypal_page()),
            ("carrier", sales.carrier()),
            ("overCarrier", sales.carrier()),
            ("cardSale", shop.card()),
        )
    }
    client("Transaction").finalizePayPalAuth(payPalTransactionId=waiting["overPaypal"], success=False)
    client("Transaction").finalizeCarrierBilling(
        transactionVid=waiting["overCarrier"], confirmationCode="false"
    )
    sessions = {name: hosted.initialize(client, "Account_Update").VID for name in ("prepared", "finalized")}
    client("WebSession").finalize(session={"VID": sessions["finalized"]})
    Sandbox(server, module_merchant).settings(avsCvnRequired=True)
    return (
        {
            "account": account.VID,
            "external": account.externalId,
            "other": account.paymentMethods[1].VID,
            "bare": shop.account(client).VID,
            "seasons": client("SeasonSet")
            .update(seasonSet={"merchantSeasonSetId": "none yet"})
            .seasonSet.VID,
            "committed": committed.VID,
            "expired": bill.VID,
            "tenant": committed.account.VID,
            "new": shop.new_id("new"),
            "bill": running.VID,
            "ended": bill.VID,
            "unpayable": unpayable.VID,
            "product": shop.product(client).VID,
            "rated": rated.VID,
            "billedEvent": "billed",
        }
        | sessions
        | waiting
        | bills
        | customer_rows.customer_ids(client)
        | campaign_rows.campaign_ids(client)
    )


def used_and_billed(client: Client, sandbox: Sandbox) -> Any:
    """An AutoBill with the billed event "billed" and one unbilled unit; the merchant's clock is behind by a day."""
    day = timedelta(days=1)
    sandbox.set_clock((datetime.now(UTC) - 2 * day).isoformat(timespec="seconds"))
    daily = shop.plan(client, {"type": "Day", "quantity": 1, "cycles": 0})
    rated = usage.subscribe(client, usage.plan(client), billingPlan=shop.reference(daily))
    usage.record(client, rated, "1", event_id="billed")
    sandbox.bill_on((datetime.now(UTC) - day).isoformat(timespec="seconds"))
    usage.record(client, rated, "1")
    return rated


@pytest.fixture(scope="module")
def module_sandbox(server: Server, module_merchant: Login) -> Sandbox:
    return Sandbox(server, module_merchant)


@pytest.mark.parametrize(("service", "operation", "index"), ROWS)
def test_the_row_is_answered(
    shared_wire: Wire,
    module_sandbox: Sandbox,
    ids: dict[str, str],
    service: str,
    operation: str,
    index: int,
) -> None:
    row = TABLES[service][operation][index]
    case = Case(*CASES[service][operation][index])
    if case.prepare is not None:
        case.prepare(module_sandbox)

    reply = shared_wire.call(service, operation, case.arguments.format(**ids))

    if case.prepare is not None:
        module_sandbox.tax()
        module_sandbox.settings(taxWhenUnavailable="inclusive")
    literals = re.split(r"\{\w+\}", row.text)
    assert (reply.status, reply.code) == (200, case.code), reply.text
    assert re.fullmatch(".*".join(map(re.escape, literals)), reply.text), (reply.text, row.text)
    assert "{" not in reply.text
