"""What a message says of something that happened: its content, and what its class adds to the header (§1.3 to §1.5)."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any

from cashbox_service.app.context import Work
from cashbox_service.app.offers import bundles
from cashbox_service.app.pushing.contents import Content, Subject
from cashbox_service.domain.refund import RefundStatus
from cashbox_service.notify.envelope import plain_moment
from cashbox_service.notify.events import EventClass
from cashbox_service.store.entities import AutoBill, AutoBillItem, Entitlement

_CHANGE = "data change"

_REFUND_STATUS_IDS = {
    RefundStatus.PROCESSING.value: "7",
    RefundStatus.COMPLETE.value: "8",
    RefundStatus.FAILED.value: "9",
}
"""What the header calls the states of a refund; 7 was seen with Processing, the others are ours."""

_OBJECTS_THAT_TELL = frozenset({"shippingAddress"})
"""Parts of an account that a change shows as they were; lists and balances are shown as they are alone."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened to ``subject_vid``, with what was true at that very moment."""

    event_class: EventClass
    event: str
    subject_vid: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What is said. Messages with one ``order_key`` are told one after the other."""

    content: Content
    order_key: str
    members: Mapping[str, str]
    is_whole: bool = True


class Scribe:
    """Writes what happened in a transaction that is about to be committed."""

    def __init__(self, work: Work, told: Sequence[Told]) -> None:
        self._after = work.apart(work.uow.again())
        self._before = work.apart(work.uow.before())
        self._seen_before: dict[tuple[str, str], Content | None] = {}
        self._companions = _companions(self._after, told)

    def __enter__(self) -> Scribe:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._before.close()
        self._after.close()

    def write(self, told: Told, version: str) -> Written | None:
        """None when there is nothing to say: the object is gone, or nothing about it has changed."""
        writers: dict[EventClass, Callable[[Told, str], Written | None]] = {
            EventClass.ACCOUNTS: self._account,
            EventClass.AUTOBILLS: self._autobill,
            EventClass.ENTITLEMENT: self._entitlement,
            EventClass.TRANSACTIONS: self._transaction,
            EventClass.ADJUSTMENTS: self._adjustment,
            EventClass.PAYMENT_METHODS: self._payment_method,
        }
        return writers[told.event_class](told, version)

    def _account(self, told: Told, version: str) -> Written | None:
        shown = self._shown(Subject.ACCOUNT, told, version)
        if shown is None:
            return None
        content = shown
        if told.event == _CHANGE:
            earlier = self._earlier(Subject.ACCOUNT, told, version) or {}
            content = {"account": shown, **_old_members(earlier, shown)}
        return Written(content, told.subject_vid, {"merchant_customer_vid": told.subject_vid})

    def _autobill(self, told: Told, version: str) -> Written | None:
        shown = self._shown(Subject.AUTOBILL, told, version)
        return Written(shown, told.subject_vid, {"autobill_vid": told.subject_vid}) if shown else None

    def _transaction(self, told: Told, version: str) -> Written | None:
        shown = self._shown(Subject.TRANSACTION, told, version)
        if shown is None:
            return None
        return Written(shown, self._order_of(told.subject_vid), {"transaction_vid": told.subject_vid})

    def _adjustment(self, told: Told, version: str) -> Written | None:
        return self._refund(told, version) if told.event == "refund" else self._chargeback(told, version)

    def _refund(self, told: Told, version: str) -> Written | None:
        found = self._after.uow.refunds.by_vid(told.subject_vid)
        shown = self._shown(Subject.REFUND, told, version)
        if found is None or shown is None:
            return None
        status = told.facts.get("status", found.status)
        members = {
            "refund_vid": found.vid,
            "refund_status_id": _REFUND_STATUS_IDS.get(status, ""),
            "initiated": "",
        }
        return Written(shown, self._order_of(found.transaction_vid), members)

    def _chargeback(self, told: Told, version: str) -> Written | None:
        found = self._after.uow.chargebacks.by_vid(told.subject_vid)
        shown = self._shown(Subject.CHARGEBACK, told, version)
        if found is None or shown is None:
            return None
        disputed = found.transaction
        key = self._order_of(disputed.vid) if disputed is not None else found.vid
        return Written(shown, key, {"chargeback_vid": found.vid})

    def _payment_method(self, told: Told, version: str) -> Written | None:
        found = self._after.uow.payment_methods.by_vid(told.subject_vid)
        shown = self._shown(Subject.PAYMENT_METHOD, told, version)
        if found is None or shown is None:
            return None
        return Written(shown, found.account_vid or found.vid, {"payment_method_vid": found.vid})

    def _entitlement(self, told: Told, _version: str) -> Written | None:
        """Entitlements of one source that begin or end together are told of together."""
        group = self._companions.get((told.event, told.subject_vid))
        if group is None:
            return None
        together, first = group.entries, group.entries[0]
        account = self._after.uow.accounts.by_vid(first.account_vid)
        assert account is not None
        autobill = self._after.uow.autobills.by_vid(first.autobill_vid) if first.autobill_vid else None
        content = self._source(first, autobill) | {
            "merchantAccountId": account.merchant_account_id,
            "merchantEntitlementId": [one.merchant_entitlement_id for one in together],
            "startTimestamp": plain_moment(first.start_at, self._after.zone),
            "endTimestamp": plain_moment(first.end_at, self._after.zone) if first.end_at is not None else "",
        }
        return Written(content, first.autobill_vid or account.vid, {"x_el_id": str(group.number)})

    def _source(self, entry: Entitlement, autobill: AutoBill | None) -> Content:
        """What an entitlement comes from: a product of an AutoBill, its plan, or a grant."""
        product_id, item = "", None
        if entry.product_vid is not None:
            product = self._after.uow.catalog.product_by_vid(entry.product_vid)
            product_id = product.merchant_product_id or "" if product is not None else ""
            item = self._item(autobill, entry.product_vid)
        source = "Account"
        if autobill is not None:
            source = "BillingPlan" if entry.product_vid is None else "Product"
        plan_id = autobill.billing_plan.merchant_billing_plan_id if autobill is not None else None
        return {
            "merchantAutobillId": autobill.merchant_autobill_id if autobill is not None else "",
            "merchantBillingPlanId": plan_id or "" if source == "BillingPlan" else "",
            "merchantAutoBillItemId": item.merchant_autobill_item_id or "" if item is not None else "",
            "entitlementSource": source,
            "merchantProductId": product_id,
            "autoBillItemVid": item.vid if item is not None else "",
        }

    def _item(self, autobill: AutoBill | None, product_vid: str) -> AutoBillItem | None:
        """The item that sells the product, by itself or in a bundle; of several the one added last."""
        items = reversed(autobill.items) if autobill is not None else ()
        for item in items:
            if any(one.vid == product_vid for one in bundles.with_parts(self._after, item.product)):
                return item
        return None

    def _order_of(self, transaction_vid: str) -> str:
        """What is told in order with a transaction: all of its AutoBill, of its account where it has none."""
        autobill_vid, account_vid = self._after.uow.transactions.owners_of(transaction_vid)
        return autobill_vid or account_vid or transaction_vid

    def _shown(self, subject: Subject, told: Told, version: str) -> Content | None:
        """The object with what was true of it when it happened, where the transaction went on to change that.

        None for a change that changes nothing that is shown.
        """
        shown = _show(self._after, subject, told.subject_vid, version)
        if told.event == _CHANGE and shown == self._earlier(subject, told, version):
            return None
        if shown is not None:
            shown |= {name: told.facts[name] for name in ("status", "billingState") if name in told.facts}
        return shown

    def _earlier(self, subject: Subject, told: Told, version: str) -> Content | None:
        """The object as it was before the transaction; None for a new one."""
        key = (told.subject_vid, version)
        if key not in self._seen_before:
            self._seen_before[key] = _show(self._before, subject, told.subject_vid, version)
        return self._seen_before[key]


def _show(work: Work, subject: Subject, vid: str, version: str) -> Content | None:
    assert work.env.contents is not None
    return work.env.contents.show(work, subject, vid, version)


def _old_members(earlier: Content, now: Content) -> Content:
    """``old_…`` for every value that is another one now; of what was empty before, empty."""
    old: Content = {}
    for name in {**earlier, **now}:
        before, after = earlier.get(name), now.get(name)
        tells = name in _OBJECTS_THAT_TELL or not isinstance(before or after, dict | list)
        if before != after and tells:
            old[f"old_{name}"] = before if before is not None else ""
    return old


@dataclass(frozen=True, slots=True)
class _Group:
    """Entitlements that are told of together, with the number of their message."""

    entries: Sequence[Entitlement]
    number: int


def _companions(work: Work, told: Sequence[Told]) -> dict[tuple[str, str], _Group]:
    """For the first of each group of entitlements all of it, by event and the first one's VID.

    Their running numbers are microseconds of real time: they grow without a counter that everybody would wait for.
    """
    asked = [one for one in told if one.event_class is EventClass.ENTITLEMENT]
    if not asked:
        return {}
    known = work.uow.entitlements.with_vids(one.subject_vid for one in asked)
    groups: dict[tuple[Any, ...], list[Entitlement]] = defaultdict(list)
    for one in asked:
        entry = known.get(one.subject_vid)
        if entry is not None:
            source = (entry.account_vid, entry.autobill_vid, entry.product_vid)
            groups[(one.event, *source, entry.start_at, entry.end_at)].append(entry)
    first_number = time.time_ns() // 1000
    return {
        (key[0], entries[0].vid): _Group(entries, first_number + place)
        for place, (key, entries) in enumerate(groups.items())
    }
