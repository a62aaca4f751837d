"""Requests to records and records to responses, for one contract.

The codec owns every rule about the form of values; it knows nothing of HTTP, envelopes on the way in, authentication
or what a call means. A required parameter that is missing is no error here: the handlers decide.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import tzinfo
from typing import cast

from lxml import etree

from cashbox_service.contract import Contract
from cashbox_service.soap import records
from cashbox_service.soap.projection import Projection
from cashbox_service.soap.reader import CodecFault, InvalidArgument, Reader, Resolve
from cashbox_service.soap.record import Record
from cashbox_service.soap.writer import UnfitResponse, Writer

__all__ = ["Codec", "CodecFault", "InvalidArgument", "Resolve", "UnfitResponse"]

logger = logging.getLogger(__name__)


def _log_unknown(path: str) -> None:
    logger.debug("unknown element ignored: %s", path)


class Codec:
    """Reads and writes the messages of ``contract``; ``zone`` is the zone of the service.

    The records are those of the model, or of the contract itself where a ``projection`` stands between the two.

    One instance serves all threads: what it prepares on first use is the same whoever prepares it.
    """

    def __init__(
        self,
        contract: Contract,
        zone: tzinfo,
        on_unknown: Callable[[str], None] = _log_unknown,
        projection: Projection | None = None,
    ) -> None:
        self.contract = contract
        self.zone = zone
        self.projection = projection
        if projection is None:
            self._reader = Reader(contract, zone, on_unknown)
        else:
            self._reader = Reader(contract, zone, on_unknown, projection.types, projection.requests)
        self._writer = Writer(contract, zone)

    def read_request(
        self, service: str, operation: str, element: etree._Element, resolve: Resolve | None = None
    ) -> Record:
        """The record of the operation element. ``resolve`` finds the target of an ``href`` by its id.

        Raises KeyError for an operation the contract lacks, InvalidArgument for a value that is not of its type and
        CodecFault for references that lead nowhere or in a circle.
        """
        return self._reader.request(service, operation, element, resolve)

    def read_auth(
        self, service: str, operation: str, element: etree._Element, resolve: Resolve | None = None
    ) -> records.Authentication | None:
        """The credentials alone, for a request whose other parts cannot be read: who may not ask learns nothing."""
        request = self._reader.parts(service, operation, element, resolve, ("auth",))
        return cast("records.Authentication | None", getattr(request, "auth", None))

    def write_response(
        self, service: str, operation: str, response: Record, soap12: bool = False, failed: bool = False
    ) -> bytes:
        """The whole envelope with ``response`` in it.

        Required object parts may be absent when the call ``failed``; any other required value that is absent, and any
        value of a wrong type, raises UnfitResponse.
        """
        return self._writer.response(service, operation, response, soap12=soap12, failed=failed)
