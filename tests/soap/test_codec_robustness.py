"""Whatever well-formed XML says, reading it ends in a record or in a refusal of the codec."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cashbox_service.soap import records as r
from cashbox_service.soap.codec import Codec, CodecFault, InvalidArgument
from tests.soap import generated
from tests.soap.requests import CODEC, FACTS, PACIFIC, TYPES, element

XSI = "http://www.w3.org/2001/XMLSchema-instance"
FIELDS = sorted({field.name for each in FACTS.types.values() for field in each.fields})
OPERATIONS = list(generated.operations(FACTS))

ids = st.sampled_from(["a", "b", "c"])
attributes: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.builds(dict),
    st.fixed_dictionaries({f"{{{XSI}}}nil": st.sampled_from(["1", "true", "0", "x", ""])}),
    st.fixed_dictionaries(
        {f"{{{XSI}}}type": st.sampled_from(["soapenc:Array", "vin:Account", "x:y:z", ":"])}
    ),
    st.fixed_dictionaries({"href": ids.map("#{}".format) | st.sampled_from(["", "#", "#gone", "a"])}),
    st.fixed_dictionaries({"id": ids}),
)
texts = st.sampled_from(
    ["", " ", "1", "-1.5", "true", "2024-02-29T12:00:00Z", "9999-12-31", "Active", "1E999", "١"]
)
names = st.sampled_from(FIELDS) | st.sampled_from([f"{{{TYPES}}}account", "{urn:x}account", "vid", "item"])


def node(name: str, text: str, marks: dict[str, str], children: list[etree._Element]) -> etree._Element:
    made = etree.Element(name, marks)
    made.text = text
    made.extend(children)
    return made


def holding(children: st.SearchStrategy[etree._Element]) -> st.SearchStrategy[etree._Element]:
    return st.builds(node, names, texts, attributes, st.lists(children, max_size=4))


trees = st.recursive(st.builds(node, names, texts, attributes, st.just([])), holding, max_leaves=20)


@settings(max_examples=300)
@given(st.sampled_from(OPERATIONS), st.lists(trees, max_size=4))
def test_reading_ends_in_a_record_or_a_refusal(call: tuple[str, str], parts: list[etree._Element]) -> None:
    service, operation = call
    request = element(service, operation, "")
    for field in FACTS.operation(service, operation).request:
        request.append(node(field.name, "", {}, deepcopy(parts)) if parts else etree.Element(field.name))
    targets = {each.get("id", ""): each for each in request.iter() if each.get("id")}
    with suppress(InvalidArgument, CodecFault):
        record = CODEC.read_request(service, operation, request, targets.get)
        assert isinstance(record, r.REQUESTS[service, operation])


def test_a_new_codec_serves_many_threads_at_once() -> None:
    codec = Codec(FACTS, PACIFIC)
    response = generated.response(FACTS, "AutoBill", "makePayment")
    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(codec.write_response, "AutoBill", "makePayment", response) for _ in range(16)]
        assert {call.result() for call in calls} == {
            CODEC.write_response("AutoBill", "makePayment", response)
        }
