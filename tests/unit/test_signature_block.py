"""The block that a customer signs in: what it carries, and what is read from a form (notifications §3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from cashbox_service.domain.signature_block import SignedForm, Terms, block, read

TERMS = Terms("https://shop.example/terms?a=1&b=<2>", 'https://shop.example/"signed"', "n")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=40)


def submitted(markup: str, **typed: str) -> str:
    """What a browser sends of the form, with what was typed into it."""
    form: Any = html.fromstring(markup)
    fields = {
        each.get("name"): each.get("value") for each in form.xpath("//input[@type!='checkbox' or @checked]")
    }
    return urlencode(fields | {f"vin_signature_{name}": value for name, value in typed.items()})


@given(TEXT, TEXT, TEXT, st.booleans())
def test_what_a_block_carries_comes_back(uri: str, name: str, mac: str, agreed: bool) -> None:
    terms = Terms(uri, "https://shop.example/signed", "n")
    back = read(submitted(block(terms, mac, name=name, agreed=agreed)))
    assert back == SignedForm(terms, mac, agreed, name.strip())


def test_a_block_is_html_whatever_is_in_it() -> None:
    markup = block(TERMS, "m", noscript="<script>alert(1)</script>", name='"><b>')
    form: Any = html.fromstring(markup)
    assert (form.tag, form.get("action"), form.get("method")) == ("form", TERMS.target, "post")
    assert not form.xpath("//b | //noscript/script")
    assert form.xpath("//a/@href") == [TERMS.uri]
    assert len(form.xpath("//label//input")) == 2


@pytest.mark.parametrize(
    ("form_data", "is_complete"),
    [
        ("vin_signature_agree=1&vin_signature_name=Ada+Reader", True),
        ("?vin_signature_agree=1&vin_signature_name=%C3%85", True),
        ("vin_signature_agree=0&vin_signature_name=Ada", False),
        ("vin_signature_name=Ada", False),
        ("vin_signature_agree=1&vin_signature_name=+", False),
        ("vin_signature_agree=1&vin_signature_name=" + "a" * 256, False),
        ("vin_signature_agree=1&vin_signature_name=Ada" + "&a=1" * 300, False),
        ("", False),
        (None, False),
    ],
)
def test_a_form_is_complete_when_somebody_agreed_by_name(form_data: str | None, is_complete: bool) -> None:
    assert read(form_data).is_complete is is_complete


def test_characters_that_xml_has_not_are_left_out() -> None:
    assert read("vin_signature_name=A%00d%0Ba").name == "Ada"


def test_terms_have_one_text_each() -> None:
    assert Terms("a", "b", "c").message != Terms("a,b", "", "c").message
