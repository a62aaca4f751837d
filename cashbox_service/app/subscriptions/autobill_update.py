"""AutoBill.update: create a subscription, change one, or rehearse either (autobill §6.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.customers import accounts
from cashbox_service.app.engine import collecting, first_billing, invoicing
from cashbox_service.app.engine.first_billing import Updated, UpdateOptions
from cashbox_service.app.sales import scoring
from cashbox_service.app.subscriptions import autobill_build, autobill_change
from cashbox_service.app.subscriptions.autobill_build import Built
from cashbox_service.app.subscriptions.drafts import AutoBillDraft
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    ConcurrentChange,
    InvalidRequest,
    MissingField,
)
from cashbox_service.store.entities import AutoBill


@contextmanager
def update(work: Work, draft: AutoBillDraft | None, options: UpdateOptions) -> Iterator[Updated]:
    """Create or change; the answer must be built before the context is left (a dry run is rolled back then).

    Raises AutoBillNotFound for an unknown VID, InvalidRequest and its kinds, NoPaymentMethod, and UpdateRefused with
    the status of the authorization when the payment method was refused.
    """
    if draft is None:
        raise MissingField("autobill")
    scoring.check_limit(options.risk_limit)
    existing = find(work, draft)
    if options.dryrun:
        with work.rehearsing() as would_be_new:
            yield replace(_rehearsed(work, draft, existing, options), would_be_new=would_be_new)
        return
    if existing is not None:
        yield _changed(work, existing, draft, options)
    else:
        yield _created_or_changed(work, draft, options)


def _created_or_changed(work: Work, draft: AutoBillDraft, options: UpdateOptions) -> Updated:
    """A new AutoBill; when another call creates it at the same moment, this one is a change of it."""
    try:
        return _created(work, draft, options)
    except ConcurrentChange:
        work.uow.end_reading()
        existing = find(work, draft)
        if existing is None:
            raise
        return _changed(work, existing, draft, options)


def find(work: Work, draft: AutoBillDraft) -> AutoBill | None:
    """By VID, else by id. Raises AutoBillNotFound for an unknown VID, InvalidRequest for two AutoBills."""
    by_id = None
    if draft.merchant_auto_bill_id is not None:
        by_id = work.uow.autobills.by_merchant_id(draft.merchant_auto_bill_id)
    if draft.vid is None:
        return by_id
    found = work.uow.autobills.by_vid(draft.vid)
    if found is None:
        raise AutoBillNotFound("VID", draft.vid)
    if by_id is not None and by_id.vid != found.vid:
        raise InvalidRequest("VID and merchantAutoBillId belong to different objects.")
    return found


def _rehearsed(
    work: Work, draft: AutoBillDraft, existing: AutoBill | None, options: UpdateOptions
) -> Updated:
    if existing is not None:
        accounts.lock(work, existing.account_vid)
        built = autobill_change.apply(work, existing.vid, draft, options.initial_auth, options.campaign_code)
    else:
        built = autobill_build.build(work, draft, options.initial_auth, options.campaign_code)
    verdict = first_billing.assess_risk(work, built, draft, options.risk_limit)
    transaction = None
    if built.immediate:
        invoicing.bill(work, built.autobill, built.due)
        uses = crediting.planned(work, built.autobill, built.owed)
        transaction = collecting.outline(
            work,
            built.autobill,
            built.due,
            built.autobill.payment_method,
            built.owed - crediting.total(uses, built.autobill.currency),
            uses,
            processor=collecting.INTERNAL,
        )
    work.uow.flush()
    return Updated(built.autobill, None, transaction, dryrun=True, verdict=verdict, created=existing is None)


def _created(work: Work, draft: AutoBillDraft, options: UpdateOptions) -> Updated:
    updated = first_billing.carry_out(
        work,
        lambda: autobill_build.build(work, draft, options.initial_auth, options.campaign_code),
        draft,
        options,
    )
    return replace(updated, created=True)


def _changed(work: Work, existing: AutoBill, draft: AutoBillDraft, options: UpdateOptions) -> Updated:
    """A change; one that moves the start of an AutoBill near bills it in the call (autobill §5.1)."""
    vid, account_vid = existing.vid, existing.account_vid

    def make() -> Built:
        accounts.lock(work, account_vid)
        return autobill_change.apply(work, vid, draft, options.initial_auth, options.campaign_code)

    updated = first_billing.carry_out(work, make, draft, options)
    return replace(updated, initial_transaction=None)
