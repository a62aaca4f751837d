"""Fault points: named places at which a test may end the process the way a power cut would.

A process that runs in sandbox mode with ``CASHBOX_FAULT_POINT`` set to the name of a point kills itself when it comes
there for the first time: no transaction is ended, no connection closed, nothing logged. Without the variable, and in
production, a point does nothing. What must hold after such an end is tested in tests/reliability.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum


class FaultPoint(StrEnum):
    """Where a process can be ended, in the order in which a charge passes these places."""

    INTENT_COMMITTED = "intent-committed"
    """The intent of a request to a processor is stored, in a billing run with the cycle; nobody has been asked."""

    PROCESSOR_ANSWERED = "processor-answered"
    """The processor has carried the request out; nothing of its outcome is stored."""

    OUTCOME_WRITTEN = "outcome-written"
    """Everything that follows from the outcome is written; the transaction has not been committed."""

    OUTCOME_COMMITTED = "outcome-committed"
    """The outcome is stored; whoever called has not been answered."""

    RETURN_COMMITTED = "return-committed"
    """It is stored that money has to be given back; the processor has not been asked to."""

    MONEY_RETURNED = "money-returned"
    """The processor has given money back; this is not stored."""

    CLIENT_MADE = "client-made"
    """CheckOut has stored its client; nothing else of it is done. The next four follow it, one stage each."""

    CARD_VAULTED = "card-vaulted"
    """The client's card is checked and stored."""

    INVOICE_MADE = "invoice-made"
    """The invoice is stored, without its fee."""

    FEE_MADE = "fee-made"
    """The fee stands on the invoice, which is due."""

    RECURRING_MADE = "recurring-made"
    """The AutoBill of a fee that recurs is stored; nothing is charged."""


class Faults:
    """The point at which this process ends, if any."""

    def __init__(self, armed: FaultPoint | None = None) -> None:
        self.armed = armed

    def reach(self, point: FaultPoint) -> None:
        """Ends the process when it is armed for this point."""
        if point is self.armed:
            os.kill(os.getpid(), signal.SIGKILL)
