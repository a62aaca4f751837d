"""Apache Axis 1.4, JAX-WS and SAAJ, each as the Java programs of merchants use them, against a running server.

The programs lie in ``java/``. Their classes are made from the documents that the server gives out, by WSDL2Java and
wsimport; what they got they say in values of those classes, as lines of name=value, and here it is judged.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from cashbox_service.contract import load
from tests.clients.programs import only_server, run
from tests.conftest import Servers, _new_merchant
from tests.servers import Server
from tests.soap_client import VERSION

HERE = Path(__file__).parent / "java"
JARS = Path("/usr/share/java")
QUICKLY = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Java compiles nothing at length for programs that live a second."""

AXIS = [
    *("axis", "jaxrpc", "axis-saaj", "commons-logging", "commons-discovery", "wsdl4j"),
    *("commons-httpclient", "commons-codec"),  # for CommonsHTTPSender
    *("javax.mail", "javax.activation"),  # it warns without them
]
JAX_WS = ["jaxws-tools"]  # Debian's names all that it needs
USED = ("Product", "BillingPlan", "Account", "AutoBill", "Transaction")
NAME = "Zoë Müßig-Łukasiewicz 李"
REFUSED = '403 Permission denied to domain "soap"'
FAULT = "Client Denied access to method (fetchByMoon) in class (Account)"

LIFE = {
    "Product.update": "200 OK",
    "product.created": "true",
    "product.status": "true",
    "product.price": "10.00",
    "product.description": "Журнал & «Ёж» <1>",
    "product.endOfLife": "2036-02-28T22:08:09Z",
    "product.nameValues": "0",
    "product.again": "false",
    "BillingPlan.update": "200 OK",
    "plan.created": "true",
    "plan.type": "true",
    "plan.free": "false",
    "plan.price": "2.50",
    "Account.update": "200 OK",
    "account.created": "true",
    "Account.fetchByMerchantAccountId": "200 OK",
    "account.same": "true",
    "account.name": NAME,
    "account.company": "nil",
    "account.email": "true",
    "account.warn": "false",
    "account.city": "Kraków",
    "account.latitude": "50.06143",
    "account.nameValues": "1 größe ñandú",
    "account.entitlements": "0",
    "account.method": "true",
    "account.active": "true",
    "account.card": "411111XXXXXX1111",
    "account.cardLength": "16",
    "Account.update again": "200 OK",
    "account.again": "false",
    "account.renamed": f"{NAME} II",
    "account.methods": "1",
    "AutoBill.update": "200 OK",
    "autobill.status": "true",
    "autobill.billingState": "Good Standing",
    "autobill.item": "2",
    "autobill.amount": "nil",
    "autobill.nameValues": "2",
    "autobill.startedNow": "true",
    "autobill.nextBilling": "22.50",
    "autobill.nextLater": "true",
    "autobill.authStatus": "Authorized",
    "autobill.score": "-1",
    "autobill.scoreCodes": "0",
    "autobill.initial": "22.50",
    "autobill.account": f"{NAME} II",
    "AutoBill.fetchInvoiceNumbers": "200 OK",
    "invoices": "2",
    "invoices.overdue": "0",
    "AutoBill.fetchInvoice": "200 OK",
    "invoice.pdf": "%PDF-",
    "AutoBill.makePayment cheque": "200 OK",
    "cheque.summary": "Success",
    "cheque.amount": "7.35",
    "cheque.type": "MerchantAcceptedPayment",
    "cheque.status": "Captured",
    "cheque.note": "Łódź",
    "AutoBill.makePayment card": "200 OK",
    "card.summary": "Success",
    "card.amount": "12.50",
    "card.type": "CreditCard",
    "card.status": "Authorized",
    "card.note": "Łódź",
    "AutoBill.makePayment refused": "200 OK",
    "refused.summary": "Failure",
    "refused.amount": "12.50",
    "refused.type": "CreditCard",
    "refused.status": "Cancelled",
    "refused.note": "Łódź",
    "Transaction.auth": "200 OK",
    "sale.amount": "9.99",
    "sale.score": "-1",
    "Transaction.capture": "200 Ok",
    "captured": "1 1",
    "capture.sale": "200",
    "capture.gone": "404",
    "AutoBill.fetchByAccount": "200 OK",
    "autobills": "1 bill",
    "Transaction.fetchByAccount": "200 OK",
    "transaction.0": "22.50 USD Authorized 3",
    "transaction.1": "7.35 USD Captured 2",
    "transaction.2": "12.50 USD Authorized 2",
    "transaction.3": "12.50 USD Cancelled 2",
    "transaction.4": "9.99 USD Authorized 1",
    "item": "Purchase 2 x 10.00 = 20.00",
    "item.name": "Magazine",
    "beyond": "404 No transactions found for account.",
    "transactions.beyond": "0",
    "refused.password": REFUSED,
    "refused.created": "false",
    "refused.account": "nil",
    "refused.unknown": '400 Unable to load account by merchantAccountId "never":  No match.',
    "refused.transactions": "400 Unable to load account to search by:  No matches.",
    "refused.none": "0",
    "refused.invoice": "404 Invoice ID not found.",
    "fault": FAULT,
}
"""What every program with generated classes finds: the same, whatever its stack makes of the messages."""


class Stack:
    """A stack of libraries with the classes made for it, against one server."""

    def __init__(self, server: Server, folder: Path, jars: Sequence[str], packages: str) -> None:
        lacking = [jar for jar in jars if not (JARS / f"{jar}.jar").exists()]
        if shutil.which("javac") is None or lacking:
            pytest.skip(f"not installed: a JDK, {packages}")
        self._server = server
        self._sources = folder / "sources"
        self._classes = folder / "classes"
        self._sources.mkdir()
        self._classes.mkdir()
        self._path = ":".join([*(str(JARS / f"{jar}.jar") for jar in jars), str(self._classes)])

    def make(self, generator: str, services: Sequence[str], version: str = VERSION) -> None:
        """Make the sources of services, as the stack's generator does."""
        documents = [f"{self._server.url}/{version}/{service}.wsdl" for service in services]
        run("java", *QUICKLY, "-cp", self._path, HERE / f"{generator}.java", self._sources, *documents)

    def compile(self, *programs: str) -> None:
        """Compile programs, with everything that was made for them."""
        sources = [*self._sources.rglob("*.java"), *(HERE / f"{name}.java" for name in ("Told", *programs))]
        options = ("-nowarn", "-proc:none", "-encoding", "UTF-8", "-cp", self._path, "-d", self._classes)
        run("javac", *(f"-J{option}" for option in QUICKLY), *options, *sources)

    def told(self, program: str, *options: str) -> dict[str, str]:
        """What a program says, run as a merchant of its own."""
        login = _new_merchant(self._server)
        address = (self._server.url, login.login, login.password)
        said = run("java", *QUICKLY, "-cp", self._path, program, *address, *options)
        lines = (line.partition("=") for line in said.splitlines() if line)
        return {name: value for name, _, value in lines}


@pytest.fixture(scope="module")
def axis(servers: Servers, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Axis 1.4 with stubs of the services that its programs use, in version 22.0, and AutoBill's in 3.6."""
    server = only_server(servers, pytestconfig)
    stack = Stack(server, tmp_path_factory.mktemp("axis"), AXIS, "libaxis-java")
    stack.make("AxisSources", USED)
    stack.make("AxisSources", ["AutoBill"], "3.6")
    stack.compile("AxisStubs", "AxisEncoded", "AxisOlder", "AxisEvery")
    return stack


@pytest.fixture(scope="module")
def jax_ws(servers: Servers, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """JAX-WS with what wsimport makes of the services that its program uses, and SAAJ, which is part of it."""
    server = only_server(servers, pytestconfig)
    stack = Stack(server, tmp_path_factory.mktemp("jax-ws"), JAX_WS, "libjaxws-java")
    stack.make("JaxWsSources", USED)
    stack.compile("JaxWsStubs", "Saaj")
    return stack


def test_axis_lives_a_subscription_with_its_stubs(axis: Stack) -> None:
    assert axis.told("AxisStubs") == LIFE


def test_jax_ws_lives_a_subscription_and_finds_every_answer_valid(jax_ws: Stack) -> None:
    assert jax_ws.told("JaxWsStubs") == LIFE


def test_axis_without_stubs_sends_encoded_references_and_reads_the_answer(axis: Stack) -> None:
    assert axis.told("AxisEncoded") == {
        "multiRef": "true",
        "Account.update": "200 OK",
        "account.created": "true",
        "account.name": NAME,
        "Account.fetchByMerchantAccountId": "200 OK",
        "account.city": "Kraków",
        "account.email": "plaintext",
        "account.warn": "true",
        "account.card": "411111XXXXXX1111",
        "account.billingCity": "Kraków",
        "account.nameValues": "größe ñandú",
        "method.nameValues": "ñandú",
    }


def test_axis_speaks_version_3_6_with_its_own_out_parameters(axis: Stack) -> None:
    assert axis.told("AxisOlder") == {
        "AutoBill.update": "200 OK",
        "created": "true",
        "status": "true",
        "start": "2037-01-31T17:00:00Z",
        "firstBillDate": "2037-01-31",
        "firstBillAmount": "9.99",
        "firstBillingCurrency": "USD",
        "name": "José Ñandú",
        "description": "Überblick",
        "price": "9.99",
        "AutoBill.fetchByAccount": "200 OK",
        "autobills": "1",
        "AutoBill.futureRebills": "200 OK",
        "rebills": "3",
        "rebill": "2037-02-28T08:00:00Z",
        "rebillAmount": "9.99",
        "refused": REFUSED,
        "refused.created": "false",
        "refused.firstBillDate": "nil",
        "refused.firstBillAmount": "nil",
    }


def test_messages_made_by_hand_with_saaj_are_understood_in_version_4_3(jax_ws: Stack) -> None:
    assert jax_ws.told("Saaj") == {
        "Account.update": "200 OK",
        "account.created": "1",
        "account.name": NAME,
        "account.company": "nil",
        "account.warn": "1",
        "account.card": "411111XXXXXX1111",
        "account.pair": "größe=ñandú 🦙",
        "AutoBill.update": "200 OK",
        "autobill.created": "1",
        "autobill.status": "Active",
        "autobill.price": "14.99",
        "autobill.pairs": "true",
        "autobill.started": "true",
        "AutoBill.fetchInvoiceNumbers": "200 OK",
        "AutoBill.makePayment": "200 OK",
        "payment.summary": "Success",
        "payment.amount": "14.99",
        "refused": REFUSED,
        "refused.fault": "false",
        "refused.account": "nil",
        "fault": FAULT,
    }


def test_axis_reads_the_refusal_of_every_operation(axis: Stack, pytestconfig: pytest.Config) -> None:
    """A stub breaks on an answer without its required numbers and flags, refusals included.

    A run calls the operations of the services made for the other programs; with ``--thorough`` those of all.
    """
    services: Sequence[str] = USED
    if pytestconfig.getoption("--thorough"):
        services = list(load(VERSION).services)
        axis.make("AxisSources", services)
        axis.compile("AxisEvery")

    answers = axis.told("AxisEvery", VERSION, *services)

    contract = load(VERSION)
    assert len(answers) == sum(len(contract.services[service].operations) for service in services)
    odd = {call: answer for call, answer in answers.items() if answer[:4] not in {"200 ", "400 ", "404 "}}
    assert not odd
