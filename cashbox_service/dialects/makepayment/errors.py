"""Which refusal is which issue (dialects §2), and how a request that is not understood is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cashbox_service.app.counter.outside_payments import UnknownCustomer
from cashbox_service.app.counter.payment_keys import KeyReused
from cashbox_service.dialects.exchange import Answer, Exchange
from cashbox_service.dialects.makepayment.schema import Failure, MakePaymentIssue
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.errors import (
    CashboxError,
    CurrencyMismatch,
    Duplicate,
    InvalidValue,
    InvoiceNotFound,
    PartExceedsBalance,
    PartsExceedPayment,
    PaymentTypeNotFound,
    SeveralProblems,
)

ISSUES: Final[Mapping[int, str]] = {
    1: "customer not found",
    2: "payment type unknown",
    3: "amount invalid",
    4: "transaction not found",
    5: "part exceeds balance",
    6: "parts exceed amount",
    7: "transaction reference used before with other content",
    8: "currency mismatch",
    9: "field too long",
}
"""Every issue number and what it is about."""

_NUMBERS: Final[tuple[tuple[type[CashboxError], int], ...]] = (
    (UnknownCustomer, 1),
    (PaymentTypeNotFound, 2),
    (InvoiceNotFound, 4),
    (PartExceedsBalance, 5),
    (PartsExceedPayment, 6),
    (KeyReused, 7),
    (Duplicate, 7),
    (CurrencyMismatch, 8),
    (InvalidValue, 3),
)


def issues_of(error: CashboxError) -> list[MakePaymentIssue] | None:
    """The issues of a refused payment; None for an error that is no issue of MakePayment."""
    if isinstance(error, SeveralProblems):
        found = [issues_of(problem) for problem in error.problems]
        return [issue for issues in found for issue in issues or []]
    number = next((number for kind, number in _NUMBERS if isinstance(error, kind)), None)
    if number is None:
        return None
    return [MakePaymentIssue(id=number, message=str(error), extra_data=_extra(error))]


def too_long(member: str, longest: int) -> MakePaymentIssue:
    """The issue of a member that is longer than its text says."""
    return MakePaymentIssue(id=9, message=f"{member} is longer than {longest} characters.", extra_data=member)


def refused(_exchange: Exchange, refusal: Refusal) -> Answer:
    """Everything that is no outcome of a payment."""
    return Answer(Failure(message=refusal.message), refusal.status, refusal.headers)


def _extra(error: CashboxError) -> str:
    """The member, document or payment that it is about."""
    if isinstance(error, KeyReused):
        return error.transaction_id
    for name in ("target", "currency", "field", "key"):
        told = getattr(error, name, None)
        if told is not None:
            return str(told)
    return ""
