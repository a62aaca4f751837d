"""A call between envelope and handler: who gets in, what is asked, and how every outcome is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from cashbox_service import contract
from cashbox_service.conformance.events import captured_events
from cashbox_service.domain import errors
from cashbox_service.domain.errors import CashboxError, InvalidRequest, MissingField, NotFound
from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.codec import Codec
from cashbox_service.soap.dispatch import Dispatcher, FailedWith
from cashbox_service.soap.envelope import read_envelope
from cashbox_service.soap.registry import Registry
from cashbox_service.soap.returns import COMMON, INTERNAL, Row, row_for
from cashbox_service.soap.shapes import response_shape
from cashbox_service.soap.shown import SAID_LENGTH
from tests.soap.echo import (
    AUTH,
    CARD,
    LOGIN,
    PASSWORD,
    EchoService,
    FakeApp,
    Shop,
    Store,
    echoing,
    envelope,
    operation,
)
from tests.soap.requests import FACTS, PACIFIC

SOAP_ID = re.compile("[0-9a-f]{40}")

RETURNS: dict[str, tuple[Row, ...]] = {
    "getHello": (
        Row(404, 'Own text for {key} "{value}": {detail}', "decided", NotFound),
        Row(400, "Own text without {nothing}", "decided", MissingField),
    ),
}


@pytest.fixture
def service() -> EchoService:
    return EchoService()


class Line:
    """A dispatcher with one handler, for Diagnostic.getHello, and the application behind it."""

    def __init__(self, handler: Callable[[Call, Any], Any], shop: Shop | None = None) -> None:
        registry = Registry()
        handler.__module__ = __name__
        registry.handles("Diagnostic", "getHello")(handler)
        self.app = FakeApp(shop)
        self.dispatcher = Dispatcher(self.app, Codec(FACTS, PACIFIC), FACTS, registry)

    def answer(self, parts: str = "", *, dispatcher: Dispatcher | None = None, auth: str = AUTH) -> str:
        request = read_envelope(envelope(operation("Diagnostic", "getHello", parts, auth)))
        exchange = (dispatcher or self.dispatcher).begin("Diagnostic", request)
        exchange.read()
        exchange.perform()
        answer = exchange.write().decode()
        exchange.close()
        return answer


def refusing(error: Exception) -> Line:
    def refuse(_call: Call, _request: r.DiagnosticGetHelloRequest) -> r.DiagnosticGetHelloResponse:
        raise error

    return Line(refuse)


def result(answer: str) -> tuple[int, str]:
    found = re.search(r">(\d+)</returnCode><returnString[^>]*>([^<]*)<", answer)
    assert found is not None
    return int(found[1]), found[2].replace("&gt;", ">").replace("&lt;", "<")


def test_success_is_200_ok_with_a_call_id_of_its_own(service: EchoService) -> None:
    first, second = service.post(echoing("x")), service.post(echoing("x"))
    assert (first.code, first.text("returnString")) == (200, "OK")
    ids = [first.text("soapId"), second.text("soapId")]
    assert all(SOAP_ID.fullmatch(each or "") for each in ids)
    assert len(set(ids)) == 2


def hello(text: str) -> r.DiagnosticGetHelloResponse:
    return r.DiagnosticGetHelloResponse(serverString=text)


def ahead(call: Call, response: Any) -> Any:
    assert call.ahead is not None
    call.ahead(response)
    return response


def test_an_answer_written_ahead_is_the_one_that_is_sent() -> None:
    def early(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        response = ahead(call, hello("as it was"))
        response.serverString = "as it became"
        return cast("r.DiagnosticGetHelloResponse", response)

    answer = Line(early).answer()
    assert result(answer) == (200, "OK")
    assert ">as it was<" in answer
    assert SOAP_ID.search(answer)


def test_what_was_written_ahead_is_forgotten_by_a_call_that_fails() -> None:
    def fail(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        ahead(call, hello("too early"))
        raise InvalidRequest("It came to nothing.")

    answer = Line(fail).answer()
    assert result(answer)[0] == 400
    assert "too early" not in answer


def test_what_was_written_ahead_counts_for_its_own_response_alone() -> None:
    def otherwise(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        ahead(call, hello("the first try"))
        return hello("the second")

    answer = Line(otherwise).answer()
    assert ">the second<" in answer
    assert "the first try" not in answer


def test_an_answer_that_is_narrowed_is_not_written_ahead() -> None:
    seen = []

    def note(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        seen.append(call.ahead)
        return hello("x")

    srd = '{"serverString": ""}'
    request = operation("Diagnostic", "getHello", "").replace("<srd/>", f"<srd>{srd}</srd>")
    exchange = Line(note).dispatcher.begin("Diagnostic", read_envelope(envelope(request)))
    exchange.read()
    exchange.perform()
    assert seen == [None]


def test_application_is_asked_once_with_the_address_of_the_caller(service: EchoService) -> None:
    service.post(echoing("x"))
    assert service.app.asked == [(LOGIN, PASSWORD, "192.0.2.7")]


@pytest.mark.parametrize(
    "auth",
    ["", "<auth/>", "<auth><login/><password/></auth>", f"<auth><login>{LOGIN}</login></auth>"],
)
def test_application_is_not_asked_about_missing_credentials(service: EchoService, auth: str) -> None:
    reply = service.post(envelope(operation("Diagnostic", "echoString", "", auth)))
    assert (reply.code, reply.text("returnString")) == (403, 'Permission denied to domain "soap"')
    assert service.app.asked == []


def test_wrong_credentials_come_before_every_other_complaint(service: EchoService) -> None:
    wrong = AUTH.replace(PASSWORD, "wrong")
    bodies = [
        envelope(operation("Diagnostic", "echoBoolean", "<clientBoolean>maybe</clientBoolean>", wrong)),
        envelope(operation("Diagnostic", "echoString", "", wrong).replace("<srd/>", "<srd>{</srd>")),
        envelope(operation("WebSession", "initialize", "", wrong)),
        envelope(operation("Product", "update", "", wrong)),
    ]
    assert [service.post(body).code for body in bodies] == [403] * len(bodies)
    assert service.app.opened == []


def test_refused_caller_gets_the_required_values_and_no_more(service: EchoService) -> None:
    reply = service.post(envelope(operation("Product", "update", "", "")))
    assert reply.text("created") == "0"
    assert reply.text("product") is None


def test_application_may_be_unavailable_before_it_knows_the_caller(service: EchoService) -> None:
    service.app.is_stopping = True
    reply = service.post(echoing("x"))
    assert (reply.code, reply.text("returnString")) == (503, "The service is stopping.")


def test_operation_without_handler_is_refused_after_the_credentials() -> None:
    service = EchoService()
    reply = service.post(envelope(operation("Account", "fetchFamily", "<account>no object</account>")))
    assert (reply.code, reply.text("returnString")) == (
        503,
        "Not available in this server yet: Account.fetchFamily",
    )
    assert service.app.opened == []


def test_values_that_cannot_be_read_are_refused_in_the_same_words_everywhere(service: EchoService) -> None:
    """Product.update has a row of its own for InvalidRequest; it is for what the use case refuses."""
    reply = service.post(
        envelope(
            operation("Product", "update", "<product><endOfLifeTimestamp>x</endOfLifeTimestamp></product>")
        )
    )
    item = 'Item "Vindicia::Soap::Product.endOfLifeTimestamp" of type xsd:dateTime has invalid value "x"!'
    assert (reply.code, reply.text("returnString")) == (400, f"Invalid Arguments - {item}")
    assert reply.text("created") == "0"


def test_own_rows_answer_a_refusal_first_and_values_are_inserted_as_they_are(service: EchoService) -> None:
    reply = service.post(
        envelope(operation("Product", "update", "<product><VID>{0} {key!r} %s</VID></product>"))
    )
    assert (reply.code, reply.text("returnString")) == (404, 'No product by VID "{0} {key!r} %s"')
    reply = service.post(envelope(operation("Product", "update", "")))
    assert (reply.code, reply.text("returnString")) == (400, "Failed to update: there is no product {in} it")


def test_first_fitting_row_counts() -> None:
    answer = refusing(errors.AccountNotFound("VID", "v1", "gone")).answer()
    assert result(answer) == (404, 'Own text for VID "v1": gone')


def test_text_that_names_what_the_error_lacks_is_sent_without_it() -> None:
    assert result(refusing(MissingField("x")).answer()) == (400, "Own text without ")


@pytest.mark.parametrize(
    "number",
    [
        CARD,
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "378282246310005",
        "6759649826438453",
        "6200000000000005",
    ],
)
def test_a_card_number_is_never_said_whatever_field_it_was_sent_in(number: str) -> None:
    error = errors.InvalidValue("currency", number, "is not a currency")
    masked = "".join("X" if char.isdigit() else char for char in number[:-4]) + number[-4:]
    assert result(refusing(error).answer()) == (400, f'currency "{masked}" is not a currency.')


def test_a_card_number_is_not_said_between_letters_either() -> None:
    error = errors.InvalidValue("currency", f"code{CARD}face", "is not a currency")
    masked = "X" * (len(CARD) - 4) + CARD[-4:]
    assert result(refusing(error).answer()) == (400, f'currency "code{masked}face" is not a currency.')


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111112",  # no card number
        "20240101120002",  # a time of day that happens to have a right check digit
        "5a" * 10 + CARD + "abcd",
    ],
)
def test_an_id_of_many_digits_is_said_as_it_was_sent(number: str) -> None:
    error = errors.InvalidValue("merchantAccountId", number, "is in use")
    assert result(refusing(error).answer()) == (400, f'merchantAccountId "{number}" is in use.')


def test_a_long_value_does_not_make_a_long_text() -> None:
    code, text = result(refusing(errors.InvalidValue("note", "x" * 70_000, "is too long")).answer())
    assert code == 400
    assert text == 'note "' + "x" * (SAID_LENGTH - len('note "')) + "…"


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (MissingField("page"), 400, "Missing required parameter 'page'."),
        (errors.InvalidValue("page", -1, "is negative"), 400, 'page "-1" is negative.'),
        (errors.AccountNotFound("VID", "x"), 404, 'No match found for VID "x"'),
        (errors.NothingFound("Nothing."), 404, "Nothing."),
        (errors.PaymentRefused("05", hard=False), 402, "Unable to authorize payment method: 05"),
        (errors.NoPaymentMethod(), 405, "Account has no default payment method"),
        (errors.AvsRefused(), 407, "Failed AVS policy evaluation"),
        (errors.CvnRefused(), 408, "Failed CVN policy evaluation"),
        (errors.AvsAndCvnRefused(), 409, "Failed AVS and CVN policy evaluation"),
        (errors.AvsCvnNotPerformed(), 410, "AVS and CVN policy evaluation could not be performed"),
        (errors.RiskRefused(90, 50), 403, "Denied"),
        (errors.ConcurrentChange(), 500, "Process failed (Internal)"),
        (errors.Unavailable("Token.fetch"), 503, "Not available in this server yet: Token.fetch"),
        (CashboxError("No."), 400, "No."),
    ],
)
def test_common_rows_answer_what_an_operation_leaves_open(error: CashboxError, code: int, text: str) -> None:
    row = row_for(error, ())
    assert (row.code, row.string_for(error)) == (code, text)


def test_every_refusal_of_the_tree_has_a_common_row_of_its_own_kind() -> None:
    """Only what no row names falls to the last one; a new branch of the tree has to be thought of here."""
    named = {row.error for row in COMMON}
    tops = CashboxError.__subclasses__()
    assert [each.__name__ for each in tops if each.__module__ == errors.__name__ and each not in named] == []


def test_handler_may_set_the_return_itself() -> None:
    def partly(_call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        return r.DiagnosticGetHelloResponse(
            return_=r.Return(returnCode=206, returnString="Partly"), serverString="x"
        )

    answer = Line(partly).answer()
    assert result(answer) == (206, "Partly")
    assert SOAP_ID.search(answer)


def test_failure_may_carry_parts(service: EchoService) -> None:
    reply = service.post(envelope(operation("Diagnostic", "putHello", "<clientString>bye</clientString>")))
    assert (reply.code, reply.text("returnString")) == (402, "Refused with 05: no bye")
    assert reply.text("serverEchoOfClientString") == "bye"


def test_failure_may_carry_the_objects_it_has() -> None:
    account = r.Account(VID="a" * 40)

    def refuse(_call: Call, _request: Any) -> Any:
        raise FailedWith(r.AccountFetchByVidResponse(account=account), InvalidRequest("no"))

    registry = Registry()
    refuse.__module__ = __name__
    registry.handles("Account", "fetchByVid")(refuse)
    dispatcher = Dispatcher(FakeApp(), Codec(FACTS, PACIFIC), FACTS, registry)
    request = read_envelope(envelope(operation("Account", "fetchByVid", "<vid>x</vid>")))
    exchange = dispatcher.begin("Account", request)
    exchange.read()
    exchange.perform()
    assert b"a" * 40 in exchange.write()


def test_unexpected_exception_is_500_and_logged_without_values() -> None:
    service = EchoService()
    with captured_events() as events:
        reply = service.post(envelope(operation("Diagnostic", "getHello", f"<quodlibet>{CARD}</quodlibet>")))
    assert (reply.code, reply.text("returnString")) == (500, "Process failed (Internal)")
    assert reply.text("serverString") == ""
    failure = next(event for event in events if event["event"] == "call failed")
    assert failure["soap_id"] == reply.text("soapId")
    assert failure["error"] == "builtins.RuntimeError"
    assert "in get_hello" in failure["traceback"]
    written = repr(events)
    assert [secret for secret in (CARD, PASSWORD, "SELECT secret FROM cards: 4") if secret in written] == []


def test_chain_of_causes_is_logged_by_kind() -> None:
    def fail(_call: Call, _request: Any) -> Any:
        try:
            raise KeyError(CARD)
        except KeyError as error:
            raise ValueError(PASSWORD) from error

    with captured_events() as events:
        Line(fail).answer()
    failure = next(event for event in events if event["event"] == "call failed")
    assert failure["error"] == "builtins.ValueError from builtins.KeyError"
    assert failure["traceback"].count("in fail") == 2


def test_work_is_opened_when_asked_for_once_and_closed_afterwards() -> None:
    seen: list[bool] = []

    def work(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        store = cast("Store", call.work)
        assert cast("Store", call.work) is store
        seen.append(store.is_open)
        return r.DiagnosticGetHelloResponse(serverString="x")

    line = Line(work)
    assert result(line.answer()) == (200, "OK")
    assert seen == [True]
    assert [store.is_open for store in line.app.opened] == [False]


def test_work_is_not_opened_for_nothing(service: EchoService) -> None:
    service.post(echoing("x"))
    assert service.app.opened == []


def test_work_is_closed_after_a_failure(service: EchoService) -> None:
    service.post(envelope(operation("Diagnostic", "getHello", "")))
    assert [store.is_open for store in service.app.opened] == [False]


def test_failure_to_close_does_not_take_the_answer_back() -> None:
    class Stuck(FakeApp):
        def open(self, merchant: Any) -> Any:
            store = super().open(merchant)
            store.close = self.fail  # type: ignore[method-assign]
            return store

        def fail(self) -> None:
            raise OSError(PASSWORD)

    def work(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        assert call.work is not None
        return r.DiagnosticGetHelloResponse(serverString="x")

    line = Line(work)
    line.dispatcher.app = Stuck()
    with captured_events() as events:
        assert result(line.answer()) == (200, "OK")
    assert [event["error"] for event in events if event["event"] == "call failed"] == ["builtins.OSError"]


def test_answer_that_the_contract_forbids_is_500(service: EchoService) -> None:
    with captured_events() as events:
        reply = service.post(
            envelope(operation("Diagnostic", "uselessUseOfDiagnosticObject", "<uselessInput/>"))
        )
    assert reply.code == 500
    assert any("UnfitResponse" in event.get("error", "") for event in events)


def test_call_is_logged_once_with_what_support_needs(service: EchoService) -> None:
    with captured_events() as events:
        reply = service.post(echoing("secret words"))
    [event] = events
    milliseconds = event.pop("milliseconds")
    assert 0 < milliseconds < 10_000
    assert event == {
        "event": "call",
        "log_level": "info",
        "service": "Diagnostic",
        "operation": "echoString",
        "code": 200,
        "soap_id": reply.text("soapId"),
    }


def test_other_version_than_the_namespace_says_is_logged_and_ignored(service: EchoService) -> None:
    with captured_events() as events:
        reply = service.post(echoing("x").replace(b"<version>22.0<", b"<version>3.6 <"))
    assert reply.code == 200
    assert events[0]["version_claimed"] == "3.6 "


def test_finished_calls_are_reported(service: EchoService) -> None:
    reply = service.post(echoing("x"))
    service.post(echoing("x").replace(PASSWORD.encode(), b"wrong"))
    service.post(b"nonsense")
    served, refused, fault = service.finished
    assert (served.service, served.operation, served.version) == ("Diagnostic", "echoString", "22.0")
    assert (served.return_code, served.soap_id, served.merchant_vid) == (200, reply.text("soapId"), "5" * 40)
    assert (refused.return_code, refused.merchant_vid) == (403, None)
    assert (fault.return_code, fault.service, fault.operation) == (None, "", "")
    assert all(call.seconds > 0 and call.at.utcoffset() is not None for call in service.finished)


def fetched(service: EchoService, srd: str) -> str:
    parts = "<merchantAccountId>c1</merchantAccountId>"
    body = operation("Account", "fetchByMerchantAccountId", parts).replace("<srd/>", f"<srd>{srd}</srd>")
    reply = service.post(envelope(body))
    assert reply.code == 200
    names = [element.tag.rpartition("}")[2] for element in reply.root.iter()]
    return " ".join(names[names.index("soapId") + 1 :])


@pytest.mark.parametrize(
    ("srd", "names"),
    [
        ("", "account VID merchantAccountId emailAddress name"),
        ('{"account":{"name":""}}', "account VID merchantAccountId name"),
        ('{"name":1}', "account VID merchantAccountId name"),
        ("{}", "account VID merchantAccountId"),
        ('{"account":false}', ""),
        ('{"return":""}', ""),
    ],
)
def test_sparse_response_description_narrows_the_answer(service: EchoService, srd: str, names: str) -> None:
    assert fetched(service, srd) == names


def test_unselected_part_stays_when_the_contract_requires_it(service: EchoService) -> None:
    product = "<product><merchantProductId>p</merchantProductId></product>"
    body = operation("Product", "update", product).replace("<srd/>", '<srd>{"product":false}</srd>')
    reply = service.post(envelope(body))
    assert (reply.code, reply.text("product"), reply.text("created")) == (200, None, "1")


def test_parts_of_a_failure_are_narrowed_too(service: EchoService) -> None:
    body = operation("Diagnostic", "putHello", "<clientString>x</clientString>")
    reply = service.post(envelope(body.replace("<srd/>", '<srd>{"return":1}</srd>')))
    assert (reply.code, reply.text("serverEchoOfClientString")) == (402, None)


def test_wrong_description_stops_the_call_before_its_handler(service: EchoService) -> None:
    body = operation("Diagnostic", "getHello", "").replace("<srd/>", "<srd>account</srd>")
    reply = service.post(envelope(body))
    assert reply.code == 400
    assert (reply.text("returnString") or "").startswith("Invalid sparse response description: ")
    assert service.app.opened == []


def test_versions_before_13_ignore_the_description() -> None:
    seen: list[bool] = []

    def look(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        seen.append(call.srd.everything)
        return r.DiagnosticGetHelloResponse(serverString="x")

    line = Line(look)
    old = replace(FACTS, version="12.0")
    dispatcher = Dispatcher(line.app, Codec(old, PACIFIC), old, line.dispatcher.registry)
    body = operation("Diagnostic", "getHello", "").replace("<srd/>", "<srd>{not json</srd>")
    exchange = dispatcher.begin("Diagnostic", read_envelope(envelope(body)))
    exchange.read()
    exchange.perform()
    assert exchange.code == 200
    assert seen == [True]


def test_moments_are_read_and_written_in_the_zone_of_the_merchant() -> None:
    service = EchoService(shop=Shop(settings=MerchantSettings.from_stored({"timeZone": "Europe/Berlin"})))
    for sent in ("2024-07-15T12:00:00", "2024-07-15T03:00:00-07:00"):
        parts = f"<clientDateTime>{sent}</clientDateTime>"
        reply = service.post(envelope(operation("Diagnostic", "echoDateTime", parts)))
        assert reply.text("serverEchoOfClientDateTime") == "2024-07-15T12:00:00+02:00"


def test_call_knows_where_it_comes_from() -> None:
    calls: list[Call] = []

    def keep(call: Call, _request: Any) -> r.DiagnosticGetHelloResponse:
        calls.append(call)
        return r.DiagnosticGetHelloResponse(serverString="x")

    line = Line(keep)
    answer = line.answer()
    [call] = calls
    assert (call.service, call.operation, call.version) == ("Diagnostic", "getHello", "22.0")
    assert call.soap_id in answer
    assert [call.merchant, call.app] == cast("Any", [line.app.shop, line.app])


def test_operation_has_one_handler() -> None:
    registry = Registry()
    registry.handles("Diagnostic", "getHello")(lambda _call, _request: r.DiagnosticGetHelloResponse())
    with pytest.raises(ValueError, match="has a handler already"):
        registry.handles("Diagnostic", "getHello")(lambda _call, _request: r.DiagnosticGetHelloResponse())


def test_row_without_a_class_answers_nothing() -> None:
    documented = Row(404, "only written down", "documented")
    assert row_for(InvalidRequest("no"), (documented,)).code == 400
    assert row_for(CashboxError("no"), (documented,)) is not INTERNAL


@pytest.mark.parametrize("service", FACTS.services)
def test_every_answer_can_be_refused(service: str) -> None:
    """Each required simple part has a value to send when there is nothing to say, and the codec takes it."""
    codec = Codec(FACTS, PACIFIC)
    for name in contract.load("22.0").services[service].operations:
        shape = response_shape(FACTS, service, name)
        response: Any = shape.make()
        response.return_ = r.Return(returnCode=500, returnString="no", soapId="a" * 40)
        shape.fill_required(response)
        assert b">500<" in codec.write_response(service, name, response, failed=True)
