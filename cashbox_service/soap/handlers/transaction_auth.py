"""Service Transaction: auth and authCapture (transaction §7.1, §7.2)."""

from __future__ import annotations

from cashbox_service.app.sales import transaction_auth
from cashbox_service.app.sales.transaction_auth import AuthOptions, Authorized, AuthRefused
from cashbox_service.app.sales.transaction_outcome import NotAuthorized
from cashbox_service.app.wallet import validating
from cashbox_service.domain.errors import (
    AccountNotFound,
    DataValidation,
    InvalidRequest,
    NoPaymentMethod,
    NotFound,
    RiskRefused,
    TaxUnavailable,
    UnknownTaxClass,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.handlers.account import POLICY_ROWS
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import TAX_ASSUMED, FailedWith, Row
from cashbox_service.soap.wire.identities import blank
from cashbox_service.soap.wire.scoring import add_score, risk_limit
from cashbox_service.soap.wire.transaction import transaction
from cashbox_service.soap.wire.transaction_draft import transaction_draft

_ROWS = (
    TAX_ASSUMED,
    Row(400, "Data validation error {detail}", "observed", DataValidation, "a part cannot be stored"),
    Row(400, "Error validating transaction:  {detail}", "observed", UnknownTaxClass, "tax class unknown"),
    Row(400, "{detail}", "documented", InvalidRequest, "nobody, nothing, or not that way"),
    Row(402, "Error attempting to authorize", "documented", NotAuthorized, "the processor gives no answer"),
    Row(403, "Denied", "documented", RiskRefused, "score above minChargebackProbability"),
    Row(404, "Unable to load Account", "documented", AccountNotFound, "VID of the account unknown"),
    Row(404, "{detail}", "decided", NotFound, "another object that is named does not exist"),
    Row(405, "Account has no default payment method", "documented", NoPaymentMethod, "nobody to charge"),
    Row(
        408,
        "Required tax service temporarily unavailable.",
        "documented",
        TaxUnavailable,
        "the merchant insists on tax, and the tax service does not answer",
    ),
)

RETURNS: dict[str, tuple[Row, ...]] = {"auth": _ROWS, "authCapture": (*_ROWS, *POLICY_ROWS)}

Request = r.TransactionAuthRequest | r.TransactionAuthCaptureRequest
Response = r.TransactionAuthResponse | r.TransactionAuthCaptureResponse


@handles("Transaction", "auth")
def auth(call: Call, request: r.TransactionAuthRequest) -> Response:
    options = AuthOptions(
        capture=False,
        risk_limit=risk_limit(request.minChargebackProbability),
        email_when_captured=bool(request.sendEmailNotification),
        campaign_code=request.campaignCode or None,
        dryrun=bool(request.dryrun),
    )
    return _answer(call, request, options, r.TransactionAuthResponse())


@handles("Transaction", "authCapture")
def auth_capture(call: Call, request: r.TransactionAuthCaptureRequest) -> Response:
    options = AuthOptions(
        capture=True,
        risk_limit=risk_limit(request.minChargebackProbability),
        email_when_captured=bool(request.sendEmailNotification),
        campaign_code=request.campaignCode or None,
        dryrun=bool(request.dryrun),
        policy=validating.Policy(bool(request.ignoreAvsPolicy), bool(request.ignoreCvnPolicy)),
    )
    return _answer(call, request, options, r.TransactionAuthCaptureResponse())


def _answer(call: Call, request: Request, options: AuthOptions, response: Response) -> Response:
    draft = transaction_draft(request.transaction)
    try:
        with transaction_auth.authorize(call.work, draft, options) as done:
            _fill(call, response, done)
    except AuthRefused as refused:
        _fill(call, response, Authorized(refused.transaction, refused.verdict))
        raise FailedWith(response, refused.error) from refused
    if call.work.tax_was_assumed:
        response.return_ = r.Return(returnCode=TAX_ASSUMED.code, returnString=TAX_ASSUMED.text)
    if (
        done.would_be_new is not None
        and not (draft and draft.merchant_transaction_id)
        and response.transaction
    ):
        response.transaction.merchantTransactionId = None
        response.transaction.paymentProcessorTransactionId = None
    return response


def _fill(call: Call, response: Response, done: Authorized) -> None:
    response.transaction = transaction(call.work, done.transaction, call.srd.child("transaction"))
    add_score(response, done.verdict, call.srd)
    if done.would_be_new is not None:
        blank(response, done.would_be_new)
