"""Requests that cannot be dispatched, as one tree, and the bytes that say so.

::

    RequestFault                    base: no Return object can be built for this request
    ├── Malformed                   not XML, no envelope, no operation, broken references          soap:Client
    │   └── TooLarge                more bytes, elements, levels or attributes than allowed (413)  soap:Client
    ├── WrongVersion                an envelope of a namespace that is not SOAP                    soap:VersionMismatch
    ├── NotUnderstood               a header entry that must be understood                         soap:MustUnderstand
    ├── UnknownService              no such service in this version, or no such version            soap:Client
    ├── UnknownOperation            the service has no such operation                              soap:Client
    └── ApplicationError            a crash before a Return object could be built                  soap:Server

A refusal of the business is never a fault. Texts, codes and HTTP states: conventions §3.4. Everything that comes from
a request passes through ``presentable`` before it is sent back.
"""

from __future__ import annotations

import re
from typing import ClassVar
from xml.sax.saxutils import escape

from cashbox_service.soap.shown import shown

ENVELOPE_11 = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"
CONTENT_TYPE_11 = "text/xml; charset=utf-8"
CONTENT_TYPE_12 = "application/soap+xml; charset=utf-8"

_CODES_12 = {"Client": "Sender", "Server": "Receiver"}
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class RequestFault(Exception):
    """The request cannot be dispatched."""

    code: ClassVar[str] = "Client"
    http_status: ClassVar[int] = 500

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.soap12 = False

    @property
    def text(self) -> str:
        return str(self.args[0])


class Malformed(RequestFault):
    """The body is not a SOAP request."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"Malformed request: {detail}")


class TooLarge(Malformed):
    """A limit on the request was exceeded."""

    http_status = 413


class WrongVersion(RequestFault):
    """The envelope is of another protocol."""

    code = "VersionMismatch"

    def __init__(self) -> None:
        super().__init__("Wrong SOAP version")


class NotUnderstood(RequestFault):
    """A header entry asks to be understood, and this service understands none."""

    code = "MustUnderstand"

    def __init__(self, name: str) -> None:
        super().__init__(f"Header not understood: {presentable(name)}")


class UnknownService(RequestFault):
    """No such service, or not in this version."""

    def __init__(self, service: str) -> None:
        super().__init__(f"Denied access to class ({presentable(service)})")


class UnknownOperation(RequestFault):
    """The service has no such operation."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            f"Denied access to method ({presentable(operation)}) in class ({presentable(service)})"
        )


class ApplicationError(RequestFault):
    """The service failed before it could build an answer."""

    code = "Server"

    def __init__(self) -> None:
        super().__init__("Application error")


def fault_bytes(fault: RequestFault) -> bytes:
    """The whole envelope of the fault, in the form of the SOAP version of the request."""
    body = _fault_12(fault) if fault.soap12 else _fault_11(fault)
    envelope = ENVELOPE_12 if fault.soap12 else ENVELOPE_11
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soap:Envelope xmlns:soap="{envelope}"><soap:Body>{body}</soap:Body></soap:Envelope>'
    ).encode()


def content_type(soap12: bool) -> str:
    return CONTENT_TYPE_12 if soap12 else CONTENT_TYPE_11


def presentable(text: str) -> str:
    """``text`` of a request fit to be sent back: no control characters, no card number, not long."""
    return shown(_UNPRINTABLE.sub("?", text))


def _fault_11(fault: RequestFault) -> str:
    return (
        f"<soap:Fault><faultcode>soap:{fault.code}</faultcode>"
        f"<faultstring>{escape(fault.text)}</faultstring></soap:Fault>"
    )


def _fault_12(fault: RequestFault) -> str:
    return (
        f"<soap:Fault><soap:Code><soap:Value>soap:{_CODES_12.get(fault.code, fault.code)}</soap:Value></soap:Code>"
        f'<soap:Reason><soap:Text xml:lang="en">{escape(fault.text)}</soap:Text></soap:Reason></soap:Fault>'
    )
