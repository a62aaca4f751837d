"""What is remembered of a change to the items of an AutoBill (autobill §1.2, §6.37)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class ItemAction(StrEnum):
    """What was done to an item; the values are the wire spellings of AutoBillModificationAction."""

    ADD = "Add"
    EDIT = "Edit"
    REMOVE = "Remove"


@dataclass(frozen=True, slots=True)
class ItemSnapshot:
    """An item as a change left it."""

    vid: str
    index: int
    product_vid: str
    added_at: datetime
    quantity: Decimal
    merchant_autobill_item_id: str | None = None
    amount: Decimal | None = None
    rate_plan_vid: str | None = None
    token_vid: str | None = None
    cycles: int | None = None
    cycles_billed: int = 0
    start_text: str | None = None
    removed_on: date | None = None
    transitioned_from_vid: str | None = None
