"""Addresses: stand-alone, and as parts of accounts and payment methods."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.drafts import AddressDraft
from cashbox_service.domain.errors import AddressNotFound, InvalidValue, MissingField
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Address

MAX_NAME = 256
DEGREE_PLACES = 12
"""Decimals that are kept of a degree; clients that send fifty mean no more."""
_PARTS = tuple(field.name for field in fields(AddressDraft) if field.name != "vid")


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored address and whether this call created it."""

    address: Address
    created: bool


def update(work: Work, draft: AddressDraft | None) -> Stored:
    """Create an address, or change the one that the draft's VID names (account §10.1).

    Raises MissingField, AddressNotFound, InvalidValue.
    """
    if draft is None:
        raise MissingField("address")
    with work.writing():
        created = draft.vid is None
        address = put(work, draft, None)
        if not created and work.uow.events.has_listeners:
            for account_vid in work.uow.accounts.with_address(address.vid):
                work.uow.events.enqueue("accounts", "data change", account_vid, work.now)
        return Stored(address, created)


def fetch(work: Work, vid: str | None) -> Address:
    """The address. Raises MissingField when no VID is given, AddressNotFound when it names none."""
    if vid is None:
        raise MissingField("vid")
    address = work.uow.accounts.address(vid)
    if address is None:
        raise AddressNotFound("VID", vid)
    return address


def put(work: Work, draft: AddressDraft, owned: Address | None) -> Address:
    """Merge the draft into an address, inside the caller's transaction.

    A VID names the address to change; without one the owner's present address is merged field by field, or a new one
    is made (conventions §5.1). Raises AddressNotFound, InvalidValue.
    """
    _check(draft)
    address = owned
    if draft.vid is not None and (owned is None or owned.vid != draft.vid):
        address = work.uow.accounts.address(draft.vid)
        if address is None:
            raise AddressNotFound("VID", draft.vid)
    if address is None:
        address = work.uow.accounts.add(Address(vid=new_vid()))
    for name in _PARTS:
        value = getattr(draft, name)
        if isinstance(value, Decimal):
            setattr(address, name, _rounded(value))
        elif value is not None:
            setattr(address, name, value or None)
    return address


def _check(draft: AddressDraft) -> None:
    if draft.name is not None and len(draft.name) > MAX_NAME:
        raise InvalidValue("Address.name", draft.name[:40] + "…", f"is longer than {MAX_NAME} characters")
    _check_degrees("latitude", draft.latitude, 90)
    _check_degrees("longitude", draft.longitude, 180)


def _check_degrees(name: str, value: Decimal | None, limit: int) -> None:
    if value is not None and abs(value) > limit:
        raise InvalidValue(f"Address.{name}", value, f"is not between -{limit} and {limit} degrees")


def _rounded(degrees: Decimal) -> Decimal:
    return degrees if -int(degrees.as_tuple().exponent) <= DEGREE_PLACES else round(degrees, DEGREE_PLACES)
