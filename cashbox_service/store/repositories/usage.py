"""Reported usage: events, the items they belong to, and what of them is unbilled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, Select, and_, exists, func, or_, select, type_coerce, update

from cashbox_service.store.entities import (
    Account,
    AutoBill,
    AutoBillItem,
    Product,
    RatedEvent,
    RatePlan,
)
from cashbox_service.store.repositories.base import Repository, batched
from cashbox_service.store.types import AMOUNT_PLACES

RUNNING = ("Processing", "Pending Activation", "Active")
"""AutoBill statuses in which there is a bill to come, or a last one to be drawn up."""

COMPLETED = "Billing Completed"
"""The billing state in which no bill will come, whatever the status."""

USAGE_BASED = "UsageBased"

_SCALE: Final = 10**AMOUNT_PLACES
_LIVE: Final = RatedEvent.reversed_at.is_(None)
_UNBILLED: Final = and_(RatedEvent.invoice_vid.is_(None), RatedEvent.settled_at.is_(None), _LIVE)


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """What events belong to, all conditions together; moments of the event: lower limit included, upper not."""

    account_vid: str | None = None
    autobill_vid: str | None = None
    product_vid: str | None = None
    rate_plan_vid: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = UsageFilter()


@dataclass(frozen=True, slots=True)
class ItemKey:
    """The ids by which an event says whose usage it is (catalog §5.4)."""

    merchant_autobill_item_id: str | None = None
    autobill_item_vid: str | None = None
    merchant_account_id: str | None = None
    account_vid: str | None = None
    merchant_autobill_id: str | None = None
    autobill_vid: str | None = None
    merchant_product_id: str | None = None
    product_vid: str | None = None


ANY_ITEM: Final = ItemKey()


@dataclass(frozen=True, slots=True)
class RatedItem:
    """An item of an AutoBill with all its ids; ``rate_plan_vid`` is the plan that counts, its own or the product's."""

    autobill_item_vid: str
    merchant_autobill_item_id: str | None
    autobill_vid: str
    merchant_autobill_id: str
    account_vid: str
    merchant_account_id: str
    product_vid: str
    merchant_product_id: str | None
    rate_plan_vid: str | None
    currency: str
    removed_on: date | None


@dataclass(frozen=True, slots=True)
class Units:
    """A number of events and the units they add up to."""

    units: Decimal = Decimal(0)
    events: int = 0


NOTHING: Final = Units()


class UsageRepository(Repository):
    """Usage of one merchant. Events that were taken back are found by no query but `taken_ids`."""

    def by_vid(self, vid: str) -> RatedEvent | None:
        return self._one(self._of(RatedEvent).where(RatedEvent.vid == vid, _LIVE))

    def by_merchant_id(self, merchant_event_id: str) -> RatedEvent | None:
        return self._one(self._of(RatedEvent).where(RatedEvent.merchant_event_id == merchant_event_id, _LIVE))

    def lock(self, vid: str) -> RatedEvent | None:
        return self._lock(self._of(RatedEvent).where(RatedEvent.vid == vid, _LIVE), RatedEvent)

    def taken_ids(self, merchant_event_ids: Iterable[str]) -> set[str]:
        """Those of the ids that an event has, or had before it was taken back."""
        return set(
            self.session.scalars(
                self._of(RatedEvent)
                .with_only_columns(RatedEvent.merchant_event_id)
                .where(RatedEvent.merchant_event_id.in_(list(merchant_event_ids)))
            )
        )

    def page(
        self, page: int, size: int, wanted: UsageFilter = EVERYTHING, *, unbilled: bool = False
    ) -> Sequence[RatedEvent]:
        """By the moment of the event, then VID."""
        conditions = _conditions(wanted)
        if unbilled:
            conditions.append(_UNBILLED)
        return self._page(
            self._of(RatedEvent).where(_LIVE, *conditions).order_by(RatedEvent.event_at, RatedEvent.vid),
            page,
            size,
        )

    def recorded_for(self, rate_plan_vid: str) -> bool:
        """Whether an event was ever recorded under the plan and not taken back."""
        found = self._of(RatedEvent).with_only_columns(RatedEvent.vid)
        return (
            self.session.scalar(found.where(RatedEvent.rate_plan_vid == rate_plan_vid, _LIVE).limit(1))
            is not None
        )

    def unbilled(self, item_vids: Iterable[str], wanted: UsageFilter = EVERYTHING) -> dict[str, Units]:
        """The unbilled units of each item that has events among them; only the moments of ``wanted`` count."""
        return self._totals(_UNBILLED, RatedEvent.autobill_item_vid.in_(list(item_vids)), *_window(wanted))

    def billed_on(self, invoice_vid: str) -> dict[str, Units]:
        """The units of each item that an invoice bills."""
        return self._totals(_LIVE, RatedEvent.invoice_vid == invoice_vid)

    def all_billed(self) -> dict[tuple[str, str], Decimal]:
        """For the audit: units by invoice and item."""
        rows = self.session.execute(
            self._of(RatedEvent)
            .with_only_columns(RatedEvent.invoice_vid, RatedEvent.autobill_item_vid, *_sums())
            .where(RatedEvent.invoice_vid.is_not(None))
            .group_by(RatedEvent.invoice_vid, RatedEvent.autobill_item_vid)
        )
        return {(row[0] or "", row[1]): _units(row[2], row[3]) for row in rows}

    def add_settled(self, item_vids: Iterable[str], now: datetime) -> None:
        """What is unbilled of these items is settled outside of all invoices."""
        self._mark({"settled_at": now}, RatedEvent.autobill_item_vid.in_(list(item_vids)))

    def add_to_invoice(self, invoice_vid: str, item_vid: str, wanted: UsageFilter) -> None:
        """The unbilled events of an item are billed by that invoice; only the moments of ``wanted`` count."""
        self._mark({"invoice_vid": invoice_vid}, RatedEvent.autobill_item_vid == item_vid, *_window(wanted))

    def items_of(self, most: int, key: ItemKey = ANY_ITEM) -> list[RatedItem]:
        """The usage-based items of running AutoBills that fit the ids; ``most`` limits how many are looked for."""
        in_service = AutoBill.status.in_(RUNNING), AutoBill.billing_state != COMPLETED
        return self._items(self._rated().where(*in_service, *_matching(key)).limit(most))

    def rated_items(self, page: int, size: int, wanted: UsageFilter = EVERYTHING) -> list[RatedItem]:
        """Usage-based items of running AutoBills, and those of ended ones that have unbilled events; by VID."""
        statement = self._rated().where(or_(AutoBill.status.in_(RUNNING), self._has_unbilled()))
        for column, value in (
            (AutoBill.account_vid, wanted.account_vid),
            (AutoBill.vid, wanted.autobill_vid),
            (AutoBillItem.product_vid, wanted.product_vid),
            (_plan_vid(), wanted.rate_plan_vid),
        ):
            if value is not None:
                statement = statement.where(column == value)
        return self._items(statement.order_by(AutoBillItem.vid).offset(page * size).limit(size))

    def items_named(self, item_vids: Iterable[str]) -> dict[str, RatedItem]:
        """Items with all their ids, whatever they are billed by now."""
        found: dict[str, RatedItem] = {}
        for some in batched(list(dict.fromkeys(item_vids))):
            for item in self._items(self._with_ids().where(AutoBillItem.vid.in_(some))):
                found[item.autobill_item_vid] = item
        return found

    def currencies_of_plan(self, rate_plan_vid: str) -> set[str]:
        """The currencies of running AutoBills in which the plan prices an item."""
        return set(
            self.session.scalars(
                self._with_ids()
                .with_only_columns(AutoBill.currency)
                .where(
                    AutoBill.status.in_(RUNNING),
                    or_(AutoBillItem.amount.is_(None), self._has_unbilled()),
                    _plan_vid() == rate_plan_vid,
                )
                .distinct()
            )
        )

    def _has_unbilled(self) -> Any:
        return exists().where(
            RatedEvent.merchant_vid == self.merchant_vid,
            RatedEvent.autobill_item_vid == AutoBillItem.vid,
            _UNBILLED,
        )

    def _mark(self, values: dict[str, Any], *conditions: Any) -> None:
        self.session.execute(
            update(RatedEvent)
            .where(RatedEvent.merchant_vid == self.merchant_vid, _UNBILLED, *conditions)
            .values(values)
            .execution_options(synchronize_session=False)
        )

    def _with_ids(self) -> Select[Any]:
        return (
            select(
                AutoBillItem.vid,
                AutoBillItem.merchant_autobill_item_id,
                AutoBill.vid,
                AutoBill.merchant_autobill_id,
                Account.vid,
                Account.merchant_account_id,
                Product.vid,
                Product.merchant_product_id,
                _plan_vid(),
                AutoBill.currency,
                AutoBillItem.removed_on,
            )
            .select_from(AutoBillItem)
            .join(AutoBill, AutoBill.vid == AutoBillItem.autobill_vid)
            .join(Account, Account.vid == AutoBill.account_vid)
            .join(Product, Product.vid == AutoBillItem.product_vid)
            .where(
                AutoBillItem.merchant_vid == self.merchant_vid,
                AutoBill.merchant_vid == self.merchant_vid,
                Account.merchant_vid == self.merchant_vid,
                Product.merchant_vid == self.merchant_vid,
            )
        )

    def _rated(self) -> Select[Any]:
        """Items that are billed by their usage: an amount of their own would win over the plan (catalog §5.3)."""
        return (
            self._with_ids()
            .join(RatePlan, RatePlan.vid == _plan_vid())
            .where(AutoBillItem.amount.is_(None), RatePlan.rate_plan_model == USAGE_BASED)
        )

    def _items(self, statement: Select[Any]) -> list[RatedItem]:
        return [RatedItem(*row) for row in self.session.execute(statement)]

    def _totals(self, *conditions: Any) -> dict[str, Units]:
        rows = self.session.execute(
            self._of(RatedEvent)
            .with_only_columns(RatedEvent.autobill_item_vid, *_sums(), func.count())
            .where(*conditions)
            .group_by(RatedEvent.autobill_item_vid)
        )
        return {row[0]: Units(_units(row[1], row[2]), row[3]) for row in rows}


def _plan_vid() -> Any:
    return func.coalesce(AutoBillItem.rate_plan_vid, Product.default_rate_plan_vid)


def _sums() -> tuple[Any, Any]:
    """Whole units and millionths apart: their sums stay in 64 bits however many events there are."""
    stored = type_coerce(RatedEvent.amount, BigInteger)
    return func.sum(stored // _SCALE), func.sum(stored % _SCALE)


def _units(whole: Any, parts: Any) -> Decimal:
    return Decimal(int(whole) * _SCALE + int(parts)).scaleb(-AMOUNT_PLACES)


def _window(wanted: UsageFilter) -> list[Any]:
    limits = []
    if wanted.since is not None:
        limits.append(RatedEvent.event_at >= wanted.since)
    if wanted.until is not None:
        limits.append(RatedEvent.event_at < wanted.until)
    return limits


def _conditions(wanted: UsageFilter) -> list[Any]:
    columns = (
        (RatedEvent.account_vid, wanted.account_vid),
        (RatedEvent.autobill_vid, wanted.autobill_vid),
        (RatedEvent.product_vid, wanted.product_vid),
        (RatedEvent.rate_plan_vid, wanted.rate_plan_vid),
    )
    return [column == value for column, value in columns if value is not None] + _window(wanted)


def _matching(key: ItemKey) -> list[Any]:
    columns = (
        (AutoBillItem.merchant_autobill_item_id, key.merchant_autobill_item_id),
        (AutoBillItem.vid, key.autobill_item_vid),
        (Account.merchant_account_id, key.merchant_account_id),
        (Account.vid, key.account_vid),
        (AutoBill.merchant_autobill_id, key.merchant_autobill_id),
        (AutoBill.vid, key.autobill_vid),
        (Product.merchant_product_id, key.merchant_product_id),
        (Product.vid, key.product_vid),
    )
    return [column == value for column, value in columns if value is not None]
