"""The form of push messages, their signature, and the addresses they may be sent to."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs, unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.notify.addresses import RefusedEndpoint, check_address, check_endpoint
from cashbox_service.notify.envelope import Format, Message, json_text, request_of, signature_of, text_of

PACIFIC = ZoneInfo("America/Los_Angeles")
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCD"
LOOPBACK = (ip_network("127.0.0.0/8"),)


def message(content: object) -> Message:
    return Message(
        message_id="a" * 40,
        event_class="entitlement",
        event="start",
        author_id="b" * 40,
        merchant_vid="c" * 40,
        soap_version="21.0",
        at=datetime(2017, 11, 2, 0, 33, 23, tzinfo=UTC),
        content=json_text(content),
        members={"x_el_id": "7"},
    )


def test_the_envelope_has_the_members_of_the_original() -> None:
    submitted = datetime(2017, 11, 2, 0, 33, 23, 830675, tzinfo=UTC)
    assert json.loads(text_of(message({"a": "ä"}), submitted, PACIFIC)) == {
        "content": {"a": "ä"},
        "header": {
            "author_id": "b" * 40,
            "class_name": "entitlement",
            "event_name": "start",
            "message_id": "a" * 40,
            "merchant_vid": "c" * 40,
            "submitted": "2017-11-01T17:33:23.830675-0700",
            "soap_version": "21_0",
            "event_timestamp": "2017-11-01 17:33:23",
            "x_el_id": "7",
        },
    }


def test_amounts_that_are_written_as_numbers_keep_their_digits() -> None:
    amounts = {"total": Decimal("90071992547409.93"), "discount": 0, "lines": [Decimal("0.10"), True, None]}
    assert json_text(amounts) == '{"total":90071992547409.93,"discount":0,"lines":[0.10,true,null]}'
    assert json_text(Decimal("1234567890123456789.01")) == "1234567890123456789.01"


def test_the_signature_is_base64_of_hmac_sha256_over_the_text() -> None:
    """The value is that of another implementation: openssl dgst -sha256 -hmac KEY -binary | base64."""
    signed = signature_of(b'{"content":{},"header":{}}', KEY)
    assert len(b64decode(signed, validate=True)) == 32
    assert signed == "1+UMx51bx9hsG6MiAPSbpgK07Lde6qamQ4oJTxWSiGU="


@given(st.dictionaries(st.text(), st.text()))
def test_a_listener_gets_the_signed_text_back_from_both_forms(content: dict[str, str]) -> None:
    text = text_of(message(content), datetime(2024, 1, 1, tzinfo=UTC), PACIFIC)
    as_json, as_form = (request_of(text, KEY, form) for form in (Format.JSON, Format.FORM))
    assert json.loads(as_json.body)["content"] == content
    name, _, rest = as_form.body.decode("ascii").partition("=")
    assert name == "json"
    assert unquote(rest.partition("&signature=")[0]).encode() == as_json.body
    fields = parse_qs(as_form.body.decode("ascii"), strict_parsing=True)
    assert fields["signature"] == [as_json.headers["X-Webhook-Signature"]]
    right = hmac.new(KEY.encode(), as_json.body, hashlib.sha256).digest()
    assert b64decode(fields["signature"][0]) == right


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "ftp://shop.example/",
        "https:///path",
        "https://shop.example:0/",
        "https://shop.example:x/",
        "https://user:secret@shop.example/",
        "https://shop.example/#part",
        "https://shop.example/a b",
        "https://shop.example/ä",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.1.2.3/",
        "https://[::ffff:10.1.2.3]/",
        "https://" + "a" * 2000 + ".example/",
    ],
)
def test_an_endpoint_is_refused(url: str) -> None:
    with pytest.raises(RefusedEndpoint):
        check_endpoint(url, ())


@pytest.mark.parametrize("url", ["https://shop.example/cashbox?a=b", "https://203.0.112.9:8443/"])
def test_an_endpoint_is_taken(url: str) -> None:
    check_endpoint(url, ())


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "https://localhost:9/", "http://shop.example/"])
def test_what_is_allowed_may_be_private_and_without_tls(url: str) -> None:
    check_endpoint(url, LOOPBACK)


@pytest.mark.parametrize(
    "address",
    ["192.168.0.1", "0.0.0.0", "224.0.0.1", "100.64.0.1", "fe80::1", "fc00::1", "::ffff:192.168.0.1",
     "64:ff9b::a00:1", "2002:c0a8:1::"],
)  # fmt: skip
def test_an_address_of_a_private_network_is_never_connected_to(address: str) -> None:
    with pytest.raises(RefusedEndpoint):
        check_address(ip_address(address), LOOPBACK, plain=False)


def test_a_name_that_leads_to_a_public_address_is_not_called_without_tls() -> None:
    check_address(ip_address("8.8.8.8"), LOOPBACK, plain=False)
    with pytest.raises(RefusedEndpoint):
        check_address(ip_address("8.8.8.8"), LOOPBACK, plain=True)
