"""From the records of one contract to those of another, field by field, as contracts and rows say.

Converters are compiled per type when they are first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from cashbox_service.contract import Contract, Field
from cashbox_service.soap.projection.fitting import Convert, conversion
from cashbox_service.soap.record import Record

Copy = Callable[[Any, Any, "Journey"], None]
"""Fills a new record of the target from one of the source."""

Spoken = Sequence[tuple[tuple[str, ...], Copy | None]]
"""The fields that rows speak of, and what each row does with them."""


class Journey:
    """One message on its way; what the functions of the rows are given (``rows.Passage``)."""

    __slots__ = ("_now", "_way", "zone")

    def __init__(self, way: Way, zone: tzinfo, now: Callable[[], datetime]) -> None:
        self._way = way
        self._now = now
        self.zone = zone

    @property
    def now(self) -> datetime:
        return self._now()

    def record(self, type_name: str, value: Any) -> Any:
        return None if value is None else self._way.record(type_name, value, self)

    def make(self, type_name: str, **fields: Any) -> Any:
        return self._way.classes[type_name](**fields)


class Way:
    """Records of ``source`` to those of ``target``, whose classes are ``classes``; ``patches`` come last."""

    def __init__(
        self,
        source: Contract,
        target: Contract,
        classes: Mapping[str, type[Record]],
        passing: frozenset[str],
        patches: Mapping[str, Spoken],
    ) -> None:
        self._source = source
        self._target = target
        self.classes = classes
        self.passing = passing
        self._patches = patches
        self._compiled: dict[str, Copy] = {}

    def record(self, name: str, value: Any, journey: Journey) -> Any:
        """The record of type ``name`` as the target has it."""
        if name in self.passing:
            return value
        copy = self._compiled.get(name)
        if copy is None:
            rows = self._patches.get(name, ())
            fields = self._source.types[name].fields, self._target.types[name].fields
            copy = self._compiled[name] = self.copier(*fields, rows)
        made = self.classes[name]()
        copy(value, made, journey)
        return made

    def copier(
        self,
        sources: Sequence[Field],
        targets: Sequence[Field],
        rows: Spoken,
    ) -> Copy:
        """Copies what both have, but for the fields that rows speak of, and then lets the rows speak."""
        spoken_for = {name for names, _ in rows for name in names}
        patches = [patch for _, patch in rows if patch is not None]
        by_name = {field.name: field for field in targets}
        copies: list[str] = []
        conversions: list[tuple[str, Convert]] = []
        for source in sources:
            target = by_name.get(source.name)
            if target is None or source.name in spoken_for:
                continue
            convert = conversion(source, target, self._source, self._target, self.passing)
            if convert is None:
                copies.append(source.attribute)
            else:
                conversions.append((source.attribute, convert))

        def copy(value: Any, made: Any, journey: Journey) -> None:
            for attribute in copies:
                setattr(made, attribute, getattr(value, attribute))
            for attribute, convert in conversions:
                given = getattr(value, attribute)
                if given is not None:
                    setattr(made, attribute, convert(given, journey))
            for patch in patches:
                patch(value, made, journey)

        return copy
