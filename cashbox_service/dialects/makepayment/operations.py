"""The paths of MakePayment."""

from __future__ import annotations

from cashbox_service.app.bills import making
from cashbox_service.app.counter import outside_payments
from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.dialects import credentials
from cashbox_service.dialects.body import validated
from cashbox_service.dialects.exchange import Answer, Dialect, Exchange, Operation, Outcome, Parameter
from cashbox_service.dialects.makepayment import errors, mapping
from cashbox_service.dialects.makepayment import format as formats
from cashbox_service.dialects.makepayment.schema import (
    CustomerQuery,
    Failure,
    MakePaymentData,
    MakePaymentParams,
    MakePaymentResults,
    PaymentTypes,
    TransactionParams,
    TransactionsResults,
)
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.errors import CashboxError, InvalidRequest, NotFound

UNAUTHORISED = "The apiKey is not valid."


def make_payment(exchange: Exchange) -> Answer:
    """The key is checked before anything else that the body says."""
    given = exchange.plain()
    _enter(exchange, given)
    params = validated(MakePaymentParams, given)
    mapping.check_customer(params.customer_id, params.account_no)
    issues = mapping.too_long(params)
    if not issues:
        try:
            with exchange.work() as work:
                outside_payments.take(work, mapping.payment_of(params))
        except CashboxError as error:
            found = errors.issues_of(error)
            if found is None:
                raise
            issues = found
    return Answer(MakePaymentResults(data=MakePaymentData(ok=not issues, issues=issues)))


def list_payment_types(exchange: Exchange) -> Answer:
    _enter(exchange, exchange.request.args.to_dict())
    with exchange.work() as work:
        return Answer(mapping.payment_types(work))


def list_transactions(exchange: Exchange) -> Answer:
    _enter(exchange, exchange.request.args.to_dict())
    query = exchange.query(CustomerQuery)
    mapping.check_customer(query.customer_id, query.account_no)
    with exchange.work() as work:
        try:
            account = outside_payments.customer(work, query.customer_id, query.account_no or None)
        except NotFound as error:
            raise Refusal(404, str(error)) from error
        return Answer(mapping.transactions_of(work, account))


def create_transaction(exchange: Exchange) -> Answer:
    given = exchange.plain()
    _enter(exchange, given)
    params = validated(TransactionParams, given)
    mapping.check_customer(params.customer_id, params.account_no)
    with exchange.work() as work:
        try:
            account = outside_payments.customer(work, params.customer_id, params.account_no or None)
            currency = making.currency_for(work, account, params.currency)
            making.document(work, account.vid, mapping.draft_of(params, currency))
        except NotFound as error:
            raise Refusal(404, str(error)) from error
        except InvalidRequest as error:
            raise Refusal(400, str(error)) from error
        return Answer(mapping.transactions_of(work, account), 201)


def _enter(exchange: Exchange, given: object) -> None:
    """By the apiKey, in whatever letter case it is named. Raises `Refusal` (401)."""
    members = given if isinstance(given, dict) else {}
    key = next((value for name, value in members.items() if str(name).lower() == "apikey"), None)
    credentials.enter_by_key(
        exchange, KeyPurpose.MAKE_PAYMENT, key if isinstance(key, str) else None, UNAUTHORISED
    )


_BAD = Outcome(400, "Bad Request - parameters supplied cannot be properly interpreted", Failure)
_KEY = Outcome(401, "Not Authorised if supplied api key is not valid", Failure)
_AWAY = Outcome(503, "Service Unavailable", Failure)
_BUSY = Outcome(429, "Too many calls", Failure)
_LARGE = Outcome(413, "The body is too large", Failure)
_MEDIA = Outcome(415, "The Content-Type is not supported", Failure)
_NONE = Outcome(404, "No such customer", Failure)
_API_KEY = Parameter("apiKey", "query", "The key of the merchant for this dialect", required=True)
_CUSTOMER = (
    Parameter("CustomerID", "query", "Number of the customer", schema={"type": "integer", "format": "int64"}),
    Parameter("AccountNo", "query", "The customer's own id: merchantAccountId"),
)

DIALECT = Dialect(
    name="MakePayment",
    title="MakePayment",
    description=(
        "Records payments that were taken outside, against orders, proformas or invoices of a customer. JSON and XML, "
        "by Content-Type and Accept; the apiKey stands in the body. A repeat with the same TransactionID or "
        "VendorTXCode answers as the first call did and books nothing."
    ),
    formats=formats.FORMATS,
    write=formats.write,
    refused=errors.refused,
    root_in="MakePaymentParams",
    operations=(
        Operation(
            "MakePayment",
            "POST",
            "/api/v1/MakePayment",
            make_payment,
            "Make a payment against an order, proforma or specific invoices for a customer",
            (
                Outcome(200, "Returns whether payment was successful or not", MakePaymentResults),
                _BAD,
                _KEY,
                _LARGE,
                _MEDIA,
                _BUSY,
                _AWAY,
            ),
            request=MakePaymentParams,
            description="Issues: "
            + "; ".join(f"{number} {text}" for number, text in errors.ISSUES.items())
            + ". A payment with issues is not booked.",
            example={
                "apiKey": "sample string 1",
                "CustomerID": 1,
                "AccountNo": "A-1",
                "PaymentTypeID": 3,
                "Amount": 4.0,
                "TransactionID": "sample string 5",
                "AuthNumber": "sample string 6",
                "SecurityKey": "sample string 7",
                "VendorTXCode": "sample string 8",
                "PayTransactions": {
                    "PayTransaction": [{"TransID": 1, "SubID": 0, "Type": "Invoice", "Amount": 4.0}]
                },
            },
        ),
        Operation(
            "PaymentTypes",
            "GET",
            "/api/v1/PaymentTypes",
            list_payment_types,
            "The merchant's payment types",
            (Outcome(200, "Number and name of each", PaymentTypes), _BAD, _KEY, _BUSY, _AWAY),
            parameters=(_API_KEY,),
        ),
        Operation(
            "Transactions",
            "GET",
            "/api/v1/Transactions",
            list_transactions,
            "What of a customer can be paid",
            (
                Outcome(200, "Each as a whole (SubID 0), then by its lines", TransactionsResults),
                _BAD,
                _KEY,
                _NONE,
                _BUSY,
                _AWAY,
            ),
            parameters=(_API_KEY, *_CUSTOMER),
        ),
        Operation(
            "CreateTransaction",
            "POST",
            "/api/v1/Transactions",
            create_transaction,
            "Make an order, proforma or invoice of a customer",
            (
                Outcome(201, "What of the customer can be paid now", TransactionsResults),
                _BAD,
                _KEY,
                _NONE,
                _LARGE,
                _MEDIA,
                _BUSY,
                _AWAY,
            ),
            request=TransactionParams,
            description="An invoice is due at once; an order or proforma becomes due by being paid.",
            example={
                "apiKey": "sample string 1",
                "AccountNo": "A-1",
                "Type": "Order",
                "Currency": "USD",
                "Lines": {"Line": [{"Description": "Chairs", "Amount": 120.0}]},
            },
        ),
    ),
)
