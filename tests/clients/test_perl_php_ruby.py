"""SOAP::Lite, PHP's SoapClient and soap4r, each as the programs of merchants use them, against a running server.

The programs lie beside this module, by language. They know the published documents alone, and print what they found in
the structures of their own libraries; here it is judged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.lives import DENIED, FORBIDDEN, LIFE, alike
from tests.clients.programs import only_server, run, works
from tests.conftest import Servers, _new_merchant
from tests.servers import ROOT
from tests.services import shop
from tests.soap_client import ServiceClient

HERE = Path(__file__).parent

KINDS = {
    "php": {
        "returnCode": "int",
        "created": "bool",
        "amount": "string",
        "cycle": "int",
        "timestamp": "string",
        "nameValues": "array",
        "account": "Account",
    },
    "perl": {"account": "Account", "nameValues": "ARRAY", "one nameValue": "NameValuePair"},
    "ruby": {
        "created": "TrueClass",
        "amount": "String",
        "cycle": "Integer",
        "timestamp": "DateTime",
        "nameValues": "Array",
        "one nameValue": "SOAP::Mapping::Object",
    },
}
"""What values are to a program of each language."""

FAULTS = {"php": "SoapFault", "perl": "SOAP::SOM", "ruby": "SOAP::FaultError"}
PROBES = {
    "php": ("php", "-r", "exit(class_exists('SoapClient') ? 0 : 1);"),
    "perl": ("perl", "-MSOAP::Lite", "-e1"),
    "ruby": ("ruby", "-W0", "-rsoap/wsdlDriver", "-e0"),
}
PACKAGES = {"php": "php-cli php-soap", "perl": "libsoap-lite-perl", "ruby": "ruby ruby-soap4r"}


@pytest.fixture(params=["php/life.php", "perl/life.pl", "ruby/life.rb"])
def life(request: pytest.FixtureRequest, servers: Servers) -> tuple[str, dict[str, Any]]:
    """The language of a program and what it saw of a subscription's life."""
    return request.param.partition("/")[0], told(servers, request.config, request.param)


def told(servers: Servers, config: pytest.Config, program: str) -> dict[str, Any]:
    """What a program prints as a new merchant; the test is skipped where its language is not installed."""
    language = program.partition("/")[0]
    if not works(*PROBES[language]):
        pytest.skip(f"not installed: {PACKAGES[language]}")
    login, server = _new_merchant(only_server(servers, config)), only_server(servers, config)
    printed = run(language, HERE / program, server.url, login.login, login.password)
    said: dict[str, Any] = json.loads(printed)
    return said


def test_a_program_lives_through_a_subscription(life: tuple[str, dict[str, Any]]) -> None:
    language, seen = life
    kinds, fault = seen.pop("kinds"), seen.pop("fault")
    del seen["client"]
    assert alike(seen, LIFE) == LIFE
    assert fault == [FAULTS[language], "soap:Client", DENIED]
    assert kinds == KINDS[language]


def test_perl_calls_by_stubs_made_of_the_documents(servers: Servers, pytestconfig: pytest.Config) -> None:
    seen = told(servers, pytestconfig, "perl/stub.pl")
    assert seen["stored"] == ["200", "Return", 1, "Account", "Ádá Łovelace 東京", ["1", "2"]]
    assert seen["refused"] == ["403", FORBIDDEN]
    assert seen["fault"] == DENIED


def test_php_needs_no_documents(servers: Servers, pytestconfig: pytest.Config) -> None:
    seen = told(servers, pytestconfig, "php/plain.php")
    assert seen["objects"] == ["200", True, "Jürgen 東京", True, [["tier", "gold"], ["größe", "ü"]]]
    assert seen["arrays"] == ["200", "Jürgen 東京", False, "Köln", "gold"]
    assert (seen["price"], seen["refused"]) == ("9.50", "403")
    assert seen["fault"] == ["SoapFault", "soap:Client", DENIED]


def test_php_sells_by_the_documents_of_3_6(servers: Servers, pytestconfig: pytest.Config) -> None:
    seen = told(servers, pytestconfig, "php/old.php")
    assert seen["bought"] == [200, True, "Active", "Zeitschrift", "7.50", "EUR", True]
    assert seen["transactions"] == [["Transaction", "7.50", "Authorized"]]
    assert seen["autobills"] == ["old"]
    assert seen["unknown"] == [400, "Unable to find autobill by serial number nothing: "]


@pytest.mark.parametrize(
    ("language", "said"), [("php", "200 OK\nSuccess: 4.00 USD as INT"), ("perl", "200 OK: Success\n")]
)
def test_the_examples_pay_an_invoice(
    servers: Servers, pytestconfig: pytest.Config, language: str, said: str
) -> None:
    if not works(*PROBES[language]):
        pytest.skip(f"not installed: {PACKAGES[language]}")
    server = only_server(servers, pytestconfig)
    login = _new_merchant(server)
    bill = shop.subscribe(lambda service: ServiceClient(server, login, service), shop.invoiced()).autobill
    example = ROOT / "examples" / f"make_payment.{'pl' if language == 'perl' else 'php'}"
    paying = (bill.merchantAutoBillId, "4.00", server.url, login.login, login.password)
    assert run(language, example, *paying).startswith(said)
