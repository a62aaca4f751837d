"""Bytes to the operation element, and what stays of them afterwards: nothing."""

from __future__ import annotations

import gzip
import secrets
import threading
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.soap import xml_parser
from cashbox_service.soap.encoding import as_utf8, unpack
from cashbox_service.soap.envelope import Limits, read_envelope
from cashbox_service.soap.faults import Malformed, NotUnderstood, RequestFault, TooLarge, WrongVersion
from tests.soap.echo import ENVELOPE_12, echoing, envelope, operation


def test_operation_is_the_first_element_of_the_body() -> None:
    request = read_envelope(echoing("x"))
    assert request.namespace == "http://soap.vindicia.com/v22_0/Diagnostic"
    assert request.name == "echoString"
    assert not request.soap12
    assert request.resolve is None


def test_targets_of_references_are_found_by_id() -> None:
    first, second = '<a id="x"><b/></a>', '<c id="x"/>'
    request = read_envelope(envelope(operation("Account", "update", '<account href="#x"/>') + first + second))
    assert request.resolve is not None
    found = request.resolve("x")
    assert found is not None
    assert found.tag == "a"
    assert request.resolve("y") is None


def test_fault_knows_the_version_it_is_to_be_answered_in() -> None:
    with pytest.raises(Malformed) as raised:
        read_envelope(envelope("", namespace=ENVELOPE_12))
    assert raised.value.soap12


@pytest.mark.parametrize(
    ("actor", "is_ours"),
    [
        ("", True),
        ('soap:role="http://www.w3.org/2003/05/soap-envelope/role/next"', True),
        ('soap:role="http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"', True),
        ('soap:role="http://www.w3.org/2003/05/soap-envelope/role/none"', False),
        ('soap:role="http://example.com/logger"', False),
    ],
)
def test_entry_must_be_understood_only_when_it_is_meant_for_this_service(actor: str, is_ours: bool) -> None:
    header = f'<soap:Header><t:entry xmlns:t="urn:t" soap:mustUnderstand="true" {actor}/></soap:Header>'
    body = envelope(operation("Diagnostic", "echoString", ""), header, ENVELOPE_12)
    if is_ours:
        with pytest.raises(NotUnderstood, match="Header not understood: entry"):
            read_envelope(body)
    else:
        assert read_envelope(body).soap12


def test_wrong_version_is_told_from_no_envelope() -> None:
    with pytest.raises(WrongVersion):
        read_envelope(b'<Envelope xmlns="urn:other"/>')
    with pytest.raises(Malformed, match="no Envelope"):
        read_envelope(b"<letter/>")


@pytest.mark.parametrize(
    "limits",
    [Limits(bytes=100), Limits(elements=3), Limits(attributes=2), Limits(depth=4)],
    ids=["bytes", "elements", "attributes", "depth"],
)
def test_every_limit_can_be_set(limits: Limits) -> None:
    body = echoing("<a><a><a><a/></a></a></a>")
    assert read_envelope(body, limits=Limits()).name == "echoString"
    with pytest.raises(TooLarge):
        read_envelope(body, limits=limits)


def test_depth_limit_counts_levels_exactly() -> None:
    body = echoing("x")  # Envelope, Body, echoString, auth, login
    assert read_envelope(body, limits=Limits(depth=5)).name == "echoString"
    with pytest.raises(TooLarge, match="more than 4 deep"):
        read_envelope(body, limits=Limits(depth=4))


@pytest.mark.parametrize(
    ("prolog", "declared"),
    [
        (b"", False),
        (b"<!DOCTYPE a>", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?> <!-- x --> <!DOCTYPE a>", True),
        (b"<!-- <!DOCTYPE a> -->", False),
        (b"<?p <!DOCTYPE a> ?>", False),
        (b"<!-- unfinished", False),
        (b"<?unfinished", False),
        (b"<!-->--><!DOCTYPE a>", True),
    ],
)
def test_document_type_is_seen_before_the_parse(prolog: bytes, declared: bool) -> None:
    assert xml_parser.declares_document_type(prolog + b"<a/>") is declared


def test_parser_reports_kind_and_place_of_an_error_and_no_content() -> None:
    with pytest.raises(Malformed) as raised:
        xml_parser.parse_xml(b"<a>\n<secret>x</hidden></a>")
    text = raised.value.text
    assert text == "Malformed request: not well-formed XML: tag name mismatch at line 2, column 19"


def test_new_forms_are_parsed_apart_once_the_allowance_is_used_up() -> None:
    parser = xml_parser._ThreadParser()
    familiar = echoing("some text")
    assert parser.may_parse(familiar)
    assert parser.may_parse(echoing("other text, of another length")), "text does not make a new form"
    used = 0
    while parser.may_parse(new := echoing(f"<n{secrets.token_hex(8)}/>")):
        used += len(new)
        assert used <= xml_parser.NOVELTY_BYTES
    assert used > xml_parser.NOVELTY_BYTES / 2
    assert parser.may_parse(familiar)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b'<a x="&gt; 1">t</a>', b'<a x="&gt; 2">t</a>'),
        (b'<a x=">" one="">t</a>', b'<a x=">" two="">t</a>'),
        (b"<a x='> y' one=''>t</a>", b"<a x='> y' two=''>t</a>"),
        (b"<a>  </a>", b"<a>   </a>"),
        (b"<a><b/></a>", b"<a><c/></a>"),
        (b"<a><![CDATA[>]]><b/></a>", b"<a><![CDATA[>]]><c/></a>"),
        (b"<a><!-- > --><b/></a>", b"<a><!-- > --><c/></a>"),
    ],
)
def test_what_libxml2_would_keep_makes_a_new_form(
    first: bytes, second: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an allowance for the first alone, the second is only let through if it passes for the same form."""
    monkeypatch.setattr(xml_parser, "NOVELTY_BYTES", len(first))
    parser = xml_parser._ThreadParser()
    assert parser.may_parse(first)
    assert not parser.may_parse(second)


def test_parsing_apart_gives_the_same_tree_and_the_same_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_parser, "NOVELTY_BYTES", 0)
    result: list[str] = []

    def in_a_new_thread() -> None:
        result.append(read_envelope(echoing("x")).name)
        with pytest.raises(Malformed) as raised:
            read_envelope(b"<a></b>")
        result.append(raised.value.text)

    thread = threading.Thread(target=in_a_new_thread)
    thread.start()
    thread.join()
    expected = "Malformed request: not well-formed XML: tag name mismatch at line 1, column 8"
    assert result == ["echoString", expected]


@pytest.mark.parametrize("name", ["iso-8859-1", "ISO-8859-15", "windows-1252", "cp1251", "koi8-r", "latin1"])
def test_single_byte_encodings_are_read(name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?><a>x</a>'
    assert as_utf8(text.encode("ascii"), None).endswith(b"<a>x</a>")


def test_declaration_comes_before_the_charset_of_http() -> None:
    body = '<?xml version="1.0" encoding="iso-8859-1"?><a>ß</a>'.encode("latin-1")
    assert "ß".encode() in as_utf8(body, "utf-8")


@pytest.mark.parametrize("name", ["zip", "rot13", "unicode_escape", "idna", "utf_7", "cp037", "hex"])
def test_no_other_decoder_of_python_is_reached(name: str) -> None:
    body = f'<?xml version="1.0" encoding="{name}"?><a/>'.encode()
    with pytest.raises(Malformed, match="encoding is not supported"):
        as_utf8(body, None)


def test_unpacking_stops_at_the_limit() -> None:
    assert unpack(gzip.compress(b"x" * 1000), "gzip", 1000) == b"x" * 1000
    with pytest.raises(TooLarge):
        unpack(gzip.compress(b"x" * 1001), "gzip", 1000)
    with pytest.raises(TooLarge):
        unpack(gzip.compress(b"x" * 600) + gzip.compress(b"x" * 600), "gzip", 1000)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "gzip, deflate", "identity", "br", ",,"]))
def test_unpacking_noise_ends_in_bytes_or_a_fault(body: bytes, coding: str) -> None:
    with suppress(RequestFault):
        assert len(unpack(body, coding, 1000)) <= 1000


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "utf-16", "iso-8859-1", "nonsense", ""]))
def test_reading_noise_ends_in_a_fault(body: bytes, charset: str | None) -> None:
    with pytest.raises(RequestFault):
        read_envelope(body, charset)


@given(st.data())
def test_reading_a_damaged_request_ends_in_a_request_or_a_fault(data: st.DataObject) -> None:
    body = bytearray(echoing("hello"))
    for position in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=5)):
        body[position] = data.draw(st.integers(0, 255))
    with suppress(RequestFault):
        assert read_envelope(bytes(body)).name


def test_deflate_is_told_from_raw_deflate() -> None:
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert unpack(zlib.compress(b"x" * 50), "deflate", 99) == b"x" * 50
    assert unpack(raw.compress(b"x" * 50) + raw.flush(), "deflate", 99) == b"x" * 50
