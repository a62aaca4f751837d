"""The path of CheckOut."""

from __future__ import annotations

from cashbox_service.app.counter import check_out
from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.dialects import credentials
from cashbox_service.dialects.body import validated
from cashbox_service.dialects.checkout import errors, mapping
from cashbox_service.dialects.checkout import format as formats
from cashbox_service.dialects.checkout.errors import MESSAGES, Unauthorised
from cashbox_service.dialects.checkout.schema import CheckOutAnswer, CheckOutCall, CheckOutParams
from cashbox_service.dialects.exchange import Answer, Dialect, Exchange, Operation, Outcome, Table

SERVICE = "checkout"


def check_out_function(exchange: Exchange) -> Answer:
    """Key, signature and time first, then the service, then the object."""
    given = mapping.members(exchange.plain())
    _enter(exchange, given)
    service = given.get("service")
    if not isinstance(service, str) or service.strip().lower() != SERVICE:
        return Answer(CheckOutAnswer(message=errors.WRONG_SERVICE))
    params = validated(CheckOutCall, given).object
    order = mapping.order_of(params, exchange.merchant.settings.default_currency)
    with exchange.work() as work:
        finished = check_out.check_out(work, mapping.key_of(given), order)
    return Answer(mapping.answer_of(finished))


def _enter(exchange: Exchange, given: dict[str, object]) -> None:
    """Raises Unauthorised for a key, a signature or a time that is not right."""
    key = given.get("apikey")
    found = credentials.admitted(exchange, KeyPurpose.CHECKOUT, key) if isinstance(key, str) else None
    if found is None or found.secret is None:
        raise Unauthorised
    if not mapping.is_signed(given, found.secret, exchange.env.clock.now()):
        credentials.note_refusal(exchange)
        raise Unauthorised
    exchange.enter(found.merchant)


_ROWS = [
    ("-", errors.WRONG_KEY, "", "Key, signature or time are missing or wrong"),
    ("-", errors.WRONG_SERVICE, "", "There is no such service"),
    *(
        (
            stage.value if stage is not None else "-",
            message.text,
            ", ".join((*(("Response_code",) if message.has_code else ()), *message.ids)),
            "All was done"
            if stage is None
            else f"The stage {stage.value} failed; what was made before it stays",
        )
        for stage, message in MESSAGES.items()
    ),
]

DIALECT = Dialect(
    name="CheckOut",
    title="CheckOut function",
    description=(
        "Makes a client, an invoice with a fee, a recurring charge where one is wanted, and charges the client, in one "
        "call. JSON or form fields; every answer with one of the messages is 200. A repeat goes on where the first "
        "call stopped and charges nobody twice."
    ),
    formats=formats.FORMATS,
    write=formats.write,
    refused=errors.refused,
    tables=(Table("Messages", ("Stage", "Message", "Comes with", "Meaning"), _ROWS),),
    operations=(
        Operation(
            "CheckOut",
            "POST",
            "/checkout",
            check_out_function,
            "Bill a client and charge what is paid",
            (
                Outcome(200, "One of the messages", CheckOutAnswer),
                Outcome(
                    400, "The object cannot be read, or its AmountPaid is missing or wrong", CheckOutAnswer
                ),
                Outcome(413, "The body is too large", CheckOutAnswer),
                Outcome(415, "The Content-Type is not supported", CheckOutAnswer),
                Outcome(429, "Too many calls", CheckOutAnswer),
                Outcome(503, "The store cannot be reached", CheckOutAnswer),
            ),
            request=CheckOutParams,
            example={
                "Service": "CheckOut",
                "apikey": "<your apikey>",
                "sig": "<hexadecimal HMAC-SHA256>",
                "timestamp": "20240229 12:00",
                "object": '{"FirstName":"Ada","LastName":"Reader","CCNumber":"4111111111111111","CCExp":"1238",'
                '"Description":"Setup","AmountPaid":"50.24"}',
            },
        ),
    ),
)
