"""Service Activity (notifications §5)."""

from __future__ import annotations

from cashbox_service.app.customers import activities
from cashbox_service.app.customers.activities import ActivityDraft
from cashbox_service.domain.activity import Details
from cashbox_service.domain.errors import (
    AccountNotFound,
    InvalidRequest,
    MissingField,
    UnknownActivityType,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.inbound import draft, reference

RETURNS: dict[str, tuple[Row, ...]] = {
    "record": (
        Row(
            400,
            "Unknown activity type {type}. Must be one of {known}.",
            "documented",
            UnknownActivityType,
            "not one of the ten types",
        ),
        Row(
            400, "Required field '{name}' missing!", "documented", MissingField, "no timestamp, or no account"
        ),
        Row(404, 'No match found for {key} "{value}"', "decided", AccountNotFound, "account unknown"),
        Row(
            400,
            "Error saving activity: {detail}",
            "documented",
            InvalidRequest,
            "an account without id, details missing or of another type",
        ),
    ),
}


@handles("Activity", "record")
def record(call: Call, request: r.ActivityRecordRequest) -> r.ActivityRecordResponse:
    activities.record(call.work, [_draft(one) for one in request.activities])
    return r.ActivityRecordResponse()


def _draft(source: r.Activity) -> ActivityDraft:
    return ActivityDraft(
        account=reference(source.account, "merchantAccountId") if source.account is not None else None,
        type=source.activityType,
        at=source.timestamp,
        details=draft(Details, source.activityArgs) or Details(),
    )
