"""Where an object that does not exist is 400 and where it is 404: clients depend on each of these (account §13)."""

from __future__ import annotations

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.wire import Wire

UNKNOWN = "0" * 40
ACCOUNT = "<account><merchantAccountId>nobody</merchantAccountId></account>"
ACCOUNT_BY_VID = f"<account><VID>{UNKNOWN}</VID></account>"
CHEQUE = (
    "<paymentMethod><type>MerchantAcceptedPayment</type>"
    "<merchantAcceptedPayment><paymentType>Cheque</paymentType></merchantAcceptedPayment></paymentMethod>"
)
BY_ID, BY_VID = 'No match found for merchantAccountId "nobody"', f'No match found for VID "{UNKNOWN}"'
EMPTY_WINDOW = "<timestamp>2001-01-01T00:00:00Z</timestamp><endTimestamp>2001-01-02T00:00:00Z</endTimestamp>"

GOLD = "<entitlement><merchantEntitlementId>gold</merchantEntitlementId></entitlement>"
CREDIT = "<credit><currencyAmounts><currency>USD</currency><amount>1.00</amount></currencyAmounts></credit>"
COIN = "<token><merchantTokenId>nothing</merchantTokenId></token>"
COINS = f"<tokenAmounts>{COIN}<amount>1</amount></tokenAmounts>"
SPENT = (
    f"<transactions><tokenAmount>{COIN}<amount>1</amount></tokenAmount>"
    "<authTimestamp>2024-01-01T00:00:00Z</authTimestamp></transactions>"
)
NOBODY = "<merchantAccountId>nobody</merchantAccountId>"
FROM_NOBODY = f"<fromAccount>{NOBODY}</fromAccount><toAccount>{NOBODY}</toAccount>"
PARENT = f"<parent>{NOBODY}</parent><child><merchantAccountId>nothing</merchantAccountId></child>"
OTHER = "<merchantAccountId>nothing</merchantAccountId>"
MERGED = f"<targetAccount>{NOBODY}</targetAccount><sourceAccount>{OTHER}</sourceAccount>"
LATER = "<extensionDate>2099-01-01T00:00:00Z</extensionDate>"
PAGES = "<endTimestamp>2099-01-01T00:00:00Z</endTimestamp><page>0</page><pageSize>10</pageSize>"

TABLE = [
    ("Account", "fetchByVid", "<vid>nobody</vid>", 400, 'Unable to load account by VID "nobody":  No match.'),
    (
        "Account",
        "fetchByMerchantAccountId",
        "<merchantAccountId>nobody</merchantAccountId>",
        400,
        'Unable to load account by merchantAccountId "nobody":  No match.',
    ),
    (
        "Account",
        "fetchByExternalId",
        "<externalId>nobody</externalId>",
        400,
        'Unable to load account by externalId "nobody":  No match.',
    ),
    (
        "Account",
        "fetchByEmail",
        "<emailAddress>nobody</emailAddress>",
        404,
        'Unable to load account by emailAddress "nobody":  No match.',
    ),
    ("Account", "fetchCreatedSince", EMPTY_WINDOW, 400, "No matching records found."),
    (
        "Account",
        "fetchByPaymentMethod",
        f"<paymentMethod><VID>{UNKNOWN}</VID></paymentMethod>",
        404,
        "No accounts found for payment method.",
    ),
    ("Account", "update", ACCOUNT_BY_VID, 404, BY_VID),
    ("Account", "updatePaymentMethod", ACCOUNT + CHEQUE, 404, BY_ID),
    ("Account", "updatePaymentMethod", ACCOUNT_BY_VID + CHEQUE, 404, BY_VID),
    ("Account", "makePayment", f"{ACCOUNT}{CHEQUE}<amount>1.00</amount>", 404, BY_ID),
    ("Account", "makePayment", f"{ACCOUNT_BY_VID}{CHEQUE}<amount>1.00</amount>", 404, BY_VID),
    ("Account", "reversePayment", f"{ACCOUNT}<paymentId>p</paymentId>", 404, BY_ID),
    ("Account", "reversePayment", f"{ACCOUNT_BY_VID}<paymentId>p</paymentId>", 404, BY_VID),
    ("AutoBill", "fetchByAccount", ACCOUNT, 400, None),
    ("Transaction", "fetchByAccount", ACCOUNT, 400, "Unable to load account to search by:  No matches."),
    ("PaymentMethod", "fetchByAccount", ACCOUNT, 404, "Account not found."),
    (
        "PaymentMethod",
        "fetchByVid",
        "<vid>nobody</vid>",
        404,
        "Unable to find requested PaymentMethod:  No matches.",
    ),
    (
        "PaymentMethod",
        "fetchByMerchantPaymentMethodId",
        "<paymentMethodId>nobody's</paymentMethodId>",
        404,
        "Unable to find requested PaymentMethod:  No match.",
    ),
    ("Transaction", "fetchByVid", "<vid>none</vid>", 404, 'Unable to load transaction by VID "none":  '),
    (
        "Transaction",
        "fetchByMerchantTransactionId",
        "<merchantTransactionId>none</merchantTransactionId>",
        404,
        'Unable to load transaction by merchantTransactionId "none":  ',
    ),
    (
        "Transaction",
        "fetchByAutobill",
        f"<autobill><VID>{UNKNOWN}</VID></autobill>",
        404,
        "Unable to load AutoBill:  .",
    ),
    ("Address", "fetchByVid", "<vid>none</vid>", 400, 'Unable to load address by VID "none":  No match.'),
    (
        "Address",
        "update",
        "<address><VID>none</VID></address>",
        404,
        'Unable to load address by VID "none":  No match.',
    ),
    ("Account", "isEntitled", f"{ACCOUNT}<merchantEntitlementId>gold</merchantEntitlementId>", 400, None),
    ("Account", "grantEntitlement", ACCOUNT + GOLD, 400, None),
    ("Account", "revokeEntitlement", ACCOUNT + GOLD, 400, None),
    (
        "Account",
        "extendEntitlementToDate",
        ACCOUNT + GOLD + LATER,
        400,
        None,
    ),
    (
        "Account",
        "extendEntitlementByInterval",
        f"{ACCOUNT}{GOLD}<interval><days>1</days></interval>",
        400,
        None,
    ),
    ("Account", "grantCredit", ACCOUNT + CREDIT, 400, None),
    ("Account", "revokeCredit", ACCOUNT + CREDIT, 400, None),
    ("Account", "transferCredit", FROM_NOBODY + CREDIT, 400, None),
    ("Account", "stopAutoBilling", ACCOUNT, 400, None),
    ("Account", "tokenBalance", ACCOUNT, 404, None),
    ("Account", "fetchFamily", ACCOUNT, 404, None),
    ("Account", "fetchCreditHistory", ACCOUNT + PAGES, 404, None),
    ("Account", "incrementTokens", ACCOUNT + COINS, 404, None),
    ("Account", "decrementTokens", ACCOUNT + COINS, 404, None),
    ("Account", "tokenTransaction", ACCOUNT + SPENT, 404, None),
    ("Account", "addChildren", PARENT, 404, None),
    ("Account", "removeChildren", PARENT, 404, None),
    ("Account", "transfer", MERGED, 404, None),
    ("Token", "fetch", COIN, 404, None),
    ("Token", "update", f"<token><VID>{UNKNOWN}</VID></token>", 404, None),
]


@pytest.mark.parametrize(("service", "operation", "arguments", "code", "text"), TABLE)
def test_an_object_that_does_not_exist(
    shared_wire: Wire, service: str, operation: str, arguments: str, code: int, text: str | None
) -> None:
    reply = shared_wire.call(service, operation, arguments)

    assert reply.status == 200
    assert reply.code == code
    if text is not None:
        assert reply.text == text


def test_a_payment_and_an_invoice_that_do_not_exist_are_400(shared: Client, shared_wire: Wire) -> None:
    bill = shop.subscribe(shared, shop.invoiced()).autobill
    owner = f"<account><VID>{bill.account.VID}</VID></account>"

    for arguments in ("<paymentId>none</paymentId>", "<invoiceId>none</invoiceId>"):
        timestamp = "<timestamp>2024-01-01T00:00:00Z</timestamp>"
        assert shared_wire.call("Account", "reversePayment", owner + timestamp + arguments).code == 400
    paying = f"{owner}{CHEQUE}<amount>1.00</amount><currency>USD</currency><invoiceId>none</invoiceId>"
    assert shared_wire.call("Account", "makePayment", paying).code == 400


@pytest.mark.parametrize("value", ["a & b", "<tag>", 'say "no"', "{value}", "%s", "Ω", "x" * 900])
def test_the_value_that_was_looked_for_is_told_as_it_was_sent(shared: Client, value: str) -> None:
    answer = shared("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=value)

    assert (
        answer["return"].returnString == f'Unable to load account by merchantAccountId "{value}":  No match.'
    )


def test_a_value_without_end_is_told_up_to_a_length(shared: Client) -> None:
    answer = shared("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId="x" * 3000)

    said: str = answer["return"].returnString
    assert said.startswith('Unable to load account by merchantAccountId "xxx')
    assert (len(said), said[-2:]) == (1001, "x…")
