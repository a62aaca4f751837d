"""Chargebacks for tests: what a back office enters, and readers of what is kept.

made = chargebacks.update(client, chargebacks.of(sold, "20.00", caseNumber="c-1"))
chargebacks.later(client, made).status
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.services.shop import Client
from tests.services.wire import Reply, Wire


def of(sold: Any, amount: str = "20.00", **fields: Any) -> dict[str, Any]:
    """A new chargeback about the transaction of ``sold``, an answer, a transaction, or just its id."""
    if not isinstance(sold, str):
        sold = (sold.transaction if hasattr(sold, "transaction") else sold).merchantTransactionId
    return new(amount, merchantTransactionId=sold, **fields)


def new(amount: str = "20.00", **fields: Any) -> dict[str, Any]:
    """A chargeback with what the schema requires."""
    given: dict[str, Any] = {
        "amount": Decimal(amount),
        "reasonCode": "10.4",
        "processorReceivedTimestamp": "2024-04-14T09:00:00-07:00",
        "postedTimestamp": "2024-04-14T10:00:00-07:00",
        "status": "New",
    }
    return given | fields


def update(client: Client, chargeback: Mapping[str, Any], *, expecting: int = 200) -> Any:
    """Chargeback.update; the whole response when it is refused."""
    answer = client("Chargeback").expecting(expecting).update(chargeback=dict(chargeback))
    return answer.chargeback if expecting == 200 else answer


def move(client: Client, chargeback: Any, status: str, **fields: Any) -> Any:
    """The chargeback takes another status."""
    given = new(str(chargeback.amount), VID=chargeback.VID, reasonCode=chargeback.reasonCode)
    return update(client, given | {"status": status} | fields)


def send(wire: Wire, fields: str) -> Reply:
    """Chargeback.update written by hand, for what the schema does not let one leave out."""
    return wire.call("Chargeback", "update", f"<chargeback>{fields}</chargeback>")


def later(client: Client, chargeback: Any) -> Any:
    """The chargeback as it is now."""
    return client("Chargeback").fetchByVid(vid=chargeback.VID).chargeback
