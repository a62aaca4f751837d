"""Addresses of mails as headers take them: one mailbox, perhaps with a name before it."""

from __future__ import annotations

from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses

from cashbox_service.domain.errors import InvalidValue

MAX_ADDRESS = 320


def mailbox(text: str) -> Address:
    """One mailbox, such as ``Shop <shop@example.com>``. Raises ValueError for anything else."""
    if len(text) > MAX_ADDRESS or not text.isprintable():
        raise ValueError
    found = getaddresses([text.strip()])
    if len(found) != 1:
        raise ValueError
    name, spec = found[0]
    if "@" not in spec or spec.startswith("@") or spec.endswith("@"):
        raise ValueError
    try:
        address = Address(display_name=name, addr_spec=spec)
    except (MessageError, ValueError, IndexError) as error:
        raise ValueError from error
    return address


def check(field: str, text: str) -> None:
    """Raises InvalidValue for what is not one mailbox."""
    try:
        mailbox(text)
    except ValueError:
        raise InvalidValue(field, text[:MAX_ADDRESS], "is not an e-mail address") from None
