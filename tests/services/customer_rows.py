"""Cases that provoke the return codes of the customer's side: credit, tokens, families, gift cards, activities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cashbox_service.soap.handlers import (
    account_credit,
    account_family,
    account_gift_card,
    account_token,
    activity,
    autobill_credit,
    autobill_gift_card,
    electronic_signature,
    gift_card,
    token,
)
from cashbox_service.soap.returns import Row
from tests.services import shop
from tests.soap_client import ServiceClient

Cases = dict[str, dict[str, list[tuple[int, str]]]]

TABLES: dict[str, dict[str, tuple[Row, ...]]] = {
    "Account": {
        **account_credit.RETURNS,
        **account_token.RETURNS,
        **account_family.RETURNS,
        **account_gift_card.RETURNS,
    },
    "Activity": {**activity.RETURNS},
    "AutoBill": {**autobill_credit.RETURNS, **autobill_gift_card.RETURNS},
    "ElectronicSignature": {**electronic_signature.RETURNS},
    "GiftCard": {**gift_card.RETURNS},
    "Token": {**token.RETURNS},
}


def customer_ids(client: Callable[[str], ServiceClient]) -> dict[str, str]:
    """A family, a token type, and an AutoBill of somebody else."""
    parent: Any = shop.account(client)
    kept = shop.new_id("token")
    client("Token").update(token={"merchantTokenId": kept})
    return {
        "parent": parent.VID,
        "parentId": parent.merchantAccountId,
        "token": kept,
        "lived": shop.subscribe(client, shop.invoiced()).autobill.VID,
    }


UNKNOWN = f"<VID>{'0' * 40}</VID>"
MINE = "<account><VID>{account}</VID></account>"
NOBODY = f"<account>{UNKNOWN}</account>"
BILL = "<autobill><VID>{lived}</VID></autobill>"
NO_BILL = f"<autobill>{UNKNOWN}</autobill>"
MONEY = "<credit><currencyAmounts><amount>1.00</amount></currencyAmounts></credit>"
ONE_GRANT = MONEY.replace("</amount>", f"</amount>{UNKNOWN}")
TOO_MANY = (
    "<credit><tokenAmounts><token><merchantTokenId>{token}</merchantTokenId></token><amount>2147483647</amount>"
    "</tokenAmounts>"
    "<tokenAmounts><token><merchantTokenId>{token}</merchantTokenId></token><amount>1</amount></tokenAmounts></credit>"
)
PARENT = "<parent><VID>{parent}</VID></parent>"
MERGED = "<VID>{parent}</VID>"
NO_CARD = f"<giftcard>{UNKNOWN}</giftcard>"
NO_PAGE = "<pageSize>0</pageSize>"
FROM = "<fromAccount><VID>{account}</VID></fromAccount>"
TO = "<toAccount><VID>{parent}</VID></toAccount>"


def _tokens(name: str, amount: int, own_id: str = "{token}") -> str:
    return f"<{name}><token><merchantTokenId>{own_id}</merchantTokenId></token><amount>{amount}</amount></{name}>"


def _movement(amount: int, own_id: str = "{token}") -> str:
    return f"<transactions>{_tokens('tokenAmount', amount, own_id)}</transactions>"


AT = "<timestamp>2024-01-01T00:00:00Z</timestamp>"


def _activity(kind: str) -> str:
    return f"<activities>{MINE}<activityType>{kind}</activityType>{AT}</activities>"


TARGET = "<formTarget>https://shop.example/signed</formTarget>"
SALE = "<transaction><VID>{cardSale}</VID></transaction>"


def _signature(parts: str) -> str:
    return f"<signature><uri>https://shop.example/terms</uri>{parts}</signature><formData></formData>"


CASES: Cases = {
    "Account": {
        "grantCredit": [(400, NOBODY + MONEY), (400, MONEY), (400, MINE), (400, MINE + TOO_MANY)],
        "revokeCredit": [(400, NOBODY + MONEY), (400, MONEY), (400, MINE), (400, MINE + ONE_GRANT)],
        "fetchCreditHistory": [(404, NOBODY), (400, MINE + NO_PAGE)],
        "fetchAllCreditHistory": [(400, NO_PAGE)],
        "transferCredit": [
            (400, FROM + f"<toAccount>{UNKNOWN}</toAccount>" + MONEY),
            (400, FROM + TO + MONEY),
        ],
        "addChildren": [(404, PARENT + f"<child>{UNKNOWN}</child>"), (400, PARENT)],
        "removeChildren": [
            (404, PARENT + f"<child>{UNKNOWN}</child>"),
            (400, PARENT + "<child><VID>{account}</VID></child>"),
        ],
        "fetchFamily": [(404, NOBODY), (400, "")],
        "transfer": [
            (
                404,
                f"<targetAccount><VID>{{parent}}</VID></targetAccount><sourceAccount>{UNKNOWN}</sourceAccount>",
            ),
            (400, f"<targetAccount>{MERGED}</targetAccount><sourceAccount>{MERGED}</sourceAccount>"),
        ],
        "redeemGiftCard": [(400, NOBODY), (404, MINE + NO_CARD), (400, MINE)],
        "tokenBalance": [
            (404, MINE + "<tokens><merchantTokenId>none</merchantTokenId></tokens>"),
            (404, NOBODY),
            (400, ""),
        ],
        "tokenTransaction": [
            (401, MINE + _movement(-1)),
            (404, MINE + _movement(1, "none")),
            (404, NOBODY),
            (400, MINE + _movement(0)),
        ],
        "incrementTokens": [
            (404, MINE + _tokens("tokenAmounts", 1, "none")),
            (404, NOBODY),
            (400, MINE + _tokens("tokenAmounts", 0)),
        ],
        "decrementTokens": [
            (401, MINE + _tokens("tokenAmounts", 1)),
            (404, MINE + _tokens("tokenAmounts", 1, "none")),
            (404, NOBODY),
            (400, MINE + _tokens("tokenAmounts", -1)),
        ],
    },
    "Activity": {
        "record": [
            (400, _activity("Dance")),
            (400, _activity("Login").replace(AT, "")),
            (404, _activity("Login").replace(MINE, NOBODY)),
            (400, _activity("Phone")),
        ],
    },
    "AutoBill": {
        "grantCredit": [(400, NO_BILL + MONEY), (400, MONEY), (400, BILL), (400, BILL + TOO_MANY)],
        "revokeCredit": [(400, NO_BILL + MONEY), (400, MONEY), (400, BILL), (400, BILL + ONE_GRANT)],
        "fetchCreditHistory": [(400, NO_BILL), (400, BILL + NO_PAGE)],
        "fetchAllCreditHistory": [(400, NO_PAGE)],
        "redeemGiftCard": [(400, NO_BILL), (404, BILL + NO_CARD), (400, BILL)],
    },
    "ElectronicSignature": {
        "getSignatureBlock": [(400, TARGET), (400, f"<vindiciaUriBase>/terms</vindiciaUriBase>{TARGET}")],
        "sign": [
            (400, _signature(MINE + SALE)),
            (404, _signature(AT + NOBODY + SALE)),
            (404, _signature(AT + MINE + f"<transaction>{UNKNOWN}</transaction>")),
            (
                400,
                _signature(
                    AT
                    + "<account><VID>{account}</VID><merchantAccountId>{parentId}</merchantAccountId></account>"
                    + SALE
                ),
            ),
        ],
    },
    "GiftCard": {
        "statusInquiry": [(400, ""), (404, NO_CARD)],
        "reverse": [(400, NO_CARD), (400, "")],
    },
    "Token": {
        "update": [
            (400, ""),
            (404, f"<token>{UNKNOWN}</token>"),
            (400, "<token><merchantTokenId>a/b</merchantTokenId></token>"),
        ],
        "fetch": [(400, "<token/>"), (404, "<token><merchantTokenId>none</merchantTokenId></token>")],
    },
}
