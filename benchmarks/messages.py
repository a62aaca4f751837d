"""The messages that benchmarks send: AutoBill.makePayment, with a full answer of it, and Transaction.authCapture.

The answer is kept in ``makepayment_response.xml``; programs that need it as objects (records of the
service, ComplexModel instances of Spyne, elements of lxml) build them from this file, so that all of them
carry the same leaves. Contract facts are read from the JSON file directly: nothing here depends on the
service's code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

VERSION = "22.0"
SERVICE = "AutoBill"
OPERATION = "makePayment"
ROOT = Path(__file__).resolve().parent.parent
ANSWER_FILE = ROOT / "benchmarks" / "makepayment_response.xml"

SOAP_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

AUTOBILL_SLOT = b"AUTOBILL"
PAYMENT_SLOT = b"PAYMENT"
"""Both are replaced in the request template; ids of a fixed width keep every request equally long."""

PAID = "1.25"
"""What one request pays."""

REQUEST_TEMPLATE = b"""<?xml version="1.0" encoding="UTF-8"?>\
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xmlns:tns="http://soap.vindicia.com/v22_0/AutoBill">\
<env:Body><tns:makePayment>\
<auth><login>sandbox</login><password>sandbox</password><version>22.0</version></auth>\
<srd></srd>\
<autobill><merchantAutoBillId>AUTOBILL</merchantAutoBillId></autobill>\
<paymentMethod><type>MerchantAcceptedPayment</type>\
<merchantAcceptedPayment><paymentType>Check</paymentType><paymentId>PAYMENT</paymentId>\
<note>Cheque taken at the counter</note></merchantAcceptedPayment>\
<accountHolderName>Ada Example</accountHolderName>\
<merchantPaymentMethodId>pm-PAYMENT</merchantPaymentMethodId><active>1</active></paymentMethod>\
<amount>1.25</amount><currency>USD</currency><invoiceId></invoiceId>\
<overageDisposition>applytoOldestInvoice</overageDisposition>\
<usePaymentMethodForFutureBilling>0</usePaymentMethodForFutureBilling>\
<note>Part payment at the counter</note>\
</tns:makePayment></env:Body></env:Envelope>"""


AUTH_CAPTURE_TEMPLATE = b"""<?xml version="1.0" encoding="UTF-8"?>\
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" \
xmlns:tns="http://soap.vindicia.com/v22_0/Transaction">\
<env:Body><tns:authCapture>\
<auth><login>sandbox</login><password>sandbox</password><version>22.0</version></auth>\
<srd></srd>\
<transaction><merchantTransactionId>PAYMENT</merchantTransactionId>\
<account><merchantAccountId>account-AUTOBILL</merchantAccountId></account>\
<currency>USD</currency>\
<sourcePaymentMethod><merchantPaymentMethodId>pm-AUTOBILL-0</merchantPaymentMethodId></sourcePaymentMethod>\
<transactionItems><sku>book</sku><name>Book</name><price>12.50</price><quantity>1</quantity>\
<taxClassification>TaxExempt</taxClassification></transactionItems>\
<note>Over the counter</note></transaction>\
<sendEmailNotification>0</sendEmailNotification><ignoreAvsPolicy>0</ignoreAvsPolicy>\
<ignoreCvnPolicy>0</ignoreCvnPolicy>\
</tns:authCapture></env:Body></env:Envelope>"""


@dataclass(frozen=True, slots=True)
class Call:
    """An operation that a server can be loaded with; ``success`` is part of every answer that is one."""

    service: str
    operation: str
    template: bytes
    success: bytes

    @property
    def soap_action(self) -> str:
        return f'"http://soap.vindicia.com/v22_0/{self.service}#{self.operation}"'

    def request(self, autobill_id: str, payment_id: str) -> bytes:
        """One request for the customer of an AutoBill; ``payment_id`` must be new for every call."""
        return request_body(autobill_id, payment_id, self.template)


CALLS = {
    call.operation: call
    for call in (
        Call(SERVICE, OPERATION, REQUEST_TEMPLATE, b">Success<"),
        Call("Transaction", "authCapture", AUTH_CAPTURE_TEMPLATE, b">Authorized<"),
    )
}


def request_body(autobill_id: str, payment_id: str, template: bytes = REQUEST_TEMPLATE) -> bytes:
    """One request; ``payment_id`` must be new for every call, as a merchant-accepted payment asks."""
    return template.replace(AUTOBILL_SLOT, autobill_id.encode()).replace(PAYMENT_SLOT, payment_id.encode())


@dataclass(frozen=True, slots=True)
class Part:
    """One element of an answer: a leaf with text, or an object with parts."""

    name: str
    xsi_type: str
    text: str
    parts: tuple[Part, ...]


def read_answer(document: bytes) -> tuple[Part, ...]:
    """The output parts (return, transaction, summary) of a response envelope."""
    body = etree.fromstring(document).find(f"{{{SOAP_ENVELOPE}}}Body")
    if body is None or len(body) != 1:
        raise ValueError("not a SOAP response")
    return tuple(_part(child) for child in body[0])


def _part(element: etree._Element) -> Part:
    return Part(
        name=etree.QName(element).localname,
        xsi_type=element.get(f"{{{SCHEMA_INSTANCE}}}type", ""),
        text=element.text or "",
        parts=tuple(_part(child) for child in element),
    )


def leaves(parts: Sequence[Part]) -> Iterator[Part]:
    for part in parts:
        if part.parts:
            yield from leaves(part.parts)
        else:
            yield part


def contract_facts(version: str = VERSION) -> dict[str, Any]:
    """The interface facts as plain JSON: ``types``, ``enums``, ``services``."""
    path = ROOT / "cashbox_service" / "contract" / f"{version}.json"
    facts: dict[str, Any] = json.loads(path.read_text())
    return facts


def base_type(reference: str) -> str:
    """``PaymentMethod*`` -> ``PaymentMethod``."""
    return reference.rstrip("?*+")


def is_repeated(reference: str) -> bool:
    return reference.endswith(("*", "+"))


def _boolean(text: str) -> bool:
    return text in ("1", "true")


LEXICAL: Mapping[str, Callable[[str], object]] = {
    "xsd:int": int,
    "xsd:integer": int,
    "xsd:decimal": Decimal,
    "xsd:boolean": _boolean,
    "xsd:dateTime": datetime.fromisoformat,
    "ReturnCode": int,
}
"""Python value of a leaf by schema type; every other type is text. Return codes are numbers by their base."""


def assemble(
    parts: Sequence[Part],
    fields: Mapping[str, str],
    types: Mapping[str, Mapping[str, str]],
    make: Callable[[str], Any],
) -> dict[str, Any]:
    """Values of an object by field name; nested objects are made by ``make(type name)`` and filled.

    ``fields`` and ``types`` are the contract's: field name -> type reference. A field the contract lacks is
    an error.
    """
    values: dict[str, Any] = {}
    for part in parts:
        reference = fields[part.name]
        value = _value(part, base_type(reference), types, make)
        if is_repeated(reference):
            values.setdefault(part.name, []).append(value)
        else:
            values[part.name] = value
    return values


def _value(part: Part, name: str, types: Mapping[str, Mapping[str, str]], make: Callable[[str], Any]) -> Any:
    if name not in types:
        return LEXICAL.get(name, str)(part.text)
    instance = make(name)
    for field, value in assemble(part.parts, types[name], types, make).items():
        setattr(instance, field, value)
    return instance
