"""Odd and hostile bodies: each is answered as the table says, at once, and no answer gives anything away.

Most bodies are files in ``bodies/``; those that are large or packed are made here.
"""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.soap.echo import (
    CARD,
    ENVELOPE_11,
    ENVELOPE_12,
    LOGIN,
    PASSWORD,
    EchoService,
    Reply,
    echoing,
    envelope,
    operation,
    packed,
)

BODIES = Path(__file__).parent / "bodies"
SECONDS = 1.0
MEBIBYTE = 1024 * 1024

SECRETS = (
    PASSWORD, CARD, "Traceback", 'File "', "/work/", "site-packages", ".py", "SELECT", "RuntimeError", "root:",
    "ENTITY-CONTENT", "lollol", "evil.example", "AAAAAAAA",
)  # fmt: skip
"""What no answer may hold: credentials, traces of the program, content of files and entities, the Host header."""


@dataclass(frozen=True)
class Echoed:
    """Success; ``text`` is what was understood, None when the value was absent."""

    text: str | None
    part: str = "serverEchoOfClientString"

    def check(self, reply: Reply) -> None:
        assert (reply.status, reply.code, reply.fault) == ("200 OK", 200, None)
        assert reply.text(self.part) == self.text


@dataclass(frozen=True)
class Refused:
    """A Return with this code and text."""

    code: int
    text: str

    def check(self, reply: Reply) -> None:
        assert (reply.status, reply.code, reply.fault) == ("200 OK", self.code, None)
        assert reply.text("returnString") == self.text


@dataclass(frozen=True)
class Faulted:
    """A fault whose string begins with ``text``."""

    text: str
    status: str = "500 Internal Server Error"
    code: str = "Client"

    def check(self, reply: Reply) -> None:
        assert reply.status == self.status
        assert reply.code is None
        assert (reply.fault or "").startswith(self.text), reply.fault
        assert f">soap:{self.code}<".encode() in reply.body


Expected = Echoed | Refused | Faulted

HELLO = Echoed("hello")
DENIED = Refused(403, 'Permission denied to domain "soap"')
INTERNAL = Refused(500, "Process failed (Internal)")
NOT_XML = Faulted("Malformed request: not well-formed XML: ")
NO_DTD = Faulted("Malformed request: a document type declaration is not accepted")
NO_BODY = Faulted("Malformed request: no Body")
EMPTY_BODY = Faulted("Malformed request: the Body is empty")
NO_ENCODING = Faulted("Malformed request: the character encoding is not supported")
NOT_IN_ENCODING = Faulted("Malformed request: the body is not text in its character encoding")
NO_REFERENCE = Faulted("Malformed request: no element for the reference ")
CIRCLE = Faulted("Malformed request: the reference ")
NOT_UNDERSTOOD = Faulted("Header not understood: Security", code="MustUnderstand")
WRONG_VERSION = Faulted("Wrong SOAP version", code="VersionMismatch")


def denied_class(name: str) -> Faulted:
    return Faulted(f"Denied access to class ({name})")


def denied_method(name: str, service: str = "Diagnostic") -> Faulted:
    return Faulted(f"Denied access to method ({name}) in class ({service})")


def bad_srd(detail: str) -> Refused:
    return Refused(400, f"Invalid sparse response description: {detail}")


def bad_value(item: str, kind: str, value: str) -> Refused:
    return Refused(
        400, f'Invalid Arguments - Item "Vindicia::Soap::{item}" of type {kind} has invalid value "{value}"!'
    )


def transactions(text: str) -> Echoed:
    return Echoed(text, "serverString")


FILES: dict[str, Expected] = {
    # forms of one and the same request
    "plain.xml": HELLO,
    "default_namespace_reset.xml": HELLO,
    "children_in_service_namespace.xml": HELLO,
    "children_in_types_namespace.xml": HELLO,
    "children_qualified_or_not.xml": HELLO,
    "children_in_foreign_namespace.xml": Echoed(None),
    "parts_in_any_order.xml": HELLO,
    "unknown_elements.xml": HELLO,
    "type_with_unresolvable_prefix.xml": HELLO,
    "type_of_another_kind.xml": HELLO,
    "encoding_style.xml": HELLO,
    "body_under_another_prefix.xml": HELLO,
    "element_after_body.xml": HELLO,
    "credentials_twice.xml": HELLO,
    "other_version_claimed.xml": HELLO,
    "version_21.xml": HELLO,
    "version_23.xml": HELLO,
    "xinclude_beside_values.xml": HELLO,
    # nothing, in its forms
    "nil_true.xml": Echoed(None),
    "nil_one.xml": Echoed(None),
    "nil_false.xml": HELLO,
    "empty_string.xml": Echoed(""),
    # comments, instructions, sections
    "comment_in_value.xml": HELLO,
    "instruction_in_value.xml": HELLO,
    "comments_everywhere.xml": HELLO,
    "stylesheet_instruction.xml": HELLO,
    "doctype_in_comment.xml": HELLO,
    "doctype_in_cdata.xml": Echoed("<!DOCTYPE x>"),
    "cdata.xml": Echoed("<b>&amp;"),
    "cdata_in_pieces.xml": Echoed("a<b>c"),
    # characters and encodings
    "predefined_entities.xml": Echoed("<&\"'>"),
    "character_references.xml": Echoed("é世😀"),
    "carriage_return.xml": Echoed("a\r\nb"),
    "white_space_kept.xml": Echoed("  hello  "),
    "white_space_before_declaration.xml": HELLO,
    "white_space_after_envelope.xml": HELLO,
    "latin_1.xml": Echoed("Größe"),
    "windows_1252.xml": Echoed("5 € “quoted”"),
    "utf_16_little_endian.xml": Echoed("Größe 世界"),
    "utf_16_big_endian.xml": Echoed("Größe 世界"),
    "utf_16_without_mark.xml": Echoed("Größe"),
    "utf_16_only_declared.xml": Echoed("Größe"),
    "utf_8_with_mark.xml": Echoed("Größe"),
    "no_declaration.xml": Echoed("Größe"),
    "xml_1_1.xml": HELLO,
    "standalone.xml": HELLO,
    "utf_16_cut_off.xml": NOT_IN_ENCODING,
    "utf_16_lone_surrogate.xml": NOT_IN_ENCODING,
    "windows_1252_undefined.xml": NOT_IN_ENCODING,
    "utf_32.xml": NOT_XML,
    "utf_7_declared.xml": NO_ENCODING,
    "ebcdic_declared.xml": NO_ENCODING,
    "encoding_of_python.xml": NO_ENCODING,
    "encoding_unknown.xml": NO_ENCODING,
    "utf_8_invalid.xml": NOT_XML,
    "utf_8_cut_off.xml": NOT_XML,
    "utf_8_overlong.xml": NOT_XML,
    "utf_8_surrogates.xml": NOT_XML,
    "reference_to_nul.xml": NOT_XML,
    "reference_to_control.xml": NOT_XML,
    "reference_to_noncharacter.xml": NOT_XML,
    "reference_to_surrogate.xml": NOT_XML,
    "reference_beyond_unicode.xml": NOT_XML,
    "nul_byte.xml": NOT_XML,
    "control_character.xml": NOT_XML,
    "escape_sequence.xml": NOT_XML,
    # headers and versions of SOAP
    "header_empty.xml": HELLO,
    "header_optional_entry.xml": HELLO,
    "header_for_another_actor.xml": HELLO,
    "header_unqualified_must_understand.xml": HELLO,
    "must_understand_one.xml": NOT_UNDERSTOOD,
    "must_understand_true.xml": NOT_UNDERSTOOD,
    "must_understand_next.xml": Faulted("Header not understood: b", code="MustUnderstand"),
    "must_understand_soap_12.xml": NOT_UNDERSTOOD,
    "soap_12.xml": HELLO,
    "soap_12_optional_header.xml": HELLO,
    "soap_12_body_empty.xml": Faulted("Malformed request: the Body is empty", code="Sender"),
    "soap_12_unknown_operation.xml": Faulted(
        "Denied access to method (nothing) in class (Diagnostic)", code="Sender"
    ),
    "envelope_of_another_namespace.xml": WRONG_VERSION,
    "envelope_without_namespace.xml": WRONG_VERSION,
    # arrays and references
    "repeated_parts.xml": transactions("t1,t2;last"),
    "repeated_parts_apart.xml": transactions("t1,t2;last"),
    "soapenc_array.xml": transactions("t1,t2;last"),
    "soapenc_array_empty.xml": transactions(";last"),
    "reference.xml": transactions("t1;last"),
    "reference_shared.xml": transactions("t1,t1;last"),
    "reference_into_the_operation.xml": transactions("t1,t1;last"),
    "reference_to_credentials.xml": HELLO,
    "reference_unused.xml": HELLO,
    "reference_to_ancestor.xml": transactions("-;x"),
    "reference_dangling.xml": NO_REFERENCE,
    "reference_empty.xml": NO_REFERENCE,
    "reference_to_http.xml": NO_REFERENCE,
    "reference_to_attachment.xml": NO_REFERENCE,
    "reference_to_file.xml": NO_REFERENCE,
    "reference_circular.xml": CIRCLE,
    "reference_to_itself.xml": CIRCLE,
    # who may come in
    "no_credentials.xml": DENIED,
    "credentials_empty.xml": DENIED,
    "credentials_nil.xml": DENIED,
    "credentials_as_text.xml": DENIED,
    "credentials_without_password.xml": DENIED,
    "credentials_with_empty_password.xml": DENIED,
    "credentials_wrong.xml": DENIED,
    "credentials_of_sql.xml": DENIED,
    "credentials_with_markup.xml": DENIED,
    "credentials_in_another_place.xml": DENIED,
    "credentials_wrong_and_value_wrong.xml": DENIED,
    "credentials_wrong_and_srd_wrong.xml": DENIED,
    "empty_everything.xml": DENIED,
    "operation_without_content.xml": DENIED,
    # refused with a Return
    "element_in_value.xml": bad_value("Diagnostic.clientString", "xsd:string", "<b>"),
    "xinclude_in_value.xml": bad_value("Diagnostic.clientString", "xsd:string", "<include>"),
    "text_in_object.xml": bad_value("Diagnostic.transactions", "vin:Transaction", ""),
    "not_implemented.xml": Refused(503, "Not available in this server yet: WebSession.initialize"),
    "not_implemented_and_value_wrong.xml": Refused(
        503, "Not available in this server yet: Account.fetchCreatedSince"
    ),
    "handler_crashes.xml": INTERNAL,
    "handler_answers_wrongly.xml": INTERNAL,
    "srd_not_json.xml": bad_srd("Expecting value at character 1"),
    "srd_a_list.xml": bad_srd("it is not a JSON object"),
    "srd_nested_list.xml": bad_srd("a list may hold names and objects only"),
    "srd_nan.xml": bad_srd("it is not JSON"),
    "srd_surrogate.xml": Echoed("x"),
    "srd_blank.xml": HELLO,
    "srd_nil.xml": HELLO,
    # not a request
    "text.txt": NOT_XML,
    "object.json": NOT_XML,
    "page.html": Faulted("Malformed request: no Envelope"),
    "page_html5.html": NO_DTD,
    "form.txt": NOT_XML,
    "binary.bin": NOT_XML,
    "white_space.txt": Faulted("Malformed request: the body is empty"),
    "only_declaration.xml": NOT_XML,
    "only_comment.xml": NOT_XML,
    "truncated.xml": NOT_XML,
    "truncated_in_tag.xml": NOT_XML,
    "two_envelopes.xml": NOT_XML,
    "text_after_envelope.xml": NOT_XML,
    "declaration_in_the_middle.xml": NOT_XML,
    "ampersand_bare.xml": NOT_XML,
    "less_than_bare.xml": NOT_XML,
    "cdata_end_in_text.xml": NOT_XML,
    "comment_with_two_dashes.xml": NOT_XML,
    "attribute_twice.xml": NOT_XML,
    "attribute_unquoted.xml": NOT_XML,
    "prefix_undeclared.xml": NOT_XML,
    "prefix_undeclared_on_attribute.xml": NOT_XML,
    "tags_mismatched.xml": NOT_XML,
    "tags_mismatched_card.xml": NOT_XML,
    "operation_alone.xml": Faulted("Malformed request: no Envelope"),
    "no_body.xml": NO_BODY,
    "envelope_empty.xml": NO_BODY,
    "body_of_another_version.xml": NO_BODY,
    "body_without_namespace.xml": NO_BODY,
    "body_nested.xml": NO_BODY,
    "body_empty.xml": EMPTY_BODY,
    "body_of_text.xml": EMPTY_BODY,
    "body_of_comment.xml": EMPTY_BODY,
    "two_bodies.xml": Faulted("Malformed request: more than one Body"),
    "two_operations.xml": Faulted("Malformed request: more than one operation"),
    # entities and document types
    "dtd_internal.xml": NO_DTD,
    "dtd_empty.xml": NO_DTD,
    "dtd_external.xml": NO_DTD,
    "dtd_public.xml": NO_DTD,
    "dtd_after_comment.xml": NO_DTD,
    "dtd_lower_case.xml": NO_DTD,
    "dtd_with_entity.xml": NO_DTD,
    "dtd_in_utf_16.xml": NO_DTD,
    "external_entity_file.xml": NO_DTD,
    "external_entity_http.xml": NO_DTD,
    "parameter_entity.xml": NO_DTD,
    "billion_laughs.xml": NO_DTD,
    "quadratic_blowup.xml": NO_DTD,
    "entity_in_attribute.xml": NO_DTD,
    "entity_undeclared.xml": NOT_XML,
    "entity_of_html.xml": NOT_XML,
    # unknown services, versions, operations
    "fault_as_request.xml": denied_class(ENVELOPE_11),
    "service_unknown.xml": denied_class("Treasury"),
    "service_of_types.xml": denied_class("Vindicia"),
    "service_dunder.xml": denied_class("__class__"),
    "version_2_9.xml": denied_class("Diagnostic"),
    "version_3_6.xml": denied_method("echoString", "Account"),
    "version_0.xml": denied_class("http://soap.vindicia.com/v0_0/Diagnostic"),
    "version_with_dot.xml": denied_class("http://soap.vindicia.com/v22.0/Diagnostic"),
    "namespace_foreign.xml": denied_class("urn:example:bank"),
    "namespace_with_card.xml": denied_class("urn:XXXXXXXXXXXX1111"),
    "namespace_missing.xml": denied_class(""),
    "namespace_upper_case.xml": denied_class("HTTP://SOAP.VINDICIA.COM/v22_0/Diagnostic"),
    "operation_unknown.xml": denied_method("echoNothing"),
    "operation_dunder_init.xml": denied_method("__init__"),
    "operation_dunder_class.xml": denied_method("__class__"),
    "operation_of_spyne.xml": denied_method("initialize"),
    "operation_other_case.xml": denied_method("ECHOSTRING"),
    "operation_response.xml": denied_method("echoStringResponse"),
    "operation_of_another_service.xml": denied_method("makePayment"),
}


@dataclass(frozen=True)
class Made:
    """A body that is made, and how it is sent."""

    body: Callable[[], bytes]
    expected: Expected
    environ: dict[str, Any] = field(default_factory=dict)


def made(body: bytes | Callable[[], bytes], expected: Expected, **environ: Any) -> Made:
    return Made((lambda: body) if isinstance(body, bytes) else body, expected, environ)


def nested(depth: int) -> bytes:
    return echoing("x").replace(b"<clientString>", b"<a>" * depth + b"</a>" * depth + b"<clientString>")


def doubling_references(levels: int) -> bytes:
    """Each level refers to the next twice: 2 to the power of ``levels`` elements when followed."""
    parts = "".join(
        f'<multiRef id="r{n}"><account href="#s{n}"/></multiRef>'
        f'<multiRef id="s{n}"><entitlements href="#t{n}"/><entitlements href="#t{n}"/></multiRef>'
        f'<multiRef id="t{n}"><account href="#s{n + 1}"/></multiRef>'
        for n in range(levels)
    )
    asked = operation("Diagnostic", "putSomeMockTransactions", '<transactions href="#r0"/><extra>x</extra>')
    return envelope(asked + parts + f'<multiRef id="s{levels}"/>')


def paid(amount: str) -> bytes:
    return envelope(operation("AutoBill", "makePayment", f"<amount>{amount}</amount>"))


def disposed(disposition: str) -> bytes:
    parts = f"<overageDisposition>{disposition}</overageDisposition>"
    return envelope(operation("AutoBill", "makePayment", parts))


def delayed(days: str) -> bytes:
    return envelope(operation("AutoBill", "delayBillingByDays", f"<delayDays>{days}</delayDays>"))


def dated(moment: str) -> bytes:
    parts = f"<clientDateTime>{moment}</clientDateTime>"
    return envelope(operation("Diagnostic", "echoDateTime", parts))


def whether(value: str) -> bytes:
    parts = f"<clientBoolean>{value}</clientBoolean>"
    return envelope(operation("Diagnostic", "echoBoolean", parts))


def described(srd: str) -> bytes:
    return echoing("x").replace(b"<srd/>", f"<srd>{srd}</srd>".encode())


def amount(text: str) -> Echoed:
    return Echoed(text, "amount")


def days(text: str | None) -> Echoed:
    return Echoed(text, "nextBillingAmount")


def moment(text: str) -> Echoed:
    return Echoed(text, "serverEchoOfClientDateTime")


def boolean(text: str | None) -> Echoed:
    return Echoed(text, "serverEchoOfClientBoolean")


def bad_amount(value: str) -> Refused:
    return bad_value("AutoBill.amount", "xsd:decimal", value)


def bad_days(value: str) -> Refused:
    return bad_value("AutoBill.delayDays", "xsd:int", value)


def bad_moment(value: str) -> Refused:
    return bad_value("Diagnostic.clientDateTime", "xsd:dateTime", value)


def bad_boolean(value: str) -> Refused:
    return bad_value("Diagnostic.clientBoolean", "xsd:boolean", value)


def raw_deflate(body: bytes) -> bytes:
    squeezing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezing.compress(body) + squeezing.flush()


FIFTY_DIGITS = "14.9900000000000002131628207280300557613372802734375"
TOO_MUCH = Faulted("Malformed request: more than ", "413 Content Too Large")
TOO_DEEP = Faulted("Malformed request: elements are nested more than ", "413 Content Too Large")
NOT_PACKED = Faulted("Malformed request: the body cannot be unpacked")
CUT_OFF = Faulted("Malformed request: the packed body is cut off")
GZIP = {"HTTP_CONTENT_ENCODING": "gzip"}
DEFLATE = {"HTTP_CONTENT_ENCODING": "deflate"}
PLAIN = echoing("hello")

MADE: dict[str, Made] = {
    # values
    "decimal of fifty digits": made(paid(FIFTY_DIGITS), amount(FIFTY_DIGITS)),
    "decimal with a plus": made(paid("+5.00"), amount("5.00")),
    "decimal without a whole part": made(paid(".5"), amount("0.5")),
    "decimal in blanks": made(paid(" 5 \n"), amount("5")),
    "decimal empty": made(paid(""), Echoed(None, "amount")),
    "decimal not a number": made(paid("NaN"), bad_amount("NaN")),
    "decimal infinite": made(paid("INF"), bad_amount("INF")),
    "decimal with an exponent": made(paid("1E+3"), amount("1000")),
    "decimal with a huge exponent": made(paid("1E999999999"), bad_amount("1E999999999")),
    "decimal with a comma": made(paid("1,50"), bad_amount("1,50")),
    "decimal hexadecimal": made(paid("0x10"), bad_amount("0x10")),
    "decimal with an underscore": made(paid("1_000"), bad_amount("1_000")),
    "decimal in Arabic digits": made(paid("١٢"), bad_amount("١٢")),
    "decimal of a million digits": made(lambda: paid("9" * 1_000_000), bad_amount("X" * 100)),
    "decimal of a currency": made(paid("$5"), bad_amount("$5")),
    "int at its end": made(delayed("-2147483648"), days("-2147483648")),
    "int beyond its end": made(delayed("2147483648"), bad_days("2147483648")),
    "int with a point": made(delayed("1.0"), bad_days("1.0")),
    "int that is a card number": made(delayed(CARD), bad_days("XXXXXXXXXXXX1111")),
    "int empty": made(delayed(""), days(None)),
    "boolean true": made(whether("true"), boolean("1")),
    "boolean one in blanks": made(whether(" 1 "), boolean("1")),
    "boolean zero": made(whether("0"), boolean("0")),
    "boolean empty": made(whether(""), boolean(None)),
    "boolean in capitals": made(whether("TRUE"), bad_boolean("TRUE")),
    "boolean yes": made(whether("yes"), bad_boolean("yes")),
    "enumeration in another case": made(
        disposed("APPLYTOOLDESTINVOICE"), Echoed("applytoOldestInvoice", "currency")
    ),
    "enumeration unknown": made(
        disposed("applyToCharity"),
        bad_value("AutoBill.overageDisposition", "vin:PaymentOverageDisposition", "applyToCharity"),
    ),
    "enumeration empty": made(disposed(""), Echoed(None, "currency")),
    "moment at half an hour behind": made(
        dated("2024-01-15T12:00:00-03:30"), moment("2024-01-15T07:30:00-08:00")
    ),
    "moment fourteen hours ahead": made(
        dated("2024-07-15T12:00:00+14:00"), moment("2024-07-14T15:00:00-07:00")
    ),
    "moment fifteen hours ahead": made(
        dated("2024-07-15T12:00:00+15:00"), bad_moment("2024-07-15T12:00:00+15:00")
    ),
    "moment without an offset": made(dated("2024-07-15T12:00:00"), moment("2024-07-15T12:00:00-07:00")),
    "moment with a fraction": made(dated("2024-07-15T12:00:00.999Z"), moment("2024-07-15T05:00:00-07:00")),
    "moment of a day": made(dated("2024-07-15"), moment("2024-07-15T00:00:00-07:00")),
    "moment on the leap day": made(dated("2024-02-29T12:00:00Z"), moment("2024-02-29T04:00:00-08:00")),
    "moment on no leap day": made(dated("2023-02-29T12:00:00Z"), bad_moment("2023-02-29T12:00:00Z")),
    "moment at a leap second": made(dated("2016-12-31T23:59:60Z"), bad_moment("2016-12-31T23:59:60Z")),
    "moment at twenty-four": made(dated("2024-07-15T24:00:00Z"), moment("2024-07-15T17:00:00-07:00")),
    "moment in the year 0": made(dated("0000-01-01T00:00:00Z"), bad_moment("0000-01-01T00:00:00Z")),
    "moment in the year 9999": made(dated("9999-12-31T23:59:59Z"), moment("9999-12-31T15:59:59-08:00")),
    "moment after the year 9999": made(
        dated("9999-12-31T23:59:59-14:00"), bad_moment("9999-12-31T23:59:59-14:00")
    ),
    "moment before Christ": made(dated("-0044-03-15T12:00:00Z"), bad_moment("-0044-03-15T12:00:00Z")),
    "moment of words": made(dated("yesterday"), bad_moment("yesterday")),
    "moment as seconds": made(dated("1700000000"), bad_moment("1700000000")),
    # sizes
    "nothing at all": made(b"", Faulted("Malformed request: the body is empty")),
    "one byte": made(b"<", NOT_XML),
    "large but allowed": made(lambda: echoing("y" * (MEBIBYTE + MEBIBYTE // 2)), Echoed("y" * 1572864)),
    "too many bytes": made(lambda: echoing("x" * 2 * MEBIBYTE), TOO_MUCH),
    "too many bytes declared": made(PLAIN, TOO_MUCH, CONTENT_LENGTH="99999999999"),
    "nested hundredfold": made(nested(100), TOO_DEEP),
    "nested thousandfold": made(nested(1000), NOT_XML),
    "nested a hundred thousandfold": made(lambda: nested(100_000), TOO_MUCH),
    "tags never closed": made(lambda: b"<a>" * 600_000, TOO_MUCH),
    "brackets alone": made(lambda: b"<" * MEBIBYTE, TOO_MUCH),
    "too many elements": made(
        lambda: PLAIN.replace(b"<clientString>", b"<a/>" * 110_000 + b"<clientString>"), TOO_MUCH
    ),
    "as many elements as allowed": made(
        lambda: PLAIN.replace(b"<clientString>", b"<a/>" * 90_000 + b"<clientString>"), HELLO
    ),
    "elements in UTF-16": made(
        lambda: b"\xff\xfe" + ("<a>" + "<b/>" * 120_000 + "</a>").encode("utf-16-le"), TOO_MUCH
    ),
    "a million attributes": made(
        lambda: b"<a " + b" ".join(b'a%d=""' % number for number in range(160_000)) + b"/>", TOO_MUCH
    ),
    "many attributes of one element": made(
        lambda: PLAIN.replace(
            b"<clientString>", b"<b " + b" ".join(b'a%d=""' % n for n in range(90_000)) + b"/><clientString>"
        ),
        HELLO,
    ),
    "many namespaces": made(
        lambda: PLAIN.replace(
            b"<clientString>",
            b"<b " + b" ".join(b'xmlns:n%d="u"' % n for n in range(90_000)) + b"/><clientString>",
        ),
        HELLO,
    ),
    "many new names": made(
        lambda: PLAIN.replace(
            b"<clientString>", b"".join(b"<n%d/>" % n for n in range(90_000)) + b"<clientString>"
        ),
        HELLO,
    ),
    "a name of a million letters": made(
        lambda: PLAIN.replace(b"<clientString>", b"<" + b"n" * 1_000_000 + b"/><clientString>"), NOT_XML
    ),
    "an attribute of a million letters": made(
        lambda: PLAIN.replace(b"<clientString>", b'<clientString a="' + b"n" * 1_000_000 + b'">'), HELLO
    ),
    "a comment of a million letters": made(lambda: echoing("he<!--" + "c" * 1_000_000 + "-->llo"), HELLO),
    "many comments": made(lambda: echoing("he" + "<!---->" * 90_000 + "llo"), HELLO),
    "many instructions": made(lambda: echoing("he" + "<?p?>" * 90_000 + "llo"), HELLO),
    "many sections": made(lambda: echoing("<![CDATA[x]]>" * 90_000), Echoed("x" * 90_000)),
    "many entities": made(lambda: echoing("&lt;" * 300_000), Echoed("<" * 300_000)),
    "a login of a million letters": made(lambda: PLAIN.replace(LOGIN.encode(), b"l" * 1_000_000), DENIED),
    "many identical values": made(
        lambda: echoing("x</clientString><clientString>" * 40_000 + "hello"), HELLO
    ),
    "references that double": made(
        doubling_references(18), Faulted("Malformed request: the references hold too many elements")
    ),
    "references in a long chain": made(
        lambda: envelope(
            operation("Diagnostic", "putSomeMockTransactions", '<transactions href="#c0"/><extra>x</extra>')
            + "".join(f'<multiRef id="c{n}" href="#c{n + 1}"/>' for n in range(2000))
            + '<multiRef id="c2000"/>'
        ),
        Faulted("Malformed request: the references are too many"),
    ),
    "many headers": made(
        lambda: envelope(
            operation("Diagnostic", "echoString", ""), "<soap:Header>" + "<h/>" * 80_000 + "</soap:Header>"
        ),
        Echoed(None),
    ),
    "srd nested deeply": made(lambda: described('{"a":' * 10_000), bad_srd("it is too long")),
    "srd nested": made(described('{"a":' * 40 + "1" + "}" * 40), bad_srd("it is nested too deeply")),
    "srd of lists in lists": made(
        described('{"a":' + '[{"b":' * 2_000 + "1" + "}]" * 2_000 + "}"), bad_srd("it is nested too deeply")
    ),
    "srd with a huge number": made(
        described('{"serverEchoOfClientString":' + "9" * 9_000 + "}"), Echoed("x")
    ),
    # packed
    "gzip": made(packed(PLAIN), HELLO, **GZIP),
    "gzip by its old name": made(packed(PLAIN), HELLO, HTTP_CONTENT_ENCODING="X-GZIP"),
    "gzip in two pieces": made(packed(PLAIN[:99]) + packed(PLAIN[99:]), HELLO, **GZIP),
    "gzip with padding": made(packed(PLAIN) + bytes(512), HELLO, **GZIP),
    "gzip twice": made(packed(packed(PLAIN)), HELLO, HTTP_CONTENT_ENCODING="gzip, gzip"),
    "gzip and identity": made(packed(PLAIN), HELLO, HTTP_CONTENT_ENCODING="gzip, identity"),
    "gzip of UTF-16": made(
        packed((BODIES / "utf_16_big_endian.xml").read_bytes()), Echoed("Größe 世界"), **GZIP
    ),
    "gzip truncated": made(packed(PLAIN)[:-20], CUT_OFF, **GZIP),
    "gzip of nothing": made(packed(b""), Faulted("Malformed request: the body is empty"), **GZIP),
    "gzip claimed": made(PLAIN, NOT_PACKED, **GZIP),
    "gzip unclaimed": made(packed(PLAIN), NOT_XML),
    "gzip with a wrong sum": made(packed(PLAIN)[:-8] + b"\1" * 8, NOT_PACKED, **GZIP),
    "gzip and then noise": made(packed(PLAIN) + b"noise", NOT_PACKED, **GZIP),
    "gzip bomb": made(lambda: gzip.compress(bytes(200 * MEBIBYTE), 9), TOO_MUCH, **GZIP),
    "gzip bomb of bombs": made(
        lambda: gzip.compress(gzip.compress(bytes(100 * MEBIBYTE), 9), 9),
        TOO_MUCH,
        HTTP_CONTENT_ENCODING="gzip, gzip",
    ),
    "gzip in countless pieces": made(
        lambda: packed(b"") * 5_000,
        Faulted("Malformed request: too many packed", "413 Content Too Large"),
        **GZIP,
    ),
    "deflate": made(zlib.compress(PLAIN), HELLO, **DEFLATE),
    "deflate without header": made(raw_deflate(PLAIN), HELLO, **DEFLATE),
    "deflate truncated": made(zlib.compress(PLAIN)[:-20], CUT_OFF, **DEFLATE),
    "deflate of noise": made(b"\xff\xff noise", NOT_PACKED, **DEFLATE),
    "packing unknown": made(
        PLAIN, Faulted("Malformed request: the Content-Encoding"), HTTP_CONTENT_ENCODING="br"
    ),
    # kinds of content
    "no kind of content": made(PLAIN, HELLO, CONTENT_TYPE=""),
    "kind of content plain": made(PLAIN, HELLO, CONTENT_TYPE="text/plain"),
    "kind of content JSON": made(PLAIN, HELLO, CONTENT_TYPE="application/json"),
    "kind of content form": made(PLAIN, HELLO, CONTENT_TYPE="application/x-www-form-urlencoded"),
    "kind of content SOAP 1.2 around 1.1": made(PLAIN, HELLO, CONTENT_TYPE="application/soap+xml"),
    "kind of content SOAP 1.2 around nothing": made(
        b"nothing",
        Faulted("Malformed request: not well-formed XML", code="Sender"),
        CONTENT_TYPE="application/soap+xml",
    ),
    "charset in capitals and blanks": made(PLAIN, HELLO, CONTENT_TYPE="text/xml;  Charset = UTF-8 "),
    "charset quoted": made(PLAIN, HELLO, CONTENT_TYPE='text/xml; charset="utf-8"; action="x"'),
    "charset unknown": made(PLAIN, HELLO, CONTENT_TYPE="text/xml; charset=nonsense"),
    "charset of HTTP alone": made(
        echoing("Größe").decode().encode("latin-1"),
        Echoed("Größe"),
        CONTENT_TYPE="text/xml; charset=ISO-8859-1",
    ),
    "charset wrong beside a declaration": made(
        (BODIES / "latin_1.xml").read_bytes(), Echoed("Größe"), CONTENT_TYPE="text/xml; charset=utf-8"
    ),
    "charset wrong beside a mark": made(
        (BODIES / "utf_16_big_endian.xml").read_bytes(),
        Echoed("Größe 世界"),
        CONTENT_TYPE="text/xml; charset=iso-8859-1",
    ),
    "SOAPAction of another call": made(PLAIN, HELLO, HTTP_SOAPACTION='"urn:delete#everything"'),
    "SOAPAction unquoted": made(
        PLAIN, HELLO, HTTP_SOAPACTION="http://soap.vindicia.com/v3_6/Account#update "
    ),
    "length not a number": made(
        PLAIN, Faulted("Malformed request: the Content-Length"), CONTENT_LENGTH="12x"
    ),
    "length negative": made(PLAIN, Faulted("Malformed request: the Content-Length"), CONTENT_LENGTH="-1"),
    "length in Arabic digits": made(
        PLAIN, Faulted("Malformed request: the Content-Length"), CONTENT_LENGTH="١٢"
    ),
    "length longer than the body": made(
        PLAIN, Faulted("Malformed request: the body is cut off"), CONTENT_LENGTH=str(len(PLAIN) + 1)
    ),
    "length shorter than the body": made(PLAIN, NOT_XML, CONTENT_LENGTH="100"),
    "length missing": made(PLAIN, Faulted("Malformed request: the body is empty"), CONTENT_LENGTH=""),
    "chunks undone": made(PLAIN, HELLO, **{"CONTENT_LENGTH": "", "wsgi.input_terminated": True}),
    "chunks without end": made(
        lambda: bytes(3 * MEBIBYTE), TOO_MUCH, **{"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    ),
}


@pytest.fixture(scope="module")
def service() -> EchoService:
    """One service for all bodies: none of them may harm the next."""
    service = EchoService()
    service.post(PLAIN)
    return service


def check(service: EchoService, body: bytes, expected: Expected, environ: dict[str, Any]) -> None:
    begun = time.process_time()
    reply = service.post(body, **environ)
    seconds = time.process_time() - begun
    assert reply.root.tag in (f"{{{ENVELOPE_11}}}Envelope", f"{{{ENVELOPE_12}}}Envelope")
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    expected.check(reply)
    answer = reply.body.decode()
    assert [secret for secret in SECRETS if secret in answer] == []
    assert all(not store.is_open for store in service.app.opened)
    assert seconds < SECONDS


def test_every_body_is_in_the_table() -> None:
    assert {path.name for path in BODIES.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_body_of_a_file_is_answered(service: EchoService, name: str) -> None:
    check(service, (BODIES / name).read_bytes(), FILES[name], {})


@pytest.mark.parametrize("name", MADE)
def test_made_body_is_answered(service: EchoService, name: str) -> None:
    case = MADE[name]
    check(service, case.body(), case.expected, case.environ)


def test_service_is_unharmed_afterwards(service: EchoService) -> None:
    check(service, PLAIN, HELLO, {})
