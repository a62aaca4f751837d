"""The messages of an older contract as those of the model, and back.

The handlers speak the records of one contract, the model. A call of a version whose contract is another one is read
into records of that contract; ``request`` makes the model's of them, and ``response`` makes the older answer of the
handler's. What is the same in both is not touched: its records are the model's from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

from cashbox_service.contract import Contract
from cashbox_service.soap import records
from cashbox_service.soap.projection.fitting import passing_fields, passing_types
from cashbox_service.soap.projection.rows import Key, OperationRow, TypeRow
from cashbox_service.soap.projection.ways import Copy, Journey, Spoken, Way
from cashbox_service.soap.record import Record
from cashbox_service.soap.record_classes import RecordClasses, request_name, response_name
from cashbox_service.soap.registry import Handler
from cashbox_service.soap.shapes import ResponseShape, response_shape

K = TypeVar("K")


class Answering(NamedTuple):
    """What an answer is written for: the zone of its moments, the time of the call, and whether the call failed."""

    zone: tzinfo
    now: Callable[[], datetime]
    failed: bool


class Projection:
    """The messages of ``contract`` as the model's. Safe to use from several threads.

    ``types`` and ``requests`` are the classes that requests are read into.
    """

    def __init__(
        self,
        contract: Contract,
        model: Contract,
        type_rows: Iterable[TypeRow],
        operation_rows: Iterable[OperationRow],
    ) -> None:
        self._contract = contract
        self._model = model
        rows = [row for row in type_rows if row.applies(contract, model)]
        self._operations = {row.key: row for row in operation_rows if row.applies(contract, model)}
        self._classes = RecordClasses(lambda: contract, f"{__name__} of {contract.version}")
        self._passing = passing_types(contract, model, [row.type for row in rows])
        self.types: Mapping[str, type[Record]] = _OnDemand(self._type_class, contract.types)
        self.requests: Mapping[Key, type[Record]] = _OnDemand(self._request_class, _keys(contract))
        taken, given = (_spoken(rows, way) for way in ("takes", "gives"))
        self._up = Way(contract, model, records.TYPES, self._passing, taken)
        self._down = Way(model, contract, self.types, self._passing, given)
        self._taking: dict[Key, Copy | None] = {}
        self._giving: dict[Key, Copy | None] = {}
        self._shapes: dict[Key, ResponseShape] = {}

    def target(self, key: Key, request: Record | None = None) -> Key | None:
        """The model's operation that answers; None when the request is answered without one."""
        row = self._operations.get(key)
        if row is None:
            return key
        if row.answers is not None:
            return None
        if row.route is not None and request is not None:
            return row.route(request)
        return row.target or key

    def handler(self, key: Key) -> Handler:
        """What answers a request that no operation of the model answers."""
        answers = self._operations[key].answers
        make = self._response_class(key)

        def answer(_call: Any, request: Any) -> Record:
            if answers is not None:
                answers(request)
            return make()

        return answer

    def request(self, key: Key, target: Key | None, request: Record, zone: tzinfo) -> Record:
        """The model's request."""
        if target is None:
            return request
        if key not in self._taking:
            self._taking[key] = self._taker(key)
        copy = self._taking[key]
        if copy is None:
            return request
        made = records.REQUESTS[target]()
        copy(request, made, Journey(self._up, zone, _untimed))
        return made

    def response(
        self, key: Key, target: Key | None, response: Record, request: Record | None, answering: Answering
    ) -> Record:
        """The answer in the older contract's form; ``request`` is the older one, None when it could not be read."""
        made = response if target is None else self._given(key, target, response, request, answering)
        if answering.failed:
            self.shape(key).fill_required(made)
        return made

    def shown(self, type_name: str, record: Record, zone: tzinfo, now: Callable[[], datetime]) -> Record:
        """An object of the model by itself, as the older contract has it."""
        shown: Record = self._down.record(type_name, record, Journey(self._down, zone, now))
        return shown

    def shape(self, key: Key) -> ResponseShape:
        """What the older answer consists of."""
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = response_shape(self._contract, *key, self._response_class(key))
        return shape

    def _given(
        self, key: Key, target: Key, response: Record, request: Record | None, answering: Answering
    ) -> Record:
        if key not in self._giving:
            self._giving[key] = self._giver(key, target)
        copy = self._giving[key]
        if copy is None:
            return response
        made = self._response_class(key)()
        journey = Journey(self._down, answering.zone, answering.now)
        copy(response, made, journey)
        row = self._operations.get(key)
        if row is not None and row.gives is not None:
            row.gives(response, made, journey, request)
        return made

    def _taker(self, key: Key) -> Copy | None:
        """None when the request is the model's already."""
        if self._request_passes(key):
            return None
        row = self._operations.get(key)
        target = (row.target if row is not None else None) or key
        fields = self._contract.operation(*key).request, self._model.operation(*target).request
        return self._up.copier(*fields, [] if row is None else [(row.fields, row.takes)])

    def _giver(self, key: Key, target: Key) -> Copy | None:
        """None when the model's answer can be written as it is."""
        row = self._operations.get(key)
        ours, theirs = self._model.operation(*target).response, self._contract.operation(*key).response
        if row is None and passing_fields(theirs, ours, self._contract, self._model, self._passing):
            return None
        return self._down.copier(ours, theirs, [] if row is None else [(row.fields, None)])

    def _request_passes(self, key: Key) -> bool:
        if key in self._operations:
            return False
        theirs, ours = self._contract.operation(*key).request, self._model.operation(*key).request
        return passing_fields(theirs, ours, self._contract, self._model, self._passing)

    def _type_class(self, name: str) -> type[Record] | None:
        return records.TYPES[name] if name in self._passing else self._classes.find(name)

    def _request_class(self, key: Key) -> type[Record] | None:
        return records.REQUESTS[key] if self._request_passes(key) else self._classes.find(request_name(*key))

    def _response_class(self, key: Key) -> type[Record]:
        found = self._classes.find(response_name(*key))
        if found is None:
            raise KeyError(key)
        return found


class _OnDemand(Mapping[K, type[Record]], Generic[K]):
    """Classes by key, each found when it is looked up."""

    def __init__(self, find: Callable[[K], type[Record] | None], keys: Iterable[K]) -> None:
        self._find = find
        self._keys = keys

    def __getitem__(self, key: K) -> type[Record]:
        found = self._find(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(list(self._keys))


def _keys(contract: Contract) -> list[Key]:
    return [(service.name, name) for service in contract.services.values() for name in service.operations]


def _spoken(rows: Sequence[TypeRow], way: str) -> Mapping[str, Spoken]:
    found: dict[str, list[tuple[tuple[str, ...], Copy | None]]] = {}
    for row in rows:
        found.setdefault(row.type, []).append((row.fields, getattr(row, way)))
    return found


def _untimed() -> NoReturn:
    raise RuntimeError("requests are read without regard to the time")
