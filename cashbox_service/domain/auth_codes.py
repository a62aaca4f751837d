"""What processors answer with: their response codes, what each means, and whether trying again can help.

A hard decline ends the retries of an AutoBill, a soft one keeps it in its retry cycle. A processor may know better
for a single request and says so in its result; this table is what holds otherwise. Source: payment-method §5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class CodeClass(Enum):
    """What a code means for the payment."""

    OK = "ok"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class AuthCode:
    """A processor response code."""

    code: str
    meaning: str
    code_class: CodeClass


_OK, _SOFT, _HARD = CodeClass.OK, CodeClass.SOFT, CodeClass.HARD

TEST_APPROVAL: Final = "T00"
INTERNAL_ZERO: Final = "VIN_900"
CANCELLED_BY_DECISION: Final = "-1"
PARTIAL_APPROVAL: Final = "111"
INVALID_CARD_NUMBER: Final = "201"
ISSUER_UNAVAILABLE: Final = "301"
INSUFFICIENT_FUNDS: Final = "302"
GENERIC_DECLINE: Final = "303"
NOT_ON_FILE: Final = "304"
LOST_OR_STOLEN: Final = "502"
RETURNED_BY_BANK: Final = "521"
CARD_EXPIRED: Final = "522"
BAD_EXPIRATION_DATE: Final = "605"
INVALID_TRANSACTION_TYPE: Final = "606"
INVALID_AMOUNT: Final = "607"
BAD_ROUTING_NUMBER: Final = "750"
INVALID_SECURITY_CODE: Final = "811"
PROCESSING_UNAVAILABLE: Final = "902"

_ROWS: Final[tuple[tuple[str, str, CodeClass], ...]] = (
    ("T00", "approved by the test processor", _OK),
    ("000", "approved", _OK),
    ("100", "approved", _OK),
    ("101", "validated", _OK),
    ("102", "verified", _OK),
    ("104", "no reason to decline", _OK),
    ("111", "approved in part", _OK),
    ("800", "captured, not settled", _OK),
    ("VIN_900", "settled internally at amount zero", _OK),
    ("-1", "cancelled by the merchant or the customer", _HARD),
    ("201", "invalid card number: wrong check digit", _HARD),
    ("204", "other edit error", _SOFT),
    ("225", "invalid field", _HARD),
    ("227", "missing fields", _HARD),
    ("233", "card brand not set up for the division", _HARD),
    ("234", "duplicate order number", _SOFT),
    ("238", "invalid currency", _HARD),
    ("239", "currency not set up for the card brand", _HARD),
    ("260", "rejected by a soft address rule", _SOFT),
    ("301", "issuer unavailable", _SOFT),
    ("302", "credit floor, insufficient funds", _SOFT),
    ("303", "declined, no reason given", _SOFT),
    ("304", "not on file", _HARD),
    ("401", "call the issuer", _SOFT),
    ("402", "call the issuer, by default", _SOFT),
    ("501", "pick up the card", _HARD),
    ("502", "card lost or stolen", _HARD),
    ("503", "fraud or security violation", _HARD),
    ("505", "on a negative file", _HARD),
    ("509", "over the limit", _SOFT),
    ("510", "used too often", _SOFT),
    ("519", "on a negative file", _HARD),
    ("521", "insufficient funds", _SOFT),
    ("522", "card expired", _HARD),
    ("530", "do not honor", _SOFT),
    ("531", "card verification failed", _HARD),
    ("534", "do not honor, high fraud risk", _HARD),
    ("570", "customer stopped this payment", _HARD),
    ("571", "customer revoked the authorization", _HARD),
    ("572", "customer closed the account", _HARD),
    ("591", "card number unknown to the issuer", _HARD),
    ("592", "bad amount", _HARD),
    ("594", "other error", _SOFT),
    ("596", "suspected fraud", _HARD),
    ("602", "unknown issuer number", _HARD),
    ("605", "bad expiration date", _HARD),
    ("606", "invalid transaction type", _HARD),
    ("607", "invalid amount", _HARD),
    ("750", "unknown bank routing number", _HARD),
    ("751", "bad transit number", _HARD),
    ("752", "bad account number", _HARD),
    ("753", "account does not take deposits", _HARD),
    ("754", "account closed", _HARD),
    ("806", "account restrained", _SOFT),
    ("811", "invalid security code", _HARD),
    ("813", "invalid PIN", _HARD),
    ("825", "no such account", _HARD),
    ("833", "invalid merchant", _HARD),
    ("834", "user not authorized", _HARD),
    ("902", "processing unavailable", _SOFT),
    ("903", "bad expiration date", _HARD),
    ("904", "bad effective date", _HARD),
)

CATALOGUE: Final[Mapping[str, AuthCode]] = {row[0]: AuthCode(*row) for row in _ROWS}
"""Every known code."""


def classify(code: str) -> CodeClass:
    """The class of a code. An unknown one is a soft decline: trying again harms less than giving up."""
    known = CATALOGUE.get(code)
    return known.code_class if known is not None else _SOFT


def is_approval(code: str) -> bool:
    """Whether the code approves."""
    return classify(code) is _OK


def is_hard(code: str) -> bool:
    """Whether the code declines for good."""
    return classify(code) is _HARD


def meaning(code: str) -> str:
    """What the code says, for people."""
    known = CATALOGUE.get(code)
    return known.meaning if known is not None else "unknown response"
