"""Refunds for tests: what a shop sends to perform and report, and readers of what became of it.

done = refunds.perform(client, refunds.of(sold, "5.00"))      5.00 of a sale, tied to no line
refunds.carry_out(sandbox)                                    the refund batch, right away
refunds.later(client, done).status                            "Complete"
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client

FAILED = "ERROR:  Refund failed:  "


def of(sold: Any, amount: str | None = None, strategy: str | None = None, **fields: Any) -> dict[str, Any]:
    """A refund of the transaction of ``sold``, an answer or a transaction."""
    transaction = sold.transaction if hasattr(sold, "transaction") else sold
    given: dict[str, Any] = {"transaction": shop.reference(transaction)}
    if amount is not None:
        given["amount"] = Decimal(amount)
    if strategy is not None:
        given["refundDistributionStrategy"] = strategy
    return given | fields


def items(sold: Any, *lines: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A refund of named lines."""
    return of(sold, strategy="SpecifiedItems", refundItems=[dict(line) for line in lines], **fields)


def line(index: int, amount: str | None = None, *, tax_only: bool | None = None) -> dict[str, Any]:
    """So much of the line with that number."""
    given: dict[str, Any] = {"transactionItemIndexNumber": index}
    if amount is not None:
        given["amount"] = Decimal(amount)
    if tax_only is not None:
        given["taxOnly"] = tax_only
    return given


def perform(client: Client, *wanted: Mapping[str, Any], expecting: int = 200) -> Any:
    """Refund.perform of all of them; of one alone the refund itself."""
    done = client("Refund").expecting(expecting).perform(refunds=[dict(one) for one in wanted])
    return done.refunds[0] if len(wanted) == 1 else list(done.refunds)


def refused(client: Client, wanted: Mapping[str, Any]) -> str:
    """Why a refund is not accepted: its note without the words that all such notes have."""
    answer = perform(client, wanted, expecting=206)
    assert (answer.status, answer.VID, answer.merchantRefundId) == ("Failed", None, None)
    assert answer.note.startswith(FAILED)
    return str(answer.note.removeprefix(FAILED))


def report(client: Client, *made: Mapping[str, Any], expecting: int = 200) -> Any:
    """Refund.report of all of them; the whole response."""
    return client("Refund").expecting(expecting).report(refunds=[dict(one) for one in made])


def later(client: Client, refund: Any) -> Any:
    """The refund as it is now."""
    return client("Refund").fetchByVid(vid=refund.VID).refund


def carry_out(sandbox: Sandbox) -> None:
    """What is authorized is captured, and what is refunded is paid back."""
    sandbox.bill()
