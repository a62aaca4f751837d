"""The exact bytes of responses, and what is refused to be sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from cashbox_service import contract
from cashbox_service.soap import records as r
from cashbox_service.soap.codec import Codec, UnfitResponse
from tests.soap import published
from tests.soap.requests import CODEC, FACTS, PACIFIC

OK = r.Return(returnCode=200, returnString="OK", soapId="7005b41f54317c6bc84f30b0a9c557206433c073")
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soap:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:vin="http://soap.vindicia.com/v22_0/Vindicia"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'
    ' xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
)
RETURN = (
    '<return xmlns="" xsi:type="vin:Return"><returnCode xsi:type="vin:ReturnCode">200</returnCode>'
    '<returnString xsi:type="xsd:string">OK</returnString>'
    '<soapId xsi:type="xsd:string">7005b41f54317c6bc84f30b0a9c557206433c073</soapId></return>'
)


def test_a_response_has_exactly_the_bytes_of_the_original() -> None:
    response = r.AccountUpdateResponse(
        return_=OK,
        account=r.Account(
            VID="v1",
            name="Ada & <Bob>",
            warnBeforeAutobilling=False,
            emailTypePreference="html",
            nameValues=[r.NameValuePair(name="n", value="")],
        ),
        created=True,
    )
    assert CODEC.write_response("Account", "update", response).decode() == (
        f'{HEAD}<updateResponse xmlns="http://soap.vindicia.com/v22_0/Account">{RETURN}'
        '<account xmlns="" xsi:type="vin:Account"><VID xmlns="" xsi:type="xsd:string">v1</VID>'
        '<emailTypePreference xmlns="" xsi:type="vin:EmailPreference">html</emailTypePreference>'
        '<warnBeforeAutobilling xmlns="" xsi:type="xsd:boolean">0</warnBeforeAutobilling>'
        '<name xmlns="" xsi:type="xsd:string">Ada &amp; &lt;Bob&gt;</name>'
        '<nameValues xmlns="" xsi:type="vin:NameValuePair"><name xmlns="" xsi:type="xsd:string">n</name>'
        '<value xmlns="" xsi:type="xsd:string"></value></nameValues></account>'
        '<created xmlns="" xsi:type="xsd:boolean">1</created></updateResponse></soap:Body></soap:Envelope>'
    )


def test_the_namespace_follows_the_service_and_soap_12_has_its_own_envelope() -> None:
    response = r.ProductFetchAllResponse(return_=OK)
    message = CODEC.write_response("Product", "fetchAll", response, soap12=True)
    root = etree.fromstring(message)
    assert root.tag == "{http://www.w3.org/2003/05/soap-envelope}Envelope"
    assert published.attributes(root) == {}
    assert root.prefix == "soap"
    assert root[0][0].tag == "{http://soap.vindicia.com/v22_0/Product}fetchAllResponse"


def test_a_return_code_outside_the_list_is_sent() -> None:
    response = r.AccountFetchByVidResponse(return_=r.Return(returnCode=228))
    assert b">228</returnCode>" in CODEC.write_response("Account", "fetchByVid", response)


def test_a_failed_call_goes_without_required_objects_but_not_without_scalars() -> None:
    failure = r.Return(returnCode=404, returnString="")
    family = r.AccountFetchFamilyResponse(return_=failure)
    published.check(
        "Account",
        CODEC.write_response(
            "Account", "update", r.AccountUpdateResponse(return_=failure, created=False), failed=True
        ),
    )
    assert b"<parent" not in CODEC.write_response("Account", "fetchFamily", family, failed=True)
    with pytest.raises(UnfitResponse, match="created is required"):
        CODEC.write_response("Account", "update", r.AccountUpdateResponse(return_=failure), failed=True)


def fetched(**values: Any) -> r.AccountFetchByVidResponse:
    return r.AccountFetchByVidResponse(return_=OK, account=r.Account(**values))


OFF_COURSE = r.Address(latitude=1.5)  # type: ignore[arg-type]  # a float where only exact numbers are allowed


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (
            lambda: CODEC.write_response("Account", "fetchFamily", r.AccountFetchFamilyResponse(return_=OK)),
            r"Account\.fetchFamily: fetchFamilyResponse\.parent is required and absent",
        ),
        (
            lambda: CODEC.write_response("Account", "fetchByVid", r.AccountFetchByVidResponse(), failed=True),
            r"fetchByVidResponse\.return is required and absent",
        ),
        (
            lambda: CODEC.write_response(
                "Account", "fetchByVid", fetched(nameValues=[r.NameValuePair(name="n")])
            ),
            r"NameValuePair\.value is required and absent",
        ),
        (
            lambda: CODEC.write_response("Account", "fetchByVid", fetched(name=7)),
            "wrong type",
        ),
        (
            lambda: CODEC.write_response("Account", "fetchByVid", fetched(emailTypePreference="HTML")),
            "wrong type.*HTML",
        ),
        (
            lambda: CODEC.write_response("Account", "fetchByVid", fetched(shippingAddress=OFF_COURSE)),
            "a decimal is wanted, not float",
        ),
        (
            lambda: CODEC.write_response("Account", "fetchByVid", fetched(credit=r.Account())),
            "wrong type",
        ),
    ],
)
def test_a_response_that_breaks_the_contract_is_an_error_of_the_program(
    write: Callable[[], bytes], reason: str
) -> None:
    with pytest.raises(UnfitResponse, match=reason):
        write()


def test_a_required_list_may_not_be_empty() -> None:
    facts = contract.parse(
        {
            "version": "22.0",
            "namespaces": {"types": "urn:t", "service": "urn:{Service}"},
            "enums": {},
            "enumBases": {},
            "types": {"Return": {"returnString": "xsd:string?"}},
            "services": {
                "Account": {"fetchByVid": {"in": {}, "out": {"return": "Return", "tags": "xsd:string+"}}}
            },
        }
    )

    class Tagged(r.AccountFetchByVidResponse):
        __slots__ = ("tags",)
        tags: tuple[str, ...]

    response = Tagged(return_=r.Return())
    response.tags = ()
    with pytest.raises(UnfitResponse, match=r"tags is required"):
        Codec(facts, PACIFIC).write_response("Account", "fetchByVid", response)
    response.tags = ("a", "b & c")
    assert b">b &amp; c</tags>" in Codec(facts, PACIFIC).write_response("Account", "fetchByVid", response)


def test_moments_are_sent_in_the_zone_of_the_service() -> None:
    moment = datetime(2016, 12, 1, 20, tzinfo=UTC)
    response = r.AutoBillFetchByVidResponse(return_=OK, autobill=r.AutoBill(startTimestamp=moment))
    assert b">2016-12-01T12:00:00-08:00<" in CODEC.write_response("AutoBill", "fetchByVid", response)
    kathmandu = Codec(FACTS, ZoneInfo("Asia/Kathmandu"))
    assert b">2016-12-02T01:45:00+05:45<" in kathmandu.write_response("AutoBill", "fetchByVid", response)
