"""Values whose ``xsi:type`` says how they were written: text in base64, and the maps of Apache SOAP."""

from __future__ import annotations

import base64

import pytest

from cashbox_service.soap import reader
from cashbox_service.soap import records as r
from cashbox_service.soap.reader import InvalidArgument
from tests.soap.requests import CODEC, element, read, read_account

NAME = "Ádá Łovelace 東京 €"
APACHE = 'xmlns:apache="http://xml.apache.org/xml-soap"'


def in_base64(text: str, encoding: str = "utf-8") -> str:
    return base64.encodebytes(text.encode(encoding)).decode()


def as_map(**members: str) -> str:
    return "".join(f"<item><key>{key}</key><value>{value}</value></item>" for key, value in members.items())


@pytest.mark.parametrize("kind", ["xsd:base64Binary", "soapenc:base64", "soapenc:base64Binary"])
def test_text_that_is_declared_base64_is_decoded_as_soap_lite_sends_it(kind: str) -> None:
    sent = in_base64(NAME)
    assert read_account(
        f'<name xsi:type="{kind}">{sent}</name>'
        f'<nameValues><name>n</name><value xsi:type="{kind}">{sent}</value></nameValues>'
        f'<merchantAccountId xsi:type="{kind}">{in_base64(" Zoë ")}</merchantAccountId>'
    ) == r.Account(name=NAME, merchantAccountId="Zoë", nameValues=[r.NameValuePair(name="n", value=NAME)])


def test_octets_that_are_no_utf_8_are_latin_1() -> None:
    assert read_account(
        f'<name xsi:type="xsd:base64Binary">{in_base64("Köln", "latin-1")}</name>'
    ) == r.Account(name="Köln")


def test_text_that_is_declared_base64_and_is_none_is_taken_as_sent() -> None:
    assert read_account('<name xsi:type="xsd:base64Binary">Ada, no base64</name>') == r.Account(
        name="Ada, no base64"
    )


def test_text_without_the_declaration_is_never_decoded() -> None:
    assert read_account('<name xsi:type="xsd:string">QWRh</name>') == r.Account(name="QWRh")
    assert read_account("<name>QWRh</name>") == r.Account(name="QWRh")


def test_base64_cannot_bring_in_what_xml_forbids() -> None:
    with pytest.raises(InvalidArgument):
        read_account(f'<name xsi:type="xsd:base64Binary">{in_base64("a" + chr(0) + "b")}</name>')


def test_maps_are_objects() -> None:
    price = as_map(amount="9.90", currency="USD")
    names = f'<item xsi:type="apache:Map">{as_map(name="a", value="1")}</item>'
    members = (
        as_map(merchantAccountId="ada", name="Ada", colour="red")
        + '<item><key>shippingAddress</key><value xsi:type="apache:Map">'
        + as_map(city="Köln")
        + "</value></item>"
        + '<item><key>nameValues</key><value soapenc:arrayType="apache:Map[2]" xsi:type="soapenc:Array">'
        + names
        + names
        + "</value></item><item><key>bad name</key><value>1</value></item><item/><item><key/><value/></item>"
    )
    pair = r.NameValuePair(name="a", value="1")
    request = read("Account", "update", f'<account {APACHE} xsi:type="apache:Map">{members}</account>')
    assert request.account == r.Account(
        merchantAccountId="ada", name="Ada", shippingAddress=r.Address(city="Köln"), nameValues=[pair, pair]
    )
    request = read(
        "Product", "update", f'<product><prices xsi:type="x:Map" xmlns:x="x">{price}</prices></product>'
    )
    assert str(request.product.prices[0].amount) == "9.90"


def test_a_map_that_is_referred_to_twice_is_read_twice() -> None:
    document = element(
        "Account",
        "update",
        '<account><nameValues href="#1"/><nameValues href="#1"/></account>'
        f'<multiRef id="1" xsi:type="x:Map">{as_map(name="a", value="1")}</multiRef>',
    )
    targets = {each.get("id", ""): each for each in document.iter("multiRef")}
    request = CODEC.read_request("Account", "update", document, targets.get)
    assert isinstance(request, r.AccountUpdateRequest)
    assert request.account is not None
    assert request.account.nameValues == (r.NameValuePair(name="a", value="1"),) * 2


def test_the_depth_of_maps_has_an_end() -> None:
    with pytest.raises(reader.CodecFault):
        read("Product", "update", f'<product xsi:type="x:Map">{bundled(reader.MAX_DEPTH + 1)}</product>')


def bundled(depth: int) -> str:
    inner = as_map(merchantProductId="x")
    for _ in range(depth):
        inner = f'<item><key>bundledProducts</key><value xsi:type="x:Map">{inner}</value></item>'
    return inner
