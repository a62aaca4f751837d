"""Service PaymentMethod (payment-method §3)."""

from __future__ import annotations

from cashbox_service.app.customers import accounts
from cashbox_service.app.hosted import session_objects
from cashbox_service.app.wallet import payment_method_update, payment_methods
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.app.wallet.payment_method_update import UpdateOptions, ValidationRefused
from cashbox_service.domain.errors import (
    AccountNotFound,
    AddressNotFound,
    CashboxError,
    DataValidation,
    InvalidRequest,
    MissingField,
    NothingFound,
    PaymentMethodNotFound,
    PaymentRefused,
    RiskRefused,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.handlers.account import NOT_REPLACED, POLICY_ROWS
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row, row_for
from cashbox_service.soap.session_rows import session_rows
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.payment_method import payment_method
from cashbox_service.soap.wire.scoring import add_score, risk_limit, verdict_of
from cashbox_service.soap.wire.transaction_status import status

MISSING_ACCOUNT = "Payment method saved but missing associated account - unable to replace on autobills "

_MISSING = "Missing required parameter '{name}'."
_CHECK_ROWS = (
    Row(404, 'No match found for {key} "{value}"', "documented", PaymentMethodNotFound, "VID unknown"),
    Row(404, 'No match found for {key} "{value}"', "decided", AddressNotFound, "VID of the address unknown"),
    Row(402, "Unable to authorize payment method: {auth_code}", "decided", PaymentRefused, "declined"),
    *POLICY_ROWS,
    Row(403, "Denied", "decided", RiskRefused, "score above minChargebackProbability"),
    Row(
        400, "Data validation error {detail}", "observed", DataValidation, "number or required part not valid"
    ),
    Row(400, "{detail}", "decided", InvalidRequest, "anything else"),
)

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        Row(228, MISSING_ACCOUNT, "observed", None, "saved, but it belongs to no account"),
        Row(261, NOT_REPLACED, "inferred", None, "saved, but some AutoBills could not be switched"),
        *_CHECK_ROWS,
    ),
    "validate": _CHECK_ROWS,
    "fetchByVid": (
        Row(400, _MISSING, "documented", MissingField, "no VID"),
        Row(
            404,
            "Unable to find requested PaymentMethod:  No matches.",
            "documented",
            PaymentMethodNotFound,
            "VID unknown",
        ),
    ),
    "fetchByMerchantPaymentMethodId": (
        Row(400, _MISSING, "documented", MissingField, "no id"),
        Row(
            404,
            "Unable to find requested PaymentMethod:  No match.",
            "observed",
            PaymentMethodNotFound,
            "id unknown",
        ),
    ),
    "fetchByAccount": (
        Row(400, "Account parameter is required.", "documented", MissingField, "no account"),
        Row(404, "Account not found.", "observed", AccountNotFound, "account unknown"),
        Row(404, "No PaymentMethods found for account.", "documented", NothingFound, "none"),
    ),
    "fetchByWebSessionVid": session_rows("payment method", PaymentMethodNotFound),
}


@handles("PaymentMethod", "update")
def update(call: Call, request: r.PaymentMethodUpdateRequest) -> r.PaymentMethodUpdateResponse:
    options = UpdateOptions(
        validate=bool(request.validate),
        risk_limit=risk_limit(request.minChargebackProbability),
        source_ip=request.sourceIp,
        replace_on_autobills=bool(request.replaceOnAllAutoBills),
        replace_on_child_autobills=bool(request.replaceOnAllChildAutoBills),
        ignore_avs=bool(request.ignoreAvsPolicy),
        ignore_cvn=bool(request.ignoreCvnPolicy),
    )
    try:
        done = payment_method_update.update(
            call.work, draft(PaymentMethodDraft, request.paymentMethod), options
        )
    except ValidationRefused as refused:
        response = r.PaymentMethodUpdateResponse(
            created=False, validated=False, authStatus=status(refused.auth_status)
        )
        add_score(response, refused.verdict, call.srd)
        raise FailedWith(response, refused.error) from refused
    except RiskRefused as refused:
        response = r.PaymentMethodUpdateResponse(created=False, validated=False)
        add_score(response, verdict_of(refused), call.srd)
        raise FailedWith(response, refused) from refused
    response = r.PaymentMethodUpdateResponse(
        paymentMethod=payment_method(done.payment_method, call.srd.child("paymentMethod")),
        created=done.created,
        validated=done.validated,
    )
    add_score(response, done.verdict, call.srd)
    if done.auth_status is not None:
        response.authStatus = status(done.auth_status)
    if done.missing_account:
        response.return_ = r.Return(returnCode=228, returnString=MISSING_ACCOUNT)
    elif done.not_replaced:
        response.return_ = r.Return(returnCode=261, returnString=NOT_REPLACED)
    return response


@handles("PaymentMethod", "validate")
def validate(call: Call, request: r.PaymentMethodValidateRequest) -> r.PaymentMethodValidateResponse:
    options = UpdateOptions(
        risk_limit=risk_limit(request.minChargebackProbability),
        source_ip=request.sourceIp,
        ignore_avs=bool(request.ignoreAvsPolicy),
        ignore_cvn=bool(request.ignoreCvnPolicy),
    )
    try:
        checked = payment_method_update.validate(
            call.work, draft(PaymentMethodDraft, request.paymentMethod), options
        )
    except RiskRefused as refused:
        response = r.PaymentMethodValidateResponse(validated=False)
        add_score(response, verdict_of(refused), call.srd)
        raise FailedWith(response, refused) from refused
    response = r.PaymentMethodValidateResponse(validated=checked.valid)
    add_score(response, checked.verdict, call.srd)
    outcome = checked.outcome
    if outcome is not None:
        response.authStatus = status(outcome.status)
        response.avsCvnPolicyEvaluationDetails = _policy_details(outcome.refusal)
        if outcome.refusal is not None:
            raise FailedWith(response, outcome.refusal)
    return response


def _policy_details(refusal: CashboxError | None) -> r.AvsCvnPolicyStatus | None:
    """The verdict of the AVS/CVN policy; none when the processor had declined before it."""
    if isinstance(refusal, PaymentRefused):
        return None
    if refusal is None:
        return r.AvsCvnPolicyStatus(returnCode="200", returnString="OK")
    return r.AvsCvnPolicyStatus(returnCode=str(row_for(refusal, POLICY_ROWS).code), returnString=str(refusal))


@handles("PaymentMethod", "fetchByVid")
def fetch_by_vid(call: Call, request: r.PaymentMethodFetchByVidRequest) -> r.PaymentMethodFetchByVidResponse:
    found = payment_methods.by_vid(call.work, request.vid)
    return r.PaymentMethodFetchByVidResponse(
        paymentMethod=payment_method(found, call.srd.child("paymentMethod"))
    )


@handles("PaymentMethod", "fetchByMerchantPaymentMethodId")
def fetch_by_merchant_payment_method_id(
    call: Call, request: r.PaymentMethodFetchByMerchantPaymentMethodIdRequest
) -> r.PaymentMethodFetchByMerchantPaymentMethodIdResponse:
    found = payment_methods.by_merchant_id(call.work, request.paymentMethodId)
    return r.PaymentMethodFetchByMerchantPaymentMethodIdResponse(
        paymentMethod=payment_method(found, call.srd.child("paymentMethod"))
    )


@handles("PaymentMethod", "fetchByAccount")
def fetch_by_account(
    call: Call, request: r.PaymentMethodFetchByAccountRequest
) -> r.PaymentMethodFetchByAccountResponse:
    account = accounts.resolve(call.work, reference(request.account, "merchantAccountId"))
    owners = accounts.with_children(call.work, account, bool(request.includeChildren))
    parts = call.srd.child("paymentMethods")
    return r.PaymentMethodFetchByAccountResponse(
        paymentMethods=tuple(
            payment_method(one, parts) for one in payment_methods.of_accounts(call.work, owners)
        )
    )


@handles("PaymentMethod", "fetchByWebSessionVid")
def fetch_by_web_session_vid(
    call: Call, request: r.PaymentMethodFetchByWebSessionVidRequest
) -> r.PaymentMethodFetchByWebSessionVidResponse:
    found = session_objects.payment_method_of(call.work, request.vid)
    return r.PaymentMethodFetchByWebSessionVidResponse(
        paymentMethod=payment_method(found, call.srd.child("paymentMethod"))
    )
