"""Sparse response descriptions: every spelling, what each selects, and which are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.soap.srd import ALL, MAX_CHARACTERS, MAX_DEPTH, NOTHING, Selection

ACCOUNT_PARTS = {"return", "account", "created"}
ACCOUNT_OBJECTS = ("account",)


def chosen(text: str, *names: str) -> list[str]:
    """Which of ``names`` the description ``text`` selects; a dotted name is a path."""
    selection = Selection.parse(text)
    found = []
    for name in names:
        *path, last = name.split(".")
        inner = selection
        for step in path:
            inner = inner.child(step)
        if inner.wants(last):
            found.append(name)
    return found


@pytest.mark.parametrize("text", [None, "", " ", "\n\t "])
def test_nothing_described_is_everything(text: str | None) -> None:
    selection = Selection.parse(text)
    assert selection is ALL
    assert selection.everything
    assert selection.wants("anything")
    assert selection.child("anything") is ALL
    assert selection.including("x") is ALL
    assert selection.for_response(ACCOUNT_PARTS, ACCOUNT_OBJECTS) is ALL


@pytest.mark.parametrize("scalar", ['""', '"x"', "null", "true", "0", "1", "-1.5e300", "1" * 5000, '"false"'])
def test_any_scalar_selects_the_whole_element(scalar: str) -> None:
    selection = Selection.parse(f'{{"account":{scalar}}}')
    assert selection.wants("account")
    assert selection.child("account").everything


def test_false_takes_an_element_out() -> None:
    assert chosen('{"account":{"name":false,"company":""}}', "account.name", "account.company") == [
        "account.company"
    ]
    assert chosen('{"account":false}', "account") == []


def test_unnamed_elements_are_not_wanted() -> None:
    text = '{"account":{"name":""}}'
    assert chosen(text, "account", "created", "account.name", "account.company") == [
        "account",
        "account.name",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"account":{"name":"","shippingAddress":{"city":"","country":""}}}',
        '{"account":["name",{"shippingAddress":["city","country"]}]}',
        '{"account":[{"name":""},{"shippingAddress":[{"city":1},{"country":null}]}]}',
        '{"account":[{"name":"","shippingAddress":["city"]},{"shippingAddress":["country"]}]}',
        ' { "account" : [ "name" , "name", { "shippingAddress" : [ "country", "city" ] } ] } ',
    ],
)
def test_spellings_of_one_selection(text: str) -> None:
    names = ["account.name", "account.shippingAddress", "account.company"]
    cities = [
        "account.shippingAddress.city",
        "account.shippingAddress.country",
        "account.shippingAddress.addr1",
    ]
    assert chosen(text, *names, *cities) == [*names[:2], *cities[:2]]


def test_items_of_a_repeated_element_share_a_selector() -> None:
    for text in (
        '{"paymentMethods":{"VID":""}}',
        '{"paymentMethods":[{"VID":""}]}',
        '{"paymentMethods":["VID"]}',
    ):
        assert chosen(text, "paymentMethods", "paymentMethods.VID", "paymentMethods.type") == [
            "paymentMethods",
            "paymentMethods.VID",
        ]


def test_identifiers_are_wanted_always() -> None:
    assert NOTHING.wants("VID")
    assert NOTHING.wants("vid")
    assert Selection.parse('{"VID":false}').wants("VID")
    assert not NOTHING.wants("name")


def test_empty_selectors_leave_the_identifiers() -> None:
    for text in ('{"account":{}}', '{"account":[]}'):
        assert chosen(text, "account", "account.VID", "account.name") == ["account", "account.VID"]


def test_names_are_case_sensitive() -> None:
    assert chosen('{"Account":""}', "account") == []


def test_child_of_an_unwanted_element_has_its_identifiers_only() -> None:
    child = Selection.parse('{"account":""}').child("transaction")
    assert not child.everything
    assert child.wants("VID")
    assert not child.wants("amount")


def test_whole_element_outweighs_a_part_of_it() -> None:
    assert chosen('{"a":["b",{"b":{"c":""}}]}', "a.b.c", "a.b.d") == ["a.b.c", "a.b.d"]
    assert chosen('{"a":[{"b":{"c":""}},"b"]}', "a.b.d") == ["a.b.d"]


def test_later_false_takes_back_what_a_list_selected() -> None:
    assert chosen('{"a":["b",{"b":false}]}', "a.b") == []
    assert chosen('{"a":[{"b":false},"b"]}', "a.b") == ["a.b"]


def test_mapper_adds_what_it_always_returns() -> None:
    selection = Selection.parse('{"name":false,"items":{"sku":""}}').including(
        "merchantAccountId", "name", "items"
    )
    assert selection.wants("merchantAccountId")
    assert selection.wants("name")
    assert selection.wants("items")
    assert not selection.child("items").wants("price")
    assert not selection.wants("company")


def test_parts_named_at_the_top_are_the_selection() -> None:
    selection = Selection.parse('{"account":{"name":""},"colour":""}').for_response(
        ACCOUNT_PARTS, ACCOUNT_OBJECTS
    )
    assert selection.wants("account")
    assert not selection.wants("created")


@pytest.mark.parametrize("text", ['{"VID":"","name":""}', '{"name":1,"colour":1}'])
def test_description_without_a_part_stands_for_each_object(text: str) -> None:
    parts, objects = {"return", "parent", "child", "count"}, ("parent", "child")
    selection = Selection.parse(text).for_response(parts, objects)
    for part in objects:
        assert selection.wants(part)
        assert selection.child(part).wants("name")
        assert not selection.child(part).wants("company")
    assert not selection.wants("count")


def test_empty_object_leaves_the_identifiers_of_each_object() -> None:
    selection = Selection.parse("{}").for_response(ACCOUNT_PARTS, ACCOUNT_OBJECTS)
    assert selection.wants("account")
    assert selection.child("account").wants("VID")
    assert not selection.child("account").wants("name")


@pytest.mark.parametrize("text", ['{"return":""}', '{"account":false}', '{"created":""}'])
def test_naming_any_part_is_enough(text: str) -> None:
    assert not Selection.parse(text).for_response(ACCOUNT_PARTS, ACCOUNT_OBJECTS).wants("account")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("account", "Expecting value at character 1"),
        ("{", "Expecting property name enclosed in double quotes at character 2"),
        ('{"account":}', "Expecting value at character 12"),
        ('{"account":1}}', "Extra data at character 14"),
        ("{'account':1}", "Expecting property name enclosed in double quotes at character 2"),
        ("[]", "it is not a JSON object"),
        ('"account"', "it is not a JSON object"),
        ("null", "it is not a JSON object"),
        ("12", "it is not a JSON object"),
        ('{"a":Infinity}', "it is not JSON"),
        ('{"a":[1]}', "a list may hold names and objects only"),
        ('{"a":[["b"]]}', "a list may hold names and objects only"),
        ('{"a":[false]}', "a list may hold names and objects only"),
        ('{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH, "it is nested too deeply"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "it is nested too deeply"),
        ('{"a":"' + "x" * MAX_CHARACTERS + '"}', "it is too long"),
    ],
)
def test_refused_descriptions(text: str, detail: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        Selection.parse(text)
    assert str(raised.value) == f"Invalid sparse response description: {detail}"


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
selectors = st.recursive(
    scalars,
    lambda inner: (
        st.dictionaries(st.text(max_size=5), inner) | st.lists(st.text() | st.dictionaries(st.text(), inner))
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), selectors))
def test_member_is_wanted_exactly_when_its_value_is_not_false(description: dict[str, object]) -> None:
    selection = Selection.parse(json.dumps(description))
    for name, value in description.items():
        assert selection.wants(name) is (value is not False or name in ("VID", "vid"))
