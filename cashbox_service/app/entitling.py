"""The entitlements that an AutoBill gives: created, prolonged and ended as its standing says (billing-engine §10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cashbox_service.app import bundles, schedule
from cashbox_service.app.context import Work
from cashbox_service.domain import entitlement as rules
from cashbox_service.domain.calendar import end_of_day
from cashbox_service.domain.catalog import EntitlementId
from cashbox_service.domain.retry import grace_days_of
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import AutoBill, Entitlement, Invoice


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an entitlement comes from: a product of an item, or the plan."""

    product_vid: str | None
    entitlement: EntitlementId


def refresh(work: Work, autobill: AutoBill) -> None:
    """Bring the AutoBill's entitlements and its endTimestamp in line with its state; inside a transaction."""
    if autobill.status in ("Processing", "Pending Activation"):
        return
    situation = _situation(work, autobill)
    ends = rules.ends(situation)
    autobill.end_at = end_of_day(ends.autobill_on, work.zone) if ends.autobill_on is not None else None
    end_at = end_of_day(ends.entitlement_on, work.zone) if ends.entitlement_on is not None else None
    wanted = {(source.product_vid, source.entitlement.id): source for source in _sources(work, autobill)}
    present = {
        (entry.product_vid, entry.merchant_entitlement_id): entry
        for entry in work.uow.entitlements.of_autobill(autobill.vid)
        if entry.end_at is None or entry.end_at > work.now
    }
    for key, source in wanted.items():
        if key not in present:
            _grant(work, autobill, source, end_at)
    for key, entry in present.items():
        _move_end(work, entry, end_at if key in wanted else work.now)


def locked(work: Work, autobills: Sequence[AutoBill]) -> list[AutoBill]:
    """The AutoBills, re-read and locked with their accounts; always in one order, so that nobody waits in a circle.

    To be called before anything is written: whoever changes an account's AutoBills locks the account first.
    """
    found = []
    for autobill in sorted(autobills, key=lambda one: (one.account_vid, one.vid)):
        work.uow.accounts.lock(autobill.account_vid)
        again = work.uow.autobills.lock(autobill.vid)
        assert again is not None
        found.append(again)
    return found


def _situation(work: Work, autobill: AutoBill) -> rules.Situation:
    billed = [one for one in work.uow.invoices.of_autobill(autobill.vid) if one.billed_on is not None]
    unpaid = [one for one in billed if one.state in ("Due", "Overdue") and not one.by_hand]
    settled = [one for one in billed if _is_settled(one)]
    return rules.Situation(
        terms=schedule.terms_of(work, autobill),
        status=autobill.status,
        billing_state=autobill.billing_state,
        start=autobill.start_at.astimezone(work.zone).date(),
        today=work.today,
        valid_for=autobill.billing_plan.entitlements_valid_for,
        billed_to=_served_to(work, autobill, billed),
        paid_to=_served_to(work, autobill, settled),
        unpaid_since=min((one.unpaid_since for one in unpaid if one.unpaid_since), default=None),
        retry_days=work.settings.retry_days,
        grace_days=grace_days_of(autobill.billing_plan.name_values, work.settings.grace_days),
    )


def _is_settled(invoice: Invoice) -> bool:
    """Whether its period counts as paid; one to be paid by hand does while it is Due."""
    return invoice.state in ("Paid", "Written Off") or (invoice.by_hand and invoice.state == "Due")


def _served_to(work: Work, autobill: AutoBill, invoices: Sequence[Invoice]) -> date | None:
    """The last day that the last of the invoices serves."""
    return schedule.service_end(work, autobill, invoices[-1]) if invoices else None


def _sources(work: Work, autobill: AutoBill) -> list[_Source]:
    sources = [_Source(None, entry) for entry in autobill.billing_plan.entitlement_ids]
    for item in autobill.items:
        if item.removed_on is not None and item.removed_on <= work.today:
            continue
        for product in bundles.with_parts(work, item.product):
            sources += [_Source(product.vid, entry) for entry in product.entitlement_ids]
    return sources


def _grant(work: Work, autobill: AutoBill, source: _Source, end_at: datetime | None) -> None:
    entry = Entitlement(
        vid=new_vid(),
        account_vid=autobill.account_vid,
        autobill_vid=autobill.vid,
        product_vid=source.product_vid,
        merchant_entitlement_id=source.entitlement.id,
        description=source.entitlement.description,
        start_at=max(autobill.start_at, work.now) if _began(work, autobill) else autobill.start_at,
        end_at=end_at,
        changed_at=work.now,
    )
    work.uow.entitlements.add(entry)
    work.uow.events.enqueue("entitlements", "start", entry.vid, work.now)


def _began(work: Work, autobill: AutoBill) -> bool:
    """Whether the AutoBill was entitling before this call: a late grant then begins now."""
    return autobill.created_at < work.now and bool(work.uow.entitlements.of_autobill(autobill.vid))


def _move_end(work: Work, entry: Entitlement, end_at: datetime | None) -> None:
    if entry.end_at == end_at:
        return
    entry.end_at = end_at
    entry.changed_at = work.now
    if end_at is not None and end_at <= work.now:
        work.uow.events.enqueue("entitlements", "stop", entry.vid, work.now)
