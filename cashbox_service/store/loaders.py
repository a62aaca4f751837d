"""Rows made into entities that belong to no session, or into what looks like them (see ``store.direct``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Table, inspect
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import instance_state, manager_of_class, set_committed_value

from cashbox_service.store.base import Base

E = TypeVar("E", bound=Base)


class Shown(Generic[E]):
    """Makes of columns of a row what looks like an entity and is only ever read: it costs a third, and has no history.

    ``columns`` go into the select, `row` reads them from ``offset`` on.
    """

    def __init__(self, entity: type[E]) -> None:
        mapper = cast("Mapper[E]", inspect(entity))
        table = cast("Table", mapper.local_table)
        self.columns: tuple[ColumnElement[Any], ...] = tuple(table.c)
        self.width = len(self.columns)
        self._keys = tuple(mapper.get_property_by_column(column).key for column in table.c)
        self._key = next(index for index, column in enumerate(table.c) if column.primary_key)
        self._kind = _look_alike(entity, mapper)

    def row(self, row: Sequence[Any], offset: int = 0, **related: Any) -> E:
        """What the columns from ``offset`` on show, and what it is related to."""
        shown = self._kind()
        shown.__dict__.update(zip(self._keys, row[offset : offset + self.width], strict=True))
        shown.__dict__.update(related)
        return cast("E", shown)

    def row_if_any(self, row: Sequence[Any], offset: int) -> E | None:
        """The same; None where an outer join found nothing."""
        return None if row[offset + self._key] is None else self.row(row, offset)


def _look_alike(entity: type[Base], mapper: Mapper[Any]) -> type[Any]:
    """A class with the methods of an entity, whose columns and relationships are plain attributes."""
    members = {
        name: member
        for base in reversed(entity.__mro__)
        if base is not object and base is not Base and base not in Base.__mro__
        for name, member in vars(base).items()
        if not name.startswith("_") and name not in mapper.all_orm_descriptors
    }
    return type(entity.__name__, (), members)


class Loader(Generic[E]):
    """Makes entities of one class from columns of a row.

    ``columns`` go into the select, ``entity`` reads them from ``offset`` on. Attributes ``without``, or others than
    ``only``, are not read, and raise when they are asked for.
    """

    def __init__(
        self, entity: type[E], *, only: Collection[str] | None = None, without: Collection[str] = ()
    ) -> None:
        mapper = cast("Mapper[E]", inspect(entity))
        table = cast("Table", mapper.local_table)
        keys = {column: mapper.get_property_by_column(column).key for column in table.c}
        read = [
            column
            for column in table.c
            if column.primary_key or (keys[column] not in without and (only is None or keys[column] in only))
        ]
        self.columns: tuple[ColumnElement[Any], ...] = tuple(read)
        self.width = len(read)
        self._keys = tuple(mapper.get_property_by_column(column).key for column in read)
        self._primary = tuple(index for index, column in enumerate(read) if column.primary_key)
        self._entity = entity
        self._manager = manager_of_class(entity)
        self._collections = {related.key for related in mapper.relationships if related.uselist}

    def entity(self, row: Sequence[Any], offset: int = 0, **relationships: Any) -> E | None:
        """The entity whose columns begin at ``offset``; None where an outer join found nothing."""
        values = row[offset : offset + self.width]
        if values[self._primary[0]] is None:
            return None
        instance = self._manager.new_instance()
        state = instance_state(instance)
        state.key = (self._entity, tuple([values[index] for index in self._primary]), None)
        instance.__dict__.update(zip(self._keys, values, strict=True))
        return self.related(instance, **relationships) if relationships else instance

    def related(self, instance: E, **relationships: Any) -> E:
        """The entity, told what its relationships are."""
        state = instance.__dict__
        for name, related in relationships.items():
            if name in self._collections:
                set_committed_value(instance, name, related)
            else:
                state[name] = related  # it has no history that would have to be forgotten
        return instance

    def required(self, row: Sequence[Any], offset: int = 0, **relationships: Any) -> E:
        """Like ``entity`` where the row must hold one."""
        found = self.entity(row, offset, **relationships)
        assert found is not None
        return found


def all_columns(*loaders: Loader[Any]) -> Iterable[ColumnElement[Any]]:
    """The columns of several loaders, in order."""
    return [column for loader in loaders for column in loader.columns]
