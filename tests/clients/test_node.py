"""What programs of Node.js make of the service: node-soap as it is and as it was in 2018, and strong-soap."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.clients.programs import lacking, only_server, run, told
from tests.conftest import Servers

PROGRAMS = Path(__file__).parent / "node"
INSTALL = "npm install --prefix tests/clients/node"

OLDEST = 20
"""The first Node.js for which the packages are made."""


def _missing() -> str:
    if lacking("node"):
        return "node"
    if int(run("node", "--print", "process.versions.node.split('.')[0]")) < OLDEST:
        return f"Node.js {OLDEST} or later"
    wanted = json.loads((PROGRAMS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    installed = all((PROGRAMS / "node_modules" / name / "package.json").is_file() for name in wanted)
    return "" if installed else f"packages ({INSTALL})"


MISSING = _missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")

NODE_SOAP = ("soap", "soap soap12", "soap-2018")
"""The package, and whether it is told to speak SOAP 1.2."""

EVERY = (*NODE_SOAP, "strong-soap")
TITLE = "Журнал – 雑誌 “Žurnál” 📰"


class Programs:
    """Runs each program once."""

    def __init__(self, servers: Servers, config: pytest.Config) -> None:
        server = only_server(servers, config)

        @cache
        def tell(program: str) -> Any:
            if program == "strong-soap":
                return told(["node", PROGRAMS / "strong-soap.js"], server)
            return told(["node", PROGRAMS / "node-soap.js"], server, *program.split())

        self.tell = tell


@pytest.fixture(scope="module")
def programs(servers: Servers, request: pytest.FixtureRequest) -> Programs:
    return Programs(servers, request.config)


def _number(value: Any, program: str) -> Any:
    """A decimal as it arrives: node-soap gave its text, its later versions and strong-soap give a number."""
    return str(value) if program == "soap-2018" else value


@pytest.mark.parametrize("program", EVERY)
def test_scalars_arrive_as_what_they_are(programs: Programs, program: str) -> None:
    told = programs.tell(program)
    assert told["echoString"] == {"same": True, "latin": "Größe, façade, señor, Ångström"}
    assert told["echoBoolean"]["serverEchoOfClientBoolean"] is (program == "strong-soap")
    assert told["echoBoolean"]["serverEchoOfClientBooleanAsInt"] == int(program == "strong-soap")
    assert told["echoDateTime"]["moment"] == "2031-07-04T12:30:15.000Z"


@pytest.mark.parametrize("program", NODE_SOAP)
def test_a_date_object_is_sent_empty_and_missed(programs: Programs, program: str) -> None:
    told = programs.tell(program)
    assert told["echoDateTime"]["isDate"], "received as an object"
    assert told["objectDate"]["return"]["returnCode"] == "400"
    assert told["objectDate"]["return"]["returnString"] == "Missing required parameter 'clientDateTime'."


@pytest.mark.parametrize("program", EVERY)
def test_a_catalogue_comes_back_as_it_was_stored(programs: Programs, program: str) -> None:
    told = programs.tell(program)
    answer, product, plan = told["product"]["return"], told["product"]["product"], told["plan"]["billingPlan"]
    assert (answer["returnCode"], answer["returnString"], len(answer["soapId"])) == ("200", "OK", 40)
    assert told["product"]["created"] is True
    assert product["descriptions"] == [
        {"language": "EN", "description": TITLE},
        {"language": "DE", "description": "Größen & <Maße>"},
    ]
    assert product["prices"] == [{"amount": _number(29.98, program), "currency": "USD"}]
    assert product["nameValues"] == [{"name": "shelf", "value": "№ 7"}], "one pair is a list too"
    assert "merchantEntitlementIds" not in product
    assert plan["description"] == "Každý měsíc"
    assert (plan["periods"][0]["quantity"], plan["periods"][0]["free"]) == (1, False)


@pytest.mark.parametrize("program", EVERY)
def test_an_account_is_stored_and_sent_back_changed(programs: Programs, program: str) -> None:
    told = programs.tell(program)
    stored, changed = told["account"]["account"], told["changed"]["account"]
    assert (told["account"]["created"], told["changed"]["created"]) == (True, False)
    assert (stored["name"], stored["emailTypePreference"]) == ("Zoë Nuñez-Ørsted 李", "html")
    assert stored["warnBeforeAutobilling"] is False
    assert stored["shippingAddress"]["city"] == "Łódź"
    assert stored["shippingAddress"]["latitude"] == _number(51.759445, program)
    assert "company" not in stored, "null was sent"
    assert stored["paymentMethods"][0]["creditCard"]["account"] == "411111XXXXXX1111"
    assert changed["company"] == "Ørsted & Søn"
    assert changed["VID"] == stored["VID"]
    assert [method["VID"] for method in changed["paymentMethods"]] == [stored["paymentMethods"][0]["VID"]]


@pytest.mark.parametrize("program", NODE_SOAP)
def test_lists_of_a_changed_account_are_merged(programs: Programs, program: str) -> None:
    changed = programs.tell(program)["changed"]["account"]
    assert changed["nameValues"] == [
        {"name": "source", "value": "shop"},
        {"name": "segment", "value": "A&B"},
    ]
    assert changed["paymentMethods"][0]["creditCard"]["expirationDate"] == "203912"
    assert changed["paymentMethods"][0]["creditCard"]["account"] == "411111XXXXXX1111"


@pytest.mark.parametrize("program", NODE_SOAP)
def test_an_autobill_is_sold_by_card(programs: Programs, program: str) -> None:
    sold = programs.tell(program)["subscribedByCard"]
    bill = sold["autobill"]
    assert (bill["status"], bill["billingState"]) == ("Active", "Good Standing")
    assert sold["authStatus"]["status"] == "Authorized"
    assert sold["initialTransaction"]["amount"] == _number(29.98, program)
    assert bill["startTimestamp"].endswith("Z"), "a Date to the program"
    assert bill["items"][0]["product"]["merchantProductId"] == "js-magazine"


@pytest.mark.parametrize("program", EVERY)
def test_an_invoice_is_paid_by_card_and_by_cheque(programs: Programs, program: str) -> None:
    told = programs.tell(program)
    for step, log in (("paidByCard", ["Authorized", "New"]), ("paidByCheque", ["Captured", "New"])):
        paid = told[step]
        assert paid["return"]["returnCode"] == "200", paid["return"]
        assert paid["summary"] == "Success"
        assert paid["transaction"]["amount"] == _number(14.99, program)
        assert [entry["status"] for entry in paid["transaction"]["statusLog"]] == log
    amounts = sorted(Decimal(str(each["amount"])) for each in told["transactions"]["transactions"])
    paid_alone = [Decimal("14.99"), Decimal("14.99")]
    assert amounts == (paid_alone if program == "strong-soap" else [*paid_alone, Decimal("29.98")])
    owners = {bill["account"]["name"] for bill in told["autobills"]["autobills"]}
    assert owners == {"Zoë Nuñez-Ørsted 李"}


@pytest.mark.parametrize("program", NODE_SOAP)
def test_invoice_numbers_are_a_list_and_absent_when_there_are_none(programs: Programs, program: str) -> None:
    told = programs.tell(program)
    assert told["invoices"]["due"] == ["js-hand-00000000"]
    assert told["invoices"]["inAll"]
    assert told["invoices"]["none"].keys() == {"return"}
    assert told["paid"]
    assert told["invoice"] == "%PDF-"


@pytest.mark.parametrize("program", EVERY)
def test_a_refusal_is_an_answer(programs: Programs, program: str) -> None:
    refused = programs.tell(program)["wrongPassword"]["return"]
    assert (refused["returnCode"], refused["returnString"]) == ("403", 'Permission denied to domain "soap"')


@pytest.mark.parametrize("program", NODE_SOAP)
def test_an_unknown_account_is_told_by_name(programs: Programs, program: str) -> None:
    told = programs.tell(program)
    assert told["unknownAccount"]["return"]["returnCode"] == "400"
    unknown = told["unknown404"]["return"]
    assert (unknown["returnCode"], unknown["returnString"]) == (
        "404",
        'No match found for merchantAccountId "nobody"',
    )


@pytest.mark.parametrize("program", EVERY)
def test_a_fault_is_an_error_with_the_parsed_envelope(programs: Programs, program: str) -> None:
    fault = programs.tell(program)["fault"]
    text = "Header not understood: Security"
    if program.endswith("soap12"):
        assert fault == {"Code": {"Value": "soap:MustUnderstand"}, "Reason": {"Text": text}}
    else:
        assert fault == {"faultcode": "soap:MustUnderstand", "faultstring": text}
