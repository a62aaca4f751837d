"""Names of objects for callers that do not know VIDs: serial numbers and given names (dialects §5).

A serial number is given when somebody first has to be told of the object, so that nothing is numbered that no dialect
ever shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from cashbox_service.app.context import Work
from cashbox_service.domain.errors import Duplicate
from cashbox_service.store.entities import PublicName


class NameKind(StrEnum):
    """What is named, and how."""

    CUSTOMER = "customer"
    """Accounts, by serial number: CustomerID, ClientID."""

    DOCUMENT = "document"
    """Invoices of any kind, by serial number: TransID, Invoice."""

    COLLECTION_ATTEMPT = "collection attempt"
    """Invoices, by GUID."""

    CHECKOUT = "checkout"
    """Invoices, by CheckoutId."""

    CHECKOUT_PAYMENT = "checkout payment"
    """Transactions, by CheckoutPmtId."""


MAX_DIGITS = 18


def prepare(work: Work, kind: NameKind, count: int = 1) -> None:
    """Have so many numbers at hand; to be called before the transaction that gives them out."""
    work.env.numbers.top_up(work.merchant.vid, kind.value, at_least=count)


def give(work: Work, kind: NameKind, vid: str, name: str) -> str:
    """Name an object inside the caller's write transaction. Raises Duplicate for a name in use."""
    if work.uow.naming.named(kind, name) is not None:
        raise Duplicate("name", name[:40])
    work.uow.naming.add(PublicName(kind=kind.value, name=name, vid=vid))
    work.uow.flush()
    return name


def number(work: Work, kind: NameKind, vid: str) -> str:
    """The object's serial number, a new one when it has none, inside the caller's write transaction (see `prepare`)."""
    known = work.uow.naming.name_of(kind, vid)
    if known is not None:
        return known
    name = str(work.env.numbers.next(work.merchant.vid, kind.value))
    work.uow.naming.add(PublicName(kind=kind.value, name=name, vid=vid))
    work.uow.flush()
    return name


def numbered(work: Work, kind: NameKind, number_: int) -> str | None:
    """The VID of the object with a serial number."""
    return find(work, kind, str(number_)) if 0 < number_ < 10**MAX_DIGITS else None


def find(work: Work, kind: NameKind, name: str) -> str | None:
    """The VID of a named object."""
    found = work.uow.naming.named(kind, name)
    return None if found is None else found.vid


def numbers(work: Work, kind: NameKind, vids: Sequence[str]) -> dict[str, str]:
    """The serial numbers of objects by VID; those that have none get one, in a write transaction of its own."""
    known = work.uow.naming.names_of(kind, vids)
    missing = [vid for vid in dict.fromkeys(vids) if vid not in known]
    if missing:
        prepare(work, kind, len(missing))
        with work.writing():
            known |= {vid: number(work, kind, vid) for vid in missing}
    return known
