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


def test_version_22_has_all_services_operations_types_and_enumerations() -> None:
    assert len(FACTS.services) == 21
    assert sum(len(service.operations) for service in FACTS.services.values()) == 188
    assert len(FACTS.types) == 117
    assert len(FACTS.enums) == 58


def test_every_reference_leads_to_a_type_an_enumeration_or_the_schema() -> None:
    known = {*FACTS.types, *FACTS.enums}
    assert [field for field in every_field(FACTS) if not field.is_builtin and field.type not in known] == []


def test_every_request_begins_with_auth_and_srd_and_every_response_with_return() -> None:
    for service in FACTS.services.values():
        for operation in service.operations.values():
            assert [field.name for field in operation.request[:2]] == ["auth", "srd"]
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
    names = {field.name for field in every_field(FACTS) if field.type == "xsd:string"}
    vids = {name for name in names if name.lower().endswith("vid")}
    merchant_ids = {name for name in names if name.startswith("merchant") and name.endswith("Id")}
    free_text = {"merchantAffiliateId", "merchantAffiliateSubId"}
    evid = {"evid"}  # the caller's own mark on a call: never looked up
    assert (vids | merchant_ids) - free_text - evid <= IDENTIFIERS
    assert not (free_text | evid) & IDENTIFIERS
