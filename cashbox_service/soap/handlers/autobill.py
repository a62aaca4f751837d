"""Service AutoBill: create and change, find, invoices, payments (autobill §6)."""

from __future__ import annotations

from cashbox_service.app.bills import invoices
from cashbox_service.app.collection import payments, reversals
from cashbox_service.app.collection.payments import PaymentMade
from cashbox_service.app.engine.first_billing import Updated, UpdateOptions, UpdateRefused
from cashbox_service.app.hosted import session_objects
from cashbox_service.app.offers.drafts import ProductDraft
from cashbox_service.app.subscriptions import autobill_lookup, autobill_update
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.app.subscriptions.drafts import AutoBillDraft
from cashbox_service.domain.errors import (
    AccountNotFound,
    AutoBillNotFound,
    BillingPlanNotFound,
    DataValidation,
    InvalidRequest,
    InvalidWindow,
    InvoiceNotFound,
    MissingField,
    NoPaymentMethod,
    NotFound,
    PaymentRefused,
    ProductNotFound,
    RiskScoreExceeded,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.handlers.account import POLICY_ROWS
from cashbox_service.soap.payment_answer import PaymentAnswer
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import TAX_ASSUMED, FailedWith, Row
from cashbox_service.soap.session_rows import session_rows
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.soap.wire.identities import blank
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.payment_request import payment_request, reversal_request
from cashbox_service.soap.wire.scoring import add_score, risk_limit
from cashbox_service.soap.wire.transaction import transaction
from cashbox_service.soap.wire.transaction_status import status

_NO_VID = 'Unable to load autobill by VID "{value}":  .'
_NO_AUTOBILL = "Unable to load AutoBill:  ."
_NO_AUTOBILL_SHORT = "Unable to load AutoBill: "
_MISSING = "Missing required parameter '{name}'."

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        TAX_ASSUMED,
        Row(404, _NO_VID, "observed", AutoBillNotFound, "VID unknown"),
        Row(402, "Unable to authorize payment method: {auth_code}", "decided", PaymentRefused, "declined"),
        *POLICY_ROWS,
        Row(405, "Account has no default payment method", "documented", NoPaymentMethod, "nobody to charge"),
        Row(
            400,
            "Risk score {score} exceeds the maximum chargeback probability of {limit}",
            "decided",
            RiskScoreExceeded,
            "score above the limit",
        ),
        Row(400, "Data validation error {detail}", "documented", DataValidation, "payment method not valid"),
        Row(404, "No BillingPlans found for Vid = {value}", "observed", BillingPlanNotFound, "VID unknown"),
        Row(
            404,
            'Unable to load product by VID "{value}" -  No match',
            "observed",
            ProductNotFound,
            "VID unknown",
        ),
        Row(404, "{detail}", "decided", NotFound, "unknown VID of a nested object"),
        Row(400, "{detail}", "decided", InvalidRequest, "anything else"),
    ),
    "fetchByVid": (
        Row(400, _MISSING, "decided", MissingField, "no VID"),
        Row(400, _NO_VID, "observed", AutoBillNotFound, "VID unknown"),
    ),
    "fetchByMerchantAutoBillId": (
        Row(400, _MISSING, "decided", MissingField, "no id"),
        Row(
            400,
            "Unable to find autobill by serial number {value}: ",
            "observed",
            AutoBillNotFound,
            "id unknown",
        ),
    ),
    "fetchByAccount": (
        Row(400, "Unable to load account:  No match.", "observed", AccountNotFound, "account unknown"),
        Row(400, "Unable to load account:  No match.", "observed", MissingField, "no account"),
        Row(400, "Data validation error: {detail}", "documented", InvalidWindow, "paging not valid"),
    ),
    "fetchByAccountAndProduct": (
        Row(400, "Unable to load account:  No match.", "inferred", AccountNotFound, "account unknown"),
        Row(400, _MISSING, "decided", MissingField, "account or product missing"),
        Row(
            400,
            'Unable to load product by {key} "{value}":  No match',
            "inferred",
            ProductNotFound,
            "unknown",
        ),
    ),
    "fetchByEmail": (Row(400, _MISSING, "decided", MissingField, "no address"),),
    "fetchInvoice": (
        Row(400, _NO_AUTOBILL_SHORT, "decided", AutoBillNotFound, "AutoBill unknown"),
        Row(400, "Unable to load Invoice: {value}", "decided", InvoiceNotFound, "invoice unknown"),
        Row(400, _MISSING, "decided", MissingField, "AutoBill or invoice missing"),
    ),
    "fetchInvoiceNumbers": (
        Row(400, _NO_AUTOBILL_SHORT, "observed", AutoBillNotFound, "AutoBill unknown"),
        Row(400, _NO_AUTOBILL_SHORT, "observed", MissingField, "no AutoBill"),
    ),
    "makePayment": (
        Row(400, _NO_AUTOBILL_SHORT, "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(400, "Failed to make payment: {detail}", "observed", InvalidRequest, "cannot be made"),
    ),
    "reversePayment": (
        Row(400, _NO_AUTOBILL, "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "cannot be reversed"),
    ),
    "writeOffInvoice": (
        Row(404, "Invoice ID not found.", "documented", InvoiceNotFound, "invoice unknown"),
        Row(400, _NO_AUTOBILL, "inferred", AutoBillNotFound, "AutoBill unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "not in a state that can be written off"),
    ),
    "fetchByWebSessionVid": session_rows("autobill", AutoBillNotFound, unknown=400),
}


@handles("AutoBill", "update")
def update(call: Call, request: r.AutoBillUpdateRequest) -> r.AutoBillUpdateResponse:
    options = UpdateOptions(
        failure_policy=request.immediateAuthFailurePolicy or "doNotSaveAutoBill",
        validate=bool(request.validateForFuturePayment),
        risk_limit=risk_limit(request.minChargebackProbability),
        ignore_avs=bool(request.ignoreAvsPolicy),
        ignore_cvn=bool(request.ignoreCvnPolicy),
        campaign_code=request.campaignCode or None,
        dryrun=bool(request.dryrun),
        initial_auth=request.initialAuth or "AuthImminentBilling",
    )
    try:
        with autobill_update.update(call.work, draft(AutoBillDraft, request.autobill), options) as done:
            return _updated(call, done)
    except UpdateRefused as refused:
        response = r.AutoBillUpdateResponse()
        add_score(response, refused.verdict, call.srd)
        if refused.auth_status is not None:
            response.authStatus = status(refused.auth_status)
        raise FailedWith(response, refused.error) from refused


def _updated(call: Call, done: Updated) -> r.AutoBillUpdateResponse:
    response = r.AutoBillUpdateResponse(
        autobill=autobill(
            AutoBillView(call.work, done.autobill, dryrun=done.dryrun), call.srd.child("autobill")
        ),
        created=done.created,
    )
    add_score(response, done.verdict, call.srd)
    if call.work.tax_was_assumed:
        response.return_ = r.Return(returnCode=TAX_ASSUMED.code, returnString=TAX_ASSUMED.text)
    if done.auth_status is not None:
        response.authStatus = status(done.auth_status)
    if done.initial_transaction is not None:
        response.initialTransaction = transaction(
            call.work, done.initial_transaction, call.srd.child("initialTransaction")
        )
        if done.dryrun:
            response.initialTransaction.merchantTransactionId = None
            response.initialTransaction.paymentProcessorTransactionId = None
    if done.would_be_new:
        blank(response, done.would_be_new)
    return response


@handles("AutoBill", "fetchByVid")
def fetch_by_vid(call: Call, request: r.AutoBillFetchByVidRequest) -> r.AutoBillFetchByVidResponse:
    found = autobill_lookup.by_vid(call.work, request.vid)
    return r.AutoBillFetchByVidResponse(
        autobill=autobill(AutoBillView(call.work, found), call.srd.child("autobill"))
    )


@handles("AutoBill", "fetchByMerchantAutoBillId")
def fetch_by_merchant_autobill_id(
    call: Call, request: r.AutoBillFetchByMerchantAutoBillIdRequest
) -> r.AutoBillFetchByMerchantAutoBillIdResponse:
    found = autobill_lookup.by_merchant_id(call.work, request.merchantAutoBillId)
    return r.AutoBillFetchByMerchantAutoBillIdResponse(
        autobill=autobill(AutoBillView(call.work, found), call.srd.child("autobill"))
    )


@handles("AutoBill", "fetchByAccount")
def fetch_by_account(
    call: Call, request: r.AutoBillFetchByAccountRequest
) -> r.AutoBillFetchByAccountResponse:
    found = autobill_lookup.of_account(
        call.work,
        reference(request.account, "merchantAccountId"),
        bool(request.includeChildren),
        request.page,
        request.pageSize,
    )
    parts = call.srd.child("autobills")
    return r.AutoBillFetchByAccountResponse(
        autobills=tuple(autobill(AutoBillView(call.work, one), parts) for one in found)
    )


@handles("AutoBill", "fetchByAccountAndProduct")
def fetch_by_account_and_product(
    call: Call, request: r.AutoBillFetchByAccountAndProductRequest
) -> r.AutoBillFetchByAccountAndProductResponse:
    found = autobill_lookup.of_account_with_product(
        call.work,
        reference(request.account, "merchantAccountId"),
        draft(ProductDraft, request.product),
        bool(request.includeChildren),
    )
    parts = call.srd.child("autobills")
    return r.AutoBillFetchByAccountAndProductResponse(
        autobills=tuple(autobill(AutoBillView(call.work, one), parts) for one in found)
    )


@handles("AutoBill", "fetchByEmail")
def fetch_by_email(call: Call, request: r.AutoBillFetchByEmailRequest) -> r.AutoBillFetchByEmailResponse:
    found = autobill_lookup.by_email(call.work, request.email)
    parts = call.srd.child("autobills")
    return r.AutoBillFetchByEmailResponse(
        autobills=tuple(autobill(AutoBillView(call.work, one), parts) for one in found)
    )


@handles("AutoBill", "fetchInvoice")
def fetch_invoice(call: Call, request: r.AutoBillFetchInvoiceRequest) -> r.AutoBillFetchInvoiceResponse:
    rendered = invoices.render(
        call.work,
        reference(request.autobill, "merchantAutoBillId"),
        request.invoiceId,
        as_pdf=bool(request.asPDF),
        dunning_index=request.dunningIndex,
        template_id=request.statementTemplateId,
        language=request.language,
    )
    return r.AutoBillFetchInvoiceResponse(invoice=rendered)


@handles("AutoBill", "fetchInvoiceNumbers")
def fetch_invoice_numbers(
    call: Call, request: r.AutoBillFetchInvoiceNumbersRequest
) -> r.AutoBillFetchInvoiceNumbersResponse:
    numbers = invoices.numbers(
        call.work, reference(request.autobill, "merchantAutoBillId"), request.invoicestate
    )
    return r.AutoBillFetchInvoiceNumbersResponse(invoicenum=tuple(numbers))


@handles("AutoBill", "makePayment")
def make_payment(call: Call, request: r.AutoBillMakePaymentRequest) -> r.AutoBillMakePaymentResponse:
    def response(made: PaymentMade) -> r.AutoBillMakePaymentResponse:
        return r.AutoBillMakePaymentResponse(
            transaction=transaction(call.work, made.transaction, call.srd.child("transaction")),
            summary=made.summary,
        )

    answer = PaymentAnswer(call, response)
    made = payments.pay_autobill(
        call.work,
        reference(request.autobill, "merchantAutoBillId"),
        payment_request(request),
        answer.foretell,
    )
    return answer.of(made)


@handles("AutoBill", "reversePayment")
def reverse_payment(call: Call, request: r.AutoBillReversePaymentRequest) -> r.AutoBillReversePaymentResponse:
    reversals.reverse_on_autobill(
        call.work,
        reference(request.autobill, "merchantAutoBillId"),
        reversal_request(request),
    )
    return r.AutoBillReversePaymentResponse()


@handles("AutoBill", "writeOffInvoice")
def write_off_invoice(
    call: Call, request: r.AutoBillWriteOffInvoiceRequest
) -> r.AutoBillWriteOffInvoiceResponse:
    invoices.write_off(call.work, reference(request.autobill, "merchantAutoBillId"), request.invoiceId)
    return r.AutoBillWriteOffInvoiceResponse()


@handles("AutoBill", "fetchByWebSessionVid")
def fetch_by_web_session_vid(
    call: Call, request: r.AutoBillFetchByWebSessionVidRequest
) -> r.AutoBillFetchByWebSessionVidResponse:
    found = session_objects.autobill_of(call.work, request.vid)
    return r.AutoBillFetchByWebSessionVidResponse(
        autobill=autobill(AutoBillView(call.work, found), call.srd.child("autobill"))
    )
