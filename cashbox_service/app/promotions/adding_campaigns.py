"""AutoBill.addCampaign: a code is redeemed on an AutoBill that exists (autobill §6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from cashbox_service.app import idempotency
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import invoicing
from cashbox_service.app.offers import products
from cashbox_service.app.offers.drafts import ProductDraft
from cashbox_service.app.promotions import campaign_codes, discounting, redeeming
from cashbox_service.app.subscriptions import autobill_lookup, modification_items
from cashbox_service.app.subscriptions.drafts import AutoBillItemDraft
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    IllegalState,
    InvalidRequest,
    MissingField,
)
from cashbox_service.store.entities import AutoBill, AutoBillItem


@dataclass(frozen=True, slots=True)
class CampaignRequest:
    """What a code is redeemed on: items of one product, one item, or all that are eligible; and the plan."""

    code: str | None = None
    product: ProductDraft | None = None
    item: AutoBillItemDraft | None = None
    to_plan: bool = False


@contextmanager
def add(work: Work, reference: Reference, asked: CampaignRequest, *, dryrun: bool) -> Iterator[AutoBill]:
    """Discounts begin with the next billing; the answer must be built before the context is left.

    Raises MissingField, AutoBillNotFound, InvalidRequest and its kinds, NotFound for an unknown VID.
    """
    found = autobill_lookup.resolve(work, reference)
    with work.rehearsing() if dryrun else nullcontext():
        with nullcontext() if dryrun else work.writing():
            accounts.lock(work, found.account_vid)
            autobill = work.uow.autobills.lock(found.vid)
            if autobill is None:
                raise AutoBillNotFound("VID", found.vid)
            if dryrun or not idempotency.done_before(work):
                _check_state(autobill)
                _apply(work, autobill, asked)
                work.uow.events.record_autobill(autobill.vid, "MODIFICATION", work.now)
                autobill.modified_at = work.now
                work.uow.flush()
                invoicing.refresh_open(work, autobill)
        yield autobill


def _check_state(autobill: AutoBill) -> None:
    if autobill.status in ENDED or autobill.next_cycle is None:
        key = autobill.merchant_autobill_id
        raise IllegalState("AutoBill", key, autobill.status, f"AutoBill {key} will not be billed any more.")


def _apply(work: Work, autobill: AutoBill, asked: CampaignRequest) -> None:
    if not (asked.code or "").strip():
        raise MissingField("campaignCode")
    if asked.product is not None and asked.item is not None:
        raise InvalidRequest("Specify either product or item, not both")
    text = asked.code or ""
    redeeming.check_money(campaign_codes.usable(work, text), autobill.currency)
    applied = discounting.Application(work, autobill)
    items = _items(work, autobill, asked)
    if items is None:
        applied.to_all_but_plan(text, or_plan=asked.to_plan)
    for item in items or ():
        applied.to_item(item, text)
    if asked.to_plan:
        applied.to_plan(text)
    applied.redeem()


def _items(work: Work, autobill: AutoBill, asked: CampaignRequest) -> list[AutoBillItem] | None:
    """The items that are meant; None when none is named. Raises InvalidRequest, NotFound."""
    if asked.item is not None:
        return [modification_items.named(work, autobill, asked.item, "item")]
    if asked.product is None:
        return None
    product = products.find(work, asked.product)
    if product is None:
        sku = asked.product.merchant_product_id
        raise InvalidRequest(f'Unable to load product by sku "{sku}":  No match')
    found = [item for item in discounting.live(work, autobill) if item.product_vid == product.vid]
    if not found:
        raise InvalidRequest(f"AutoBill has no item with {product.merchant_product_id or product.vid}")
    return found
