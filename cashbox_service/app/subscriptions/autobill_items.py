"""The items of an AutoBill: what they refer to and their rows (autobill §1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.offers import catalog, products, rate_plans
from cashbox_service.app.subscriptions.drafts import AutoBillItemDraft
from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField, ProductNotFound
from cashbox_service.domain.item_timing import item_starts_on
from cashbox_service.domain.money import given
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import AutoBill, AutoBillItem, Product, RatePlan, Token

MAX_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Part:
    """An item as given, with what it refers to."""

    draft: AutoBillItemDraft
    product: Product
    rate_plan: RatePlan | None
    token: Token | None


def resolve(work: Work, drafts: Sequence[AutoBillItemDraft]) -> list[Part]:
    """Find or create the products and rate plans of the items.

    Raises MissingField without items, ProductNotFound for an unknown VID, InvalidRequest with the text of the product
    service for an unknown SKU.
    """
    if not drafts:
        raise MissingField("items", "AutoBill has no items.")
    if len(drafts) > MAX_ITEMS:
        raise InvalidValue("items", len(drafts), f"exceeds the limit of {MAX_ITEMS}")
    _check_indexes(drafts)
    return [_part(work, draft) for draft in drafts]


def _part(work: Work, draft: AutoBillItemDraft) -> Part:
    if draft.product is None:
        raise MissingField("items.product")
    try:
        product = products.resolve(work, draft.product)
    except ProductNotFound as error:
        if error.key == "VID":
            raise
        raise InvalidRequest(f'Unable to load product by sku "{error.value}":  No match') from error
    rate_plan = rate_plans.resolve(work, draft.rate_plan) if draft.rate_plan is not None else None
    return Part(draft, product, rate_plan, catalog.token(work, draft.token))


def row(work: Work, autobill: AutoBill, part: Part, position: int) -> AutoBillItem:
    """The row of a new item. Raises InvalidValue."""
    draft = part.draft
    _check(draft)
    item_id = draft.merchant_auto_bill_item_id
    return AutoBillItem(
        vid=new_vid(),
        merchant_vid=work.merchant.vid,
        autobill_vid=autobill.vid,
        index=draft.index if draft.index is not None else position,
        merchant_autobill_item_id=(
            check_merchant_id("merchantAutoBillItemId", item_id) if item_id is not None else None
        ),
        product_vid=part.product.vid,
        amount=amount(draft, autobill.currency),
        rate_plan_vid=part.rate_plan.vid if part.rate_plan is not None else None,
        name_values=name_values.merged(work, "AutoBillItem", (), draft.name_values),
        quantity=draft.quantity if draft.quantity is not None else Decimal(1),
        token_vid=part.token.vid if part.token is not None else None,
        cycles=draft.cycles,
        cycles_billed=0,
        added_at=work.now,
        start_text=draft.start_date or None,
        product=part.product,
        rate_plan=part.rate_plan,
    )


def edit(work: Work, autobill: AutoBill, item: AutoBillItem, draft: AutoBillItemDraft) -> bool:
    """Take over quantity, price override and name-value pairs; whether what is charged changed. Raises InvalidValue."""
    check_quantity(draft.quantity)
    before = item.quantity, item.amount
    if draft.quantity is not None:
        item.quantity = draft.quantity
    override = amount(draft, autobill.currency)
    if override is not None:
        item.amount = override
    if draft.name_values:
        item.name_values = name_values.merged(work, "AutoBillItem", item.name_values, draft.name_values)
    return (item.quantity, item.amount) != before


def next_index(autobill: AutoBill) -> int:
    """The index that a new item takes (autobill §1.1)."""
    return max((item.index for item in autobill.items), default=-1) + 1


def amount(draft: AutoBillItemDraft, currency: str) -> Decimal | None:
    """The price override, rounded to the currency. Raises InvalidValue."""
    if draft.amount is None:
        return None
    value = given("items.amount", draft.amount, currency)
    if value < 0:
        raise InvalidValue("items.amount", value, "must not be negative")
    if draft.currency and draft.currency != currency:
        raise InvalidValue("items.currency", draft.currency, f"is not the AutoBill's currency {currency}")
    return value


def check_quantity(value: Decimal | None) -> None:
    """Raises InvalidValue for a quantity that is not positive or has more than six decimals."""
    if value is None:
        return
    if value <= 0:
        raise InvalidValue("items.quantity", value, "must be greater than zero")
    if value != round(value, 6) or value >= Decimal(10) ** 9:
        raise InvalidValue("items.quantity", value, "has too many digits")


def _check(draft: AutoBillItemDraft) -> None:
    check_quantity(draft.quantity)
    if draft.cycles is not None and draft.cycles <= 0:
        raise InvalidValue("items.cycles", draft.cycles, "must be greater than zero")
    item_starts_on(draft.start_date, date.min, seasons=())


def _check_indexes(drafts: Sequence[AutoBillItemDraft]) -> None:
    given = [draft.index for draft in drafts if draft.index is not None]
    if any(index < 0 for index in given):
        raise InvalidValue("items.index", min(given), "must not be negative")
    positions = [
        draft.index if draft.index is not None else position for position, draft in enumerate(drafts)
    ]
    if len(set(positions)) != len(positions):
        twice = next(index for index in positions if positions.count(index) > 1)
        raise InvalidValue("items.index", twice, "is given to two items")
