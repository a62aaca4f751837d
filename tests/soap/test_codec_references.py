"""Encoded arrays, references within a request, and the bounds that keep a small request small."""

from __future__ import annotations

from typing import Any

import pytest

from cashbox_service.soap import reader
from cashbox_service.soap import records as r
from cashbox_service.soap.codec import CodecFault
from tests.soap.requests import CODEC, element, read, read_account

PAIRS = (r.NameValuePair(name="a", value="1"), r.NameValuePair(name="b", value="2"))
ITEMS = "<item><name>a</name><value>1</value></item><item><name>b</name><value>2</value></item>"


@pytest.mark.parametrize(
    "mark",
    [
        'soapenc:arrayType="vin:NameValuePair[2]"',
        'xsi:type="soapenc:Array"',
        'xsi:type="nowhere:Array"',
        'xmlns:enc="http://www.w3.org/2003/05/soap-encoding" enc:itemType="vin:NameValuePair" enc:arraySize="2"',
    ],
)
def test_encoded_arrays_are_unwrapped(mark: str) -> None:
    assert read_account(f"<nameValues {mark}>{ITEMS}</nameValues>") == r.Account(nameValues=PAIRS)
    assert read_account(f"<name>x</name><nameValues {mark}/>") == r.Account(name="x")


def test_encoded_arrays_may_hold_simple_values() -> None:
    parts = '<promotionCodeAliases xsi:type="soapenc:Array"><i>x</i><i xsi:nil="1"/><i>y</i></promotionCodeAliases>'
    request = read("Campaign", "createCampaign", f"<campaign>{parts}</campaign>")
    assert request.campaign.promotionCodeAliases == ("x", "y")


def with_references(parts: str, *targets: str) -> Any:
    """The account of a request whose multi-reference values stand beside it."""
    document = element("Account", "update", f"<account>{parts}</account>{''.join(targets)}")
    found = {each.get("id", ""): each for each in document.iter("multiRef")}
    request = CODEC.read_request("Account", "update", document, found.get)
    assert isinstance(request, r.AccountUpdateRequest)
    return request.account


def test_references_are_followed_to_objects_values_and_arrays() -> None:
    account = with_references(
        '<name href="#1"/><shippingAddress href="#2"/><nameValues href="#3"/><credit href="#5"/>',
        '<multiRef id="1" xsi:type="xsd:string">Ada</multiRef>',
        '<multiRef id="2"><city href="#1"/></multiRef>',
        f'<multiRef id="3" xsi:type="soapenc:Array">{ITEMS}<item href="#4"/></multiRef>',
        '<multiRef id="4"><name>c</name><value href="#1"/></multiRef>',
        '<multiRef id="5" xsi:nil="true"/>',
    )
    assert account == r.Account(
        name="Ada",
        shippingAddress=r.Address(city="Ada"),
        nameValues=[*PAIRS, r.NameValuePair(name="c", value="Ada")],
    )


def test_one_element_may_be_referred_to_twice() -> None:
    account = with_references(
        '<nameValues href="#1"/><nameValues href="#1"/>',
        '<multiRef id="1"><name>a</name><value>1</value></multiRef>',
    )
    assert account.nameValues == (PAIRS[0], PAIRS[0])


@pytest.mark.parametrize(
    ("parts", "targets", "reason"),
    [
        ('<name href="#gone"/>', (), "no element for the reference #gone"),
        ('<name href="http://example.com/x"/>', (), "no element for the reference http://example.com/x"),
        ('<name href=""/>', (), "no element for the reference"),
        ('<name href="#1"/>', ('<multiRef id="1" href="#1"/>',), "#1 leads in a circle"),
        (
            '<name href="#1"/>',
            ('<multiRef id="1" href="#2"/>', '<multiRef id="2" href="#1"/>'),
            "#1 leads in a circle",
        ),
        (
            '<entitlements href="#1"/>',
            (
                '<multiRef id="1"><account href="#2"/></multiRef>',
                '<multiRef id="2"><entitlements href="#1"/></multiRef>',
            ),
            "#1 leads in a circle",
        ),
        (
            '<nameValues href="#1"/>',
            ('<multiRef id="1" xsi:type="soapenc:Array"><item href="#1"/></multiRef>',),
            "#1 leads in a circle",
        ),
    ],
)
def test_references_that_lead_nowhere_or_in_a_circle_are_faults(
    parts: str, targets: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(CodecFault, match=reason):
        with_references(parts, *targets)


def test_a_reference_without_anything_to_resolve_it_is_a_fault() -> None:
    with pytest.raises(CodecFault, match="#1"):
        read_account('<name href="#1"/>')


def test_references_cannot_multiply_without_bound() -> None:
    """Ten references to ten references to ten …: a small document that would become a billion objects."""
    levels = 9
    targets = [
        f'<multiRef id="{level}" xsi:type="soapenc:Array">' + f'<i href="#{level + 1}"/>' * 10 + "</multiRef>"
        for level in range(levels)
    ]
    targets.append(f'<multiRef id="{levels}"><name>a</name><value>b</value></multiRef>')
    with pytest.raises(CodecFault, match="too many"):
        with_references('<nameValues href="#0"/>', *targets)


def test_one_long_text_cannot_be_referred_to_without_bound() -> None:
    target = f'<multiRef id="1">{"x" * 500_000}</multiRef>'
    with pytest.raises(CodecFault, match="too many"):
        with_references('<name href="#1"/>' * 20, target)


@pytest.mark.parametrize("depth", [reader.MAX_DEPTH, 200])
def test_objects_cannot_be_nested_without_end(depth: int) -> None:
    pair = ("<entitlements><account>", "</account></entitlements>")
    with pytest.raises(CodecFault, match="deep"):
        read_account(pair[0] * (depth // 2) + "<name>x</name>" + pair[1] * (depth // 2))


def test_arrays_cannot_be_nested_without_end() -> None:
    opening, closing = '<nameValues xsi:type="soapenc:Array">', "</nameValues>"
    with pytest.raises(CodecFault, match="deep"):
        read_account(opening * 100 + closing * 100)
