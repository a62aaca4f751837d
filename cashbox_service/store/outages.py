"""What an error of the store means: whether a caller may try again later, and whether its transaction is lost."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def is_outage(error: Exception) -> bool:
    """The database is away, locked for too long, or has no connection left."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def is_of_the_store(error: Exception) -> bool:
    """Whether a statement failed: the transaction that it was part of is lost."""
    return isinstance(error, DBAPIError)
