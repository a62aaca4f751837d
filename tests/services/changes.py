"""AutoBill.modify in tests: what a customer buys besides, drops, or has instead.

changes.modify(client, bill, changes.replacing(old, gold))         from today on, with proration
changes.modify(client, bill, plan=yearly, effective="nextBill")
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.services import shop
from tests.services.shop import Client


def modify(
    client: Client,
    autobill: Any,
    *items: Mapping[str, Any],
    plan: Any = None,
    effective: str = "today",
    prorated: bool = True,
    expecting: int = 200,
    **rest: Any,
) -> Any:
    """The whole response."""
    return (
        client("AutoBill")
        .expecting(expecting)
        .modify(
            autobill=shop.reference(autobill),
            billProratedPeriod=prorated,
            effectiveDate=effective,
            changeBillingPlanTo=shop.reference(plan) if plan is not None else {},
            autoBillItemModifications=[dict(one) for one in items],
            **rest,
        )
    )


def adding(product: Any, **fields: Any) -> dict[str, Any]:
    return {"addAutoBillItem": {"product": shop.reference(product)} | fields}


def removing(item: Any) -> dict[str, Any]:
    return {"removeAutoBillItem": shop.reference(item)}


def replacing(item: Any, product: Any, **fields: Any) -> dict[str, Any]:
    return removing(item) | adding(product, **fields)


def editing(item: Any, **fields: Any) -> dict[str, Any]:
    return {"editAutoBillItem": shop.reference(item) | fields}


def subscribed(client: Client, *products: Any, method: Mapping[str, Any] | None = None, **fields: Any) -> Any:
    """A monthly AutoBill of these products, by card unless told otherwise."""
    items = [{"index": place, "product": shop.reference(one)} for place, one in enumerate(products)]
    return shop.subscribe(client, method, items=items, **fields).autobill


def lines(transaction: Any) -> list[tuple[str, str | None, Decimal]]:
    """Kind, sku and total of each line but the summary of taxes."""
    return [
        (one.itemType, one.sku, one.total) for one in transaction.transactionItems if one.sku != "Total Tax"
    ]


def live_skus(autobill: Any) -> list[str]:
    """The products of the items that nobody has removed."""
    return [one.product.merchantProductId for one in autobill["items"] if one.removedDate is None]
