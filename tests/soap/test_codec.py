"""What the codec makes of requests as real clients send them, and the exact bytes of its responses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from cashbox_service import contract
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.soap import reader
from cashbox_service.soap import records as r
from cashbox_service.soap.codec import Codec, CodecFault, InvalidArgument, UnfitResponse
from tests.soap import published

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


# names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts",
    [
        "<account><name>Ada</name></account>",
        "<tns:account><tns:name>Ada</tns:name></tns:account>",
        "<vin:account><vin:name>Ada</vin:name></vin:account>",
        f'<account xmlns="{TYPES}"><name>Ada</name></account>',
        '<account xsi:type="vin:Account"><name xsi:type="xsd:string">Ada</name></account>',
        '<account xsi:type="nowhere:Account"><name xsi:type="xsd:float">Ada</name></account>',
        '<account id="ref-1" soapenc:root="0"><name>Ada</name></account>',
        "\n <!-- who --><?php ?><account>\n  <!-- name --><name>A<!-- x -->d<![CDATA[a]]></name>\n </account>",
    ],
)
def test_elements_are_matched_by_local_name(parts: str) -> None:
    assert read("Account", "update", parts).account == r.Account(name="Ada")


def test_children_come_in_any_order() -> None:
    auth = "<auth><login>me</login><password>secret</password><version>22.0</version></auth>"
    request = read("Account", "fetchByVid", f"<vid>v</vid>{auth}<srd/>")
    assert request == r.AccountFetchByVidRequest(
        auth=r.Authentication(version="22.0", login="me", password="secret"), srd="", vid="v"
    )


def test_unknown_elements_are_ignored_and_reported_without_values() -> None:
    paths: list[str] = []
    codec = Codec(FACTS, PACIFIC, paths.append)
    parts = (
        '<account><colour>blue</colour><name>Ada</name><x:name xmlns:x="urn:else">Bob</x:name></account>'
        "<shade><deep>1</deep></shade>"
    )
    assert read("Account", "update", parts, codec).account == r.Account(name="Ada")
    assert paths == ["Account.colour", "Account.name", "Account.update.shade"]


def test_the_long_name_of_an_unknown_element_is_cut() -> None:
    paths: list[str] = []
    read("Account", "update", f"<{'n' * 5000}/>", Codec(FACTS, PACIFIC, paths.append))
    assert paths == ["Account.update." + "n" * 100]


@pytest.mark.parametrize("spelling", ["VID", "vid", "Vid"])
def test_vid_is_known_in_every_spelling(spelling: str) -> None:
    assert read_account(f"<{spelling}>v</{spelling}>") == r.Account(VID="v")
    assert read("Account", "fetchByVid", f"<{spelling}>v</{spelling}>").vid == "v"
    parts = f"<entitlements><autoBill{spelling}>v</autoBill{spelling}></entitlements>"
    account = read_account(parts)
    assert account is not None
    assert account.entitlements == (r.Entitlement(autoBillVID="v"),)


def test_of_an_element_given_twice_the_last_one_counts() -> None:
    assert read_account("<name>Ada</name><name>Bob</name>") == r.Account(name="Bob")
    assert read_account("<name>Ada</name><name xsi:nil='1'/>") == r.Account()


def test_repeated_elements_may_stand_apart() -> None:
    pair = "<nameValues><name>{0}</name><value>{0}</value></nameValues>"
    account = read_account(pair.format("a") + "<name>Ada</name>" + pair.format("b"))
    assert account == r.Account(
        name="Ada", nameValues=[r.NameValuePair(name="a", value="a"), r.NameValuePair(name="b", value="b")]
    )


# nothing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", ["<{0}/>", "<{0}></{0}>", "<{0}> \r\n\t</{0}>", "<{0}><!-- none --></{0}>"])
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("VID", None),
        ("merchantAccountId", None),
        ("externalId", None),
        ("emailTypePreference", None),
        ("warnBeforeAutobilling", None),
        ("shippingAddress", None),
        ("credit", None),
        ("paymentMethods", ()),
    ],
)
def test_an_empty_element_is_an_absent_one(empty: str, path: str, value: object) -> None:
    account = read_account(empty.format(path) + "<name>Ada</name>")
    assert account == r.Account(name="Ada")
    assert getattr(account, path) == value


@pytest.mark.parametrize("text", ["", " ", " a  b\n"])
def test_free_text_is_kept_as_sent(text: str) -> None:
    assert read_account(f"<name>{text}</name>") == r.Account(name=text)


def test_empty_items_of_a_list_are_left_out() -> None:
    request = read("Campaign", "createCampaign", "<campaign><promotionCodeAliases/><name>c</name></campaign>")
    assert request.campaign == r.Campaign(name="c")


def test_an_object_with_unknown_content_alone_is_there_but_empty() -> None:
    assert read_account("<colour>blue</colour>") == r.Account()
    assert read_account("") is None


@pytest.mark.parametrize("nil", ['xsi:nil="true"', 'xsi:nil="1"', 'xsi:nil=" true "'])
def test_nil_is_absent_on_anything(nil: str) -> None:
    parts = f"<name {nil}/><shippingAddress {nil}><city>x</city></shippingAddress><paymentMethods {nil}/>"
    assert read_account(parts + f"<warnBeforeAutobilling {nil}>maybe</warnBeforeAutobilling>") == r.Account()
    assert read_account('<name xsi:nil="false">Ada</name>') == r.Account(name="Ada")


def test_missing_required_parts_are_for_the_handlers_to_judge() -> None:
    assert read("AutoBill", "makePayment", "") == r.AutoBillMakePaymentRequest()


# values -------------------------------------------------------------------------------------------------------------


def test_identifiers_are_stripped() -> None:
    parts = "<VID>\n v </VID><merchantAccountId> a b </merchantAccountId><externalId>\tx</externalId>"
    assert read_account(parts) == r.Account(VID="v", merchantAccountId="a b", externalId="x")


def test_values_get_the_types_of_the_contract() -> None:
    request = read(
        "AutoBill",
        "makePayment",
        "<amount> 14.9900000000000002131628207280300557613372802734375 </amount>"
        "<overageDisposition>applyToOldestInvoice</overageDisposition>"
        "<usePaymentMethodForFutureBilling> 1 </usePaymentMethodForFutureBilling>",
    )
    assert request.amount == Decimal("14.9900000000000002131628207280300557613372802734375")
    assert request.overageDisposition == "applytoOldestInvoice"
    assert request.usePaymentMethodForFutureBilling is True
    bill = read(
        "AutoBill",
        "update",
        "<autobill><startTimestamp>2016-07-01T00:00:00</startTimestamp><billingDay>+31</billingDay></autobill>",
    ).autobill
    assert bill.startTimestamp == datetime(2016, 7, 1, 7, tzinfo=UTC)
    assert bill.billingDay == 31
    assert read(
        "AutoBill", "delayBillingToDate", "<newBillingDate>2016-07-01</newBillingDate>"
    ).newBillingDate == date(2016, 7, 1)


@pytest.mark.parametrize(
    ("service", "operation", "parts", "message"),
    [
        (
            "AutoBill",
            "update",
            "<autobill><startTimestamp>tomorrow</startTimestamp></autobill>",
            'Item "Vindicia::Soap::AutoBill.startTimestamp" of type xsd:dateTime has invalid value "tomorrow"!',
        ),
        (
            "AutoBill",
            "makePayment",
            "<amount> 1E+3 </amount>",
            'Item "Vindicia::Soap::AutoBill.amount" of type xsd:decimal has invalid value "1E+3"!',
        ),
        (
            "Account",
            "update",
            "<account><emailTypePreference>HTML</emailTypePreference></account>",
            'Item "Vindicia::Soap::Account.emailTypePreference" of type vin:EmailPreference has invalid value "HTML"!',
        ),
        (
            "Account",
            "update",
            "<account><paymentMethods><sortOrder>4111111111111111</sortOrder></paymentMethods></account>",
            'Item "Vindicia::Soap::PaymentMethod.sortOrder" of type xsd:int has invalid value "XXXXXXXXXXXX1111"!',
        ),
        (
            "Account",
            "update",
            "<account>ada</account>",
            'Item "Vindicia::Soap::Account.account" of type vin:Account has invalid value ""!',
        ),
        (
            "Account",
            "update",
            "<account><name>Ada <b>L.</b></name></account>",
            'Item "Vindicia::Soap::Account.name" of type xsd:string has invalid value "<b>"!',
        ),
        (
            "Product",
            "update",
            "<duplicateBehavior>fail</duplicateBehavior>",
            'Item "Vindicia::Soap::Product.duplicateBehavior" of type vin:DuplicateBehavior has invalid value "fail"!',
        ),
        (
            "AutoBill",
            "makePayment",
            f"<amount>{'x' * 200}</amount>",
            f'Item "Vindicia::Soap::AutoBill.amount" of type xsd:decimal has invalid value "{"x" * 100}"!',
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_named_in_the_refusal(
    service: str, operation: str, parts: str, message: str
) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        read(service, operation, parts)
    assert str(refusal.value) == f"Invalid Arguments - {message}"
    assert isinstance(refusal.value, InvalidValue)


def test_a_secret_in_the_wrong_place_is_not_shown() -> None:
    with pytest.raises(InvalidArgument) as refusal:
        read("Account", "update", "<auth>hunter2</auth>")
    assert "hunter2" not in str(refusal.value) + repr(refusal.value.fields)


@pytest.mark.parametrize("spelling", ["applyToCredit", "applytoCredit", "APPLYTOCREDIT"])
def test_the_overage_disposition_has_no_case(spelling: str) -> None:
    request = read("AutoBill", "makePayment", f"<overageDisposition>{spelling}</overageDisposition>")
    assert request.overageDisposition == "applytoCredit"


@pytest.mark.parametrize("spelling", ["Written Off", "WrittenOff", "writtenOff"])
def test_a_written_off_invoice_has_three_spellings(spelling: str) -> None:
    request = read("AutoBill", "fetchInvoiceNumbers", f"<invoicestate>{spelling}</invoicestate>")
    assert request.invoicestate == "Written Off"


def test_the_type_of_a_plan_period_is_left_to_the_plan() -> None:
    parts = "<billingPlan><periods><type>Fortnight</type></periods><periods><type/></periods></billingPlan>"
    plan = read("BillingPlan", "update", parts).billingPlan
    assert [period.type for period in plan.periods] == ["Fortnight", None]


def test_a_return_code_outside_the_list_is_read() -> None:
    parts = "<session><apiReturn><returnCode>228</returnCode></apiReturn></session>"
    assert read("WebSession", "finalize", parts).session.apiReturn == r.Return(returnCode=228)


def test_the_zone_of_the_service_is_a_setting() -> None:
    codec = Codec(FACTS, ZoneInfo("Asia/Kathmandu"))
    parts = "<autobill><startTimestamp>2016-07-01</startTimestamp></autobill>"
    bill = read("AutoBill", "update", parts, codec).autobill
    assert bill.startTimestamp == datetime(2016, 6, 30, 18, 15, tzinfo=UTC)


# arrays and references ----------------------------------------------------------------------------------------------

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


# credentials --------------------------------------------------------------------------------------------------------


def test_credentials_are_read_though_other_parts_are_not_readable() -> None:
    auth = "<auth><login>me</login><password>secret</password></auth>"
    document = element("AutoBill", "makePayment", f"<amount>lots</amount>{auth}<tns:unknown/>")
    wanted = r.Authentication(login="me", password="secret")
    assert CODEC.read_auth("AutoBill", "makePayment", document) == wanted
    with pytest.raises(InvalidArgument):
        CODEC.read_request("AutoBill", "makePayment", document)


def test_absent_credentials_are_none() -> None:
    assert CODEC.read_auth("AutoBill", "makePayment", element("AutoBill", "makePayment", "")) is None


def test_reading_credentials_reports_nothing_as_unknown() -> None:
    paths: list[str] = []
    codec = Codec(FACTS, PACIFIC, paths.append)
    codec.read_auth("AutoBill", "makePayment", element("AutoBill", "makePayment", "<amount>1</amount>"))
    assert paths == []


# responses ----------------------------------------------------------------------------------------------------------

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
