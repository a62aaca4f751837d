"""Service Account (account §2, §3): create, read, payment methods, payments."""

from __future__ import annotations

from cashbox_service.app.collection import payments, reversals
from cashbox_service.app.collection.payments import PaymentMade
from cashbox_service.app.customers import account_payment_methods, accounts
from cashbox_service.app.customers.account_payment_methods import CatchUpFailed
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.hosted import session_objects
from cashbox_service.app.views import account_view
from cashbox_service.app.wallet import payment_method_search
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import (
    AccountNotFound,
    AvsAndCvnRefused,
    AvsCvnNotPerformed,
    AvsRefused,
    CvnRefused,
    DataValidation,
    Duplicate,
    InvalidRequest,
    InvalidWindow,
    MissingField,
    NothingFound,
    PaymentMethodNotFound,
    PaymentRefused,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.payment_answer import PaymentAnswer
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.session_rows import session_rows
from cashbox_service.soap.wire.account import account
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.payment_request import payment_request, reversal_request
from cashbox_service.soap.wire.transaction import transaction

_NO_ID = "Account object is invalid: No merchantAccountId (unique identifier) specified for Account."
NOT_REPLACED = "Payment method saved but not replaced on all autobills"
_NO_MATCH = 'No match found for {key} "{value}"'

POLICY_ROWS = (
    Row(407, "Failed AVS policy evaluation", "inferred", AvsRefused, "AVS policy"),
    Row(408, "Failed CVN policy evaluation", "observed", CvnRefused, "CVN policy"),
    Row(409, "Failed AVS and CVN policy evaluation", "inferred", AvsAndCvnRefused, "both policies"),
    Row(
        410,
        "AVS and CVN policy evaluation could not be performed",
        "decided",
        AvsCvnNotPerformed,
        "a required check gave no result",
    ),
)


def _lookup_rows(key: str, wire: str, evidence: str) -> tuple[Row, ...]:
    return (
        Row(400, f"Must specify {wire} to load by!", "documented", MissingField, "empty"),
        Row(
            400,
            f'Unable to load account by {key} "{{value}}":  No match.',
            evidence,
            AccountNotFound,
            "not found",
        ),
    )


RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        Row(400, _NO_ID, "observed", MissingField, "neither VID nor merchantAccountId"),
        Row(400, "Failed to update Account", "documented", Duplicate, "an id belongs to another account"),
        Row(400, "Data validation error {detail}", "documented", DataValidation, "payment method not valid"),
        Row(404, _NO_MATCH, "decided", AccountNotFound, "VID unknown"),
        Row(400, "Account object is invalid: {detail}", "decided", InvalidRequest, "another field not valid"),
    ),
    "fetchByMerchantAccountId": _lookup_rows("merchantAccountId", "merchantAccountId", "observed"),
    "fetchByExternalId": _lookup_rows("externalId", "externalId", "inferred"),
    "fetchByVid": _lookup_rows("VID", "VID", "observed"),
    "fetchByEmail": (
        Row(400, "Must specify email address to load by!", "documented", MissingField, "empty"),
        Row(
            404,
            'Unable to load account by emailAddress "{value}":  No match.',
            "documented",
            AccountNotFound,
            "none found",
        ),
    ),
    "fetchCreatedSince": (
        Row(
            400,
            "Invalid value or values of time stamp, and/or page, and/or page size.",
            "documented",
            InvalidWindow,
            "window or paging not valid",
        ),
        Row(400, "No matching records found.", "documented", NothingFound, "window or page empty"),
    ),
    "fetchByPaymentMethod": (
        Row(404, "No accounts found for payment method.", "decided", NothingFound, "none, or past the end"),
    ),
    "updatePaymentMethod": (
        Row(261, NOT_REPLACED, "inferred", None, "saved, but some AutoBills in scope could not be switched"),
        Row(404, _NO_MATCH, "observed", AccountNotFound, "account unknown"),
        Row(404, _NO_MATCH, "decided", PaymentMethodNotFound, "VID of the payment method unknown"),
        Row(400, "{detail}", "decided", MissingField, "no account, or no payment method"),
        Row(400, "Data validation error {detail}", "documented", DataValidation, "payment method not valid"),
        Row(402, "Unable to authorize payment method: {auth_code}", "decided", PaymentRefused, "declined"),
        *POLICY_ROWS,
    ),
    "makePayment": (
        Row(404, _NO_MATCH, "decided", AccountNotFound, "account unknown"),
        Row(400, "Failed to make payment: {detail}", "decided", InvalidRequest, "cannot be made"),
    ),
    "reversePayment": (
        Row(404, _NO_MATCH, "decided", AccountNotFound, "account unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "cannot be reversed"),
    ),
    "fetchByWebSessionVid": session_rows("account", AccountNotFound, evidence="inferred", none=400),
}


@handles("Account", "update")
def update(call: Call, request: r.AccountUpdateRequest) -> r.AccountUpdateResponse:
    stored = accounts.update(call.work, draft(AccountDraft, request.account))
    return r.AccountUpdateResponse(
        account=account(account_view(call.work, stored.account), call.srd.child("account")),
        created=stored.created,
    )


@handles("Account", "fetchByMerchantAccountId")
def fetch_by_merchant_account_id(
    call: Call, request: r.AccountFetchByMerchantAccountIdRequest
) -> r.AccountFetchByMerchantAccountIdResponse:
    found = accounts.by_merchant_account_id(call.work, request.merchantAccountId)
    return r.AccountFetchByMerchantAccountIdResponse(
        account=account(account_view(call.work, found), call.srd.child("account"))
    )


@handles("Account", "fetchByExternalId")
def fetch_by_external_id(
    call: Call, request: r.AccountFetchByExternalIdRequest
) -> r.AccountFetchByExternalIdResponse:
    found = accounts.by_external_id(call.work, request.externalId)
    return r.AccountFetchByExternalIdResponse(
        account=account(account_view(call.work, found), call.srd.child("account"))
    )


@handles("Account", "fetchByVid")
def fetch_by_vid(call: Call, request: r.AccountFetchByVidRequest) -> r.AccountFetchByVidResponse:
    found = accounts.by_vid(call.work, request.vid)
    return r.AccountFetchByVidResponse(
        account=account(account_view(call.work, found), call.srd.child("account"))
    )


@handles("Account", "fetchByEmail")
def fetch_by_email(call: Call, request: r.AccountFetchByEmailRequest) -> r.AccountFetchByEmailResponse:
    found = accounts.by_email(call.work, request.emailAddress)
    parts = call.srd.child("accounts")
    return r.AccountFetchByEmailResponse(
        accounts=tuple(account(account_view(call.work, one), parts) for one in found)
    )


@handles("Account", "fetchCreatedSince")
def fetch_created_since(
    call: Call, request: r.AccountFetchCreatedSinceRequest
) -> r.AccountFetchCreatedSinceResponse:
    found = accounts.created_since(
        call.work, request.timestamp, request.endTimestamp, request.page, request.pageSize
    )
    parts = call.srd.child("accounts")
    return r.AccountFetchCreatedSinceResponse(
        accounts=tuple(account(account_view(call.work, one), parts) for one in found)
    )


@handles("Account", "fetchByPaymentMethod")
def fetch_by_payment_method(
    call: Call, request: r.AccountFetchByPaymentMethodRequest
) -> r.AccountFetchByPaymentMethodResponse:
    pattern = draft(PaymentMethodDraft, request.paymentMethod)
    found = payment_method_search.accounts_having(call.work, pattern, request.page, request.pageSize)
    parts = call.srd.child("accounts")
    return r.AccountFetchByPaymentMethodResponse(
        accounts=tuple(account(account_view(call.work, one), parts) for one in found)
    )


@handles("Account", "updatePaymentMethod")
def update_payment_method(
    call: Call, request: r.AccountUpdatePaymentMethodRequest
) -> r.AccountUpdatePaymentMethodResponse:
    change = account_payment_methods.Change(
        account=reference(request.account, "merchantAccountId"),
        payment_method=draft(PaymentMethodDraft, request.paymentMethod),
        behavior=request.updateBehavior or "Update",
        scope=request.updateScopeOnAccount or "None",
        scope_on_children=request.updateScopeOnChildren or "None",
        ignore_avs=bool(request.ignoreAvsPolicy),
        ignore_cvn=bool(request.ignoreCvnPolicy),
    )
    try:
        done = account_payment_methods.update(call.work, change)
    except CatchUpFailed as failed:
        response = r.AccountUpdatePaymentMethodResponse(validated=False, failures=failed.failures)
        raise FailedWith(response, failed.error) from failed
    response = r.AccountUpdatePaymentMethodResponse(
        account=account(account_view(call.work, done.account), call.srd.child("account")),
        validated=done.validated,
        successes=done.successes,
        failures=done.failures,
    )
    if done.not_replaced:
        response.return_ = r.Return(returnCode=261, returnString=NOT_REPLACED)
    return response


@handles("Account", "makePayment")
def make_payment(call: Call, request: r.AccountMakePaymentRequest) -> r.AccountMakePaymentResponse:
    def response(made: PaymentMade) -> r.AccountMakePaymentResponse:
        return r.AccountMakePaymentResponse(
            transaction=transaction(call.work, made.transaction, call.srd.child("transaction")),
            summary=made.summary,
        )

    answer = PaymentAnswer(call, response)
    made = payments.pay_account(
        call.work,
        reference(request.account, "merchantAccountId"),
        payment_request(request),
        answer.foretell,
    )
    return answer.of(made)


@handles("Account", "reversePayment")
def reverse_payment(call: Call, request: r.AccountReversePaymentRequest) -> r.AccountReversePaymentResponse:
    reversals.reverse_on_account(
        call.work,
        reference(request.account, "merchantAccountId"),
        reversal_request(request),
    )
    return r.AccountReversePaymentResponse()


@handles("Account", "fetchByWebSessionVid")
def fetch_by_web_session_vid(
    call: Call, request: r.AccountFetchByWebSessionVidRequest
) -> r.AccountFetchByWebSessionVidResponse:
    found = session_objects.account_of(call.work, request.vid)
    return r.AccountFetchByWebSessionVidResponse(
        account=account(account_view(call.work, found), call.srd.child("account"))
    )
