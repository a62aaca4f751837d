"""What the codec makes of requests as real clients send them: names, empty elements, values, credentials."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from cashbox_service.domain.errors import InvalidValue
from cashbox_service.soap import records as r
from cashbox_service.soap.codec import Codec, InvalidArgument
from tests.soap.requests import CODEC, FACTS, PACIFIC, TYPES, element, read, read_account


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


NEVER_SET = (
    "0001-01-01",
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00Z",
    " 0001-01-01T00:00:00.0000000+01:00 ",
)


@pytest.mark.parametrize("moment", NEVER_SET)
def test_an_optional_moment_that_dotnet_never_set_is_absent(moment: str) -> None:
    bill = f"<startTimestamp>{moment}</startTimestamp><billingDay>31</billingDay>"
    season = f"<seasons><startDate>{moment}</startDate><endDate>2016-07-01</endDate></seasons>"
    plan = f"<billingPlan><seasonSet>{season}</seasonSet></billingPlan>"
    assert read("AutoBill", "update", f"<autobill>{bill}</autobill>").autobill == r.AutoBill(billingDay=31)
    assert read("BillingPlan", "update", plan).billingPlan.seasonSet.seasons == (
        r.Season(endDate=date(2016, 7, 1)),
    )


@pytest.mark.parametrize("moment", [each.strip() for each in NEVER_SET])
def test_a_required_moment_cannot_be_left_at_what_dotnet_never_set(moment: str) -> None:
    with pytest.raises(InvalidArgument) as refusal:
        read("Account", "fetchCreatedSince", f"<timestamp>{moment}</timestamp>")
    assert str(refusal.value) == (
        'Invalid Arguments - Item "Vindicia::Soap::Account.timestamp" of type xsd:dateTime '
        f'has invalid value "{moment}"!'
    )


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:01", "0001-01-02", "0000-00-00", "1899-12-31"])
def test_no_other_moment_before_1900_is_absent(moment: str) -> None:
    with pytest.raises(InvalidArgument):
        read("AutoBill", "update", f"<autobill><startTimestamp>{moment}</startTimestamp></autobill>")


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
            "<amount> 1E+300 </amount>",
            'Item "Vindicia::Soap::AutoBill.amount" of type xsd:decimal has invalid value "1E+300"!',
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
