"""The formats of bodies: exact values, bounded, and JSV by properties and by the examples of the text (dialects §3)."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.dialects.media import Unreadable, csv_text, form, json_text, jsv

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner | st.none()),
    max_leaves=20,
)


def without_absent(value: Any) -> Any:
    """Members that are None are left out on the way."""
    if isinstance(value, dict):
        return {name: without_absent(inner) for name, inner in value.items() if inner is not None}
    return [without_absent(inner) for inner in value] if isinstance(value, list) else value


@given(values)
def test_any_value_comes_back_from_jsv(value: Any) -> None:
    assert jsv.loads(jsv.dumps(value)) == without_absent(value)


@given(st.text())
def test_any_text_is_read_as_jsv_or_refused(text: str) -> None:
    with suppress(Unreadable):
        jsv.loads(text)


@given(st.text('{}[]":,ab \n', max_size=40))
def test_any_tangle_of_signs_is_read_as_jsv_or_refused(text: str) -> None:
    try:
        found = jsv.loads(text)
    except Unreadable:
        return
    assert jsv.loads(jsv.dumps("" if found is None else found)) == without_absent(
        "" if found is None else _no_none_in_lists(found)
    )


def _no_none_in_lists(value: Any) -> Any:
    if isinstance(value, list):
        return ["" if inner is None else _no_none_in_lists(inner) for inner in value]
    if isinstance(value, dict):
        return {name: None if inner is None else _no_none_in_lists(inner) for name, inner in value.items()}
    return value


REQUEST_OF_THE_TEXT = """{
	paymentToken: String,
	paymentAmount: 0,
	payor:
	{
		firstName: String,
		lastName: String
	},
	isFeePayment: False,
	gatewayName: String
}"""

ANSWER_OF_THE_TEXT = """{
	result:
	{
		amountApplied: 0,
		paymentProcessingOutcome: 0,
		isSuccessful: False,
		tsysMappedGatewayResponse: String
	},
	errors:
	[
		String
	]
}"""


def test_jsv_examples_of_the_text_are_read() -> None:
    assert jsv.loads(REQUEST_OF_THE_TEXT) == {
        "paymentToken": "String",
        "paymentAmount": "0",
        "payor": {"firstName": "String", "lastName": "String"},
        "isFeePayment": "False",
        "gatewayName": "String",
    }
    assert jsv.loads(ANSWER_OF_THE_TEXT) == {
        "result": {
            "amountApplied": "0",
            "paymentProcessingOutcome": "0",
            "isSuccessful": "False",
            "tsysMappedGatewayResponse": "String",
        },
        "errors": ["String"],
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "b"}, "{a:b}"),
        ({"a": "b,c"}, '{a:"b,c"}'),
        ({"a": 'say "x"'}, '{a:"say ""x"""}'),
        ({"a": ""}, '{a:""}'),
        ({"a": None}, "{}"),
        ({"a": True, "b": False}, "{a:True,b:False}"),
        ({"a": Decimal("1.50"), "b": 7}, "{a:1.50,b:7}"),
        ({"a": ["x", "y z"]}, "{a:[x,y z]}"),
        ({"a": "2024-02-29T12:00:00Z"}, "{a:2024-02-29T12:00:00Z}"),
        ({"a:b": "c"}, '{"a:b":c}'),
        ([], "[]"),
        ([""], '[""]'),
        ([{"a": {"b": []}}], "[{a:{b:[]}}]"),
        (" a", '" a"'),
    ],
)
def test_jsv_quotes_only_where_needed(value: Any, text: str) -> None:
    assert jsv.dumps(value) == text


@pytest.mark.parametrize("text", ["{", "{a", "{a:b", "{a:b}}", "[a", '"a', "{a b}", "[" * 200, "{a:[}"])
def test_jsv_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        jsv.loads(text)


def test_blanks_around_jsv_tokens_are_passed_over() -> None:
    assert jsv.loads(' { a : b , "c" : [ d , " e " ] } ') == {"a": "b", "c": ["d", " e "]}


def test_jsv_has_no_types_but_objects_and_lists() -> None:
    with pytest.raises(TypeError):
        jsv.dumps({"a": 1.5})


json_values = st.recursive(
    texts | st.booleans() | st.none() | st.integers(-(10**18), 10**18)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12),
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)  # fmt: skip


@given(json_values)
def test_any_value_comes_back_from_json_exactly(value: Any) -> None:
    assert json_text.loads(json_text.dumps(value)) == value


def test_json_amounts_never_pass_through_a_float() -> None:
    found = json_text.loads('{"a":0.1,"b":12345678901234567890.12,"c":1e2,"d":7}')
    assert found == {
        "a": Decimal("0.1"),
        "b": Decimal("12345678901234567890.12"),
        "c": Decimal("1e2"),
        "d": 7,
    }
    assert json_text.dumps({"a": Decimal("1E+2"), "b": Decimal("0.10")}) == '{"a":100,"b":0.10}'
    for text in ("NaN", "Infinity", "1" * 65, "0." + "1" * 65, "[" * 5000, '{"a":' * 40 + "1" + "}" * 40):
        with pytest.raises(Unreadable):
            json_text.loads(text)


def test_csv_is_a_line_of_names_and_a_line_of_values() -> None:
    raw = b'\xef\xbb\xbfPaymentToken,Payor.FirstName,Payor.LastName\r\n"a,b",Ada,"O""Neill"\r\n'
    assert csv_text.load(raw) == {"PaymentToken": "a,b", "Payor": {"FirstName": "Ada", "LastName": 'O"Neill'}}
    written = csv_text.dump({"A": Decimal("1.50"), "B": {"C": True, "D": None}, "E": ["x", "y"]})
    assert written == b"A,B.C,B.D,E\r\n1.50,True,,x; y\r\n"
    for wrong in (
        b"",
        b"a\n",
        b"a\n1\n2\n",
        b"a,b\n1\n",
        b"a,a.b\n1,2\n",
        b'a\n"1',
        b"a\n\xff\n",
        b"." * 99 + b"\n1",
    ):
        with pytest.raises(Unreadable):
            csv_text.load(wrong)


def test_form_fields_are_read() -> None:
    assert form.load(b"Service=CheckOut&object=%7B%22a%22%3A1%7D&x=") == {
        "Service": "CheckOut",
        "object": '{"a":1}',
        "x": "",
    }
    for wrong in (b"a=%ff", b"&".join(b"a=1" for _ in range(300))):
        with pytest.raises(Unreadable):
            form.load(wrong)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "iso-8859-1", "windows-1252", "utf-16"])
def test_character_encodings_that_are_known(charset: str) -> None:
    raw = '{"a":"é"}'.encode(charset.strip('"').lower())
    assert json_text.load(raw, charset) == {"a": "é"}


def test_character_encodings_that_are_not() -> None:
    for raw, charset in ((b"{}", "utf-7"), (b"\xff", "utf-8"), (b"{}", "rot13")):
        with pytest.raises(Unreadable):
            json_text.load(raw, charset)
