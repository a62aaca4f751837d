"""The Stripe processor.

Money is asked for in two steps: an intent is made, which moves nothing, and its id is written down under the request
key; only then is it confirmed. Stripe confirms an intent once, however often and however late it is asked to, so
nothing is charged twice even when the keys of its idempotency, a day old, are forgotten. What became of a request is
read from the intent; one that was never confirmed is cancelled first, so that it cannot be confirmed afterwards.

What is written down: ``key`` the intent of a request for money, or its refusal; ``key#closed`` why an intent was
cancelled that nobody had confirmed; ``key#capture`` which capture took the money; under the key of a capture or
refund, what it follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from cashbox_service.domain import auth_codes
from cashbox_service.domain.money import Money
from cashbox_service.logging import get_logger
from cashbox_service.processors.journal import (
    Document,
    Journal,
    money_document,
    money_of,
    result_document,
)
from cashbox_service.processors.journal import result_of as stored_result
from cashbox_service.processors.protocol import (
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    capture_key,
    check_key,
)
from cashbox_service.processors.stripe import amounts, codes, payers, reading
from cashbox_service.processors.stripe.calls import Answer, NoAnswer, Refused, StripeCalls

log = get_logger(__name__)

NAME: Final = "stripe"
WIRE_NAME: Final = "Stripe"

KEY_NAME: Final = "cashbox_request_key"
"""The metadata under which Stripe keeps the request key."""

_VALIDATE, _AUTHORIZE = "validate", "authorize"
_FOREIGN: Final = "pi_"
"""How the ids of payment intents begin; a sale that was migrated is refunded by its own."""

Kind = Literal["payment_intents", "setup_intents"]


@dataclass(frozen=True, slots=True)
class _Opening:
    """A request for money as it was written down: the intent, and how much it is about.

    ``amount`` is None for a payment that was made elsewhere.
    """

    key: str
    merchant: str
    operation: str
    kind: Kind
    intent: str
    amount: Money | None
    captured_at_once: bool

    @classmethod
    def of(cls, key: str, document: Document) -> _Opening:
        return cls(
            key,
            document["merchant"],
            document["operation"],
            document["kind"],
            document["intent"],
            money_of(document["amount"]),
            document["captured_at_once"],
        )

    @property
    def is_of_zero(self) -> bool:
        """Whether it asked for no money, and got it: there is nothing to take or to give back."""
        return self.kind == "setup_intents" and self.operation == _AUTHORIZE


class StripeProcessor:
    """Cards of a Stripe account, by token: ``pm_...``, ``cus_...`` or ``cus_.../pm_...``."""

    name = NAME
    wire_name = WIRE_NAME

    def __init__(self, journal: Journal, calls: StripeCalls, *, send_numbers: bool = False) -> None:
        self._journal = journal
        self._calls = calls
        self._send_numbers = send_numbers

    def validate(self, request: PaymentRequest) -> PaymentResult:
        """By a setup intent: the card's bank is asked, and no money is reserved."""
        return self._ask_for_money(_VALIDATE, request)

    def authorize(self, request: PaymentRequest) -> PaymentResult:
        """By a payment intent; an amount of zero by a setup intent, since Stripe knows no payments of nothing."""
        return self._ask_for_money(_AUTHORIZE, request)

    def capture(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Stripe captures once per authorization, all or a part of it."""
        own = capture_key(authorization) if key is None else check_key(key)
        opening = self._opening(authorization)
        result = opening if isinstance(opening, PaymentResult) else self._capture(opening, amount, own)
        return _logged("capture", own, result)

    def void(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Also ends what waits for the customer."""
        opening = self._opening(authorization)
        result = opening if isinstance(opening, PaymentResult) else self._void(opening)
        return _logged("void", authorization, result)

    def refund(self, authorization: str, amount: Money, key: str) -> PaymentResult:
        """Also of a payment intent that was made elsewhere, by its id."""
        opening = self._opening(authorization)
        result = (
            opening if isinstance(opening, PaymentResult) else self._refund(opening, amount, check_key(key))
        )
        return _logged("refund", key, result)

    def status(self, key: str) -> PaymentResult:
        """From Stripe. A request that was never confirmed cannot be any more afterwards."""
        document = self._journal.find(NAME, key)
        if document is None:
            return PaymentResult.never_received()
        if "refused" in document:
            return stored_result(document["refused"])
        try:
            if "refunds" in document:
                return self._status_of_refund(document["refunds"], key)
            if "captures" in document:
                return self._status_of_capture(document["captures"], key)
            opening = _Opening.of(key, document)
            return self._standing(opening, self._read(opening), PaymentResult.never_received())
        except (NoAnswer, Refused):
            return PaymentResult.unknown()

    # --- asking for money

    def _ask_for_money(self, operation: str, request: PaymentRequest) -> PaymentResult:
        document = self._journal.find(NAME, request.key)
        is_repeated = document is not None
        try:
            if document is None:
                document = self._journal.record(
                    NAME, request.key, request.merchant, self._opened(operation, request)
                )
        except NoAnswer:
            # An intent that was not written down is never confirmed: no money can have moved.
            return _logged(operation, request.key, PaymentResult.never_received())
        if "refused" in document:
            return _logged(operation, request.key, stored_result(document["refused"]))
        if "intent" not in document:
            raise ValueError("the request key was used for a capture or refund")
        opening = _Opening.of(request.key, document)
        try:
            result = self._repeated(opening, request) if is_repeated else self._confirmed(opening, request)
        except (NoAnswer, Refused):
            result = PaymentResult.unknown()
        return _logged(operation, request.key, result)

    def _opened(self, operation: str, request: PaymentRequest) -> dict[str, Any]:
        """An intent that is not confirmed yet, or why there is none, as a document."""
        try:
            return self._intended(operation, request)
        except Refused as refusal:
            result = codes.refused(refusal.decline_code or refusal.code, refusal.parameter)
        except payers.NoMeans as nothing:
            result = PaymentResult.declined(nothing.auth_code)
        except amounts.NotPayable:
            result = PaymentResult.declined(auth_codes.INVALID_AMOUNT)
        return {"merchant": request.merchant, "refused": result_document(result)}

    def _intended(self, operation: str, request: PaymentRequest) -> dict[str, Any]:
        means = payers.means_of(request, self._calls, send_numbers=self._send_numbers)
        kind: Kind = "payment_intents"
        params = self._common(request, means)
        if operation == _VALIDATE or request.amount.is_zero:
            kind = "setup_intents"
        else:
            params |= {
                "amount": amounts.minor_units(request.amount),
                "currency": request.amount.currency.lower(),
                "capture_method": "automatic" if request.capture else "manual",
                "payment_method": means.payment_method,
            }
            suffix = payers.statement_suffix(request.statement_identifier)
            if suffix is not None:
                params["statement_descriptor_suffix"] = suffix
        intent = self._calls.create(kind, key=f"{request.key}-create", **params)
        return {
            "merchant": request.merchant,
            "operation": operation,
            "kind": kind,
            "intent": intent["id"],
            "amount": money_document(request.amount),
            "captured_at_once": request.capture,
        }

    def _common(self, request: PaymentRequest, means: payers.Means) -> dict[str, Any]:
        params: dict[str, Any] = {
            "payment_method_types": ["card"],
            "metadata": {
                KEY_NAME: request.key,
                "cashbox_transaction": request.reference,
                "cashbox_merchant": request.merchant,
            },
        }
        if means.customer is not None:
            params["customer"] = means.customer
        return params

    def _repeated(self, opening: _Opening, request: PaymentRequest) -> PaymentResult:
        """The same key once more: the answer of the first time, or the first answer where none came through."""
        intent = self._read(opening)
        if _is_unconfirmed(intent):
            return self._confirmed(opening, request)
        return self._standing(opening, intent, PaymentResult.never_received())

    def _confirmed(self, opening: _Opening, request: PaymentRequest) -> PaymentResult:
        params: dict[str, Any] = {}
        if opening.kind == "setup_intents":
            means = payers.means_of(request, self._calls, send_numbers=self._send_numbers)
            params["payment_method"] = means.payment_method
        else:
            params["expand"] = ["latest_charge"]
            if request.unattended:
                params["off_session"] = True
            elif (page := payers.return_url(request)) is not None:
                params["return_url"] = page
        try:
            intent = self._calls.confirm(opening.kind, opening.intent, **params)
        except Refused as refusal:
            if refusal.by_bank:
                result = codes.declined(refusal.decline_code, refusal.code)
                return result.for_reference(opening.intent)
            # Not taken as it is, or somebody else was first.
            refused = codes.refused(refusal.code, refusal.parameter)
            return self._standing(opening, self._read(opening), refused.for_reference(opening.intent))
        return self._standing(opening, intent, PaymentResult.unknown())

    def _standing(self, opening: _Opening, intent: Answer, unconfirmed: PaymentResult) -> PaymentResult:
        """What became of the request as its intent stands; ``unconfirmed`` when it never went to a bank.

        Then, and when a customer would have to go to a page that there is not, the intent is closed.
        """
        result = reading.result_of(intent)
        if result is not None:
            return result
        if intent["status"] == reading.NEEDS_CUSTOMER:
            away = codes.declined(codes.AUTHENTICATION_REQUIRED).for_reference(opening.intent)
            return self._closed(opening, away)
        if intent["status"] == reading.CANCELED:
            document = self._journal.find(NAME, _closed_key(opening.key))
            return stored_result(document["result"]) if document is not None else unconfirmed
        return unconfirmed if unconfirmed.kind is OutcomeKind.UNKNOWN else self._closed(opening, unconfirmed)

    def _closed(self, opening: _Opening, result: PaymentResult) -> PaymentResult:
        """Cancel an intent so that nothing can come of it any more; what did, where something came first."""
        try:
            self._calls.cancel(opening.kind, opening.intent)
        except Refused:
            return reading.result_of(self._read(opening)) or PaymentResult.unknown()
        document = {"merchant": opening.merchant, "result": result_document(result)}
        kept = self._journal.record(NAME, _closed_key(opening.key), opening.merchant, document)
        return stored_result(kept["result"])

    # --- what follows on it

    def _opening(self, authorization: str) -> _Opening | PaymentResult:
        """What a capture, void or refund follows; a decline when it follows nothing."""
        document = self._journal.find(NAME, check_key(authorization))
        if document is None and authorization.startswith(_FOREIGN):
            return _Opening(authorization, "", _AUTHORIZE, "payment_intents", authorization, None, True)
        if document is None:
            return PaymentResult.declined(auth_codes.NOT_ON_FILE)
        if "intent" not in document or document["operation"] == _VALIDATE:
            return _impossible()
        return _Opening.of(authorization, document)

    def _capture(self, opening: _Opening, amount: Money, own: str) -> PaymentResult:
        if opening.amount is None:
            return PaymentResult.declined(auth_codes.NOT_ON_FILE)
        if amount.currency != opening.amount.currency or amount.is_negative or amount > opening.amount:
            return PaymentResult.declined(auth_codes.INVALID_AMOUNT)
        try:
            intent = self._read(opening)
            result = reading.result_of(intent)
            if result is None or result.kind is OutcomeKind.DECLINED or intent["status"] == reading.CANCELED:
                return _impossible()
            if result.kind is OutcomeKind.PENDING or opening.captured_at_once or opening.is_of_zero:
                return result
            if not self._is_capture(opening, amount, own):
                return _impossible()
            if intent["status"] == reading.NEEDS_CAPTURE:
                self._calls.capture(opening.intent, amount_to_capture=amounts.minor_units(amount))
        except NoAnswer:
            return PaymentResult.unknown()
        except Refused as refusal:
            return codes.refused(refusal.code, refusal.parameter)
        return PaymentResult.approved(codes.APPROVED).for_reference(opening.intent)

    def _is_capture(self, opening: _Opening, amount: Money, own: str) -> bool:
        """Whether this is the one capture of the authorization; the first that comes is."""
        claim = {"key": own, "amount": money_document(amount)}
        kept = self._journal.record(NAME, _capture_claim(opening.key), opening.merchant, claim)
        if own != capture_key(opening.key):
            self._journal.record(NAME, own, opening.merchant, {"captures": opening.key})
        return dict(kept) == claim

    def _void(self, opening: _Opening) -> PaymentResult:
        done = PaymentResult.approved(codes.APPROVED).for_reference(opening.intent)
        if opening.is_of_zero:
            return done
        try:
            intent = self._read(opening)
            result = reading.result_of(intent)
            if intent["status"] == reading.SUCCEEDED or (result and result.kind is OutcomeKind.DECLINED):
                return _impossible()
            if intent["status"] != reading.CANCELED:
                self._calls.cancel(opening.kind, opening.intent)
        except NoAnswer:
            return PaymentResult.unknown()
        except Refused as refusal:
            return codes.refused(refusal.code, refusal.parameter)
        return done

    def _refund(self, opening: _Opening, amount: Money, key: str) -> PaymentResult:
        if opening.is_of_zero:
            return _impossible()
        try:
            intent = self._read(opening)
            if intent["status"] != reading.SUCCEEDED:
                return _impossible()
            refunds = [one for one in self._calls.refunds_of(opening.intent) if _key_of(one)]
            known = next((one for one in refunds if _key_of(one) == key), None)
            if known is not None:
                return reading.refund_result_of(known)
            left = self._captured(opening, intent)
            for one in refunds:
                if reading.counts(one):
                    left = left - amounts.money_of(one["amount"], left.currency)
            if amount.currency != left.currency or not amount.is_positive or amount > left:
                return PaymentResult.declined(auth_codes.INVALID_AMOUNT)
            return self._refunded(opening, amount, key)
        except NoAnswer:
            return PaymentResult.unknown()
        except Refused as refusal:
            return codes.refused(refusal.code, refusal.parameter)
        except amounts.NotPayable:
            return PaymentResult.declined(auth_codes.INVALID_AMOUNT)

    def _refunded(self, opening: _Opening, amount: Money, key: str) -> PaymentResult:
        """Refunds have no state of their own to fall back on before they are made: here the key does it."""
        if opening.merchant:
            pointer = {"merchant": opening.merchant, "refunds": opening.key}
            kept = self._journal.record(NAME, key, opening.merchant, pointer)
            if kept.get("refunds") != opening.key:
                raise ValueError("the request key was used for something else")
        refund = self._calls.create(
            "refunds",
            key=key,
            payment_intent=opening.intent,
            amount=amounts.minor_units(amount),
            metadata={KEY_NAME: key},
        )
        return reading.refund_result_of(refund)

    def _captured(self, opening: _Opening, intent: Answer) -> Money:
        """How much was taken. Of a payment made elsewhere Stripe knows it."""
        if opening.amount is None:
            return amounts.money_of(intent["amount_received"], intent["currency"])
        claim = self._journal.find(NAME, _capture_claim(opening.key))
        return opening.amount if claim is None else money_of(claim["amount"])

    # --- what became of it

    def _status_of_refund(self, authorization: str, key: str) -> PaymentResult:
        opening = self._opening(authorization)
        assert isinstance(opening, _Opening)
        made = (one for one in self._calls.refunds_of(opening.intent) if _key_of(one) == key)
        return next((reading.refund_result_of(one) for one in made), PaymentResult.never_received())

    def _status_of_capture(self, authorization: str, key: str) -> PaymentResult:
        opening = self._opening(authorization)
        assert isinstance(opening, _Opening)
        claim = self._journal.find(NAME, _capture_claim(authorization))
        if claim is None or claim["key"] != key or self._read(opening)["status"] != reading.SUCCEEDED:
            return PaymentResult.never_received()
        return PaymentResult.approved(codes.APPROVED).for_reference(opening.intent)

    def _read(self, opening: _Opening) -> Answer:
        expand = ["latest_charge"] if opening.kind == "payment_intents" else []
        return self._calls.read(opening.kind, opening.intent, expand=expand)


def _impossible() -> PaymentResult:
    return PaymentResult.declined(auth_codes.INVALID_TRANSACTION_TYPE)


def _is_unconfirmed(intent: Answer) -> bool:
    """Whether nobody confirmed it yet, and it can still be."""
    waits = intent["status"] in ("requires_confirmation", "requires_payment_method")
    return waits and reading.result_of(intent) is None


def _key_of(refund: Answer) -> str | None:
    """Our key; refunds made at Stripe's own pages, and what it releases by itself, have none."""
    found: str | None = (refund.get("metadata") or {}).get(KEY_NAME)
    return found


def _closed_key(key: str) -> str:
    return f"{key}#closed"


def _capture_claim(authorization: str) -> str:
    return f"{authorization}#capture"


def _logged(operation: str, key: str, result: PaymentResult) -> PaymentResult:
    log.info(
        "stripe answered",
        operation=operation,
        request_key=key,
        outcome=result.kind.value,
        auth_code=result.auth_code,
    )
    return result
