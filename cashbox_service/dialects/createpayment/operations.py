"""The paths of CreatePayment."""

from __future__ import annotations

from collections.abc import Callable

from cashbox_service.app.context import Work
from cashbox_service.app.counter import collection_attempts, collection_payments
from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.dialects import credentials
from cashbox_service.dialects.createpayment import errors, mapping
from cashbox_service.dialects.createpayment import format as formats
from cashbox_service.dialects.createpayment.schema import (
    CollectionAttempt,
    CollectionAttemptParams,
    CreatePayment,
    CreatePaymentResult,
    Failure,
)
from cashbox_service.dialects.exchange import Answer, Dialect, Exchange, Operation, Outcome, Parameter, Table
from cashbox_service.domain.collection import FLAGS
from cashbox_service.domain.errors import CashboxError


def create_payment(exchange: Exchange) -> Answer:
    _enter(exchange)
    params = exchange.body(CreatePayment)
    key = exchange.request.headers.get("Idempotency-Key")
    payment = mapping.payment_of(params, exchange.merchant.settings, key)
    guid = exchange.arguments["id"]
    return _answered(
        exchange, lambda work: Answer(mapping.result_of(collection_payments.pay(work, guid, payment)))
    )


def create_attempt(exchange: Exchange) -> Answer:
    _enter(exchange)
    draft = mapping.draft_of(exchange.body(CollectionAttemptParams))

    def made(work: Work) -> Answer:
        attempt = collection_attempts.open_attempt(work, draft)
        where = f"{exchange.surroundings.base_url}/collectionattempts/{attempt.id}"
        return Answer(mapping.attempt_of(attempt), 201, {"Location": where})

    return _answered(exchange, made)


def show_attempt(exchange: Exchange) -> Answer:
    _enter(exchange)
    guid = exchange.arguments["id"]
    return _answered(exchange, lambda work: Answer(mapping.attempt_of(collection_attempts.shown(work, guid))))


def _enter(exchange: Exchange) -> None:
    credentials.enter_by_header(exchange, KeyPurpose.CREATE_PAYMENT)


def _answered(exchange: Exchange, use: Callable[[Work], Answer]) -> Answer:
    with exchange.work() as work:
        try:
            return use(work)
        except CashboxError as error:
            refusal = errors.refusal_of(error)
            if refusal is None:
                raise
            raise refusal from error


_BAD = Outcome(400, "The body does not validate", Failure)
_KEY = Outcome(401, "Credentials are missing or wrong", Failure, ("WWW-Authenticate",))
_NONE = Outcome(404, "There is no such collection attempt", Failure)
_REUSED = Outcome(409, "The Idempotency-Key was used for another payment", Failure)
_REST = (
    Outcome(413, "The body is too large", Failure),
    Outcome(415, "The Content-Type is not supported", Failure),
    Outcome(429, "Too many calls", Failure),
    Outcome(503, "The store or the processor cannot be reached", Failure),
)
_ID = Parameter(
    "id",
    "path",
    "Collection attempt id to apply the payment to",
    required=True,
    schema={"type": "string", "format": "uuid"},
)
_FORMAT = Parameter(
    "format",
    "query",
    "The format of the answer; beats a suffix of the path, which beats Accept",
    schema={"type": "string", "enum": ["json", "jsv", "xml", "csv"]},
)
_IDEMPOTENCY = Parameter(
    "Idempotency-Key",
    "header",
    "A repeat under the same key answers as the first call did and moves no money",
    schema={"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_-]+$"},
)
_SECURITY = ("key", "login")

DIALECT = Dialect(
    name="CreatePayment",
    title="CreatePayment",
    description=(
        "Payments on collection attempts: unpaid invoices under a GUID. JSON, JSV, XML and CSV in and out, by "
        "Content-Type and Accept, a suffix (.json .jsv .xml .csv) or ?format=. Every business outcome is 200 with a "
        "PaymentProcessingOutcome, the sum of the flags below."
    ),
    formats=formats.FORMATS,
    write=formats.write,
    refused=errors.refused,
    root_in="CreatePayment",
    tables=(
        Table(
            "PaymentProcessingOutcome",
            ("Value", "Flag", "Set when", "Sentence in errors"),
            [(int(row.flag), row.name, row.set_when, row.sentence) for row in FLAGS],
        ),
    ),
    operations=(
        Operation(
            "CreatePayment",
            "POST",
            "/collectionattempts/<id>/payments",
            create_payment,
            "Creates a payment",
            (
                Outcome(200, "What the payment came to", CreatePaymentResult),
                _BAD,
                _KEY,
                _NONE,
                _REUSED,
                *_REST,
            ),
            request=CreatePayment,
            parameters=(_ID, _FORMAT, _IDEMPOTENCY),
            security=_SECURITY,
            example={
                "paymentToken": "sbx-4111111111111111",
                "paymentAmount": 25.0,
                "convenienceFee": 1.5,
                "payor": {"firstName": "Ada", "lastName": "Reader"},
                "cardType": "visa",
                "lastFour": "1111",
                "fingerprint": "e3cef43464fc832f6e04f187df25af497994",
                "paymentMethod": "CC",
                "isFeePayment": False,
            },
        ),
        Operation(
            "CreateCollectionAttempt",
            "POST",
            "/collectionattempts",
            create_attempt,
            "Makes a collection attempt",
            (Outcome(201, "The collection attempt", CollectionAttempt, ("Location",)), _BAD, _KEY, *_REST),
            request=CollectionAttemptParams,
            parameters=(_FORMAT,),
            security=_SECURITY,
            example={"amount": 100.0, "currency": "USD", "fees": 10.0, "accountRef": "A-1"},
        ),
        Operation(
            "CollectionAttempt",
            "GET",
            "/collectionattempts/<id>",
            show_attempt,
            "A collection attempt with its payments and its balance",
            (Outcome(200, "The collection attempt", CollectionAttempt), _KEY, _NONE, *_REST[2:]),
            parameters=(_ID, _FORMAT),
            security=_SECURITY,
        ),
    ),
)
