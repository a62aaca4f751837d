"""Addresses of mails as headers take them: one mailbox, perhaps with a name before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from email.headerregistry import Address

MAX_ADDRESS = 320


def mailbox(text: str) -> Address:
    """One mailbox, such as ``Shop <shop@example.com>``. Raises ValueError for anything else.

    The library that knows is imported for the first address: many a process never sees one.
    """
    from email.errors import MessageError
    from email.headerregistry import Address
    from email.utils import getaddresses

    found = getaddresses([text.strip()])
    if len(text) > MAX_ADDRESS or not text.isprintable() or len(found) != 1:
        raise ValueError(NO_ADDRESS)
    name, spec = found[0]
    if "@" not in spec or spec.startswith("@") or spec.endswith("@"):
        raise ValueError(NO_ADDRESS)
    try:
        return Address(display_name=name, addr_spec=spec)
    except (MessageError, ValueError, IndexError):
        raise ValueError(NO_ADDRESS) from None


def read_mailbox(given: Any) -> str:
    """A mailbox as a setting."""
    if not isinstance(given, str):
        raise ValueError(NO_ADDRESS)  # noqa: TRY004  readers raise ValueError for whatever is wrong
    mailbox(given)
    return given.strip()


NO_ADDRESS = "must be an e-mail address"
