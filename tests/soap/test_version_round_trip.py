"""Every operation of the older contracts both ways: zeep and the published schema here, the model's records there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cashbox_service import contract
from cashbox_service.contract import Contract, Field
from cashbox_service.soap import records
from cashbox_service.soap.codec import Codec
from cashbox_service.soap.dispatch import Dispatcher
from cashbox_service.soap.projection import Answering, Projection, model, projection_of
from cashbox_service.soap.record import Record
from cashbox_service.soap.registry import Registry
from tests.soap import generated, published
from tests.soap.echo import FakeApp

PACIFIC = ZoneInfo("America/Los_Angeles")
OLDER = [version for version in contract.versions() if version != records.VERSION]
SERVICES = [
    pytest.param(version, service, id=f"{version}-{service}")
    for version in OLDER
    for service in contract.load(version).services
]
NOW = datetime(2024, 3, 10, tzinfo=UTC)
PARTICULAR = {("AutoBill", "upgrade")}
"""Operations whose parameters are refused unless they make sense; tested with those that only older versions have."""


class Speaker:
    """One older contract as it is served."""

    def __init__(self, version: str) -> None:
        self.facts: Contract = contract.load(version)
        found = projection_of(self.facts)
        assert found is not None
        self.projection: Projection = found
        self.codec = Codec(self.facts, PACIFIC, projection=found)
        self.classes = generated.Classes(found.types, found.requests)
        self.dispatcher = Dispatcher(FakeApp(), self.codec, self.facts, Registry())

    def answer(self, service: str, operation: str, *, failed: bool = False) -> Record:
        """The fullest answer that the model has, as this contract shows it; on failure the emptiest."""
        key = (service, operation)
        target = self.projection.target(key)
        if target is None or failed:
            response = self.dispatcher.shape(key, target).make()
            response.return_ = records.Return(returnCode=400, returnString="No")  # type: ignore[attr-defined]
            if failed:
                self.dispatcher.shape(key, target).fill_required(response)
        else:
            response = generated.response(model(), *target)
        asked = generated.request(self.facts, service, operation, self.classes)
        return self.projection.response(key, target, response, asked, Answering(PACIFIC, lambda: NOW, failed))


def within(facts: Contract, fields: Sequence[Field], values: Any) -> Any:
    """The values that the contract has fields for: a record of the model may hold more, which is not written."""
    if isinstance(values, list):
        return [within(facts, fields, value) for value in values]
    if not isinstance(values, dict):
        return values
    by_name = {field.name: field for field in fields}
    return {
        name: within(facts, facts.types[by_name[name].type].fields, value)
        if by_name[name].type in facts.types
        else value
        for name, value in values.items()
        if name in by_name
    }


@cache
def speaker(version: str) -> Speaker:
    return Speaker(version)


@pytest.mark.parametrize(("version", "service"), SERVICES)
def test_full_requests_of_a_client_are_read_without_loss(version: str, service: str) -> None:
    line = speaker(version)
    for operation in line.facts.services[service].operations:
        request = generated.request(line.facts, service, operation, line.classes)
        message = published.zeep_request(service, operation, generated.plain(request), version)
        element = published.check(service, message, version)
        read = line.codec.read_request(service, operation, element)
        assert generated.leaves(read) == generated.leaves(request), operation


@pytest.mark.parametrize(("version", "service"), SERVICES)
def test_full_requests_become_requests_of_the_model(version: str, service: str) -> None:
    """What both contracts call by the same name arrives; the operations that only older ones have are tested apart."""
    line = speaker(version)
    for operation in line.facts.services[service].operations:
        request = generated.request(line.facts, service, operation, line.classes)
        key = (service, operation)
        target = line.projection.target(key)
        if target is None or key in PARTICULAR:
            continue
        taken = line.projection.request(key, target, request, PACIFIC)
        assert type(taken) is records.REQUESTS[target]
        sent, arrived = generated.leaves(request), generated.leaves(taken)
        same = [path for path in sent if path in arrived]
        assert {"auth.login", "auth.password", "auth.version"} <= set(same)
        assert {path: arrived[path] for path in same} == {path: sent[path] for path in same}


@pytest.mark.parametrize(("version", "service"), SERVICES)
def test_full_answers_are_valid_and_understood_by_a_client(version: str, service: str) -> None:
    line = speaker(version)
    for operation in line.facts.services[service].operations:
        response = line.answer(service, operation)
        message = line.codec.write_response(service, operation, response)
        published.check(service, message, version)
        understood = generated.leaves(published.zeep_answer(service, operation, message, version))
        parts = line.facts.operation(service, operation).response
        assert understood == generated.leaves(within(line.facts, parts, generated.plain(response))), operation


@pytest.mark.parametrize(("version", "service"), SERVICES)
def test_refusals_hold_to_the_schema_but_for_the_objects_they_lack(version: str, service: str) -> None:
    line = speaker(version)
    for operation in line.facts.services[service].operations:
        response = line.answer(service, operation, failed=True)
        message = line.codec.write_response(service, operation, response, failed=True)
        needed = [part for part in line.facts.operation(service, operation).response if part.required]
        if all(part.name == "return" or part.type not in line.facts.types for part in needed):
            published.check(service, message, version)
