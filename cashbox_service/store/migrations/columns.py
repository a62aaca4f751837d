"""Column types as migrations name them: what the database sees, independent of today's entities."""

from __future__ import annotations

from sqlalchemy import JSON, DateTime
from sqlalchemy.dialects.postgresql import JSONB

MOMENT = DateTime().with_variant(DateTime(timezone=True), "postgresql")
DOCUMENT = JSON().with_variant(JSONB(), "postgresql")
