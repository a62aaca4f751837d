"""The declarative base and the columns that most tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from cashbox_service.store.types import Moment

VID = String(40)
"""A CashBox identifier: 40 lowercase hexadecimal characters."""

ROW_ID = String(32)
"""A time-ordered identifier of an append-only row: 32 hexadecimal characters."""

KEY = String(255)
"""A merchant's own identifier (conventions §2.3: at most 255 characters)."""


_CONDITION = "where"


def index_where(condition: str, *columns: str, name: str | None = None, unique: bool = False) -> Index:
    """An index of the rows for which the condition holds: others cost it nothing."""
    where = text(condition)
    return Index(name, *columns, unique=unique, sqlite_where=where, info={_CONDITION: where})


KEPT_BY_KEY = {"sqlite_with_rowid": False}
"""For tables of short rows: SQLite keeps them in the tree of their key instead of in two trees."""


def index_where_set(*columns: str, unique: bool = False) -> Index:
    """An index of the rows in which the last of the columns is set: others, often most, cost it nothing."""
    return index_where(f"{columns[-1]} IS NOT NULL", *columns, unique=unique)


def complete_for_postgresql() -> None:
    """Give partial indexes their conditions there too, before tables are made or compared.

    Said when the tables are declared, it would load the dialect, which takes two megabytes that SQLite never needs.
    """
    for table in Base.metadata.tables.values():
        for index in table.indexes:
            if _CONDITION in index.info:
                index.dialect_kwargs["postgresql_where"] = index.info[_CONDITION]


def refers_to(column: str) -> ForeignKey:
    """A foreign key that is checked when the transaction commits.

    Rows of one transaction may then be written in any order: an aggregate need not know what else refers to it.
    """
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


class Base(DeclarativeBase):
    """All tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment()}


class OwnedByMerchant:
    """A row of one merchant; no query may read it without naming that merchant."""

    merchant_vid: Mapped[str] = mapped_column(VID, refers_to("merchants.vid"))


class Versioned:
    """An aggregate root with optimistic locking: a writer that read an older version is refused."""

    version: Mapped[int] = mapped_column()

    @declared_attr.directive
    def __mapper_args__(self) -> dict[str, Any]:
        return {"version_id_col": self.__table__.c.version}  # type: ignore[attr-defined]
