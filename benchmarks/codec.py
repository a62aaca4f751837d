"""Reading and writing one AutoBill.makePayment in process: lxml alone, the service's codec, stock Spyne.

All three run in turn within every round, on the same bytes and the same leaves. Prints medians in
microseconds.

Run: ``python -m benchmarks.codec [--rounds 40] [--milliseconds 50]``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from lxml import etree

from benchmarks.figures import machine, median, table
from benchmarks.messages import (
    ANSWER_FILE,
    OPERATION,
    SCHEMA_INSTANCE,
    SERVICE,
    SOAP_ENVELOPE,
    VERSION,
    Part,
    assemble,
    contract_facts,
    leaves,
    read_answer,
    request_body,
)
from benchmarks.stock_spyne import StockService
from cashbox_service import contract
from cashbox_service.soap import records
from cashbox_service.soap.codec import Codec

FLOOR, OURS, STOCK = "lxml floor", "ours", "stock Spyne"
BODY = f"{{{SOAP_ENVELOPE}}}Body"
XSI_TYPE = f"{{{SCHEMA_INSTANCE}}}type"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


@dataclass(frozen=True, slots=True)
class Contender:
    """Reading alone, and one whole call: the request's bytes into objects, the answer's objects into bytes.

    Writing is the difference: Spyne cannot write twice from one context.
    """

    name: str
    read: Callable[[], object]
    call: Callable[[], bytes]


def lxml_floor(request: bytes, document: bytes) -> Contender:
    parts = read_answer(document)
    facts = contract_facts()
    answer = f"{{{facts['namespaces']['service'].format(Service=SERVICE)}}}{OPERATION}Response"
    prefixes = {"soap": SOAP_ENVELOPE, "xsi": SCHEMA_INSTANCE, "tns": etree.QName(answer).namespace}

    def read() -> object:
        return _walk(etree.fromstring(request, PARSER))

    def call() -> bytes:
        read()
        envelope = etree.Element(f"{{{SOAP_ENVELOPE}}}Envelope", nsmap=prefixes)
        _append(etree.SubElement(etree.SubElement(envelope, BODY), answer), parts)
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    return Contender(FLOOR, read, call)


def _walk(element: etree._Element) -> int:
    """Looks at the tag and text of every element, as any reader must."""
    seen = 0
    for child in element.iter():
        if child.tag and child.text:
            seen += 1
    return seen


def _append(parent: etree._Element, parts: Sequence[Part]) -> None:
    for part in parts:
        element = etree.SubElement(parent, part.name)
        element.set(XSI_TYPE, part.xsi_type)  # quicker than handing SubElement the attributes
        if part.parts:
            _append(element, part.parts)
        else:
            element.text = part.text


def ours(request: bytes, document: bytes) -> Contender:
    codec = Codec(contract.load(VERSION), ZoneInfo("America/Los_Angeles"))
    answer = response_record(document)

    def read() -> object:
        (body,) = etree.fromstring(request, PARSER)
        return codec.read_request(SERVICE, OPERATION, body[0])

    def call() -> bytes:
        read()
        return codec.write_response(SERVICE, OPERATION, answer)

    return Contender(OURS, read, call)


def response_record(document: bytes) -> records.AutoBillMakePaymentResponse:
    """The answer as records of the service."""
    facts = contract_facts()
    values = assemble(
        read_answer(document),
        facts["services"][SERVICE][OPERATION]["out"],
        facts["types"],
        lambda name: getattr(records, name)(),
    )
    return records.AutoBillMakePaymentResponse(
        return_=values["return"], transaction=values["transaction"], summary=values["summary"]
    )


def stock_spyne(request: bytes, document: bytes) -> Contender:
    stock = StockService(document)
    return Contender(STOCK, lambda: stock.read(request), lambda: stock.write(stock.read(request)))


def microseconds(step: Callable[[], object], milliseconds: float) -> float:
    """Mean time of ``step`` over about ``milliseconds``."""
    step()
    started = time.perf_counter()
    deadline = started + milliseconds / 1000
    calls = 0
    while time.perf_counter() < deadline:
        step()
        calls += 1
    return (time.perf_counter() - started) / calls * 1e6


Timing = tuple[float, float]
"""Microseconds of reading and of a whole call."""


def measure(contenders: Sequence[Contender], rounds: int, milliseconds: float) -> dict[str, list[Timing]]:
    """The timings of every round, by contender."""
    timings: dict[str, list[Timing]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            read = microseconds(contender.read, milliseconds)
            timings[contender.name].append((read, microseconds(contender.call, milliseconds)))
    return timings


def codec_table(timings: dict[str, list[Timing]], sizes: dict[str, int]) -> str:
    """Medians; a ratio is the median of the rounds' ratios, since a machine's speed may drift meanwhile."""
    rows = []
    for name, rounds in timings.items():
        read, call = median(read for read, _ in rounds), median(call for _, call in rounds)
        rows.append(
            [
                name,
                f"{read:.0f}",
                f"{call - read:.0f}",
                f"{call:.0f}",
                f"{_ratio(rounds, timings[FLOOR]):.2f}",
                f"{_ratio(timings[STOCK], rounds):.1f}",
                str(sizes[name]),
            ]
        )
    header = ["", "read µs", "write µs", "both µs", "x floor", "x faster than stock", "answer bytes"]
    return table(header, rows)


def _ratio(one: Sequence[Timing], other: Sequence[Timing]) -> float:
    return median(mine / theirs for (_, mine), (_, theirs) in zip(one, other, strict=True))


def main() -> None:
    options = argparse.ArgumentParser(description="Codec benchmark: lxml floor, ours, stock Spyne.")
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--milliseconds", type=float, default=50, help="per step and round")
    chosen = options.parse_args()
    request, document = request_body("bench-000001", "payment-00000001"), ANSWER_FILE.read_bytes()
    contenders = [build(request, document) for build in (lxml_floor, ours, stock_spyne)]
    answers = {contender.name: contender.call() for contender in contenders}
    counts = {name: len(list(leaves(read_answer(answer)))) for name, answer in answers.items()}
    if len(set(counts.values())) != 1:
        raise SystemExit(f"the answers carry different leaves: {counts}")
    timings = measure(contenders, chosen.rounds, chosen.milliseconds)
    print(f"{machine()}\nrequest {len(request)} bytes; answer {counts[OURS]} leaves\n")
    print(codec_table(timings, {name: len(answer) for name, answer in answers.items()}))
    print("\nbars: ours at most 3 x the floor, at least 8 x faster than stock Spyne")


if __name__ == "__main__":
    main()
