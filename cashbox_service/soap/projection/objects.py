"""Fields of subscriptions and of the catalog that older versions have otherwise.

Source: spec autobill §1 and §3.1, account §14, catalog §5.4 and §7.
"""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime
from decimal import Decimal
from typing import Any

from cashbox_service.soap.projection.enumerations import NEAREST
from cashbox_service.soap.projection.rows import Passage, TypeRow

_LICENSED = "LicenseBased"
_LANGUAGE = "EN"
"""Of the one description that a product had."""

_UNITS = (("Year", "years"), ("Month", "months"), ("Week", "weeks"), ("Day", "days"))
"""Largest first."""

_SHOWN = frozenset({"Active", "Suspended", "Cancelled", "Upgraded", "PendingCustomerAction"})
_SUSPENDED = frozenset({"Unusable PaymentMethod", "Grace Period"})
_WAITING = "Pending Activation"
_NEVER = datetime(MAXYEAR, 1, 1, tzinfo=UTC)


def _take_product(older: Any, ours: Any, passage: Passage) -> None:
    if older.product is not None and not ours.items:
        ours.items = (passage.make("AutoBillItem", product=passage.record("Product", older.product)),)


def _give_product(ours: Any, older: Any, passage: Passage) -> None:
    """The primary product: that of the first item still billed."""
    items = [item for item in ours.items if item.removedDate is None] or list(ours.items)
    if items:
        older.product = passage.record("Product", items[0].product)


def _give_rebills(ours: Any, older: Any, passage: Passage) -> None:
    if ours.nextBilling is not None:
        older.futureRebills = (passage.record("Transaction", ours.nextBilling),)


def _give_status(ours: Any, older: Any, passage: Passage) -> None:
    """Beside the values by name: what a billing state or a start ahead makes of a status."""
    status = ours.status
    if status == "Active" and ours.billingState in _SUSPENDED:
        older.status = "Suspended"
    elif status == _WAITING:
        awaits = ours.startTimestamp is None or ours.startTimestamp <= passage.now
        older.status = "PendingCustomerAction" if awaits else "Active"
    else:
        nearest = NEAREST["AutoBillStatus"].get(status, status)
        older.status = nearest if nearest in _SHOWN else None


def _take_basis(older: Any, ours: Any, _: Passage) -> None:
    if older.priceBasis == "Included" and ours.amount is None:
        ours.amount = Decimal(0)


def _give_basis(ours: Any, older: Any, _: Passage) -> None:
    older.priceBasis = "Included" if ours.amount == 0 and ours.amount is not None else "Added"


def _take_licences(older: Any, ours: Any, _: Passage) -> None:
    if older.eventInitializer is not None and older.eventInitializer.amount is not None:
        ours.quantity = older.eventInitializer.amount


def _give_licences(ours: Any, older: Any, passage: Passage) -> None:
    plan = ours.ratePlan or (ours.product.defaultRatePlan if ours.product is not None else None)
    if plan is not None and plan.ratePlanModel == _LICENSED and ours.quantity is not None:
        older.eventInitializer = passage.make("Event", amount=ours.quantity)


def _give_item_times(ours: Any, older: Any, _: Passage) -> None:
    older.startTimestamp, older.endTimestamp = ours.addedDate, ours.removedDate


def _give_method(ours: Any, older: Any, _: Passage) -> None:
    if ours.amount is not None:
        older.recordMethod = "Deduct" if ours.amount < 0 else "Add"
        older.amount = abs(ours.amount)


def _take_description(older: Any, ours: Any, passage: Passage) -> None:
    if older.description:
        text = passage.make("ProductDescription", language=_LANGUAGE, description=older.description)
        ours.descriptions = (text,)


def _give_description(ours: Any, older: Any, _: Passage) -> None:
    english = [text for text in ours.descriptions if (text.language or "").upper() == _LANGUAGE]
    for text in [*english, *ours.descriptions][:1]:
        older.description = text.description


def _take_length(older: Any, ours: Any, _: Passage) -> None:
    attribute = dict(_UNITS).get(older.type)
    if attribute is not None:
        setattr(ours, attribute, older.amount)


def _give_length(ours: Any, older: Any, _: Passage) -> None:
    for unit, attribute in _UNITS:
        if getattr(ours, attribute):
            older.type, older.amount = unit, getattr(ours, attribute)
            return


def _give_source(ours: Any, older: Any, _: Passage) -> None:
    of_autobill = ours.autoBillVID is not None or ours.merchantAutoBillId is not None
    older.source = "AutoBill" if of_autobill else "Account"


def _take_provider(older: Any, ours: Any, _: Passage) -> None:
    ours.name = older.VID or older.description


def _give_provider(ours: Any, older: Any, _: Passage) -> None:
    older.VID = older.description = ours.name


def latest(entitlements: Any) -> Any:
    """The active entitlement that lasts longest; None when none is active (account §14)."""
    active = [each for each in entitlements if each.active]
    return max(active, key=lambda each: each.endTimestamp or _NEVER, default=None)


OBJECTS: tuple[TypeRow, ...] = (
    TypeRow(
        "AutoBill",
        ("product",),
        "the one product is the product of the first item; items are not shown",
        _take_product,
        _give_product,
    ),
    TypeRow(
        "AutoBill",
        ("futureRebills",),
        "shows the next billing alone; ignored in requests",
        gives=_give_rebills,
    ),
    TypeRow(
        "AutoBill",
        ("status",),
        "read-only; mapped as autobill §3.1 says: suspended while a payment method is unusable or in grace, "
        "PendingCustomerAction when due to start and waiting",
        gives=_give_status,
    ),
    TypeRow(
        "AutoBill",
        ("upgradedFromVid", "upgradedToVid"),
        "read-only and absent: a change of plan keeps the AutoBill, so nothing is succeeded by anything",
    ),
    TypeRow("AutoBill", ("billingPlanHistory",), "absent: AutoBill.fetchBillingItemHistory has it"),
    TypeRow(
        "AutoBillItem",
        ("priceBasis",),
        "`Included` is an item at the amount 0, everything else `Added`",
        _take_basis,
        _give_basis,
    ),
    TypeRow(
        "AutoBillItem",
        ("eventInitializer",),
        "its amount is the quantity of an item; shown for items billed by licences",
        _take_licences,
        _give_licences,
    ),
    TypeRow(
        "AutoBillItem",
        ("startTimestamp", "endTimestamp"),
        "read-only: addedDate and removedDate by their former names",
        gives=_give_item_times,
    ),
    TypeRow(
        "Event",
        ("recordMethod",),
        "a deduction is an event of a negative amount; decides between recordEvent and deductEvent",
        gives=_give_method,
    ),
    TypeRow(
        "Product",
        ("description",),
        "the English description, or the first; in requests the only one, in English",
        _take_description,
        _give_description,
    ),
    TypeRow(
        "TimeInterval",
        ("type", "amount"),
        "years, months, weeks or days; shown in the largest unit that is set",
        _take_length,
        _give_length,
    ),
    TypeRow("Entitlement", ("source",), "`AutoBill` or `Account`, by what it belongs to", gives=_give_source),
    TypeRow(
        "PaymentProvider",
        ("VID", "description", "paymentType", "account"),
        "providers are known by name: it stands for VID and description",
        _take_provider,
        _give_provider,
    ),
)
