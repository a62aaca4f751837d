"""Reasons for cancelling: those that come with the service, and the merchant's own (autobill §4, §6.38, §6.39)."""

from __future__ import annotations

from collections.abc import Mapping

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.domain import cancel_reason as rules
from cashbox_service.domain.cancel_reason import DESCRIPTIONS, UNSPECIFIED, CancelReason
from cashbox_service.domain.errors import CancelReasonNotFound, MissingField
from cashbox_service.store.entities import OwnCancelReason


def all_reasons(work: Work) -> list[CancelReason]:
    """The service's and the merchant's, numbers first."""
    return rules.known(_own(work))


def put(work: Work, code: str | None, description: str | None) -> CancelReason:
    """Create a reason or change its text, also for past cancellations. Raises MissingField, InvalidValue."""
    if not code and not description:
        raise MissingField("cancelReason")

    def stored() -> CancelReason:
        with work.writing():
            reason = rules.checked(code, description, _own(work))
            own = work.uow.cancel_reasons.by_code(reason.code)
            if own is None:
                own = work.uow.cancel_reasons.add(OwnCancelReason(code=reason.code))
            own.description, own.changed_at = reason.description, work.now
        return reason

    return starting_over(stored)


def checked(work: Work, code: str | None) -> str:
    """The code of a cancellation; one that nobody gave is unspecified. Raises CancelReasonNotFound."""
    if not code:
        return UNSPECIFIED
    if code not in DESCRIPTIONS and work.uow.cancel_reasons.by_code(code) is None:
        raise CancelReasonNotFound(code)
    return code


def description(work: Work, code: str) -> str | None:
    """What answers say of a code."""
    own = work.uow.cancel_reasons.by_code(code)
    return own.description if own is not None else DESCRIPTIONS.get(code)


def _own(work: Work) -> Mapping[str, str]:
    return {one.code: one.description for one in work.uow.cancel_reasons.everything()}
