"""What each way to send a field does to an object that exists (conventions §5.3), for every kind of field.

``None`` in the tables means that nothing was stored, and so nothing is returned.
"""

from __future__ import annotations

import pytest

from tests.services import shop
from tests.services.wire import XSI, Wire

NIL = "nil"
EMPTY = "empty"
ABSENT = "absent"
WAYS_TO_SAY_NOTHING = (ABSENT, NIL)

ACCOUNT_TEXTS = ("emailAddress", "preferredLanguage", "company", "name", "taxType")
ACCOUNT_OTHERS = {
    "externalId": "",
    "defaultCurrency": "EUR",
    "emailTypePreference": "multipart",
    "warnBeforeAutobilling": "1",
}
ADDRESS_TEXTS = (
    "name", "addr1", "addr2", "addr3", "city", "county", "district", "postalCode", "country", "phone", "fax",
)  # fmt: skip
ADDRESS_NUMBERS = {"latitude": "37.774900", "longitude": "-122.4"}
METHOD_TEXTS = ("accountHolderName", "customerSpecifiedType", "customerDescription", "externalToken")
METHOD_OTHERS = {"currency": "EUR", "active": "1", "sortOrder": "0", "type": "CreditCard"}


def sent(name: str, way: str) -> str:
    """The element written in one of the ways; a further one is its value."""
    return {
        ABSENT: "",
        NIL: f'<{name} {XSI} xsi:nil="true"/>',
        EMPTY: f"<{name}/>",
    }.get(way, f"<{name}>{way}</{name}>")


def account_after(wire: Wire, account: str, change: str) -> dict[str, str | None]:
    """The fields of an account after a change, read again."""
    reply = wire.call("Account", "update", f"<account><VID>{account}</VID>{change}</account>")
    assert (reply.code, reply.value("created")) == (200, "0"), reply.text
    again = wire.call("Account", "fetchByVid", f"<vid>{account}</vid>")
    names = (*ACCOUNT_TEXTS, *ACCOUNT_OTHERS)
    return {name: again.value(f"account/{name}") for name in names}


@pytest.fixture
def account(shared_wire: Wire) -> tuple[str, dict[str, str | None]]:
    """The VID of an account that has everything, and its fields."""
    fields: dict[str, str | None] = {name: f"old {name}" for name in ACCOUNT_TEXTS}
    fields |= ACCOUNT_OTHERS | {"externalId": shop.new_id("external")}
    content = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    given = f"<account><merchantAccountId>{shop.new_id('account')}</merchantAccountId>{content}</account>"
    reply = shared_wire.call("Account", "update", given)
    assert reply.value("created") == "1", reply.text
    return reply.value("account/VID") or "", fields


@pytest.mark.parametrize("way", WAYS_TO_SAY_NOTHING)
@pytest.mark.parametrize("name", [*ACCOUNT_TEXTS, *ACCOUNT_OTHERS])
def test_an_account_keeps_a_field_that_is_absent_or_nil(
    shared_wire: Wire, account: tuple[str, dict[str, str | None]], name: str, way: str
) -> None:
    vid, fields = account

    assert account_after(shared_wire, vid, sent(name, way)) == fields


@pytest.mark.parametrize("name", ACCOUNT_TEXTS)
def test_an_empty_text_clears_the_field_of_an_account(
    shared_wire: Wire, account: tuple[str, dict[str, str | None]], name: str
) -> None:
    vid, fields = account

    assert account_after(shared_wire, vid, sent(name, EMPTY)) == fields | {name: None}


@pytest.mark.parametrize("name", [*ACCOUNT_OTHERS, "merchantAccountId", "parentMerchantAccountId"])
def test_an_empty_id_code_flag_or_choice_changes_nothing_of_an_account(
    shared_wire: Wire, account: tuple[str, dict[str, str | None]], name: str
) -> None:
    vid, fields = account

    assert account_after(shared_wire, vid, sent(name, EMPTY)) == fields


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, f"new {name}") for name in ACCOUNT_TEXTS),
        ("defaultCurrency", "GBP"),
        ("emailTypePreference", "plaintext"),
        ("warnBeforeAutobilling", "0"),
    ],
)
def test_a_value_replaces_the_field_of_an_account(
    shared_wire: Wire, account: tuple[str, dict[str, str | None]], name: str, value: str
) -> None:
    vid, fields = account

    assert account_after(shared_wire, vid, sent(name, value)) == fields | {name: value}


def test_white_space_is_kept_in_texts(shared_wire: Wire, account: tuple[str, dict[str, str | None]]) -> None:
    vid, fields = account

    assert account_after(shared_wire, vid, "<company>  a  b </company>") == fields | {"company": "  a  b "}


ADDRESS = {name: f"old {name}" for name in ADDRESS_TEXTS} | ADDRESS_NUMBERS


def address_after(wire: Wire, change: str) -> dict[str, str | None]:
    """The fields of an address that had everything, after a change, read again."""
    content = "".join(f"<{name}>{value}</{name}>" for name, value in ADDRESS.items())
    vid = wire.call("Address", "update", f"<address>{content}</address>").value("address/VID")
    reply = wire.call("Address", "update", f"<address><VID>{vid}</VID>{change}</address>")
    assert (reply.code, reply.value("created")) == (200, "0"), reply.text
    again = wire.call("Address", "fetchByVid", f"<vid>{vid}</vid>")
    return {name: again.value(f"address/{name}") for name in ADDRESS}


@pytest.mark.parametrize("way", WAYS_TO_SAY_NOTHING)
def test_an_address_keeps_what_is_absent_or_nil(shared_wire: Wire, way: str) -> None:
    everything = "".join(sent(name, way) for name in ADDRESS)

    assert address_after(shared_wire, everything) == ADDRESS


def test_empty_texts_clear_an_address_and_empty_numbers_change_nothing(shared_wire: Wire) -> None:
    everything = "".join(sent(name, EMPTY) for name in ADDRESS)

    assert address_after(shared_wire, everything) == dict.fromkeys(ADDRESS_TEXTS) | ADDRESS_NUMBERS


@pytest.mark.parametrize("name", ADDRESS)
def test_one_value_replaces_one_field_of_an_address(shared_wire: Wire, name: str) -> None:
    value = "-10.5" if name in ADDRESS_NUMBERS else f"new {name}"

    assert address_after(shared_wire, sent(name, value)) == ADDRESS | {name: value}


METHOD = {name: f"old {name}" for name in METHOD_TEXTS} | METHOD_OTHERS
FLAGS = "<validate>0</validate><minChargebackProbability>100</minChargebackProbability>"


def method_after(wire: Wire, change: str) -> dict[str, str | None]:
    """The fields of a card that had everything, after a change, read again."""
    content = "".join(f"<{name}>{value}</{name}>" for name, value in METHOD.items())
    card = f"<creditCard><account>{shop.CARD}</account><expirationDate>{shop.EXPIRY}</expirationDate></creditCard>"
    given = f"<paymentMethod>{content}{card}</paymentMethod>{FLAGS}"
    vid = wire.call("PaymentMethod", "update", given).value("paymentMethod/VID")
    changing = f"<paymentMethod><VID>{vid}</VID>{change}</paymentMethod>{FLAGS}"
    reply = wire.call("PaymentMethod", "update", changing)
    assert (reply.code, reply.value("created")) == (200, "0"), reply.text
    again = wire.call("PaymentMethod", "fetchByVid", f"<vid>{vid}</vid>")
    assert again.value("paymentMethod/creditCard/account") == "411111XXXXXX1111"
    assert again.value("paymentMethod/creditCard/expirationDate") == shop.EXPIRY
    return {name: again.value(f"paymentMethod/{name}") for name in METHOD}


@pytest.mark.parametrize("way", WAYS_TO_SAY_NOTHING)
def test_a_payment_method_keeps_what_is_absent_or_nil(shared_wire: Wire, way: str) -> None:
    names = (*METHOD, "creditCard", "billingAddress", "merchantPaymentMethodId", "nameValues")

    assert method_after(shared_wire, "".join(sent(name, way) for name in names)) == METHOD


def test_empty_texts_clear_a_payment_method_and_the_rest_changes_nothing(shared_wire: Wire) -> None:
    names = (*METHOD, "creditCard", "billingAddress", "merchantPaymentMethodId")

    changed = method_after(shared_wire, "".join(sent(name, EMPTY) for name in names))

    assert changed == dict.fromkeys(METHOD_TEXTS) | METHOD_OTHERS


@pytest.mark.parametrize("name", METHOD_TEXTS)
def test_one_value_replaces_one_field_of_a_payment_method(shared_wire: Wire, name: str) -> None:
    assert method_after(shared_wire, sent(name, "new")) == METHOD | {name: "new"}


@pytest.mark.parametrize("way", [NIL, EMPTY])
def test_empty_parts_of_a_card_change_nothing(shared_wire: Wire, way: str) -> None:
    parts = "".join(
        sent(name, way) for name in ("account", "bin", "lastDigits", "accountLength", "expirationDate")
    )

    assert method_after(shared_wire, f"<creditCard>{parts}</creditCard>") == METHOD


NAME_VALUES = (
    ("", {"a": "1", "b": "2"}),
    ("<nameValues><name>a</name><value>9</value></nameValues>", {"a": "9", "b": "2"}),
    ("<nameValues><name>c</name><value>3</value></nameValues>", {"a": "1", "b": "2", "c": "3"}),
    ("<nameValues><name>a</name><value/></nameValues>", {"b": "2"}),
    ("<nameValues><name>unknown</name><value/></nameValues>", {"a": "1", "b": "2"}),
    (
        "<nameValues><name>a</name><value>5</value></nameValues><nameValues><name>a</name><value>6</value></nameValues>",
        {"a": "6", "b": "2"},
    ),
)
PAIRS = "".join(
    f"<nameValues><name>{n}</name><value>{v}</value></nameValues>" for n, v in (("a", "1"), ("b", "2"))
)


@pytest.mark.parametrize(("change", "expected"), NAME_VALUES)
def test_name_values_of_an_account_are_merged_by_name(
    shared_wire: Wire, change: str, expected: dict[str, str]
) -> None:
    key = f"<merchantAccountId>{shop.new_id('account')}</merchantAccountId>"
    shared_wire.call("Account", "update", f"<account>{key}{PAIRS}</account>")

    reply = shared_wire.call("Account", "update", f"<account>{key}{change}</account>")

    names = reply.values("account/nameValues/name")
    assert dict(zip(names, reply.values("account/nameValues/value"), strict=True)) == expected


@pytest.mark.parametrize(("change", "expected"), NAME_VALUES)
def test_name_values_of_a_payment_method_are_merged_by_name(
    shared_wire: Wire, change: str, expected: dict[str, str]
) -> None:
    key = f"<merchantPaymentMethodId>{shop.new_id('method')}</merchantPaymentMethodId>"
    shared_wire.call("PaymentMethod", "update", f"<paymentMethod>{key}{CHEQUE}{PAIRS}</paymentMethod>{FLAGS}")

    reply = shared_wire.call(
        "PaymentMethod", "update", f"<paymentMethod>{key}{change}</paymentMethod>{FLAGS}"
    )

    names = reply.values("paymentMethod/nameValues/name")
    assert dict(zip(names, reply.values("paymentMethod/nameValues/value"), strict=True)) == expected


CHEQUE = (
    "<type>MerchantAcceptedPayment</type>"
    "<merchantAcceptedPayment><paymentType>Cheque</paymentType></merchantAcceptedPayment>"
)
NESTED = (
    (ABSENT, {"city": "Paris", "country": "FR"}),
    (NIL, {"city": "Paris", "country": "FR"}),
    (EMPTY, {"city": "Paris", "country": "FR"}),
    ("<city>Lyon</city>", {"city": "Lyon", "country": "FR"}),
    ("<city/><addr1>1 Rue</addr1>", {"country": "FR", "addr1": "1 Rue"}),
)


@pytest.mark.parametrize(("way", "expected"), NESTED)
def test_the_address_of_an_account_is_merged_field_by_field(
    shared_wire: Wire, way: str, expected: dict[str, str]
) -> None:
    key = f"<merchantAccountId>{shop.new_id('account')}</merchantAccountId>"
    address = "<shippingAddress><city>Paris</city><country>FR</country></shippingAddress>"
    before = shared_wire.call("Account", "update", f"<account>{key}{address}</account>")

    reply = shared_wire.call("Account", "update", f"<account>{key}{sent('shippingAddress', way)}</account>")

    assert reply.value("account/shippingAddress/VID") == before.value("account/shippingAddress/VID")
    fields = {
        name: reply.value(f"account/shippingAddress/{name}")
        for name in reply.children("account/shippingAddress")
    }
    assert {name: value for name, value in fields.items() if name != "VID"} == expected


@pytest.mark.parametrize(("way", "expected"), NESTED)
def test_the_billing_address_of_a_payment_method_is_merged_field_by_field(
    shared_wire: Wire, way: str, expected: dict[str, str]
) -> None:
    key = f"<merchantPaymentMethodId>{shop.new_id('method')}</merchantPaymentMethodId>"
    address = "<billingAddress><city>Paris</city><country>FR</country></billingAddress>"
    before = shared_wire.call(
        "PaymentMethod", "update", f"<paymentMethod>{key}{CHEQUE}{address}</paymentMethod>{FLAGS}"
    )

    changing = f"<paymentMethod>{key}{sent('billingAddress', way)}</paymentMethod>{FLAGS}"
    reply = shared_wire.call("PaymentMethod", "update", changing)

    where = "paymentMethod/billingAddress"
    assert reply.value(f"{where}/VID") == before.value(f"{where}/VID")
    fields = {name: reply.value(f"{where}/{name}") for name in reply.children(where)}
    assert {name: value for name, value in fields.items() if name != "VID"} == expected


def test_a_nested_address_with_a_vid_changes_that_address_wherever_it_is_used(shared_wire: Wire) -> None:
    vid = shared_wire.call("Address", "update", "<address><city>Paris</city></address>").value("address/VID")
    one, other = (f"<merchantAccountId>{shop.new_id('account')}</merchantAccountId>" for _ in range(2))
    shared_wire.call(
        "Account", "update", f"<account>{one}<shippingAddress><VID>{vid}</VID></shippingAddress></account>"
    )

    changing = f"<shippingAddress><VID>{vid}</VID><city>Lyon</city></shippingAddress>"
    shared_wire.call("Account", "update", f"<account>{other}{changing}</account>")

    for account in (one, other):
        reply = shared_wire.call("Account", "fetchByMerchantAccountId", account)
        assert (reply.value("account/shippingAddress/VID"), reply.value("account/shippingAddress/city")) == (
            vid,
            "Lyon",
        )
    assert shared_wire.call("Address", "fetchByVid", f"<vid>{vid}</vid>").value("address/city") == "Lyon"


def test_a_nested_address_with_an_unknown_vid_is_not_found(shared_wire: Wire) -> None:
    key = f"<merchantAccountId>{shop.new_id('account')}</merchantAccountId>"
    nested = f"<shippingAddress><VID>{'0' * 40}</VID><city>Lyon</city></shippingAddress>"

    reply = shared_wire.call("Account", "update", f"<account>{key}{nested}</account>")

    assert (reply.code, reply.text) == (404, f'No match found for VID "{"0" * 40}"')
    assert shared_wire.call("Account", "fetchByMerchantAccountId", key).code == 400
