"""Requests as pieces of XML, read by the codec of 22.0."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from cashbox_service import contract
from cashbox_service.soap import records as r
from cashbox_service.soap.codec import Codec

FACTS = contract.load("22.0")
PACIFIC = ZoneInfo("America/Los_Angeles")
CODEC = Codec(FACTS, PACIFIC)
TYPES = "http://soap.vindicia.com/v22_0/Vindicia"
PREFIXES = (
    f'xmlns:vin="{TYPES}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"'
)


def element(service: str, operation: str, parts: str) -> etree._Element:
    namespace = FACTS.service_namespace(service)
    return etree.fromstring(f'<tns:{operation} xmlns:tns="{namespace}" {PREFIXES}>{parts}</tns:{operation}>')


def read(service: str, operation: str, parts: str, codec: Codec = CODEC) -> Any:
    return codec.read_request(service, operation, element(service, operation, parts))


def read_account(parts: str) -> r.Account | None:
    request = read("Account", "update", f"<account>{parts}</account>")
    assert isinstance(request, r.AccountUpdateRequest)
    return request.account
