"""The paths of checkouts and their payments."""

from __future__ import annotations

from collections.abc import Callable

from cashbox_service.app.context import Work
from cashbox_service.app.counter import cashier_sessions, checkout_payments, checkouts
from cashbox_service.app.counter.checkout_payments import CheckoutPayment
from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.dialects import credentials
from cashbox_service.dialects.checkoutpmt import errors, mapping
from cashbox_service.dialects.checkoutpmt import format as formats
from cashbox_service.dialects.checkoutpmt.mapping import ROOT, Places
from cashbox_service.dialects.checkoutpmt.schema import (
    CashierSessionItem,
    CheckoutItem,
    CheckoutParams,
    CheckoutPmt,
    CheckoutPmtItem,
    CheckoutPmts,
    Checkouts,
    Description,
    Failure,
    PageQuery,
)
from cashbox_service.dialects.exchange import Answer, Dialect, Exchange, Operation, Outcome, Parameter
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.errors import CashboxError

VERSION = "REST-Framework-Version"
CONTEXT = "Metadata-Context"
UPSERT = "Upsert-Mode"
DEFAULT_VERSION = "9"
VERSIONS = tuple(str(number) for number in range(1, 10))


def create_payment(exchange: Exchange) -> Answer:
    places = _enter(exchange)
    upsert = _upsert(exchange)
    params = exchange.body(CheckoutPmt)
    draft = mapping.draft_of(params, upsert=upsert, if_match=_tag(exchange.request.headers.get("If-Match")))
    checkout_id = exchange.arguments["CheckoutId"]

    def made(work: Work) -> Answer:
        payment = checkout_payments.put(work, checkout_id, draft)
        headers = {"ETag": f'"{payment.change_indicator}"'}
        if payment.created:
            headers["Location"] = places.payment(checkout_id, payment.id)
        return Answer(mapping.item_of(payment, places), 201 if payment.created else 200, headers)

    return _answered(exchange, made)


def show_payment(exchange: Exchange) -> Answer:
    places = _enter(exchange)

    def shown(work: Work) -> Answer:
        arguments = exchange.arguments
        payment = checkout_payments.find(work, arguments["CheckoutId"], arguments["CheckoutPmtId"])
        return _tagged(exchange, payment, places)

    return _answered(exchange, shown)


def list_payments(exchange: Exchange) -> Answer:
    places = _enter(exchange)
    page, checkout_id = exchange.query(PageQuery), exchange.arguments["CheckoutId"]
    return _answered(
        exchange,
        lambda work: Answer(
            mapping.collection_of(checkout_id, checkout_payments.listed(work, checkout_id), page, places)
        ),
    )


def describe_payments(exchange: Exchange) -> Answer:
    places = _enter(exchange)

    def described(work: Work) -> Answer:
        checkout = checkouts.find(work, exchange.arguments["CheckoutId"])
        return Answer(mapping.description_of(checkout.id, places))

    return _answered(exchange, described)


def create_checkout(exchange: Exchange) -> Answer:
    places = _enter(exchange)
    draft = mapping.checkout_draft_of(exchange.body(CheckoutParams))

    def made(work: Work) -> Answer:
        checkout = checkouts.create(work, draft)
        return Answer(mapping.checkout_of(checkout, places), 201, {"Location": places.checkout(checkout.id)})

    return _answered(exchange, made)


def show_checkout(exchange: Exchange) -> Answer:
    places = _enter(exchange)
    checkout_id = exchange.arguments["CheckoutId"]
    return _answered(
        exchange, lambda work: Answer(mapping.checkout_of(checkouts.find(work, checkout_id), places))
    )


def list_checkouts(exchange: Exchange) -> Answer:
    places = _enter(exchange)
    page = exchange.query(PageQuery)
    wanted = (page.limit or mapping.DEFAULT_LIMIT) + 1
    return _answered(
        exchange,
        lambda work: Answer(
            mapping.checkouts_of(checkouts.listed(work, page.offset or 0, wanted), page, places)
        ),
    )


def show_session(exchange: Exchange) -> Answer:
    places = _enter(exchange)
    session_id = exchange.arguments["SessionId"]
    return _answered(
        exchange, lambda work: Answer(mapping.session_of(cashier_sessions.session(work, session_id), places))
    )


def _enter(exchange: Exchange) -> Places:
    """Credentials, and the headers that every answer carries. Raises `Refusal`."""
    version = exchange.request.headers.get(VERSION, DEFAULT_VERSION).strip()
    exchange.headers[VERSION] = version if version in VERSIONS else DEFAULT_VERSION
    context = exchange.request.headers.get(CONTEXT)
    if context is not None:
        exchange.headers[CONTEXT] = context
    credentials.enter_by_header(exchange, KeyPurpose.CHECKOUT_PAYMENTS)
    if version not in VERSIONS:
        raise Refusal(400, f"{VERSION} is not one of 1 to 9.", VERSION)
    return Places(exchange.surroundings.base_url)


def _upsert(exchange: Exchange) -> bool:
    given = exchange.request.headers.get(UPSERT, "false").strip().lower()
    if given not in ("true", "false"):
        raise Refusal(400, f"{UPSERT} is neither true nor false.", UPSERT)
    return given == "true"


def _tag(header: str | None) -> str | None:
    """The one entity tag that a header names."""
    return None if header is None else header.strip().removeprefix("W/").strip('"')


def _tagged(exchange: Exchange, payment: CheckoutPayment, places: Places) -> Answer:
    headers = {"ETag": f'"{payment.change_indicator}"'}
    if _tag(exchange.request.headers.get("If-None-Match")) == payment.change_indicator:
        return Answer(b"", 304, headers)
    return Answer(mapping.item_of(payment, places), 200, headers)


def _answered(exchange: Exchange, use: Callable[[Work], Answer]) -> Answer:
    with exchange.work() as work:
        try:
            return use(work)
        except CashboxError as error:
            refusal = errors.refusal_of(error)
            if refusal is None:
                raise
            raise refusal from error


_COMMON = (VERSION, CONTEXT)
_BAD = Outcome(400, "A member, header or parameter is wrong; o:errorPath names it", Failure, _COMMON)
_KEY = Outcome(401, "Credentials are missing or wrong", Failure, ("WWW-Authenticate",))
_NONE = Outcome(404, "There is no such resource", Failure, _COMMON)
_TAKEN = Outcome(409, "The id is taken", Failure, _COMMON)
_CHANGED = Outcome(412, "If-Match is not the resource's entity tag", Failure, _COMMON)
_REST = (
    Outcome(429, "Too many calls", Failure),
    Outcome(503, "The store or the processor cannot be reached", Failure),
)
_BODY = (
    Outcome(413, "The body is too large", Failure),
    Outcome(415, "The Content-Type is not supported", Failure),
)
_HEADERS = (
    Parameter(
        CONTEXT,
        "header",
        "Echoed when sent, without effect",
        schema={"type": "string", "pattern": "^[ -~]*$"},
    ),
    Parameter(
        VERSION,
        "header",
        "Protocol version, 1 to 9; all have the same shape",
        schema={"type": "string", "enum": list(VERSIONS)},
    ),
)
_CHECKOUT_ID = Parameter("CheckoutId", "path", "The unique identifier for the checkout data", required=True)
_PAGE = (
    Parameter("limit", "query", "Most items", schema={"type": "integer", "minimum": 1, "maximum": 500}),
    Parameter(
        "offset", "query", "Items to pass over", schema={"type": "integer", "minimum": 0, "maximum": 1000000}
    ),
)
_SECURITY = ("login", "bearer", "key")
_CHECKOUTS = f"{ROOT}/{mapping.CHECKOUTS}"
_PAYMENTS = f"{_CHECKOUTS}/<CheckoutId>/child/{mapping.PAYMENTS}"

DIALECT = Dialect(
    name="CheckoutPmt",
    title="Checkout payments",
    description=(
        "Checkouts of the public sector and their payments, as REST resources whose links resolve. CASH, CHECK and "
        "TRUST, and CC and ACH with an AuthorizationCode, are recorded; CC and ACH without one are charged to the "
        "account's own card or bank account."
    ),
    formats=formats.FORMATS,
    write=formats.write,
    refused=errors.refused,
    operations=(
        Operation(
            "CreateCheckoutPmt",
            "POST",
            _PAYMENTS,
            create_payment,
            "Create a checkout payment",
            (
                Outcome(201, "The new payment", CheckoutPmtItem, (*_COMMON, "ETag", "Location")),
                Outcome(
                    200, "The payment that was changed (Upsert-Mode)", CheckoutPmtItem, (*_COMMON, "ETag")
                ),
                _BAD,
                _KEY,
                _NONE,
                _TAKEN,
                _CHANGED,
                *_BODY,
                *_REST,
            ),
            request=CheckoutPmt,
            parameters=(
                _CHECKOUT_ID,
                *_HEADERS,
                Parameter(
                    UPSERT,
                    "header",
                    "true: change the payment with the same CheckoutPmtId or PaymentReferenceId, if there is one",
                    schema={"type": "string", "enum": ["true", "false"]},
                ),
            ),
            security=_SECURITY,
            example={
                "PaymentMethodCode": "CASH",
                "LineAmount": 80.0,
                "TotalTendAmount": 100.0,
                "PayerName": "Ada Reader",
                "CashierId": "C-7",
                "DrawerId": "D-1",
                "SessionId": "S-20240229",
            },
        ),
        Operation(
            "CheckoutPmts",
            "GET",
            _PAYMENTS,
            list_payments,
            "The payments of a checkout",
            (Outcome(200, "Payments, oldest first", CheckoutPmts, _COMMON), _BAD, _KEY, _NONE, *_REST),
            parameters=(_CHECKOUT_ID, *_PAGE, *_HEADERS),
            security=_SECURITY,
        ),
        Operation(
            "DescribeCheckoutPmt",
            "GET",
            f"{_PAYMENTS}/describe",
            describe_payments,
            "What a payment is made of",
            (Outcome(200, "Members, types and lengths", Description, _COMMON), _BAD, _KEY, _NONE, *_REST),
            parameters=(_CHECKOUT_ID, *_HEADERS),
            security=_SECURITY,
        ),
        Operation(
            "CheckoutPmt",
            "GET",
            f"{_PAYMENTS}/<CheckoutPmtId>",
            show_payment,
            "One payment",
            (
                Outcome(200, "The payment", CheckoutPmtItem, (*_COMMON, "ETag")),
                Outcome(304, "If-None-Match is its entity tag"),
                _BAD,
                _KEY,
                _NONE,
                *_REST,
            ),
            parameters=(
                _CHECKOUT_ID,
                Parameter("CheckoutPmtId", "path", "The number of the payment", required=True),
                *_HEADERS,
            ),
            security=_SECURITY,
        ),
        Operation(
            "CreateCheckout",
            "POST",
            _CHECKOUTS,
            create_checkout,
            "Make a checkout",
            (
                Outcome(201, "The new checkout", CheckoutItem, (*_COMMON, "Location")),
                _BAD,
                _KEY,
                _TAKEN,
                *_BODY,
                *_REST,
            ),
            request=CheckoutParams,
            parameters=_HEADERS,
            security=_SECURITY,
            example={"CheckoutId": "CHK-1", "AccountId": "A-1", "Amount": 80.0, "Currency": "USD"},
        ),
        Operation(
            "Checkouts",
            "GET",
            _CHECKOUTS,
            list_checkouts,
            "The merchant's checkouts",
            (Outcome(200, "Checkouts in order of their ids", Checkouts, _COMMON), _BAD, _KEY, *_REST),
            parameters=(*_PAGE, *_HEADERS),
            security=_SECURITY,
        ),
        Operation(
            "Checkout",
            "GET",
            f"{_CHECKOUTS}/<CheckoutId>",
            show_checkout,
            "One checkout with its balance",
            (Outcome(200, "The checkout", CheckoutItem, _COMMON), _BAD, _KEY, _NONE, *_REST),
            parameters=(_CHECKOUT_ID, *_HEADERS),
            security=_SECURITY,
        ),
        Operation(
            "CashierSession",
            "GET",
            f"{ROOT}/{mapping.SESSIONS}/<SessionId>",
            show_session,
            "The totals of a cashier session, and what the ledger has of it",
            (
                Outcome(200, "Totals per method and currency", CashierSessionItem, _COMMON),
                _BAD,
                _KEY,
                _NONE,
                *_REST,
            ),
            parameters=(Parameter("SessionId", "path", "The cashier session", required=True), *_HEADERS),
            security=_SECURITY,
        ),
    ),
)
