"""Whether an error means that the store cannot be reached, which a caller may try again later."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def is_outage(error: Exception) -> bool:
    """The database is away, locked for too long, or has no connection left."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout)
