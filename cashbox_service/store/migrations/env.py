"""Run by alembic: migrations on the connection that :mod:`cashbox_service.store.schema` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from cashbox_service.store.entities import Base
from cashbox_service.store.types import Amount, Document, ExactDecimal, Moment


def _rendered(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Our column types by what the database sees of them."""
    if kind != "type":
        return False
    if isinstance(item, Moment):
        return "MOMENT"
    if isinstance(item, Document):
        return "DOCUMENT"
    if isinstance(item, Amount):
        return "sa.BigInteger()"
    if isinstance(item, ExactDecimal):
        return "sa.String(64)"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, render_as_batch=True, render_item=_rendered
)
with context.begin_transaction():
    context.run_migrations()
