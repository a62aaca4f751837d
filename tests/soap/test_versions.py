"""Which versions there are, which contract serves each, and what they gained on the way (conventions §1.3)."""

from __future__ import annotations

import pytest

from cashbox_service import contract
from cashbox_service.contract import Contract
from cashbox_service.soap.applications import VersionApplications
from cashbox_service.soap.envelope import Limits
from cashbox_service.soap.services import MAX_OTHER_VERSIONS, Services
from cashbox_service.soap.versions import contract_of, honours_srd, number_of, source_of
from tests.soap.echo import ECHOES, FakeApp


def served(version: str) -> Contract:
    found = contract_of(version)
    assert found is not None, version
    return found


def has(version: str, service: str, operation: str) -> bool:
    return operation in served(version).services[service].operations


@pytest.mark.parametrize(
    ("version", "source"),
    [
        ("3.0", "3.6"), ("3.4", "3.6"), ("3.5", "3.6"), ("3.6", "3.6"), ("3.9", "3.6"), ("4.0", "4.3"), ("4.2", "4.3"),
        ("4.9", "4.3"), ("5.0", "8.0"), ("7.3", "8.0"), ("8.9", "8.0"), ("9.0", "20.0"), ("13.0", "20.0"),
        ("18.0", "20.0"), ("19.0", "20.0"), ("20.9", "20.0"), ("21.0", "22.0"), ("22.0", "22.0"), ("23.0", "22.0"),
        ("24.1", "22.0"), ("99.9", "22.0"),
    ],
)  # fmt: skip
def test_a_version_is_served_from_the_contract_of_its_range(version: str, source: str) -> None:
    number = number_of(version)
    assert number is not None
    assert source_of(number) == source
    facts = served(version)
    assert facts.version == version
    assert facts.types_namespace == f"http://soap.vindicia.com/v{version.replace('.', '_')}/Vindicia"
    assert facts.service_namespace("Account").endswith(f"/v{version.replace('.', '_')}/Account")
    assert set(facts.types) >= set(contract.load(source).types)


@pytest.mark.parametrize("version", contract.versions())
def test_a_known_version_is_served_as_its_contract_says(version: str) -> None:
    assert contract_of(version) is contract.load(version)


@pytest.mark.parametrize("version", ["2.9", "0.1", "100.0", "22", "22.0.1", "22.10", "x", "", "-1.0", "٢٢.٠"])
def test_other_versions_do_not_exist(version: str) -> None:
    assert contract_of(version) is None
    assert not honours_srd(version)


@pytest.mark.parametrize(
    ("since", "before", "service", "operation"),
    [
        ("3.6", "3.5", "Account", "addChildren"),
        ("3.7", "3.6", "Account", "makePayment"),
        ("3.9", "3.8", "Account", "fetchAllCreditHistory"),
        ("12.0", "11.9", "Account", "fetchCreatedSince"),
        ("14.0", "13.9", "AutoBill", "fetchAllCancelReason"),
        ("19.0", "18.9", "AutoBill", "settlementQuote"),
        ("21.0", "20.9", "Account", "fetchByExternalId"),
    ],
)
def test_an_operation_exists_since_the_version_that_gained_it(
    since: str, before: str, service: str, operation: str
) -> None:
    assert has(since, service, operation)
    assert not has(before, service, operation)


@pytest.mark.parametrize(
    ("version", "known"), [("16.0", False), ("17.9", False), ("18.0", True), ("22.0", True)]
)
def test_auto_billing_is_stopped_with_a_reason_since_18(version: str, known: bool) -> None:
    request = served(version).operation("Account", "stopAutoBilling").request
    assert ("cancelReasonCode" in {part.name for part in request}) is known


@pytest.mark.parametrize(
    ("version", "heeded"), [("3.6", False), ("9.0", False), ("12.9", False), ("13.0", True), ("22.0", True)]
)
def test_sparse_answers_are_given_since_13(version: str, heeded: bool) -> None:
    assert honours_srd(version) is heeded


def test_what_a_version_gained_brings_the_types_that_it_needs() -> None:
    facts = served("3.7")
    request = facts.operation("Account", "makePayment").request
    known = {*facts.types, *facts.enums}
    assert [part.name for part in request if not part.is_builtin and part.type not in known] == []
    assert facts.types["PaymentMethod"] == contract.load("3.6").types["PaymentMethod"]


def test_versions_without_a_contract_of_their_own_are_let_go_when_they_are_many() -> None:
    services = Services(FakeApp(), ECHOES, "https://billing.example/soap.pl", Limits())
    known = services.find("http://soap.vindicia.com/v22_0/Diagnostic")
    first = services.find("http://soap.vindicia.com/v30_0/Diagnostic")
    for number in range(MAX_OTHER_VERSIONS):
        version = f"{31 + number // 10}.{number % 10}"
        assert services.schema(version) is not None
    assert services.find("http://soap.vindicia.com/v22_0/Diagnostic") is known
    again = services.find("http://soap.vindicia.com/v30_0/Diagnostic")
    assert again is not None
    assert again is not first
    kept: dict[str, VersionApplications] = services._versions
    assert len(kept) == MAX_OTHER_VERSIONS + 1
