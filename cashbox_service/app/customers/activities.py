"""Keeping what customers did, and finding it again (notifications §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cashbox_service.app import idempotency
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.paging import page, window
from cashbox_service.domain.activity import ActivityType, Details, check_details, parse_type
from cashbox_service.domain.errors import InvalidRequest, MissingField
from cashbox_service.ids import new_row_id
from cashbox_service.store.entities import Activity


@dataclass(frozen=True, slots=True)
class ActivityDraft:
    """Input of an Activity; without ``account`` none was given."""

    account: Reference | None
    type: str | None
    at: datetime | None
    details: Details = field(default_factory=Details)


def record(work: Work, drafts: Sequence[ActivityDraft]) -> None:
    """Keep all of them or none; the first one that is wrong is reported.

    Raises UnknownActivityType, MissingField for timestamp or account, AccountNotFound, InvalidRequest.
    """

    def recorded() -> None:
        with work.writing():
            if not idempotency.done_before(work):
                for draft in drafts:
                    work.uow.activities.add(_activity(work, draft))

    starting_over(recorded)


def of_account(
    work: Work,
    reference: Reference,
    *,
    types: Sequence[ActivityType] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    number: int | None = None,
    size: int | None = None,
) -> Sequence[Activity]:
    """What a customer did in a window, oldest first. Raises MissingField, AccountNotFound, InvalidWindow."""
    account = accounts.resolve(work, reference)
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since or account.created_at, until, work.now)
    names = [type_.value for type_ in types]
    return work.uow.activities.of_account(account.vid, lower, upper, wanted.number, wanted.size, names)


def _activity(work: Work, draft: ActivityDraft) -> Activity:
    kind = parse_type(draft.type)
    if draft.at is None:
        raise MissingField("timestamp")
    if draft.account is None:
        raise MissingField("account")
    try:
        account = accounts.resolve(work, draft.account)
    except MissingField as error:
        raise InvalidRequest(str(error)) from error
    check_details(kind, draft.details)
    return Activity(
        row_id=new_row_id(),
        account_vid=account.vid,
        type=kind.value,
        at=draft.at,
        details=draft.details,
        recorded_at=work.now,
    )
