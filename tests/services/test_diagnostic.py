"""Service Diagnostic: a log-in test and a mirror for client libraries (notifications §4)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services.wire import Wire, element
from tests.soap_client import Login, ServiceClient

ASCII_TEXT = "The quick brown fox jumps over the lazy dog"
NON_ASCII_TEXT = "Größe, façade, señor, Ångström"
NON_LATIN_TEXT = "Привет, 世界, こんにちは"


@pytest.fixture
def diagnostic(server: Server, module_merchant: Login) -> ServiceClient:
    return ServiceClient(server, module_merchant, "Diagnostic")


def test_get_hello_answers_hello_world_whatever_is_sent(diagnostic: ServiceClient) -> None:
    assert diagnostic.getHello().serverString == "hello world"
    assert diagnostic.getHello(quodlibet="anything").serverString == "hello world"


@pytest.mark.parametrize(
    "said", ["hello world", "Hello World", "  HELLO world  ", "hello world!", "Hello world ...?"]
)
def test_put_hello_accepts_the_greeting_without_regard_to_case_blanks_and_punctuation(
    diagnostic: ServiceClient, said: str
) -> None:
    assert diagnostic.putHello(clientString=said).serverEchoOfClientString == said


@pytest.mark.parametrize("said", ["hello", "hello, world", "goodbye world", "!hello world"])
def test_put_hello_refuses_another_text_and_echoes_it_nevertheless(
    diagnostic: ServiceClient, said: str
) -> None:
    answer = diagnostic.expecting(400).putHello(clientString=said)

    assert answer["return"].returnString == "You didn't say hello world"
    assert answer.serverEchoOfClientString == said


def test_put_hello_without_a_text_is_another_text(shared_wire: Wire) -> None:
    answer = shared_wire.call("Diagnostic", "putHello")

    assert (answer.code, answer.text) == (400, "You didn't say hello world")


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        NON_ASCII_TEXT,
        NON_LATIN_TEXT,
        "𝄞 clef",
        "a < b & c > d",
        ' "quoted" ',
        "tab\tand\nnewline",
        "]]>",
    ],
)
def test_strings_come_back_as_they_were_sent_with_three_reference_strings(
    diagnostic: ServiceClient, text: str
) -> None:
    answer = diagnostic.echoString(clientString=text)

    assert answer.serverEchoOfClientString == text
    assert answer.reference_ASCII_string == ASCII_TEXT
    assert answer.reference_non_ASCII_string == NON_ASCII_TEXT
    assert answer.reference_non_Latin_string == NON_LATIN_TEXT


def test_a_carriage_return_survives_the_way_there_and_back(shared_wire: Wire) -> None:
    answer = shared_wire.call("Diagnostic", "echoString", "<clientString>one&#13;&#10;two</clientString>")

    assert answer.value("serverEchoOfClientString") == "one\r\ntwo"


@pytest.mark.parametrize("version", ["22.0", " 22.0 ", "3.6", "18.0", "23.0", "24.1"])
def test_echo_by_proxy_knows_every_version_that_is_served(diagnostic: ServiceClient, version: str) -> None:
    answer = diagnostic.echoStringByProxy(version=version, clientString=NON_LATIN_TEXT)

    assert answer.serverEchoOfClientString == NON_LATIN_TEXT
    assert answer.reference_non_ASCII_string == NON_ASCII_TEXT


@pytest.mark.parametrize("version", ["2.9", "100.0", "22", "twenty-two", "v22.0"])
def test_echo_by_proxy_refuses_a_version_that_is_not_served(diagnostic: ServiceClient, version: str) -> None:
    answer = diagnostic.expecting(400).echoStringByProxy(version=version, clientString="x")

    assert answer["return"].returnString == f'version "{version}" is not served.'
    assert answer.serverEchoOfClientString is None


def test_echo_by_proxy_needs_a_version(shared_wire: Wire) -> None:
    answer = shared_wire.call("Diagnostic", "echoStringByProxy", element("clientString", "x"))

    assert (answer.code, answer.text) == (400, "Missing required parameter 'version'.")


def test_three_mock_transactions_of_one_account_are_always_the_same(diagnostic: ServiceClient) -> None:
    first, second = (diagnostic.getSomeMockTransactions().transactions for _ in range(2))

    assert len(first) == 3
    assert {transaction.account.merchantAccountId for transaction in first} == {"mock-account"}
    assert len({transaction.merchantTransactionId for transaction in first}) == 3
    assert all(len(transaction.VID) == 40 for transaction in first)
    assert [transaction.amount for transaction in first] == [
        Decimal("10.00"),
        Decimal("20.00"),
        Decimal("30.00"),
    ]
    assert [entry.status for entry in first[0].statusLog] == ["Captured", "New"]
    assert str(first) == str(second)


def test_mock_transactions_follow_the_sparse_response_description(diagnostic: ServiceClient) -> None:
    answer = diagnostic.getSomeMockTransactions(srd='{"transactions":{"currency":"","account":""}}')

    mock = answer.transactions[1]
    assert (mock.VID[-1], mock.merchantTransactionId, mock.currency) == ("2", "mock-transaction-2", "USD")
    assert mock.account.merchantAccountId == "mock-account"
    assert (mock.amount, mock.statusLog, mock.transactionItems) == (None, [], [])


def test_mock_transactions_are_not_stored(
    diagnostic: ServiceClient, server: Server, module_merchant: Login
) -> None:
    mock = diagnostic.getSomeMockTransactions().transactions[0]
    diagnostic.putSomeMockTransactions(transactions=[mock], extra="x")

    transactions = ServiceClient(server, module_merchant, "Transaction")
    transactions.expecting(404).fetchByVid(vid=mock.VID)
    accounts = ServiceClient(server, module_merchant, "Account")
    accounts.expecting(400).fetchByMerchantAccountId(merchantAccountId="mock-account")


def test_mock_transactions_can_be_sent_back_and_are_counted(diagnostic: ServiceClient) -> None:
    mocks = diagnostic.getSomeMockTransactions().transactions

    answer = diagnostic.putSomeMockTransactions(transactions=mocks, extra="after the array")

    assert answer.serverString == 'Got 3 transactions, extra was "after the array"'


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ("<extra>x</extra>", "transactions"),
        ("<transactions><note>n</note></transactions>", "extra"),
        ("", "transactions"),
    ],
)
def test_mock_transactions_need_the_array_and_what_follows_it(
    shared_wire: Wire, arguments: str, missing: str
) -> None:
    answer = shared_wire.call("Diagnostic", "putSomeMockTransactions", arguments)

    assert (answer.code, answer.text) == (400, f"Missing required parameter '{missing}'.")
    assert answer.value("serverString") == ""


@pytest.mark.parametrize(
    ("sent", "echo", "number"), [("true", "1", "1"), ("1", "1", "1"), ("false", "0", "0"), ("0", "0", "0")]
)
def test_booleans_come_back_as_boolean_and_as_number(
    shared_wire: Wire, sent: str, echo: str, number: str
) -> None:
    answer = shared_wire.call("Diagnostic", "echoBoolean", element("clientBoolean", sent))

    assert answer.code == 200
    assert answer.value("serverEchoOfClientBoolean") == echo
    assert answer.value("serverEchoOfClientBooleanAsInt") == number


def test_what_is_no_boolean_is_refused_with_the_name_of_the_parameter(shared_wire: Wire) -> None:
    answer = shared_wire.call("Diagnostic", "echoBoolean", element("clientBoolean", "yes"))

    assert answer.code == 400
    assert answer.text == (
        'Invalid Arguments - Item "Vindicia::Soap::Diagnostic.clientBoolean" of type xsd:boolean '
        'has invalid value "yes"!'
    )
    assert not answer.has("serverEchoOfClientBoolean")


@pytest.mark.parametrize(
    ("operation", "parameter"), [("echoBoolean", "clientBoolean"), ("echoDateTime", "clientDateTime")]
)
@pytest.mark.parametrize("empty", [False, True])
def test_echoes_need_a_value(shared_wire: Wire, operation: str, parameter: str, empty: bool) -> None:
    answer = shared_wire.call("Diagnostic", operation, f"<{parameter}/>" if empty else "")

    assert (answer.code, answer.text) == (400, f"Missing required parameter '{parameter}'.")


@pytest.mark.parametrize(
    ("sent", "echo"),
    [
        ("2016-12-01T12:00:00-08:00", "2016-12-01T12:00:00-08:00"),
        ("2016-07-01T12:00:00Z", "2016-07-01T05:00:00-07:00"),
        ("2016-12-01T12:00:00", "2016-12-01T12:00:00-08:00"),
        ("2016-12-01", "2016-12-01T00:00:00-08:00"),
        ("2016-12-01T12:00:00.987654+05:30", "2016-11-30T22:30:00-08:00"),
        ("2016-12-01T12:00:00-03:30", "2016-12-01T07:30:00-08:00"),
        ("2050-01-01T00:00:00Z", "2049-12-31T16:00:00-08:00"),
        ("1950-06-01T00:00:00Z", "1950-05-31T17:00:00-07:00"),
    ],
)
def test_moments_come_back_in_pacific_time_and_as_seconds_since_1970(
    shared_wire: Wire, sent: str, echo: str
) -> None:
    answer = shared_wire.call("Diagnostic", "echoDateTime", element("clientDateTime", sent))

    assert answer.code == 200
    assert answer.value("serverEchoOfClientDateTime") == echo
    moment = datetime.fromisoformat(echo)
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    assert answer.value("serverEchoOfClientDateTimeAsInt") == str(int(seconds))


@pytest.mark.parametrize("sent", ["yesterday", "2016-13-01T00:00:00Z", "2016-02-30", "12:00:00"])
def test_a_malformed_moment_is_refused(shared_wire: Wire, sent: str) -> None:
    answer = shared_wire.call("Diagnostic", "echoDateTime", element("clientDateTime", sent))

    assert answer.code == 400
    assert answer.text == (
        'Invalid Arguments - Item "Vindicia::Soap::Diagnostic.clientDateTime" of type xsd:dateTime '
        f'has invalid value "{sent}"!'
    )


def test_a_fulfillment_comes_back_unchanged_and_nothing_is_looked_up(diagnostic: ServiceClient) -> None:
    fulfillment = {
        "merchantTransactionId": "no-such-transaction",
        "shipper": "Pigeon Post",
        "trackingString": "coo",
        "shippingAddress": {"VID": "0" * 40, "city": "Zürich"},
        "delivered": True,
        "receivedTs": datetime(2016, 12, 1, 12, tzinfo=UTC),
        "receiptName": "Müller",
    }

    echo = diagnostic.echoMockActivityFulfillment(
        clientActivityFulfillment=fulfillment
    ).serverEchoOfClientActivityFulfillment

    for name in (
        "merchantTransactionId",
        "shipper",
        "trackingString",
        "delivered",
        "receivedTs",
        "receiptName",
    ):
        assert echo[name] == fulfillment[name]
    assert (echo.shippingAddress.VID, echo.shippingAddress.city) == ("0" * 40, "Zürich")


def test_the_useless_object_comes_back(diagnostic: ServiceClient) -> None:
    assert diagnostic.uselessUseOfDiagnosticObject(uselessInput={"a_field": "x"}).uselessOutput.a_field == "x"


@pytest.mark.parametrize("arguments", ["", "<uselessInput/>", "<uselessInput><a_field/></uselessInput>"])
def test_the_useless_object_may_be_empty(shared_wire: Wire, arguments: str) -> None:
    answer = shared_wire.call("Diagnostic", "uselessUseOfDiagnosticObject", arguments)

    assert answer.code == 200
    assert answer.has("uselessOutput")


OPERATIONS = (
    "getHello", "putHello", "echoString", "echoStringByProxy", "getSomeMockTransactions", "putSomeMockTransactions",
    "echoBoolean", "echoDateTime", "echoMockActivityFulfillment", "uselessUseOfDiagnosticObject",
)  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_call_serves_as_a_log_in_test(server: Server, module_merchant: Login, operation: str) -> None:
    stranger = Wire(server, Login(module_merchant.login, "not the password"))

    answer = stranger.call("Diagnostic", operation)

    assert (answer.status, answer.code) == (200, 403)
    assert answer.text == 'Permission denied to domain "soap"'
    required = {"getHello": ["serverString"], "putSomeMockTransactions": ["serverString"]}.get(operation, [])
    assert [str(child.tag) for child in answer.body] == ["return", *required]
    assert all(answer.value(name) == "" for name in required)


def test_a_new_client_needs_no_other_service_to_log_in(shared: Client) -> None:
    assert len(shared("Diagnostic").getHello()["return"].soapId) == 40
