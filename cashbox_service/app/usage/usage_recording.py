"""Usage as merchants report it: recorded, deducted, taken back (catalog §5.4, §5.5).

Every call is all or nothing. The accounts are locked before anything of them is read for good: a billing run that
draws up a bill meanwhile either counts an event and marks it, or sees nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.offers import rate_plans
from cashbox_service.app.usage.drafts import EventDraft
from cashbox_service.domain import rating
from cashbox_service.domain.errors import (
    ConcurrentChange,
    Duplicate,
    EventNotFound,
    IllegalState,
    InvalidRequest,
    InvalidValue,
    MissingField,
)
from cashbox_service.domain.money import LARGEST_GIVEN
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import RatedEvent
from cashbox_service.store.repositories.usage import NOTHING, ItemKey, RatedItem

MAX_EVENTS = 50
"""Most events of one call (catalog §5.5)."""

_CANDIDATES = 20
"""So many items that fit are looked at; more are ambiguous in any case."""

_KEYS = {
    "merchantAccountId": "merchant_account_id",
    "accountVid": "account_vid",
    "merchantAutoBillId": "merchant_auto_bill_id",
    "autoBillVid": "auto_bill_vid",
    "merchantAutoBillItemId": "merchant_auto_bill_item_id",
    "autoBillItemVid": "auto_bill_item_vid",
    "merchantProductId": "merchant_product_id",
    "productVid": "product_vid",
}
_OWNERS = tuple(name for name in _KEYS if "roduct" not in name)


def record(work: Work, drafts: Sequence[EventDraft]) -> None:
    """Units that were used. Raises MissingField, InvalidValue, Duplicate, InvalidRequest when no item fits, or two."""
    _check_number(drafts)

    def change() -> None:
        with work.writing():
            items = _locked_items(work, drafts)
            _check_worth(work, drafts, items)
            _store(work, drafts, items, sign=1)

    starting_over(change)


def deduct(work: Work, drafts: Sequence[EventDraft]) -> None:
    """Units that are not to be billed after all, as events of their own; never more than are unbilled.

    Raises as `record`.
    """
    _check_number(drafts)

    def change() -> None:
        with work.writing():
            items = _locked_items(work, drafts)
            left = _unbilled(work, (item.autobill_item_vid for item in items))
            for draft, item in zip(drafts, items, strict=True):
                left[item.autobill_item_vid] -= _amount(draft)
                if left[item.autobill_item_vid] < 0:
                    raise InvalidValue(
                        "event.amount", draft.amount, "is more than the unbilled units of the item"
                    )
            _store(work, drafts, items, sign=-1)

    starting_over(change)


def set_total(work: Work, drafts: Sequence[EventDraft]) -> None:
    """The amounts are the new unbilled totals: what is missing is recorded, what is too much deducted (catalog §5.4).

    Raises as `record`, and InvalidValue for an item that is named twice.
    """
    _check_number(drafts)

    def change() -> None:
        with work.writing():
            _make_up(work, drafts, _locked_items(work, drafts))

    starting_over(change)


def reverse(work: Work, drafts: Sequence[EventDraft]) -> None:
    """Take events back that are not billed yet; their ids stay taken.

    Raises MissingField, EventNotFound, IllegalState for a billed one, InvalidRequest when more would be deducted than
    is left.
    """
    _check_number(drafts)

    def change() -> None:
        with work.writing():
            _take_back(work, drafts)

    starting_over(change)


def find(work: Work, draft: EventDraft) -> RatedEvent:
    """By VID, else by merchantEventId. Raises MissingField, EventNotFound, InvalidRequest for two events."""
    own_id = draft.merchant_event_id
    if draft.vid is None and own_id is None:
        raise MissingField("event.merchantEventId")
    if draft.vid is None:
        found = work.uow.usage.by_merchant_id(own_id or "")
        if found is None:
            raise EventNotFound("merchantEventId", own_id)
        return found
    found = work.uow.usage.by_vid(draft.vid)
    if found is None:
        raise EventNotFound("VID", draft.vid)
    if own_id not in (None, found.merchant_event_id) and work.uow.usage.by_merchant_id(own_id or ""):
        raise InvalidRequest("VID and merchantEventId belong to different events.")
    return found


def _check_number(drafts: Sequence[EventDraft]) -> None:
    if not drafts:
        raise MissingField("event")
    if len(drafts) > MAX_EVENTS:
        raise InvalidValue("event", len(drafts), f"exceeds the limit of {MAX_EVENTS}")


def _locked_items(work: Work, drafts: Sequence[EventDraft]) -> list[RatedItem]:
    """The item of each event, its account locked; what another call changed before the lock counts.

    Raises ConcurrentChange when the AutoBill went to another account meanwhile.
    """
    locked = {item.account_vid for item in _items(work, drafts)}
    for account_vid in sorted(locked):
        accounts.lock(work, account_vid)
    found = _items(work, drafts)
    if not {item.account_vid for item in found} <= locked:
        raise ConcurrentChange
    return found


def _items(work: Work, drafts: Sequence[EventDraft]) -> list[RatedItem]:
    known: dict[ItemKey, list[RatedItem]] = {}
    return [_item(work, draft, known) for draft in drafts]


def _item(work: Work, draft: EventDraft, known: dict[ItemKey, list[RatedItem]]) -> RatedItem:
    """The one usage-based item that the ids of an event name together, among those that served on its day."""
    given = {name: getattr(draft, field) for name, field in _KEYS.items()}
    if not any(given[name] for name in _OWNERS):
        raise MissingField(
            "event.merchantAccountId",
            "The event names neither an account nor an AutoBill nor an AutoBillItem.",
        )
    key = _key(draft)
    if key not in known:
        known[key] = work.uow.usage.items_of(_CANDIDATES, key)
    day = (draft.event_date or work.now).astimezone(work.zone).date()
    fitting = [item for item in known[key] if item.removed_on is None or item.removed_on > day]
    if len(fitting) == 1:
        return fitting[0]
    named = ", ".join(f'{name} "{value[:60]}"' for name, value in given.items() if value)
    number = "Several rated AutoBillItems match" if fitting else "No rated AutoBillItem matches"
    raise InvalidRequest(f"{number} the event: {named}.")


def _key(draft: EventDraft) -> ItemKey:
    return ItemKey(
        draft.merchant_auto_bill_item_id,
        draft.auto_bill_item_vid,
        draft.merchant_account_id,
        draft.account_vid,
        draft.merchant_auto_bill_id,
        draft.auto_bill_vid,
        draft.merchant_product_id,
        draft.product_vid,
    )


def _amount(draft: EventDraft) -> Decimal:
    if draft.amount is None:
        raise MissingField("event.amount")
    amount = rating.given_units("event.amount", draft.amount)
    if amount <= 0:
        raise InvalidValue("event.amount", draft.amount, "must be greater than zero")
    return amount


def _check_worth(work: Work, drafts: Sequence[EventDraft], items: Sequence[RatedItem]) -> None:
    """Raises InvalidValue for units that nobody could be billed for: a slip of the pen must not stop a subscription."""
    units: dict[RatedItem, Decimal] = {}
    for draft, item in zip(drafts, items, strict=True):
        units[item] = units.get(item, Decimal(0)) + _amount(draft)
    for item, total in units.items():
        plan = work.uow.catalog.rate_plan_by_vid(item.rate_plan_vid or "")
        assert plan is not None
        if rating.rate(rate_plans.terms_of(plan), total, item.currency).amount > LARGEST_GIVEN:
            raise InvalidValue("event.amount", total, f"costs more than {LARGEST_GIVEN}")


def _make_up(work: Work, drafts: Sequence[EventDraft], items: Sequence[RatedItem]) -> None:
    left = _unbilled(work, (item.autobill_item_vid for item in items))
    if len(left) < len(items):
        raise InvalidValue("event", len(items), "name an item twice, which has but one total")
    _check_ids(work, drafts)
    for draft, item in zip(drafts, items, strict=True):
        missing = _total(draft) - left[item.autobill_item_vid]
        if missing:
            event = replace(draft, amount=abs(missing))
            if missing > 0:
                _check_worth(work, [event], [item])
            _store(work, [event], [item], sign=1 if missing > 0 else -1)


def _total(draft: EventDraft) -> Decimal:
    if draft.amount is None:
        raise MissingField("event.amount")
    total = rating.given_units("event.amount", draft.amount)
    if total < 0:
        raise InvalidValue("event.amount", draft.amount, "must not be negative")
    return total


def _store(work: Work, drafts: Sequence[EventDraft], items: Sequence[RatedItem], sign: int) -> None:
    _check_ids(work, drafts)
    for draft, item in zip(drafts, items, strict=True):
        vid = new_vid()
        own_id = draft.merchant_event_id
        assert item.rate_plan_vid is not None
        work.uow.usage.add(
            RatedEvent(
                vid=vid,
                merchant_event_id=check_merchant_id("event.merchantEventId", own_id or vid),
                account_vid=item.account_vid,
                autobill_vid=item.autobill_vid,
                autobill_item_vid=item.autobill_item_vid,
                product_vid=item.product_vid,
                rate_plan_vid=item.rate_plan_vid,
                amount=sign * _amount(draft),
                event_at=(draft.event_date or work.now).replace(microsecond=0),
                received_at=work.now,
                description=draft.description or None,
                name_values=name_values.merged(work, "Event", (), draft.name_values),
            )
        )


def _check_ids(work: Work, drafts: Iterable[EventDraft]) -> None:
    """Raises Duplicate for an id that another event has or had."""
    given = [draft.merchant_event_id for draft in drafts if draft.merchant_event_id is not None]
    taken = work.uow.usage.taken_ids(given)
    for own_id in given:
        if own_id in taken:
            raise Duplicate("event.merchantEventId", own_id)
        taken.add(own_id)


def _take_back(work: Work, drafts: Sequence[EventDraft]) -> None:
    named = [find(work, draft) for draft in drafts]
    _check_once(named)
    locked = {event.account_vid for event in named}
    for account_vid in sorted(locked):
        accounts.lock(work, account_vid)
    left = _unbilled(work, (event.autobill_item_vid for event in named))
    for found in named:
        event = work.uow.usage.lock(found.vid)
        if event is None:
            raise EventNotFound("merchantEventId", found.merchant_event_id)
        if event.account_vid not in locked:
            raise ConcurrentChange
        if event.is_billed:
            own_id = event.merchant_event_id
            text = f'Event with merchantEventId "{own_id}" is billed and cannot be reversed.'
            raise IllegalState("Event", own_id, "Billed", text)
        left[event.autobill_item_vid] -= event.amount
        event.reversed_at = work.now
    if any(units < 0 for units in left.values()):
        raise InvalidRequest("The event cannot be reversed: more units were deducted than would be left.")


def _check_once(events: Sequence[RatedEvent]) -> None:
    """Raises InvalidValue for an event that is named twice."""
    seen: set[str] = set()
    for event in events:
        if event.vid in seen:
            raise InvalidValue("event.merchantEventId", event.merchant_event_id, "is named twice")
        seen.add(event.vid)


def _unbilled(work: Work, item_vids: Iterable[str]) -> dict[str, Decimal]:
    vids = set(item_vids)
    totals = work.uow.usage.unbilled(vids)
    return {vid: totals.get(vid, NOTHING).units for vid in vids}
