"""What a customer owes beside all AutoBills: invoices, orders and proformas (dialects §2 – §5)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import InvalidValue


class DocumentKind(StrEnum):
    """What a document is called; the values are the wire spellings of MakePayment."""

    ORDER = "Order"
    PROFORMA = "Proforma"
    INVOICE = "Invoice"

    @classmethod
    def parse(cls, field: str, text: str) -> DocumentKind:
        """The kind that somebody names in any letter case. `InvalidValue` for any other text."""
        found = _KINDS.get(text.strip().lower())
        if found is None:
            raise InvalidValue(field, text[:20], f"is not one of {', '.join(cls)}")
        return found

    @property
    def is_due_at_once(self) -> bool:
        """An invoice is owed from the day it is made; the others become due by being paid."""
        return self is DocumentKind.INVOICE


_KINDS: Final[Mapping[str, DocumentKind]] = {kind.value.lower(): kind for kind in DocumentKind}
_PREFIXES: Final = {DocumentKind.ORDER: "ORD", DocumentKind.PROFORMA: "PRO", DocumentKind.INVOICE: "INV"}


def document_id(kind: DocumentKind, number: int) -> str:
    """What merchants call the document, in the place of an invoice id."""
    return f"{_PREFIXES[kind]}-{number:08d}"


def line_balance(line_total: Decimal, paid_on_line: Decimal, balance: Decimal) -> Decimal:
    """What of a line is still to be paid: payments on the document as a whole may have paid it too."""
    return max(min(line_total - paid_on_line, balance), Decimal(0))
