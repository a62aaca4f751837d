"""The items of AutoBill.modify: which are meant, and what is done to them (autobill §6.35)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from cashbox_service.app.context import Work
from cashbox_service.app.engine import schedule
from cashbox_service.app.offers import products
from cashbox_service.app.offers.drafts import ProductDraft
from cashbox_service.app.subscriptions import autobill_items, item_history
from cashbox_service.app.subscriptions.drafts import AutoBillItemDraft
from cashbox_service.domain.calendar import midnight
from cashbox_service.domain.errors import (
    AutoBillItemNotFound,
    Duplicate,
    InvalidRequest,
    InvalidValue,
    MissingField,
)
from cashbox_service.domain.item_history import ItemAction
from cashbox_service.store.entities import AutoBill, AutoBillItem


@dataclass(slots=True)
class AutoBillItemModificationDraft:
    """One change: an item removed, added, replaced by another (both), or edited."""

    remove_auto_bill_item: AutoBillItemDraft | None = None
    add_auto_bill_item: AutoBillItemDraft | None = None
    edit_auto_bill_item: AutoBillItemDraft | None = None


@dataclass(slots=True)
class ItemChanges:
    """What was done, as rows of the AutoBill; ``codes`` are the campaign codes of added items."""

    removed: list[AutoBillItem] = field(default_factory=list)
    added: list[AutoBillItem] = field(default_factory=list)
    edited: list[AutoBillItem] = field(default_factory=list)
    codes: list[tuple[AutoBillItem, str]] = field(default_factory=list)


def check(changes: Sequence[AutoBillItemModificationDraft], *, plan_changes: bool) -> None:
    """Whether the changes go together. Raises InvalidRequest."""
    for one in changes:
        alone = len(changes) == 1 and not (
            plan_changes or one.remove_auto_bill_item or one.add_auto_bill_item
        )
        if one.edit_auto_bill_item is not None and not alone:
            raise InvalidRequest("editAutoBillItem must be the only modification.")
    if len(changes) > autobill_items.MAX_ITEMS:
        raise InvalidValue(
            "autoBillItemModifications", len(changes), f"exceeds the limit of {autobill_items.MAX_ITEMS}"
        )


def apply(
    work: Work, autobill: AutoBill, changes: Sequence[AutoBillItemModificationDraft], on: date | None
) -> ItemChanges:
    """Change the items with effect on a day, today or that of the next billing; the history is written.

    Without a day nothing was billed yet: the definition is rewritten. Raises InvalidRequest and its kinds, NotFound for
    unknown VIDs.
    """
    done, effective = ItemChanges(), _effective(work, on)
    for change in changes:
        removed = added = None
        if change.edit_auto_bill_item is not None:
            edited = _edited(work, autobill, change.edit_auto_bill_item, effective)
            done.edited.append(edited)
            continue
        if change.remove_auto_bill_item is not None:
            removed = _removed(work, autobill, change.remove_auto_bill_item, on, effective)
            done.removed.append(removed)
        if change.add_auto_bill_item is not None:
            added = _added(work, autobill, change.add_auto_bill_item, on, removed)
            done.added.append(added)
            if change.add_auto_bill_item.campaign_code:
                done.codes.append((added, change.add_auto_bill_item.campaign_code))
    return done


def _effective(work: Work, on: date | None) -> datetime:
    return work.now if on is None or on == work.today else midnight(on, work.zone)


def _edited(work: Work, autobill: AutoBill, draft: AutoBillItemDraft, effective: datetime) -> AutoBillItem:
    item = named(work, autobill, draft, "editAutoBillItem")
    if autobill_items.edit(work, autobill, item, draft):
        item_history.note_item(work, autobill, item, ItemAction.EDIT, effective)
    return item


def _removed(
    work: Work, autobill: AutoBill, draft: AutoBillItemDraft, on: date | None, effective: datetime
) -> AutoBillItem:
    item = named(work, autobill, draft, "removeAutoBillItem")
    if on is None:
        item_history.note_item(work, autobill, item, ItemAction.REMOVE, effective)
        autobill.items.remove(item)
        work.uow.flush()
        return item
    item.removed_on = on
    item_history.note_item(work, autobill, item, ItemAction.REMOVE, effective)
    return item


def _added(
    work: Work, autobill: AutoBill, draft: AutoBillItemDraft, on: date | None, replaced: AutoBillItem | None
) -> AutoBillItem:
    """A new item, which takes the next free index; of its own start only what lies ahead counts."""
    if draft.vid is not None:
        raise InvalidValue("addAutoBillItem.VID", draft.vid, "is given: an added item must be new")
    _check_product(work, draft.product)
    own_id = draft.merchant_auto_bill_item_id
    if own_id is not None and any(one.merchant_autobill_item_id == own_id for one in live(work, autobill)):
        raise Duplicate("merchantAutoBillItemId", own_id)
    draft.index = autobill_items.next_index(autobill)
    item = autobill_items.row(work, autobill, autobill_items.resolve(work, [draft])[0], draft.index)
    if on is not None:
        if not item.start_text or schedule.item_start(work, autobill, item) < on:
            item.start_text = on.isoformat()
        item.transitioned_from_vid = replaced.vid if replaced is not None else None
    autobill.items.append(item)
    item_history.note_item(work, autobill, item, ItemAction.ADD)
    return item


def _check_product(work: Work, product: ProductDraft | None) -> None:
    """The product of an added item exists already. Raises MissingField, InvalidRequest, ProductNotFound."""
    if product is None or (product.vid is None and product.merchant_product_id is None):
        raise MissingField("addAutoBillItem.product")
    if products.find(work, product) is None:
        raise InvalidRequest(f'Unable to load product by sku "{product.merchant_product_id}":  No match')


def live(work: Work, autobill: AutoBill) -> list[AutoBillItem]:
    """The items that are not gone; those that go with the next billing are still there."""
    return [item for item in autobill.items if item.removed_on is None or item.removed_on > work.today]


def named(work: Work, autobill: AutoBill, draft: AutoBillItemDraft, argument: str) -> AutoBillItem:
    """The one item that is meant: by VID, index, merchantAutoBillItemId, or product (autobill §6.35).

    Raises AutoBillItemNotFound for an unknown VID, InvalidRequest for anything else that names none or several.
    """
    items = live(work, autobill)
    for name, value, is_it in _criteria(work, draft):
        found = [item for item in items if is_it(item)]
        if len(found) == 1:
            return found[0]
        if not found and name == "VID":
            raise AutoBillItemNotFound("VID", value)
        problem = "names several items of the AutoBill" if found else "names no item of the AutoBill"
        raise InvalidValue(f"{argument}.{name}", value, problem)
    raise InvalidRequest(f"{argument} names no item.")


def _criteria(
    work: Work, draft: AutoBillItemDraft
) -> Iterator[tuple[str, object, Callable[[AutoBillItem], bool]]]:
    """How an item can be told, the surest first."""
    if draft.vid is not None:
        yield "VID", draft.vid, lambda item: item.vid == draft.vid
    if draft.index is not None:
        yield "index", draft.index, lambda item: item.index == draft.index
    own_id = draft.merchant_auto_bill_item_id
    if own_id is not None:
        yield "merchantAutoBillItemId", own_id, lambda item: item.merchant_autobill_item_id == own_id
    if draft.product is not None and (draft.product.vid or draft.product.merchant_product_id):
        product = products.find(work, draft.product)
        value = draft.product.vid or draft.product.merchant_product_id
        yield "product", value, lambda item: product is not None and item.product_vid == product.vid
