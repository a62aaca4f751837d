"""Campaign codes on one-time sales: of single lines, and of all lines without one of their own (campaign §4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app.context import Work
from cashbox_service.app.promotions import campaign_codes, discounting, redeeming
from cashbox_service.app.promotions.campaign_codes import Code
from cashbox_service.app.sales.drafts import TransactionItemDraft
from cashbox_service.domain.discount import Discount
from cashbox_service.domain.lines import ItemType


@dataclass(frozen=True, slots=True)
class SaleDiscounts:
    """The discount of every line, in their order, and the codes that are redeemed when the sale is made."""

    by_line: Sequence[Discount | None] = ()
    codes: Sequence[Code] = ()

    def of_line(self, index: int) -> Discount | None:
        return self.by_line[index] if index < len(self.by_line) else None


NONE = SaleDiscounts()


def of(
    work: Work, items: Sequence[TransactionItemDraft], for_all: str | None, currency: str
) -> SaleDiscounts:
    """What the codes of a sale take off its lines. Raises CampaignCodeRefused and its kinds."""
    texts = [item.campaign_code or None for item in items]
    if not for_all and not any(texts):
        return NONE
    used: dict[str, Code] = {}
    found: list[Discount | None] = []
    for item, text in zip(items, texts, strict=True):
        code = _usable(work, text, currency) if text else None
        if code is not None and not _covers(work, code, item):
            raise redeeming.does_not_apply(code, item.sku or item.name)
        found.append(_taken(used, code))
    if for_all:
        code = _usable(work, for_all, currency)
        reached = [
            index for index, item in enumerate(items) if texts[index] is None and _covers(work, code, item)
        ]
        if not reached:
            raise redeeming.does_not_apply(code)
        for index in reached:
            found[index] = _taken(used, code)
    return SaleDiscounts(found, list(used.values()))


def _usable(work: Work, text: str, currency: str) -> Code:
    code = campaign_codes.usable(work, text)
    redeeming.check_not_for_new_alone(code)
    redeeming.check_money(code, currency)
    return code


def _taken(used: dict[str, Code], code: Code | None) -> Discount | None:
    if code is None:
        return None
    used.setdefault(code.key, code)
    return redeeming.discount_of(code)


def _covers(work: Work, code: Code, item: TransactionItemDraft) -> bool:
    """A line is covered by its SKU; what gives something back is not reduced."""
    if item.item_type and item.item_type != ItemType.PURCHASE:
        return False
    product = work.uow.catalog.product_by_sku(item.sku) if item.sku else None
    return discounting.covers_product(code, product, None)
