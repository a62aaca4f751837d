"""Calls of older versions without a server: what the handlers would be given, and what the client would get."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from cashbox_service.contract import versions
from cashbox_service.soap import records as r
from cashbox_service.soap.codec import Codec
from cashbox_service.soap.projection import Answering, Projection, projection_of
from cashbox_service.soap.record import Record
from cashbox_service.soap.versions import contract_of
from tests.soap import published

PACIFIC = ZoneInfo("America/Los_Angeles")
NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)


class Older:
    """One version that is a projection of the model."""

    def __init__(self, version: str) -> None:
        facts = contract_of(version)
        assert facts is not None
        found = projection_of(facts)
        assert found is not None
        self.facts = facts
        self.version = version
        self.projection: Projection = found
        self.codec = Codec(facts, PACIFIC, projection=found)

    def read(self, service: str, operation: str, parts: str) -> Record:
        """The request as this version has it."""
        namespace = self.facts.service_namespace(service)
        element = etree.fromstring(f'<tns:{operation} xmlns:tns="{namespace}">{parts}</tns:{operation}>')
        return self.codec.read_request(service, operation, element)

    def taken(self, service: str, operation: str, parts: str) -> Any:
        """The request that the handler gets."""
        older, key = self.read(service, operation, parts), (service, operation)
        return self.projection.request(key, self.projection.target(key, older), older, PACIFIC)

    def given(self, service: str, operation: str, response: Any, asked: str = "") -> etree._Element:
        """The answer that the client gets to the handler's ``response``, held against the published schema."""
        key = (service, operation)
        older = self.read(service, operation, asked)
        if response.return_ is None:
            response.return_ = r.Return(returnCode=200, returnString="OK")
        shown = self.projection.response(
            key,
            self.projection.target(key, older),
            response,
            older,
            Answering(PACIFIC, lambda: NOW, failed=False),
        )
        message = self.codec.write_response(service, operation, shown)
        if self.version in versions():
            return published.check(service, message, self.version)
        return etree.fromstring(message)[0][0]


def texts(element: etree._Element, path: str) -> list[str]:
    """The texts of all elements at the path."""
    return [found.text or "" for found in element.findall(path)]


def tree(element: etree._Element | None) -> Any:
    """Names and texts below an element; a list of pairs, since names repeat."""
    if element is None:
        return None
    return [(str(child.tag), tree(child) if len(child) else child.text) for child in element]
