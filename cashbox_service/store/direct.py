"""Entities read and written with Core statements, for the few paths where the ORM's own bookkeeping costs too much.

:mod:`~cashbox_service.store.loaders` turns rows of module-level statements into ordinary entities that belong to no
session: attributes can be read and set, relationships are what the loader was told, and one that was not raises instead
of querying. :class:`Batch` writes new entities table by table, and changes of loaded ones with their version checked.
Callers cannot tell such entities from others. :class:`Query` and :class:`Batch` hand the driver statements that were
compiled once: what the toolkit does per statement costs more than SQLite's own work. Measured: benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Dialect,
    Select,
    Table,
    bindparam,
    insert,
    inspect,
    update,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import instance_state, manager_of_class, set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from cashbox_service.store.base import Base
from cashbox_service.store.connections import Connections, Direct
from cashbox_service.store.engine import insert_unless_there
from cashbox_service.store.row_code import row_reader, row_writer
from cashbox_service.store.types import bind_converter, result_converter

E = TypeVar("E", bound=Base)


def fresh(kind: type[E], /, *, related: Mapping[str, Any] | None = None, **columns: Any) -> E:
    """A new entity of which every set column is given by value: no attribute events, no history, a tenth of the time.

    ``related`` are relationships that the foreign keys among the columns stand for already; lists among them are plain
    ones until the entity is `tracked`.
    """
    instance = manager_of_class(kind).new_instance()
    state = instance.__dict__
    state.update(columns)
    if related is not None:
        state.update(related)
    return instance


def tracked(entity: E) -> E:
    """The entity as a session wants it: its plain lists become collections that the ORM keeps watch on."""
    state = entity.__dict__
    for name in _collections(type(entity)):
        if type(state.get(name)) is list:
            set_committed_value(entity, name, state[name])
    return entity


class Query:
    """A select that is compiled once per kind of database and then handed to the driver as it is.

    Parameters are those of its ``bindparam`` names (no lists: their number would not be known); rows come back as lists
    of converted values.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._prepared: dict[str, _Prepared] = {}

    def rows(self, direct: Direct, **parameters: Any) -> list[list[Any]]:
        """All rows of the answer."""
        return self._prepared_for(direct.dialect).fetch(direct.cursor(), parameters)

    def rows_outside(self, connections: Connections, **parameters: Any) -> list[list[Any]]:
        """All rows, read on a connection of its own outside of any transaction."""
        with connections.outside() as direct:
            return self.rows(direct, **parameters)

    def _prepared_for(self, dialect: Dialect) -> _Prepared:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._prepared[dialect.name] = _Prepared(self._statement, dialect)
        return prepared


class _Prepared:
    """A select as the driver of one kind of database takes it."""

    def __init__(self, statement: Select[*tuple[Any, ...]], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._positional = bool(compiled.positional)
        names = compiled.positiontup if compiled.positional else list(compiled.binds)
        self._parameters = [
            (name, compiled.binds[name].value, bind_converter(compiled.binds[name].type, dialect))
            for name in names or ()
        ]
        self._converted = row_reader(
            [result_converter(column.type, dialect) for column in statement.selected_columns]
        )

    def fetch(self, cursor: DBAPICursor, given: dict[str, Any]) -> list[list[Any]]:
        values = []
        for name, constant, convert in self._parameters:
            value = given.get(name, constant)
            values.append(value if value is None or convert is None else convert(value))
        try:
            if self._positional:
                cursor.execute(self._sql, values)
            else:
                names = [parameter[0] for parameter in self._parameters]
                cursor.execute(self._sql, dict(zip(names, values, strict=True)))
            found = cursor.fetchall()
        finally:
            cursor.close()
        return list(map(self._converted, found))


class YieldingInsert:
    """Inserts one row unless its key is taken: the statement as the driver takes it, compiled once."""

    def __init__(self, entity: type[Base]) -> None:
        self._entity = entity
        self._prepared: dict[str, tuple[str, list[tuple[str, Any]], bool]] = {}

    def run(self, cursor: DBAPICursor, dialect: Dialect, **values: Any) -> bool:
        """Whether the row was inserted."""
        if dialect.name not in self._prepared:
            self._prepared[dialect.name] = self._compiled(dialect)
        sql, converters, positional = self._prepared[dialect.name]
        row = {
            name: values[name] if convert is None else convert(values[name]) for name, convert in converters
        }
        cursor.execute(sql, list(row.values()) if positional else row)
        return cursor.rowcount == 1

    def _compiled(self, dialect: Dialect) -> tuple[str, list[tuple[str, Any]], bool]:
        columns = cast("Table", inspect(self._entity).local_table).c
        statement = insert_unless_there(self._entity, on_sqlite=dialect.name == "sqlite")
        compiled = statement.values({column.name: bindparam(column.name) for column in columns}).compile(
            dialect=dialect
        )
        names = compiled.positiontup if compiled.positional else [column.name for column in columns]
        converters = [(name, bind_converter(columns[name].type, dialect)) for name in names or ()]
        return str(compiled), converters, bool(compiled.positional)


class Batch:
    """New entities and changed ones, written together with as few statements as there are tables.

    Foreign keys are checked at commit, so the order of tables does not matter.
    """

    def __init__(self, *, watches: bool = False) -> None:
        """``watches``: somebody looks for changed entities before every writing, and nobody has to tell of them."""
        self.watches = watches
        self._new: dict[type[Base], list[Base]] = {}
        self._changed: list[Base] = []

    def add(self, entity: Base) -> None:
        """Write a new row; its defaults are set at once."""
        state = entity.__dict__
        for attribute, default in _defaults(type(entity)):
            if state.get(attribute) is None:
                state[attribute] = default() if callable(default) else default
        self._new.setdefault(type(entity), []).append(entity)

    def change(self, entity: Base) -> None:
        """Write the entity's changed columns; its version must still be the one it was read with."""
        if not any(entity is one for one in self._changed):
            self._changed.append(entity)

    def change_if_needed(self, entity: Base) -> None:
        """The same for an entity that may not have been changed; to be called right before a writing."""
        if instance_state(entity).committed_state:
            self._changed.append(entity)

    @property
    def is_empty(self) -> bool:
        return not self._new and not self._changed

    def write(self, direct: Direct) -> None:
        """Write everything. Raises StaleDataError when a changed entity is no longer as it was read."""
        cursor, dialect = direct.cursor(), direct.dialect
        try:
            for kind, entities in self._new.items():
                _writer(kind, dialect).insert(cursor, entities)
        except dialect.loaded_dbapi.IntegrityError as error:
            raise IntegrityError(None, None, error) from error
        else:
            _write_changes(cursor, dialect, self._changed)
            self._settle()
        finally:
            cursor.close()
        self._new.clear()
        self._changed.clear()

    def _settle(self) -> None:
        """What is new stands in its table now: a change from here on is a change of its row."""
        for entities in self._new.values():
            for entity in entities:
                instance_state(entity).committed_state.clear()


class _Writer:
    """Inserts entities of one class: the statement as the driver takes it, values in its order."""

    def __init__(self, kind: type[Base], dialect: Dialect) -> None:
        mapper = inspect(kind)
        table = cast("Table", mapper.local_table)
        compiled = insert(table).values({c.name: bindparam(c.name) for c in table.c}).compile(dialect=dialect)
        self._sql = str(compiled)
        names = cast("list[str]", compiled.positiontup) if compiled.positional else [c.name for c in table.c]
        self._named = not compiled.positional
        version = mapper.version_id_col
        self._version = mapper.get_property_by_column(version).key if version is not None else None
        self._names = names
        attributes = [mapper.get_property_by_column(table.c[name]).key for name in names]
        self._row_of = row_writer(attributes, [bind_converter(table.c[name].type, dialect) for name in names])
        quoted = dialect.identifier_preparer.quote
        columns = ", ".join(quoted(name) for name in names)
        self._copy = f"COPY {quoted(table.name)} ({columns}) FROM STDIN"

    def insert(self, cursor: DBAPICursor, entities: Sequence[Base]) -> None:
        """All of them; to PostgreSQL by COPY, since its driver would else send a statement for each."""
        rows = map(self._values, entities)
        if not self._named:
            cursor.executemany(self._sql, list(rows))
        elif len(entities) == 1:
            cursor.execute(self._sql, dict(zip(self._names, next(rows), strict=True)))
        else:
            with cast("Any", cursor).copy(self._copy) as copy:
                for row in rows:
                    copy.write_row(row)

    def _values(self, entity: Base) -> list[Any]:
        """The row as the driver takes it."""
        state = entity.__dict__
        if self._version is not None and state.get(self._version) is None:
            state[self._version] = 1
        return self._row_of(state)


class _Updater:
    """Changes some columns of entities of one class: the statement as the driver takes it, and its values."""

    def __init__(self, kind: type[Base], names: tuple[str, ...], dialect: Dialect) -> None:
        mapper = inspect(kind)
        table = cast("Table", mapper.local_table)
        columns = [mapper.columns[name] for name in names]
        keys = list(table.primary_key)
        self.is_versioned = mapper.version_id_col is not None
        statement = (
            update(table)
            .where(*(column == bindparam(f"key_{column.name}") for column in keys))
            .values({column.name: bindparam(f"new_{column.name}") for column in columns})
        )
        if self.is_versioned:
            statement = statement.where(table.c.version == bindparam("read_version")).values(
                version=bindparam("next_version")
            )
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        attributes = {f"new_{column.name}": name for column, name in zip(columns, names, strict=True)}
        attributes |= {f"key_{column.name}": mapper.get_property_by_column(column).key for column in keys}
        attributes |= {"read_version": "version", "next_version": "version"}
        self._named = not compiled.positional
        self._names = list(compiled.binds) if self._named else cast("list[str]", compiled.positiontup)
        converters = [
            _next if name == "next_version" else bind_converter(compiled.binds[name].type, dialect)
            for name in self._names
        ]
        self._row_of = row_writer([attributes[name] for name in self._names], converters)

    def values(self, entity: Base) -> Any:
        """The parameters as the driver takes them."""
        row = self._row_of(entity.__dict__)
        return dict(zip(self._names, row, strict=True)) if self._named else row


def _next(version: int) -> int:
    return version + 1


def _default(column: Any) -> Any:
    """The column's default as a value or a function without arguments."""
    if column.default is None:
        return None
    argument = column.default.arg
    return (lambda: argument(None)) if callable(argument) else argument


_WRITERS: dict[tuple[type[Base], str], _Writer] = {}
_UPDATERS: dict[tuple[type[Base], tuple[str, ...], str], _Updater] = {}


def _writer(kind: type[Base], dialect: Dialect) -> _Writer:
    writer = _WRITERS.get((kind, dialect.name))
    if writer is None:
        writer = _WRITERS[kind, dialect.name] = _Writer(kind, dialect)
    return writer


def _write_changes(cursor: DBAPICursor, dialect: Dialect, entities: Sequence[Base]) -> None:
    """Write the columns whose value is another one than was read: an index of the others is left alone."""
    alike: dict[tuple[type[Base], tuple[str, ...]], list[Base]] = {}
    for entity in entities:
        state, columns = instance_state(entity), _column_keys(type(entity))
        now, read = state.dict, state.committed_state
        names = tuple(sorted(name for name, old in read.items() if name in columns and now[name] != old))
        read.clear()
        if names:
            alike.setdefault((type(entity), names), []).append(entity)
    for (kind, names), changed in alike.items():
        updater = _updater(kind, names, dialect)
        rows = [updater.values(entity) for entity in changed]
        if len(rows) == 1:
            cursor.execute(updater.sql, rows[0])
        else:
            cursor.executemany(updater.sql, rows)
        if cursor.rowcount != len(rows):
            raise StaleDataError(f"{kind.__name__} was changed by someone else")
        if updater.is_versioned:
            for entity in changed:
                entity.__dict__["version"] += 1


def _updater(kind: type[Base], names: tuple[str, ...], dialect: Dialect) -> _Updater:
    key = (kind, names, dialect.name)
    updater = _UPDATERS.get(key)
    if updater is None:
        updater = _UPDATERS[key] = _Updater(kind, names, dialect)
    return updater


@cache
def _column_keys(kind: type[Base]) -> frozenset[str]:
    """The attributes of a class that are columns."""
    return frozenset(attribute.key for attribute in inspect(kind).column_attrs)


@cache
def _collections(kind: type[Base]) -> tuple[str, ...]:
    """The relationships of a class to many."""
    return tuple(related.key for related in inspect(kind).relationships if related.uselist)


@cache
def _defaults(kind: type[Base]) -> tuple[tuple[str, Any], ...]:
    """The attributes of a class that have defaults, with them."""
    mapper = inspect(kind)
    table = cast("Table", mapper.local_table)
    given = ((mapper.get_property_by_column(column).key, _default(column)) for column in table.c)
    return tuple((attribute, default) for attribute, default in given if default is not None)
