"""Sound requests of the customer's side: credit, tokens, families, gift cards, activities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.services import shop
from tests.soap_client import ServiceClient

ACCOUNT = "<account><VID>{accountVid}</VID></account>"
BILL = "<autobill><VID>{billVid}</VID></autobill>"
PERIOD = (
    "<timestamp>2020-01-01T00:00:00Z</timestamp><endTimestamp>2099-01-01T00:00:00Z</endTimestamp>"
    "<page>0</page><pageSize>10</pageSize>"
)


def ids(client: Callable[[str], ServiceClient], account: Any, bill: Any) -> dict[str, str]:
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
    return {
        "parentVid": parent.VID,
        "childVid": child.VID,
        "loneVid": lone.VID,
        "token": "coin",
        "tokenVid": token.VID,
        "grantVid": granted.account.credit.currencyAmounts[0].VID,
        "ownGrantVid": own.autobill.credit.currencyAmounts[0].VID,
        "timeVid": own.autobill.credit.timeIntervals[0].VID,
    }


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
NOTE = "<note>By phone</note>"

SOUND: dict[str, tuple[str, ...]] = {
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
    "Token.update": (
        "<token><merchantTokenId>t-{new}</merchantTokenId><description>Coins</description></token>",
        "<token><VID>{tokenVid}</VID><description>Coins</description></token>",
    ),
    "Token.fetch": ("<token><VID>{tokenVid}</VID></token>",),
}
