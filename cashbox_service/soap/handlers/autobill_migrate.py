"""Service AutoBill: migrate (autobill §6.36)."""

from __future__ import annotations

from cashbox_service.app.subscriptions import autobill_migrate
from cashbox_service.app.subscriptions.autobill_migrate import Migration
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.app.subscriptions.drafts import AutoBillDraft
from cashbox_service.domain.errors import InvalidRequest, NotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.inbound import draft
from cashbox_service.soap.wire.migration_draft import migration_draft

_FAILED = "Unable to migrate AutoBill: {detail}"

RETURNS: dict[str, tuple[Row, ...]] = {
    "migrate": (
        Row(400, _FAILED, "decided", InvalidRequest, "something of it cannot be stored: nothing was"),
        Row(400, _FAILED, "decided", NotFound, "an object that is named does not exist"),
    ),
}


@handles("AutoBill", "migrate")
def migrate(call: Call, request: r.AutoBillMigrateRequest) -> r.AutoBillMigrateResponse:
    done = autobill_migrate.migrate(
        call.work,
        Migration(
            draft(AutoBillDraft, request.autobill),
            request.nextPeriodStartDate,
            tuple([migration_draft(record) for record in request.migrationTransactions]),
            request.cancelReasonCode or None,
        ),
    )
    return r.AutoBillMigrateResponse(
        autobill=autobill(AutoBillView(call.work, done), call.srd.child("autobill"))
    )
