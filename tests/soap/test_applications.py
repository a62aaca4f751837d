"""The services as Spyne applications: published from the contract, routed by it, built on demand."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import pytest

from cashbox_service.clock import BUSINESS_ZONE
from cashbox_service.soap.applications import ServiceApplication
from cashbox_service.soap.codec import Codec
from cashbox_service.soap.dispatch import Dispatcher
from cashbox_service.soap.envelope import Limits, read_envelope
from cashbox_service.soap.faults import UnknownOperation
from cashbox_service.soap.models import Models
from cashbox_service.soap.services import Services
from cashbox_service.soap.spyne_compat import parse_header
from cashbox_service.soap.versions import service_of
from tests.soap.echo import ECHOES, FakeApp, echoing, envelope, operation
from tests.soap.requests import CODEC, FACTS


@pytest.fixture(scope="module")
def models() -> Models:
    return Models(FACTS)


@pytest.fixture(scope="module")
def services() -> Services:
    return Services(FakeApp(), ECHOES, "https://billing.example/soap.pl", Limits())


def built(models: Models, service: str) -> ServiceApplication:
    dispatcher = Dispatcher(FakeApp(), CODEC, FACTS, ECHOES)
    return ServiceApplication(dispatcher, models, service, "https://billing.example/soap.pl", Limits())


@pytest.mark.parametrize("service", FACTS.services)
def test_application_publishes_each_operation_with_the_parts_of_the_contract(
    models: Models, service: str
) -> None:
    application = built(models, service).application
    namespace = FACTS.service_namespace(service)
    published = application.interface.service_method_map
    assert list(published) == [f"{{{namespace}}}{name}" for name in FACTS.services[service].operations]
    for [descriptor] in published.values():
        facts = FACTS.operation(service, descriptor.name)
        assert list(descriptor.in_message._type_info) == [part.name for part in facts.request]
        assert list(descriptor.out_message._type_info) == [part.name for part in facts.response]
        assert descriptor.out_message.get_type_name() == facts.response_element


def test_types_have_the_fields_of_the_contract_in_their_order(models: Models) -> None:
    account = next(part for part in FACTS.operation("Account", "update").request if part.name == "account")
    declared = models.of(account)
    fields = FACTS.types["Account"].fields
    assert list(declared._type_info) == [field.name for field in fields]
    occurs = [
        (each.Attributes.min_occurs, str(each.Attributes.max_occurs)) for each in declared._type_info.values()
    ]
    assert occurs == [(int(f.required), "Infinity" if f.repeated else "1") for f in fields] or occurs == [
        (int(f.required), "inf" if f.repeated else "1") for f in fields
    ]


def test_document_is_the_one_of_the_contract_whoever_asks(models: Models) -> None:
    application = built(models, "Account")
    documents: Any = application.application.interface.docs
    documents.build_interface_document("http://evil.example/")
    assert b"https://billing.example/soap.pl" in application.wsdl()
    assert b"evil.example" not in application.wsdl()


def test_spyne_itself_carries_the_call_from_its_bytes(models: Models) -> None:
    """Without the endpoint: Spyne reads, routes, calls and writes."""
    application = built(models, "Diagnostic")
    answer, _ = application.answer(read_envelope(echoing("hello")), "192.0.2.7")
    assert b">hello</serverEchoOfClientString>" in answer


def test_unknown_operation_does_not_get_past_the_protocol(models: Models) -> None:
    application = built(models, "Diagnostic")
    with pytest.raises(UnknownOperation, match="Denied access to method"):
        application.answer(read_envelope(envelope(operation("Diagnostic", "initialize", ""))), "")


def test_services_are_built_once(services: Services) -> None:
    namespace = FACTS.service_namespace("Token")
    first = services.find(namespace)
    assert first is not None
    assert services.find(namespace) is first
    assert services.service("22.0", "Token") is first


def test_services_that_do_not_exist_are_not_built(services: Services) -> None:
    for name in ("", "urn:x", "http://soap.vindicia.com/v22_0/", "http://soap.vindicia.com/v22_0/Vindicia"):
        assert services.find(name) is None
    assert services.schema("2.9") is None


@pytest.mark.parametrize(
    ("namespace", "named"),
    [
        ("http://soap.vindicia.com/v22_0/Account", ("22.0", "Account")),
        ("http://soap.vindicia.com/v3_6/AutoBill", ("3.6", "AutoBill")),
        ("http://soap.vindicia.com/v22.0/Account", None),
        ("http://soap.vindicia.com/v022_0/Account", None),
        ("http://soap.vindicia.com/v22_00/Account", None),
        ("http://soap.vindicia.com/v22_0/Account/", None),
        ("https://soap.vindicia.com/v22_0/Account", None),
        ("http://soap.vindicia.com/v22_0/Ac count", None),
    ],
)
def test_namespace_names_version_and_service(namespace: str, named: tuple[str, str] | None) -> None:
    assert service_of(namespace) == named


def test_codec_is_kept_per_zone() -> None:
    dispatcher = Dispatcher(FakeApp(), CODEC, FACTS, ECHOES)
    shop = FakeApp().shop
    assert str(shop.settings.zone) == BUSINESS_ZONE
    assert dispatcher.codec_in(shop.settings.zone) is CODEC
    assert isinstance(dispatcher.codec_in(shop.settings.zone), Codec)


def test_spyne_logs_no_bodies() -> None:
    for name in ("spyne.protocol.xml.invalid", "spyne.protocol.soap.soap11.invalid"):
        assert logging.getLogger(name).disabled


def test_spyne_is_imported_without_warnings_and_leaves_no_trace() -> None:
    program = (
        "import sys, warnings; warnings.simplefilter('error')\n"
        "import cashbox_service.soap.spyne_compat as compat\n"
        "assert 'cgi' not in sys.modules\n"
        "assert not [f for f in sys.meta_path if 'Six' in type(f).__name__]\n"
        "import spyne.util.six; assert compat.Application.__module__ == 'spyne.application'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("text/xml; charset=utf-8", ("text/xml", {"charset": "utf-8"})),
        (
            'multipart/related; boundary="a;b"; type=text/xml',
            ("multipart/related", {"boundary": "a;b", "type": "text/xml"}),
        ),
        ("", ("", {})),
    ],
)
def test_header_values_are_parsed_as_cgi_did(line: str, parsed: tuple[str, dict[str, str]]) -> None:
    assert parse_header(line) == parsed
