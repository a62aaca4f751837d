"""What programs of .NET make of the service: proxies of wsdl.exe (ASMX), WCF, and one of version 3.6.

They are built and run with Mono, whose class libraries are those that such programs were written for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cashbox_service.contract import load
from tests.clients.programs import lacking, only_server, run, told
from tests.conftest import Servers
from tests.servers import Server

SOURCES = Path(__file__).parent / "dotnet"
LIBRARIES = ("System.Web.Services.dll", "System.Web.Extensions.dll", "System.ServiceModel.dll")
USED_OF_3_6 = ("Account", "AutoBill", "BillingPlan", "Product", "Transaction")

MISSING = lacking("mono", "mcs", "wsdl")
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {MISSING} (apt-get install mono-devel)"
)

ASMX = ("soap11", "soap12", "utf16")
"""How the same proxies can be told to call: SOAP 1.1 as they do by themselves, SOAP 1.2, and bodies in UTF-16."""

Told = dict[str, Any]
"""What a program tells of each step."""


@pytest.fixture(scope="module")
def only(servers: Servers, request: pytest.FixtureRequest) -> Server:
    return only_server(servers, request.config)


@pytest.fixture(scope="module")
def proxies(only: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the proxies of all services of 22.0, made and compiled from the published documents."""
    return _proxies(only, "22.0", tuple(load("22.0").services), tmp_path_factory.mktemp("dotnet"))


def _proxies(server: Server, version: str, services: tuple[str, ...], folder: Path) -> Path:
    documents = [f"{server.url}/{version}/{service}.wsdl" for service in services]
    run("wsdl", "-nologo", "-namespace:CashBox", "-out:Proxies.cs", *documents, folder=folder)
    run(
        "mcs",
        "-target:library",
        "-out:Proxies.dll",
        "-r:System.Web.Services.dll",
        "Proxies.cs",
        folder=folder,
    )
    return folder


def _built(program: str, proxies: Path) -> list[str | Path]:
    """The command that runs a program of this folder with these proxies."""
    references = [f"-r:{library}" for library in (*LIBRARIES, "Proxies.dll")]
    sources = [SOURCES / f"{program}.cs", SOURCES / "Telling.cs"]
    run("mcs", f"-out:{program}.exe", *references, *sources, folder=proxies)
    return ["mono", proxies / f"{program}.exe"]


@pytest.fixture(scope="module")
def asmx(only: Server, proxies: Path) -> dict[str, Told]:
    """What the program with proxies of wsdl.exe tells, by the way it calls."""
    told_by_way: dict[str, Told] = told(_built("Asmx", proxies), only)
    return told_by_way


@pytest.fixture(scope="module")
def wcf(only: Server, proxies: Path) -> dict[str, Told]:
    """What the program of WCF tells, by the binding it calls with."""
    told_by_binding: dict[str, Told] = told(_built("Wcf", proxies), only)
    return told_by_binding


@pytest.fixture(scope="module")
def sweep(only: Server, proxies: Path) -> dict[str, Told]:
    """What each operation answers, called with its log-in alone, and with objects that are filled with nothing."""
    told_by_filling: dict[str, Told] = told(_built("Sweep", proxies), only)
    return told_by_filling


@pytest.fixture(scope="module")
def older(only: Server, tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = _proxies(only, "3.6", USED_OF_3_6, tmp_path_factory.mktemp("older"))
    told_steps: Told = told(_built("Older", folder), only)["3.6"]
    return told_steps


def test_one_proxy_is_generated_for_each_service(proxies: Path) -> None:
    source = (proxies / "Proxies.cs").read_text(encoding="utf-8")
    for service in load("22.0").services:
        assert f"class {service}Binding : System.Web.Services.Protocols.SoapHttpClientProtocol" in source


@pytest.mark.parametrize("filling", ["bare", "filled"])
def test_every_operation_answers_with_something_that_its_proxy_reads(
    sweep: dict[str, Told], filling: str
) -> None:
    contract = load("22.0").services
    assert sweep[filling].keys() == {
        f"{service}.{operation}" for service in contract for operation in contract[service].operations
    }
    odd = {name: answer for name, answer in sweep[filling].items() if not 200 <= answer["returnCode"] <= 404}
    assert odd == {}, "0 is an exception of the proxy"


@pytest.mark.parametrize("way", ASMX)
def test_text_of_any_script_arrives(asmx: dict[str, Told], way: str) -> None:
    echo = asmx[way]["echoString"]
    assert echo["same"], echo
    assert (echo["latin"], echo["other"]) == (
        "Größe, façade, señor, Ångström",
        "Привет, 世界, こんにちは",
    )


def test_a_boolean_comes_with_its_specified_twin(asmx: dict[str, Told]) -> None:
    assert asmx["soap11"]["echoBoolean"] == {"flag": True, "specified": True, "number": "1"}


def test_a_moment_means_the_same_in_every_kind(asmx: dict[str, Told]) -> None:
    told = asmx["soap11"]
    assert told["echoDateTimeUtc"]["moment"] == "2031-07-04T12:30:15 Local"
    assert told["echoDateTimeUnspecified"]["moment"] == "2031-07-04T19:30:15 Local", "the merchant's zone"
    assert told["echoDateTimeLocal"]["seconds"] == told["echoDateTimeUtc"]["seconds"] == "1940934615"


def test_a_moment_nobody_set_is_refused_where_one_is_required(asmx: dict[str, Told]) -> None:
    unset = asmx["soap11"]["echoDateTimeUnset"]
    assert unset["returnCode"] == 400
    assert '"Vindicia::Soap::Diagnostic.clientDateTime"' in unset["returnString"]
    assert not unset["specified"]


@pytest.mark.parametrize("way", ASMX)
def test_objects_come_back_as_they_were_stored(asmx: dict[str, Told], way: str) -> None:
    told = asmx[way]
    assert told["product"] == {
        "returnCode": 200,
        "returnString": "OK",
        "soapId": 40,
        "created": True,
        "vid": 40,
        "description": "Журнал – 雑誌 “Žurnál” 📰",
        "german": "Zeitschrift für Größen & <Maße>",
        "status": "Active",
        "endOfLifeTimestampSpecified": False,
        "price": "29.98",
        "nameValues": ["shelf=№ 7"],
        "entitlements": 0,
    }
    plan = told["plan"]
    assert (plan["created"], plan["description"], plan["nameValues"]) == (True, "Každý měsíc", 0)
    assert (plan["type"], plan["typeSpecified"], plan["quantity"], plan["free"]) == ("Month", True, 1, False)


@pytest.mark.parametrize("way", ASMX)
def test_an_account_is_stored_and_sent_back_whole_without_harm(asmx: dict[str, Told], way: str) -> None:
    stored, changed = asmx[way]["account"], asmx[way]["changed"]
    assert (stored["returnCode"], stored["created"]) == (200, True)
    assert stored["told"] == {
        "name": "Zoë Nuñez-Ørsted",
        "email": "html",
        "warnBeforeAutobilling": False,
        "warnBeforeAutobillingSpecified": True,
        "company": None,
        "city": "Łódź",
        "latitude": "51.759445",
        "longitudeSpecified": True,
        "card": "411111XXXXXX1111",
        "type": "CreditCard",
        "active": True,
        "activeSpecified": True,
        "currency": None,
        "secrets": 0,
        "nameValues": ["source=web", "segment=A&B", "greeting=Здравствуйте"],
    }
    assert (changed["changeCode"], changed["created"]) == (200, False)
    assert changed["sameAccount"]
    assert changed["sameMethod"]
    assert changed["told"] == stored["told"] | {"company": "Ørsted & Søn A/S"}


@pytest.mark.parametrize("way", ASMX)
def test_out_parameters_tell_of_the_first_payment(asmx: dict[str, Told], way: str) -> None:
    bill = asmx[way]["subscribedByCard"]
    assert (bill["returnCode"], bill["status"], bill["billingState"]) == (200, "Active", "GoodStanding"), bill
    assert (bill["authStatus"], bill["firstAmount"], bill["next"]) == ("Authorized", "29.98", "29.98")
    assert bill["started"] == "Local"
    assert bill["nextIsLater"]


@pytest.mark.parametrize("way", ASMX)
def test_an_autobill_that_is_sent_back_whole_changes_by_what_was_changed(
    asmx: dict[str, Told], way: str
) -> None:
    assert asmx[way]["changedAutoBill"] == {
        "returnCode": 200,
        "returnString": "OK",
        "customerAutoBillName": "Mój abonament",
        "sameItem": True,
        "sameMethod": True,
        "sameEnd": True,
        "sameNext": True,
        "isCharged": False,
    }


@pytest.mark.parametrize("way", ASMX)
def test_something_is_sold_once_with_objects_as_they_were_fetched(asmx: dict[str, Told], way: str) -> None:
    assert asmx[way]["sale"] == {
        "returnCode": 200,
        "returnString": "OK",
        "amount": "3.33",
        "item": "Příloha",
        "quantity": "3",
        "status": "Authorized",
        "scoreSpecified": True,
    }


@pytest.mark.parametrize("way", ASMX)
def test_an_invoice_is_paid_by_card_and_by_cheque(asmx: dict[str, Told], way: str) -> None:
    told = asmx[way]
    assert told["invoicesBefore"] == {"due": 1, "inAnyState": True, "writtenOff": 0}
    card, cheque = told["paidByCard"], told["paidByCheque"]
    assert (card["returnCode"], card["summary"], card["summarySpecified"]) == (200, "Success", True), card
    assert (card["amount"], card["method"], card["log"]) == ("14.99", "CreditCard", ["Authorized", "New"])
    assert (card["note"], card["recent"]) == ("für Zoë", True)
    assert (cheque["returnCode"], cheque["log"]) == (200, ["Captured", "New"]), cheque
    assert (cheque["method"], cheque["recent"]) == ("MerchantAcceptedPayment", True)
    assert told["invoicesAfter"]["paid"]
    assert told["invoice"] == {"returnCode": 200, "begins": "%PDF-"}


@pytest.mark.parametrize("way", ASMX)
def test_what_was_sold_is_found_again(asmx: dict[str, Told], way: str) -> None:
    told = asmx[way]
    assert told["autobills"] == {
        "returnCode": 200,
        "same": True,
        "holders": ["Zoë Nuñez-Ørsted"],
        "types": ["CreditCard", "MerchantAcceptedPayment"],
    }
    transactions = told["transactions"]
    assert transactions["amounts"] == ["14.99", "14.99", "29.98"]
    assert transactions["statuses"] == ["Authorized", "Authorized", "Captured"]
    assert transactions["authCodes"] == ["T00", "T00"]
    assert told["noTransactions"]["found"] == 0
    assert told["asynchronous"]["returnCode"] == 200
    assert told["asynchronous"]["state"] == "my call"


@pytest.mark.parametrize("way", ASMX)
def test_a_refusal_is_a_return_and_no_exception(asmx: dict[str, Told], way: str) -> None:
    told = asmx[way]
    wrong = told["wrongPassword"]
    assert wrong == {
        "returnCode": 403,
        "returnString": 'Permission denied to domain "soap"',
        "isNull": True,
    }
    unknown = told["unknownAccount"]
    assert unknown["returnString"] == 'Unable to load account by merchantAccountId "nobody":  No match.'
    assert told["chargebacksOfUnknownAccount"] == {
        "returnCode": 404,
        "returnString": 'No match found for merchantAccountId "nobody"',
        "found": 0,
    }
    assert (told["autobillsOfUnknownAccount"]["returnCode"], told["autobillsOfUnknownAccount"]["found"]) == (
        400,
        0,
    )
    assert told["noIdentifier"]["returnCode"] == 400
    assert told["noIdentifier"]["isNull"]
    assert not told["noIdentifier"]["created"]


@pytest.mark.parametrize(
    ("way", "code", "namespace"),
    [
        ("soap11", "Client", "http://schemas.xmlsoap.org/soap/envelope/"),
        ("soap12", "Sender", "http://www.w3.org/2003/05/soap-envelope"),
    ],
)
def test_a_fault_is_a_soap_exception(asmx: dict[str, Told], way: str, code: str, namespace: str) -> None:
    assert asmx[way]["fault"] == {
        "Message": "Denied access to method (vanish) in class (Account)",
        "code": code,
        "codeNamespace": namespace,
    }


def test_the_calls_of_a_program_share_a_connection_and_expect_to_be_continued(asmx: dict[str, Told]) -> None:
    assert asmx["soap11"]["connections"] == {"CurrentConnections": 1, "Expect100Continue": True}


@pytest.mark.parametrize(
    ("binding", "code"), [("basic", "Client"), ("streamed", "Client"), ("soap12", "Sender")]
)
def test_wcf_reads_messages_and_throws_faults(wcf: dict[str, Told], binding: str, code: str) -> None:
    step = wcf[binding]
    assert step["account"] == {
        "returnCode": 200,
        "created": True,
        "same": True,
        "name": "Łukasz Müller 李",
        "nameValues": ["only=one"],
        "card": "411111XXXXXX1111",
        "type": "CreditCard",
    }
    assert (step["subscribed"]["returnCode"], step["subscribed"]["status"]) == (200, "Active")
    assert step["subscribed"]["kind"] == "Local"
    assert step["paid"] == {
        "returnCode": 200,
        "summary": "Success",
        "amount": "5.50",
        "log": ["Authorized", "New"],
    }
    assert step["autobills"]["ids"] == [f"wcf-{binding}"]
    assert (step["refused"]["returnCode"], step["refused"]["isNull"]) == (403, True)
    assert step["fault"] == {
        "type": "FaultException",
        "Message": "Denied access to method (vanish) in class (Account)",
        "code": code,
    }


def test_a_program_of_version_3_6_sells_as_it_always_did(older: Told) -> None:
    bill = older["autobill"]
    assert (bill["returnCode"], bill["created"], bill["status"]) == (200, True, "Active"), bill
    assert (bill["holder"], bill["email"], bill["product"]) == ("José Álvarez", "plaintext", "Alte Größe")
    assert (bill["firstAmount"], bill["currency"], bill["authStatus"]) == ("9.50", "USD", "Authorized")
    assert bill["firstDayIsNow"], "firstBillDate, an xsd:date"
    assert older["plan"]["price"] == "9.50"
    assert older["autobills"] == {"returnCode": 200, "ids": ["old"]}
    assert older["transactions"] == {"returnCode": 200, "amounts": ["9.50"]}
