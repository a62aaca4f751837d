"""What messages say of objects: as an answer over SOAP would, which only the SOAP layer knows.

The use cases decide that and when something is written down, and have it written in the transaction of its cause. How
an object looks is handed to them by the composition root, as whatever fits this protocol.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from cashbox_service.app.context import Work

Content = dict[str, Any]
"""An object as JSON."""


class Subject(Enum):
    """The objects that messages are about."""

    ACCOUNT = "Account"
    AUTOBILL = "AutoBill"
    TRANSACTION = "Transaction"
    REFUND = "Refund"
    CHARGEBACK = "Chargeback"
    PAYMENT_METHOD = "PaymentMethod"


class Contents(Protocol):
    """Shows objects as messages have them."""

    @property
    def newest(self) -> str:
        """The newest version of the interface, such as ``22.0``."""

    def knows(self, version: str) -> bool:
        """Whether objects can be shown as that version of the interface has them."""

    def show(self, work: Work, subject: Subject, vid: str, version: str) -> Content | None:
        """The object as it stands in the store; None where there is none."""
