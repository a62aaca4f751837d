"""What a coming cycle would charge if its day were today: lines, prices and tax (billing-engine §4).

Reads only. Billing an invoice, projecting it in answers and paying it ahead all see the same figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from cashbox_service.app.context import Work
from cashbox_service.app.engine.schedule import cycle, item_start
from cashbox_service.app.taxes import taxing
from cashbox_service.app.usage import rated_items
from cashbox_service.domain.calendar import midnight
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.discount import Discount, discounted, running
from cashbox_service.domain.errors import PriceMissing
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.item_timing import ItemTiming
from cashbox_service.domain.lines import (
    Charge,
    CycleCharges,
    Line,
    ServicePeriod,
    amount_of,
    charge_lines,
)
from cashbox_service.domain.pricing import description_for, item_price, plan_price
from cashbox_service.domain.schedule import Cycle
from cashbox_service.domain.tax import TaxAssessor
from cashbox_service.store.entities import AutoBill, AutoBillItem, Invoice, Product


def charges(
    work: Work,
    autobill: AutoBill,
    at: Cycle,
    assessor: TaxAssessor,
    *,
    items: Sequence[AutoBillItem] | None = None,
    added: Sequence[Charge] | None = None,
    discounts: Sequence[Discount] | None = None,
) -> tuple[Line, ...]:
    """What a cycle charges by the prices of today, before payments and credit (billing-engine §4).

    ``items``, ``added`` charges and ``discounts`` are those of the next billing, unless a later one has others.
    """
    reduced = autobill.discounts if discounts is None else discounts
    moment = midnight(at.billing_date, work.zone)

    def less(charge: Charge) -> Charge:
        return discounted(charge, running(reduced, charge.autobill_item_vid, moment)) if reduced else charge

    billed = billed_items(work, autobill, at) if items is None else items
    usage_period, usage = _usage(work, autobill, at)
    return charge_lines(
        CycleCharges(
            period=ServicePeriod(at.service_start, at.service_end),
            plan=less(_as_announced(autobill, at, _plan_charge(autobill, at))),
            items=tuple(
                less(_as_announced(autobill, at, _item_charge(autobill, item)))
                for item in billed
                if not rated_items.is_by_usage(item)
            ),
            added=tuple(added_charges(work, autobill) if added is None else added),
            usage=tuple(less(charge) for charge in usage),
            usage_period=usage_period,
            free=at.free,
        ),
        assessor,
    )


def _as_announced(autobill: AutoBill, at: Cycle, charge: Charge) -> Charge:
    """The price that a pre-billing notice named stands, whatever it is now (billing-engine §4.1)."""
    if autobill.notices is None or charge.name_values:
        return charge
    price = autobill.notices.announced(at.index, autobill.billing_plan_vid, charge.autobill_item_vid)
    return charge if price is None else replace(charge, price=price)


def added_charges(work: Work, autobill: AutoBill) -> tuple[Charge, ...]:
    """What was added to the next bill (autobill §6.25)."""
    return tuple(
        discounted(
            Charge(
                name=charge.description,
                price=charge.price,
                quantity=charge.quantity,
                sku=charge.sku,
                tax_classification=charge.tax_classification,
            ),
            charge.discount,
        )
        for charge in work.uow.autobills.pending_charges(autobill.vid)
    )


def balance_now(work: Work, invoice: Invoice) -> Decimal:
    """What is left to pay on it; of an Open one by the prices of today (billing-engine §6)."""
    if invoice.state != InvoiceState.OPEN:
        return invoice.balance
    return amount_of(lines_now(work, invoice), invoice.currency) - invoice.allocated


def lines_now(work: Work, invoice: Invoice) -> tuple[Line, ...]:
    """The lines of an invoice; of an Open one by the prices of today, none while one of them is missing."""
    if invoice.state != InvoiceState.OPEN or invoice.cycle is None or invoice.autobill_vid is None:
        return invoice.lines
    autobill = work.uow.autobills.by_vid(invoice.autobill_vid)
    coming = cycle(work, autobill, invoice.cycle) if autobill is not None else None
    if autobill is None or coming is None:
        return invoice.lines
    try:
        return charges(work, autobill, coming, taxing.of_autobill(work, autobill).assessor)
    except PriceMissing:
        return ()


def primary_product(autobill: AutoBill, on: date) -> Product | None:
    """The product of the first item active on that day (autobill §1, field 12); of the first at all when none is."""
    active = (item for item in autobill.items if item.removed_on is None or item.removed_on > on)
    first = next(active, autobill.items[0] if autobill.items else None)
    return first.product if first is not None else None


def timing(work: Work, autobill: AutoBill, item: AutoBillItem) -> ItemTiming:
    """When an item is billed."""
    return ItemTiming(
        starts_on=item_start(work, autobill, item),
        cycles=item.cycles,
        cycles_billed=item.cycles_billed,
        removed_on=item.removed_on,
    )


def billed_items(work: Work, autobill: AutoBill, at: Cycle) -> list[AutoBillItem]:
    """The items that a cycle bills, in index order."""
    return [item for item in autobill.items if timing(work, autobill, item).is_billed(at.service_start)]


def _plan_charge(autobill: AutoBill, at: Cycle) -> Charge:
    plan = autobill.billing_plan
    primary = primary_product(autobill, at.service_start)
    return Charge(
        name=plan.description or plan.merchant_billing_plan_id,
        price=plan_price(plan.periods[at.period_index].prices, autobill.currency),
        sku=plan.merchant_billing_plan_id,
        tax_classification=plan.tax_classification or (primary.tax_classification if primary else None),
    )


def _item_charge(autobill: AutoBill, item: AutoBillItem) -> Charge:
    """A cycle of an item, paid ahead."""
    licences = rated_items.of_licences(autobill, item)
    if licences is not None:
        return _rated_charge(autobill, licences)
    price = item_price(item.product.prices, autobill.currency, item.amount)
    return _named_charge(autobill, item, price, item.quantity)


def _rated_charge(autobill: AutoBill, rated: rated_items.RatedCharge) -> Charge:
    """Units as one line: their price depends on how many there are, so it is that of them all."""
    return _named_charge(autobill, rated.item, rated.amount, name_values=rated.name_values)


def _usage(work: Work, autobill: AutoBill, at: Cycle) -> tuple[ServicePeriod | None, tuple[Charge, ...]]:
    """What was used in the cycle before, and the days it served."""
    if all(rated_items.usage_plan_of(item) is None for item in autobill.items):
        return None, ()
    before = _served_before(work, autobill, at.index)
    served = {
        item.vid
        for item in autobill.items
        if before is not None and timing(work, autobill, item).serves(before.period.first)
    }
    was_free = before is not None and before.free
    rated = rated_items.of_usage(work, autobill, at, served, was_free=was_free)
    return before.period if before else None, tuple(_rated_charge(autobill, charge) for charge in rated)


def unbilled_usage(work: Work, autobill: AutoBill) -> tuple[Charge, ...]:
    """What was used and never billed, for an AutoBill that ends; nothing while its cycle is free."""
    rated = rated_items.unbilled(work, autobill)
    if not rated:
        return ()
    billed = [
        one for one in work.uow.invoices.of_autobill(autobill.vid) if one.billed_on and one.cycle is not None
    ]
    if billed and billed[-1].free:
        rated = [replace(charge, amount=Decimal(0)) for charge in rated]
    return tuple(_rated_charge(autobill, charge) for charge in rated)


class _Served(NamedTuple):
    """The days of a cycle that is over, and whether it was free."""

    period: ServicePeriod
    free: bool


def _served_before(work: Work, autobill: AutoBill, index: int) -> _Served | None:
    """The cycle before; that of another plan is known from its invoice alone."""
    if index == 0:
        return None
    ended = cycle(work, autobill, index - 1)
    if ended is not None:
        return _Served(ServicePeriod(ended.service_start, ended.service_end), ended.free)
    invoice = work.uow.invoices.of_cycle(autobill.vid, index - 1)
    if invoice is None or invoice.service_start is None or invoice.service_end is None:
        return None
    return _Served(ServicePeriod(invoice.service_start, invoice.service_end), invoice.free)


def _named_charge(
    autobill: AutoBill,
    item: AutoBillItem,
    price: Decimal,
    quantity: Decimal = Decimal(1),
    *,
    name_values: tuple[NameValue, ...] = (),
) -> Charge:
    """A charge by the name of an item, and what it belongs to."""
    product = item.product
    language = autobill.account.preferred_language
    return Charge(
        name=description_for(product.descriptions, language) or product.merchant_product_id or product.vid,
        price=price,
        quantity=quantity,
        sku=product.merchant_product_id,
        tax_classification=product.tax_classification,
        merchant_autobill_item_id=item.merchant_autobill_item_id,
        autobill_item_vid=item.vid,
        name_values=name_values,
    )
