"""Every row of the tables of return codes beside the handlers: each is provoked, with its text (conventions §3.3)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cashbox_service.soap.handlers import (
    account,
    address,
    diagnostic,
    name_value_pair,
    payment_method,
    transaction,
)
from cashbox_service.soap.returns import Row
from tests.servers import Server
from tests.services import shop
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient

TABLES: dict[str, dict[str, tuple[Row, ...]]] = {
    "Account": {
        name: rows for name, rows in account.RETURNS.items() if name not in ("makePayment", "reversePayment")
    },
    "Address": address.RETURNS,
    "Diagnostic": diagnostic.RETURNS,
    "NameValuePair": name_value_pair.RETURNS,
    "PaymentMethod": payment_method.RETURNS,
    "Transaction": {name: rows for name, rows in transaction.RETURNS.items() if name.startswith("fetchBy")},
}

UNKNOWN = f"<VID>{'0' * 40}</VID>"
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
LIMIT = "<minChargebackProbability>70</minChargebackProbability>"
BAD_ADDRESS = f"<billingAddress>{UNKNOWN}</billingAddress>"
NO_TYPE = "<paymentMethod><accountHolderName>Ada</accountHolderName></paymentMethod>"
UNKNOWN_METHOD = f"<paymentMethod>{UNKNOWN}</paymentMethod>"
CHECK = "<updateBehavior>Validate</updateBehavior>"
DO = "<validate>1</validate>"

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

CASES: dict[str, dict[str, list[tuple[int, str]]]] = {
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
    },
    "Address": {
        "update": [(404, f"<address>{UNKNOWN}</address>")],
        "fetchByVid": [(400, ""), (400, "<vid>none</vid>")],
    },
    "Diagnostic": {
        "putHello": [(400, "<clientString>bye</clientString>")],
        "echoStringByProxy": [(400, ""), (400, "<version>99.0</version>")],
        "putSomeMockTransactions": [(400, "")],
        "echoBoolean": [(400, "")],
        "echoDateTime": [(400, "")],
    },
    "NameValuePair": {"fetchNameValueNames": [(400, ""), (400, "<type>Nothing</type>")]},
    "PaymentMethod": CHECKS
    | {
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
        "fetchByMerchantPaymentMethodId": [(400, ""), (404, "<paymentMethodId>none</paymentMethodId>")],
        "fetchByAccount": [(400, ""), (404, NOBODY), (404, "<account><VID>{bare}</VID></account>")],
    },
    "Transaction": {
        "fetchByVid": [(400, ""), (404, "<vid>none</vid>")],
        "fetchByMerchantTransactionId": [
            (400, ""),
            (404, "<merchantTransactionId>none</merchantTransactionId>"),
        ],
        "fetchByAccount": [(400, NOBODY), (400, ""), (404, "<account><VID>{bare}</VID></account>")],
        "fetchByAutobill": [(400, ""), (404, f"<autobill>{UNKNOWN}</autobill>")],
        "fetchByPaymentMethod": [(404, UNKNOWN_METHOD)],
    },
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
            assert [row.code for row in rows] == [code for code, _ in CASES[service][operation]], (
                service,
                operation,
            )


@pytest.fixture(scope="module")
def ids(server: Server, module_merchant: Login) -> dict[str, str]:
    """Ids of a merchant that demands checks: an account that owes for an ended AutoBill, and one without anything."""

    def client(service: str) -> ServiceClient:
        return ServiceClient(server, module_merchant, service)

    account: Any = shop.account(
        client,
        externalId=shop.new_id("external"),
        paymentMethods=[shop.card(shop.SOFT_DECLINED), shop.paypal()],
    )
    order = shop.order(client, shop.reference(account.paymentMethods[0]), account=shop.reference(account))
    bill = shop.update(client, order, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill
    Decrees(server).end(bill, "Expired")
    Sandbox(server, module_merchant).settings(avsCvnRequired=True)
    return {
        "account": account.VID,
        "external": account.externalId,
        "other": account.paymentMethods[1].VID,
        "bare": shop.account(client).VID,
        "new": shop.new_id("new"),
    }


@pytest.mark.parametrize(("service", "operation", "index"), ROWS)
def test_the_row_is_answered(
    shared_wire: Wire, ids: dict[str, str], service: str, operation: str, index: int
) -> None:
    row = TABLES[service][operation][index]
    code, arguments = CASES[service][operation][index]

    reply = shared_wire.call(service, operation, arguments.format(**ids))

    literals = re.split(r"\{\w+\}", row.text)
    assert (reply.status, reply.code) == (200, code)
    assert re.fullmatch(".*".join(map(re.escape, literals)), reply.text), (reply.text, row.text)
    assert "{" not in reply.text
