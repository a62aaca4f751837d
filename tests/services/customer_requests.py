"""Sound requests of the customer's side: credit, tokens, families, gift cards, activities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import ServiceClient

ACCOUNT = "<account><VID>{accountVid}</VID></account>"
BILL = "<autobill><VID>{billVid}</VID></autobill>"
PERIOD = (
    "<timestamp>2020-01-01T00:00:00Z</timestamp><endTimestamp>2099-01-01T00:00:00Z</endTimestamp>"
    "<page>0</page><pageSize>10</pageSize>"
)


def ids(
    client: Callable[[str], ServiceClient], account: Any, bill: Any, sandbox: Sandbox | None
) -> dict[str, str]:
    """What the requests name beside the account and its AutoBill."""
    token = client("Token").update(token={"merchantTokenId": "coin"}).token
    amount = {"amount": "50.00", "currency": "USD"}
    tokens = [{"token": {"VID": token.VID}, "amount": 50}]
    granted = client("Account").grantCredit(
        account=shop.reference(account), credit={"currencyAmounts": [amount], "tokenAmounts": tokens}
    )
    own = client("AutoBill").grantCredit(
        autobill=shop.reference(bill), credit={"currencyAmounts": [amount], "timeIntervals": [{"days": 3}]}
    )
    parent, child, lone = (shop.account(client, paymentMethods=[shop.card()]) for _ in range(3))
    client("Account").grantCredit(account=shop.reference(parent), credit={"currencyAmounts": [amount]})
    client("Account").addChildren(parent=shop.reference(parent), child=[shop.reference(child)])
    return _cards(client, lone, sandbox) | {
        "parentVid": parent.VID,
        "childVid": child.VID,
        "loneVid": lone.VID,
        "token": "coin",
        "tokenVid": token.VID,
        "grantVid": granted.account.credit.currencyAmounts[0].VID,
        "ownGrantVid": own.autobill.credit.currencyAmounts[0].VID,
        "timeVid": own.autobill.credit.timeIntervals[0].VID,
    }


def _cards(client: Callable[[str], ServiceClient], account: Any, sandbox: Sandbox | None) -> dict[str, str]:
    """A gift card that can be redeemed and one that was; none without the sandbox's shelf."""
    if sandbox is None:
        return {}
    granted = {"currencyAmounts": [{"amount": "5.00", "currency": "USD"}]}
    sku = shop.product(client, creditGranted=granted).merchantProductId
    pins = [shop.new_id("pin") for _ in range(2)]
    sandbox.gift_cards(*({"pin": pin, "sku": sku} for pin in pins))
    fresh, used = (client("GiftCard").statusInquiry(giftcard={"pin": pin}).giftcard.VID for pin in pins)
    client("Account").redeemGiftCard(account=shop.reference(account), giftcard={"VID": used})
    return {"cardVid": fresh, "usedCardVid": used}


def tokens(name: str, amount: int) -> str:
    return f"<{name}><token><merchantTokenId>{{token}}</merchantTokenId></token><amount>{amount}</amount></{name}>"


MONEY = (
    "<currencyAmounts><currency>USD</currency><amount>1.00</amount><nameValues><name>n</name><value>v</value>"
    "</nameValues><sortValue>1</sortValue><description>d</description><reason>r</reason></currencyAmounts>"
)
TIME = "<timeIntervals><months>1</months><days>2</days><sortValue>1</sortValue></timeIntervals>"
MOVEMENT = (
    f"<transactions>{tokens('tokenAmount', -2)}<description>d</description>"
    "<authTimestamp>2024-01-01T00:00:00Z</authTimestamp></transactions>"
)
FAMILY = "<fromAccount><VID>{parentVid}</VID></fromAccount><toAccount><VID>{childVid}</VID></toAccount>"
PARENT = "<parent><VID>{parentVid}</VID></parent>"
PAYER = "<payerReplacementBehavior>ReplaceOnAllAutoBills</payerReplacementBehavior>"
CARD = "<giftcard><VID>{cardVid}</VID></giftcard>"
NOTE = "<note>By phone</note>"


def activity(kind: str, details: str = "") -> str:
    details = f"<activityArgs>{details}</activityArgs>" if details else ""
    happened = "<timestamp>2024-01-01T00:00:00Z</timestamp>"
    return f"<activities>{ACCOUNT}<activityType>{kind}</activityType>{details}{happened}</activities>"


VIEW = (
    "<uriviewArgs><ip>192.0.2.1</ip><uri>/film</uri><size>5</size><bytesTransferred>4</bytesTransferred>"
    "<transferTime>3</transferTime><description>Film</description></uriviewArgs>"
)
PHONE = (
    "<phoneArgs><srcPhoneNumber>1</srcPhoneNumber><durationSeconds>60</durationSeconds>"
    "<type>FromCustomerToMerchant</type></phoneArgs>"
)
PARCEL = (
    "<fulfillmentArgs><shipper>Post</shipper><shippingAddress><city>London</city><latitude>51.5</latitude>"
    "</shippingAddress><delivered>1</delivered><receivedTs>2024-01-01T00:00:00Z</receivedTs></fulfillmentArgs>"
)
USAGE = "<usageArgs><total>5</total><lastDay>1</lastDay><lastUsageDate>2024-01-01T00:00:00Z</lastUsageDate></usageArgs>"
CANCELLATION = (
    "<cancellationArgs><reason>r</reason><confirmationCode>7</confirmationCode><initiator>Customer</initiator>"
    "</cancellationArgs>"
)
ACTIVITIES = (
    activity("Login", "<loginArgs><ip>192.0.2.1</ip></loginArgs>") + activity("Logout"),
    activity("URIView", VIEW),
    activity("Phone", PHONE),
    activity("Email", "<emailArgs><srcEmail>a@example.org</srcEmail><note>n</note></emailArgs>"),
    activity("Fulfillment", PARCEL),
    activity("Usage", USAGE),
    activity("NamedValue", "<namedvalueArgs><type>t</type><name>n</name><value>v</value></namedvalueArgs>"),
    activity("Cancellation", CANCELLATION),
    activity("Note", "<noteArgs><note>n</note></noteArgs>"),
)
"""One of every type; the first two in one call."""

TERMS = "https://shop.example/terms"
SIGNATURE = (
    f"<signature><uri>{TERMS}</uri><sourceIp>192.0.2.1</sourceIp><timestamp>2024-01-01T00:00:00Z</timestamp>{ACCOUNT}"
    "<transaction><VID>{soldVid}</VID></transaction><description>Terms of sale</description></signature>"
    "<formData>vin_signature_agree=1&amp;vin_signature_name=Ada</formData>"
)

SOUND: dict[str, tuple[str, ...]] = {
    "Activity.record": ACTIVITIES,
    "ElectronicSignature.getSignatureBlock": (
        (
            f"<vindiciaUriBase>{TERMS}</vindiciaUriBase><formTarget>https://shop.example/signed</formTarget>"
            "<noscript>Please sign</noscript>"
        ),
    ),
    "ElectronicSignature.sign": (SIGNATURE,),
    "Account.grantCredit": (f"{ACCOUNT}<credit>{tokens('tokenAmounts', 2)}{MONEY}</credit>{NOTE}",),
    "Account.revokeCredit": (
        f"{ACCOUNT}<credit>{tokens('tokenAmounts', 2)}{MONEY}</credit>{NOTE}",
        f"{ACCOUNT}<credit><currencyAmounts><amount>1</amount><VID>{{grantVid}}</VID></currencyAmounts></credit>",
    ),
    "Account.fetchCreditHistory": (ACCOUNT + PERIOD,),
    "Account.fetchAllCreditHistory": (PERIOD,),
    "Account.transferCredit": (f"{FAMILY}<credit>{MONEY}</credit>",),
    "Account.addChildren": (f"{PARENT}<child><VID>{{loneVid}}</VID></child><force>1</force>{PAYER}",),
    "Account.removeChildren": (f"{PARENT}<child><VID>{{childVid}}</VID></child>",),
    "Account.fetchFamily": ("<account><VID>{childVid}</VID></account>",),
    "Account.transfer": (
        (
            "<targetAccount><VID>{loneVid}</VID></targetAccount>"
            "<sourceAccount><VID>{accountVid}</VID></sourceAccount>"
        ),
    ),
    "Account.tokenBalance": (f"{ACCOUNT}<tokens><VID>{{tokenVid}}</VID></tokens>", ACCOUNT),
    "Account.tokenTransaction": (ACCOUNT + MOVEMENT,),
    "Account.incrementTokens": (ACCOUNT + tokens("tokenAmounts", 2),),
    "Account.decrementTokens": (ACCOUNT + tokens("tokenAmounts", 2),),
    "AutoBill.grantCredit": (f"{BILL}<credit>{tokens('tokenAmounts', 2)}{TIME}{MONEY}</credit>{NOTE}",),
    "AutoBill.revokeCredit": (
        f"{BILL}<credit>{MONEY}</credit>",
        f"{BILL}<credit><currencyAmounts><amount>1</amount><VID>{{ownGrantVid}}</VID></currencyAmounts></credit>",
        f"{BILL}<credit><timeIntervals><VID>{{timeVid}}</VID></timeIntervals></credit>",
    ),
    "AutoBill.fetchCreditHistory": (BILL + PERIOD,),
    "AutoBill.fetchAllCreditHistory": (PERIOD,),
    "Account.redeemGiftCard": (f"{ACCOUNT}{CARD}<credit>1</credit>",),
    "AutoBill.redeemGiftCard": (f"{BILL}{CARD}",),
    "GiftCard.statusInquiry": (
        CARD,
        "<giftcard><pin>5{new}</pin><paymentProvider>InComm</paymentProvider></giftcard>",
    ),
    "GiftCard.reverse": ("<giftcard><VID>{usedCardVid}</VID></giftcard>",),
    "Token.update": (
        "<token><merchantTokenId>t-{new}</merchantTokenId><description>Coins</description></token>",
        "<token><VID>{tokenVid}</VID><description>Coins</description></token>",
    ),
    "Token.fetch": ("<token><VID>{tokenVid}</VID></token>",),
}
