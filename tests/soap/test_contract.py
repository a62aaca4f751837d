"""The facts of the interface, as far as they can be counted and cross-checked."""

from __future__ import annotations

import pytest

from cashbox_service import contract
from cashbox_service.contract import IDENTIFIERS, Contract, Field
from cashbox_service.contract.model import Type

FACTS = contract.load("22.0")


def every_field(facts: Contract) -> list[Field]:
    parts = [part for service in facts.services.values() for part in service.operations.values()]
    fields = [field for part in parts for field in (*part.request, *part.response)]
    return fields + [field for each in facts.types.values() for field in each.fields]


@pytest.mark.parametrize(
    ("version", "services", "operations", "types", "enums"),
    [
        ("3.6", 19, 127, 68, 31),
        ("4.3", 21, 181, 94, 49),
        ("8.0", 21, 181, 106, 50),
        ("20.0", 22, 196, 114, 50),
        ("22.0", 22, 197, 117, 58),
    ],
)
def test_a_version_has_all_services_operations_types_and_enumerations(
    version: str, services: int, operations: int, types: int, enums: int
) -> None:
    facts = contract.load(version)
    assert len(facts.services) == services
    assert sum(len(service.operations) for service in facts.services.values()) == operations
    assert (len(facts.types), len(facts.enums)) == (types, enums)


def test_adopted_services_have_the_shape_that_they_have_where_they_come_from() -> None:
    newer, older = contract.load("22.0"), contract.load("20.0")
    for service in ("ElectronicSignature", "EmailTemplate", "PaymentProvider"):
        assert older.services[service] == newer.services[service]
    assert newer.services["SeasonSet"] == older.services["SeasonSet"]


@pytest.mark.parametrize("version", contract.versions())
def test_every_reference_leads_to_a_type_an_enumeration_or_the_schema(version: str) -> None:
    facts = contract.load(version)
    known = {*facts.types, *facts.enums}
    assert [field for field in every_field(facts) if not field.is_builtin and field.type not in known] == []


@pytest.mark.parametrize("version", contract.versions())
def test_every_request_begins_with_auth_and_every_response_with_return(version: str) -> None:
    """Since 9.0, whose contract is that of 20.0, a sparse response description follows auth."""
    facts = contract.load(version)
    first = ["auth", "srd"] if float(version) >= 9 else ["auth"]
    for service in facts.services.values():
        for operation in service.operations.values():
            assert [field.name for field in operation.request[:2] if field.name in ("auth", "srd")] == first
            assert operation.response[0] == Field("return", "Return", required=True, repeated=False)


@pytest.mark.parametrize(
    ("reference", "required", "repeated"),
    [
        ("xsd:int", True, False),
        ("xsd:int?", False, False),
        ("xsd:int*", False, True),
        ("xsd:int+", True, True),
    ],
)
def test_the_suffix_of_a_reference_tells_the_occurrence(
    reference: str, required: bool, repeated: bool
) -> None:
    facts = contract.parse(
        {"version": "1.0", "namespaces": {}, "enums": {}, "services": {}, "types": {"T": {"f": reference}}}
    )
    assert facts.types["T"] == Type("T", (Field("f", "xsd:int", required, repeated),))


def test_return_codes_are_numbers_and_other_enumerations_text() -> None:
    assert FACTS.enum_base("ReturnCode") == "xsd:int"
    assert FACTS.enum_base("AutoBillStatus") == "xsd:string"


def test_namespaces_follow_the_version() -> None:
    assert FACTS.types_namespace == "http://soap.vindicia.com/v22_0/Vindicia"
    assert FACTS.service_namespace("AutoBill") == "http://soap.vindicia.com/v22_0/AutoBill"


def test_a_python_keyword_gets_an_underscore() -> None:
    assert Field("return", "Return", required=True, repeated=False).attribute == "return_"
    assert Field("amount", "xsd:decimal", required=True, repeated=False).attribute == "amount"


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(KeyError, match=r"9\.9"):
        contract.load("9.9")


def test_a_contract_is_loaded_once() -> None:
    assert contract.load("22.0") is FACTS
    assert "22.0" in contract.versions()


def test_every_vid_and_every_merchant_id_is_known_as_an_identifier() -> None:
    contracts = [contract.load(version) for version in contract.versions()]
    names = {field.name for facts in contracts for field in every_field(facts) if field.type == "xsd:string"}
    vids = {name for name in names if name.lower().endswith("vid")}
    merchant_ids = {name for name in names if name.startswith("merchant") and name.endswith("Id")}
    free_text = {"merchantAffiliateId", "merchantAffiliateSubId"}
    evid = {"evid"}  # the caller's own mark on a call: never looked up
    assert (vids | merchant_ids) - free_text - evid <= IDENTIFIERS
    assert not (free_text | evid) & IDENTIFIERS
