"""Service Transaction: report and migrate, for sales that were made elsewhere (transaction §7.7, §7.8)."""

from __future__ import annotations

from cashbox_service.app.sales import migrating, reporting
from cashbox_service.app.sales.migrating import Problem
from cashbox_service.domain.errors import (
    DataValidation,
    InvalidRequest,
    MissingField,
    NotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row, row_for
from cashbox_service.soap.wire.migration_draft import migration_draft
from cashbox_service.soap.wire.narrowing import narrowed_all
from cashbox_service.soap.wire.transaction_draft import transaction_draft

NOT_ALL = Row(
    202, "Some transactions were not migrated; check the response", "documented", None, "some were rejected"
)


class NothingMigrated(InvalidRequest):
    """No transaction was migrated; check the response"""


RETURNS: dict[str, tuple[Row, ...]] = {
    "report": (
        Row(400, "No transactions specified", "documented", MissingField, "no transactions"),
        Row(400, "{detail}", "decided", InvalidRequest, "a transaction cannot be stored: nothing was"),
    ),
    "migrate": (
        NOT_ALL,
        Row(400, "{detail}", "decided", NothingMigrated, "all were rejected"),
        Row(400, "No transactions specified", "decided", MissingField, "no transactions"),
    ),
}

_PROBLEMS = (
    Row(400, "Data validation error {detail}", "decided", DataValidation, "a part cannot be stored"),
    Row(400, "{detail}", "decided", InvalidRequest, "anything else"),
    Row(404, "{detail}", "decided", NotFound, "an object that is named does not exist"),
)
"""Why a single transaction was not migrated."""


@handles("Transaction", "report")
def report(call: Call, request: r.TransactionReportRequest) -> r.TransactionReportResponse:
    drafts = [transaction_draft(record) for record in request.transactions]
    reporting.report(call.work, [each for each in drafts if each is not None])
    return r.TransactionReportResponse()


@handles("Transaction", "migrate")
def migrate(call: Call, request: r.TransactionMigrateRequest) -> r.TransactionMigrateResponse:
    drafts = [migration_draft(record) for record in request.migrationTransactions]
    problems = migrating.migrate(call.work, drafts)
    told = [_problem(problem) for problem in problems]
    response = r.TransactionMigrateResponse(response=narrowed_all(told, call.srd.child("response")))
    if problems and len(problems) == len(drafts):
        raise FailedWith(response, NothingMigrated())
    if problems:
        response.return_ = r.Return(returnCode=NOT_ALL.code, returnString=NOT_ALL.text)
    return response


def _problem(problem: Problem) -> r.TransactionValidationResponse:
    row = row_for(problem.error, _PROBLEMS)
    return r.TransactionValidationResponse(
        merchantTransactionId=problem.merchant_transaction_id,
        code=row.code,
        description=row.string_for(problem.error),
    )
