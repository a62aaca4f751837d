"""Rights of accounts: asked for, and granted by the merchant itself (account §9).

What AutoBills entitle to is only read here: billing changes it, see `entitling`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cashbox_service.app import idempotency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit.drafts import TimeIntervalDraft
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers.catalog import check_length
from cashbox_service.app.paging import page, window
from cashbox_service.domain import account_grant as rules
from cashbox_service.domain.account_grant import Period
from cashbox_service.domain.errors import EntitlementNotFound, InvalidRequest, MissingField
from cashbox_service.domain.interval import Length
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, Entitlement

MAX_LENGTH = 1024
NOT_SPECIFIED = "Entitlement not specified."


@dataclass(frozen=True, slots=True)
class Grant:
    """A right that a merchant gives to an account: from now on and without end unless it says otherwise."""

    merchant_entitlement_id: str | None
    description: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def is_entitled(work: Work, reference: Reference, merchant_entitlement_id: str | None) -> bool:
    """Whether anything gives the right at this moment. Raises MissingField, AccountNotFound."""
    own_id = _named(merchant_entitlement_id)
    account = accounts.resolve(work, reference)
    found = work.uow.entitlements.of_accounts([account.vid], own_id)
    return any(_period(entry).is_active(work.now) for entry in found)


def of_account(
    work: Work, reference: Reference, *, show_all: bool, include_children: bool
) -> Sequence[Entitlement]:
    """By their start; those that are over only when all are asked for. Raises MissingField, AccountNotFound."""
    account = accounts.resolve(work, reference)
    owners = accounts.with_children(work, account, include_children)
    found = work.uow.entitlements.of_accounts(owners)
    return [entry for entry in found if show_all or not _period(entry).is_over(work.now)]


def of_account_by_id(
    work: Work,
    merchant_entitlement_id: str | None,
    reference: Reference,
    *,
    show_all: bool,
    include_children: bool,
) -> Sequence[Entitlement]:
    """By their start; those that are not active only when all are asked for. Raises MissingField, AccountNotFound."""
    own_id = _named(merchant_entitlement_id, "Missing required parameter 'entitlementId'.")
    account = accounts.resolve(work, reference)
    owners = accounts.with_children(work, account, include_children)
    found = work.uow.entitlements.of_accounts(owners, own_id)
    return [entry for entry in found if show_all or _period(entry).is_active(work.now)]


def changed_between(
    work: Work, since: datetime | None, until: datetime | None, number: int | None, size: int | None
) -> Sequence[Entitlement]:
    """Those whose last change lies in the window, by that change; an empty page is no error. Raises InvalidWindow."""
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since, until, work.now)
    return work.uow.entitlements.changed_between(lower, upper, wanted.number, wanted.size)


def grant(work: Work, reference: Reference, wanted: Grant | None, note: str | None) -> Account:
    """A further period of a right. Raises MissingField, AccountNotFound, InvalidValue."""
    own_id = _named(wanted.merchant_entitlement_id if wanted is not None else None)
    assert wanted is not None
    check_length("merchantEntitlementId", own_id, MAX_LENGTH)
    check_length("description", wanted.description, MAX_LENGTH)
    start = wanted.start or work.now
    rules.check_period(start, wanted.end)

    def granted(account: Account) -> None:
        entry = Entitlement(
            vid=new_vid(),
            account_vid=account.vid,
            merchant_entitlement_id=own_id,
            description=wanted.description or None,
            start_at=start,
            end_at=wanted.end,
            note=note or None,
            changed_at=work.now,
        )
        work.uow.entitlements.add(entry)
        work.uow.events.enqueue("entitlements", "start", entry.vid, max(start, work.now))

    return _changed(work, reference, granted)


def revoke(
    work: Work, reference: Reference, merchant_entitlement_id: str | None, note: str | None
) -> Account:
    """End the active grants of a right now, and take away those to come.

    Raises MissingField, AccountNotFound, InvalidRequest when none is active.
    """
    own_id = _named(merchant_entitlement_id)

    def revoked(account: Account) -> None:
        grants = work.uow.entitlements.of_account_itself(account.vid, own_id)
        active = [entry for entry in grants if _period(entry).is_active(work.now)]
        if not active:
            raise InvalidRequest("Could not find active entitlement for revocation.")
        for entry in active:
            _end(work, entry, work.now, note)
            work.uow.events.enqueue("entitlements", "stop", entry.vid, work.now)
        for entry in grants:
            if entry.start_at > work.now:
                work.uow.entitlements.remove(entry)

    return _changed(work, reference, revoked)


def extend_to(
    work: Work,
    reference: Reference,
    merchant_entitlement_id: str | None,
    end: datetime | None,
    note: str | None,
) -> Account:
    """Prolong a grant to a date. Raises MissingField, AccountNotFound, EntitlementNotFound, InvalidRequest."""
    own_id = _named(merchant_entitlement_id)
    if end is None:
        raise MissingField("extensionDate", "Extension date not specified.")
    return _extended(work, reference, own_id, note, lambda period: rules.extended_to(period, end))


def extend_by(
    work: Work,
    reference: Reference,
    merchant_entitlement_id: str | None,
    interval: TimeIntervalDraft | None,
    note: str | None,
) -> Account:
    """Prolong a grant by some time. Raises MissingField, AccountNotFound, EntitlementNotFound, InvalidRequest."""
    own_id = _named(merchant_entitlement_id)
    if interval is None:
        raise MissingField("interval", "Extension interval not specified.")
    length = Length(interval.years or 0, interval.months or 0, interval.weeks or 0, interval.days or 0)
    return _extended(
        work, reference, own_id, note, lambda period: rules.extended_by(period, length, work.now, work.zone)
    )


def _extended(
    work: Work, reference: Reference, own_id: str, note: str | None, new_end: Callable[[Period], datetime]
) -> Account:
    def extended(account: Account) -> None:
        grants = work.uow.entitlements.of_account_itself(account.vid, own_id)
        place = rules.to_extend([_period(entry) for entry in grants], work.now)
        if place is None:
            raise EntitlementNotFound("merchantEntitlementId", own_id)
        entry = grants[place]
        was_over = _period(entry).is_over(work.now)
        _end(work, entry, new_end(_period(entry)), note)
        if was_over and not _period(entry).is_over(work.now):
            work.uow.events.enqueue("entitlements", "start", entry.vid, work.now)

    return _changed(work, reference, extended)


def _changed(work: Work, reference: Reference, change: Callable[[Account], None]) -> Account:
    """What the change does to the account, locked."""
    if reference.is_empty:
        raise MissingField("account", "Base Account not specified.")
    vid = accounts.resolve(work, reference).vid

    def done() -> Account:
        with work.writing():
            account = accounts.lock(work, vid)
            if not idempotency.done_before(work):
                change(account)
            return account

    return starting_over(done)


def _end(work: Work, entry: Entitlement, end: datetime, note: str | None) -> None:
    entry.end_at, entry.changed_at = end, work.now
    entry.note = note or entry.note


def _named(merchant_entitlement_id: str | None, message: str = NOT_SPECIFIED) -> str:
    if not merchant_entitlement_id:
        raise MissingField("merchantEntitlementId", message)
    return merchant_entitlement_id


def _period(entry: Entitlement) -> Period:
    return Period(entry.start_at, entry.end_at)
