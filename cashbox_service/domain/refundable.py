"""Whether a transaction can be refunded at all, and whether in parts (refund-chargeback §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cashbox_service.domain.errors import RefundRefused
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.refund import NOT_REFUNDABLE
from cashbox_service.domain.transaction_state import TransactionStatusType

_S = TransactionStatusType
_BANK_DEBITS: Final = frozenset({PaymentMethodType.ECP, PaymentMethodType.DIRECT_DEBIT})
_NEVER: Final = frozenset({PaymentMethodType.BOLETO, PaymentMethodType.MERCHANT_ACCEPTED_PAYMENT})
_PROCESSED: Final = frozenset({"recurring", "payment", "one_time", "migrated", "settlement"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides whether a transaction can be refunded at all, or only as a whole."""

    kind: str
    status: TransactionStatusType
    payment_method_type: str
    auth_code: str | None
    processor: str | None = None
    ecp_transaction_type: str | None = None
    has_chargeback: bool = False

    @property
    def waits(self) -> bool:
        """Whether its money was not taken yet: refunding all of it cancels it, a part waits."""
        return self.status in (_S.AUTHORIZED, _S.AUTHORIZED_PENDING)

    @property
    def only_as_a_whole(self) -> bool:
        """Tokens that were paid with, and captures that are not settled, come back whole or not at all."""
        unsettled = (self.processor, self.auth_code) == ("GlobalCollect", "800")
        return self.payment_method_type == PaymentMethodType.TOKEN or unsettled


def check_refundable(facts: Facts) -> None:
    """Whether a refund may be performed on the transaction. Raises RefundRefused (refund-chargeback §3)."""
    if facts.has_chargeback:
        raise RefundRefused("Transaction has a chargeback")
    open_debit = facts.status is _S.AUTHORIZED_PENDING and facts.payment_method_type in _BANK_DEBITS
    if (
        facts.kind not in _PROCESSED
        or not (open_debit or facts.status in (_S.AUTHORIZED, _S.CAPTURED, _S.REFUNDED))
        or facts.auth_code is None
        or facts.payment_method_type in _NEVER
        or facts.ecp_transaction_type == "Outbound"
    ):
        raise RefundRefused(NOT_REFUNDABLE)
