"""The generated records: what the committed file holds, how records compare and what they show."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from cashbox_service import contract
from cashbox_service.soap import generate
from cashbox_service.soap import records as r
from cashbox_service.soap.record import Record
from cashbox_service.soap.shown import shown

FACTS = contract.load(r.VERSION)
CARD = "4111111111111111"


def test_the_committed_records_are_those_of_the_contract() -> None:
    assert generate.TARGET.read_text(encoding="utf-8") == generate.records_source(FACTS)


def test_classes_are_made_once_and_not_before_they_are_asked_for() -> None:
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from cashbox_service.soap import records
assert not [name for name in vars(records) if name.startswith("Account")]
with ThreadPoolExecutor(8) as threads:
    made = set(threads.map(lambda _: records.TYPES["Account"], range(8)))
assert made == {records.Account}
assert not [name for name in vars(records) if name.startswith("AutoBill")]
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_there_is_no_record_that_the_contract_lacks() -> None:
    assert not hasattr(r, "Colour")
    with pytest.raises(KeyError):
        r.TYPES["Colour"]


def test_there_is_a_record_for_every_type_and_every_message() -> None:
    operations = [(service.name, name) for service in FACTS.services.values() for name in service.operations]
    assert list(r.TYPES) == list(FACTS.types)
    assert list(r.REQUESTS) == list(r.RESPONSES) == operations
    assert r.REQUESTS["AutoBill", "makePayment"] is r.AutoBillMakePaymentRequest
    assert r.RESPONSES["AutoBill", "makePayment"] is r.AutoBillMakePaymentResponse


@pytest.mark.parametrize("kind", [*r.TYPES.values(), *r.REQUESTS.values(), *r.RESPONSES.values()])
def test_a_new_record_is_empty_and_takes_no_other_attribute(kind: type[Record]) -> None:
    record = kind()
    assert {getattr(record, name) for name in kind.__slots__} <= {None, ()}
    assert list(inspect.signature(kind).parameters) == list(kind.__slots__)
    with pytest.raises(AttributeError):
        record.colour = "blue"  # type: ignore[attr-defined]


def test_records_are_equal_when_their_values_are() -> None:
    one = r.Account(merchantAccountId="a", nameValues=[r.NameValuePair(name="n", value="v")])
    assert one == r.Account(merchantAccountId="a", nameValues=(r.NameValuePair(name="n", value="v"),))
    assert one != r.Account(merchantAccountId="a")
    assert r.ActivityLogin(ip="10.0.0.1") != r.ActivityLogout(ip="10.0.0.1")


def test_a_record_shows_what_is_set() -> None:
    assert repr(r.Account(VID="v", company="")) == "Account(VID='v', company='')"


def test_a_record_never_shows_a_secret() -> None:
    request = r.PaymentMethodUpdateRequest(
        auth=r.Authentication(login="shop", password="hunter2"),
        paymentMethod=r.PaymentMethod(
            creditCard=r.CreditCard(account=CARD),
            ecp=r.ECP(account="987", routingNumber="021000021"),
            nameValues=[r.NameValuePair(name="CVN", value="321")],
            customerDescription=f"my card {CARD}",
        ),
    )
    session = r.WebSession(
        privateFormValues=[
            r.NameValuePair(name="vin_PaymentMethod_creditCard_account", value=CARD),
            r.NameValuePair(name="vin_PaymentMethod_nameValues_cvn", value="321"),
        ]
    )
    text = repr(request) + repr(session)
    assert "login='shop'" in text
    assert [secret for secret in ("hunter2", "321", "987", "021000021", CARD) if secret in text] == []


@pytest.mark.parametrize(
    ("value", "visible"),
    [
        ("20.00", "20.00"),
        ("2024-13-01T00:00:00", "2024-13-01T00:00:00"),
        ("12345678901", "12345678901"),
        ("411111111111", "XXXXXXXX1111"),
        (CARD, "XXXXXXXXXXXX1111"),
        ("4111 1111 1111 1112", "XXXX XXXX XXXX 1112"),
        ("4111-1111-1111-1111 x", "XXXX-XXXX-XXXX-1111 x"),
        ("x" * 101, "x" * 100),
        ("y" * 95 + CARD, "y" * 95 + "XXXXX"),
    ],
)
def test_values_are_shown_without_card_numbers_and_not_at_length(value: str, visible: str) -> None:
    assert shown(value) == visible
