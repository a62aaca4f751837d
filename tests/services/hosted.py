"""WebSessions in tests: the merchant's side through the client, the browser's through plain HTTP.

session = hosted.initialize(client, "Transaction_AuthCapture", private=hosted.SALE)
hosted.post(server, session, hosted.CARD)
done = hosted.finalize(client, session)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.servers import Answer, Server
from tests.services import shop
from tests.services.shop import Client

RETURN_URL = "https://shop.example/ok?basket=7#top"
ERROR_URL = "https://shop.example/retry"
ADDRESS = "127.0.0.1"

CARD = {
    "vin_PaymentMethod_type": "CreditCard",
    "vin_PaymentMethod_accountHolderName": "Ada Reader",
    "vin_PaymentMethod_creditCard_account": "4111 1111 1111 1111",
    "vin_PaymentMethod_creditCard_expirationDate_year": "2038",
    "vin_PaymentMethod_creditCard_expirationDate_month": "7",
    "vin_PaymentMethod_nameValues_cvn": "200",
    "vin_PaymentMethod_billingAddress_addr1": "303 Twin Dolphin Drive",
    "vin_PaymentMethod_billingAddress_postalCode": "94065",
    "vin_PaymentMethod_billingAddress_country": "US",
    "commit": "Buy",
}
"""What a customer types into the form of a shop."""

CARD_ON_FILE_NUMBER = "4111111111111111"

CARD_ON_FILE = {
    "PaymentMethod_type": "CreditCard",
    "PaymentMethod_creditCard_account": CARD_ON_FILE_NUMBER,
    "PaymentMethod_creditCard_expirationDate": "203812",
}
"""A card that the merchant itself has at hand."""

GOODS = {
    "vin_Transaction_currency": "USD",
    "vin_Transaction_transactionItems_0_sku": "sku-1",
    "vin_Transaction_transactionItems_0_name": "Thing",
    "vin_Transaction_transactionItems_0_price": "9.99",
    "vin_Transaction_transactionItems_0_quantity": "2",
}


def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def sale(**more: str) -> dict[str, str]:
    """Private values of a sale to a customer of its own."""
    return GOODS | {"vin_Account_merchantAccountId": shop.new_id("account")} | more


def initialize(
    client: Client,
    method: str,
    private: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    *,
    expecting: int | None = 200,
    **fields: Any,
) -> Any:
    """A new session."""
    given = {
        "method": method,
        "version": "22.0",
        "returnURL": RETURN_URL,
        "errorURL": ERROR_URL,
        "ipAddress": ADDRESS,
        "privateFormValues": pairs(private or {}),
        "methodParamValues": pairs(parameters or {}),
    }
    answer = client("WebSession").expecting(expecting).initialize(session=given | fields)
    return answer if expecting != 200 else answer.session


def post(
    server: Server,
    session: Any,
    values: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    path: str = "/vws",
) -> Answer:
    """The form of a session as a browser sends it."""
    vid = session if isinstance(session, str) else session.VID
    body = urlencode({"vin_WebSession_vid": vid, **values}).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return server.request("POST", path, body, form | dict(headers or {}))


def finalize(client: Client, session: Any, *, expecting: int = 200, **fields: Any) -> Any:
    """The session after its call was made."""
    return client("WebSession").expecting(expecting).finalize(session={"VID": session.VID} | fields).session


def fetched(client: Client, session: Any) -> Any:
    return client("WebSession").fetchByVid(vid=session.VID).session


def outcome(session: Any) -> tuple[int, str]:
    """apiReturn."""
    return session.apiReturn.returnCode, session.apiReturn.returnString


def values(session: Any) -> dict[str, str]:
    """postValues by name."""
    return {pair.name: pair.value for pair in session.postValues}
