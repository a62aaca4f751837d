"""What is handed over for a checkout, what of it pays, and what is handed back (dialects §4)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cashbox_service.domain.errors import InvalidValue, MissingField
from cashbox_service.domain.money import Money


class TenderMethod(StrEnum):
    """How a checkout is paid; the values are the wire codes (PaymentMethodCode)."""

    CASH = "CASH"
    CHECK = "CHECK"
    CARD = "CC"
    ACH = "ACH"
    TRUST = "TRUST"

    @classmethod
    def parse(cls, text: str | None) -> TenderMethod:
        """The method a caller names in any letter case. MissingField, InvalidValue."""
        if not text:
            raise MissingField("PaymentMethodCode", "PaymentMethodCode is required.")
        found = next((one for one in cls if one == text.strip().upper()), None)
        if found is None:
            raise InvalidValue("PaymentMethodCode", text[:30], f"is not one of {', '.join(cls)}")
        return found

    @property
    def gives_change(self) -> bool:
        """Only cash is given back; of anything else nothing more may be taken than is due."""
        return self is TenderMethod.CASH

    @property
    def payment_method_type(self) -> str | None:
        """What a processor is asked to charge, for methods that one can be asked about."""
        return {TenderMethod.CARD: "CreditCard", TenderMethod.ACH: "ECP"}.get(self)


@dataclass(frozen=True, slots=True)
class Tender:
    """A tender that adds up: what was handed over, what it pays, what is handed back."""

    total: Money
    line: Money
    change: Money


def tender(
    method: TenderMethod,
    balance: Money,
    *,
    line: Decimal | None = None,
    total: Decimal | None = None,
    change: Decimal | None = None,
) -> Tender:
    """What was not told is worked out: the line is what is due, the tender what it pays. `InvalidValue`."""
    paid = balance if line is None else Money.of(line, balance.currency)
    if not paid.is_positive:
        raise InvalidValue("LineAmount", paid.amount, "is not more than nothing")
    if paid > balance:
        raise InvalidValue("LineAmount", paid.amount, f"is more than the {balance.amount} that are due")
    handed = paid if total is None else Money.of(total, balance.currency)
    if handed < paid:
        raise InvalidValue("TotalTendAmount", handed.amount, f"is less than the LineAmount of {paid.amount}")
    back = handed - paid
    if back.is_positive and not method.gives_change:
        raise InvalidValue(
            "TotalTendAmount",
            handed.amount,
            f"is more than the LineAmount, and change is for {TenderMethod.CASH} only",
        )
    if change is not None and Money.of(change, balance.currency) != back:
        raise InvalidValue("ChangeAmount", change, f"is not {back.amount}, TotalTendAmount less LineAmount")
    return Tender(handed, paid, back)
