"""Service Address (account §1.2, §10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.wire import Wire

UNKNOWN = "0" * 40
WHOLE: dict[str, Any] = {
    "name": "Zoë Ω",
    "addr1": "1 Main St",
    "addr2": "Floor 2",
    "addr3": "c/o <Smith & Sons>",
    "city": "Zürich",
    "county": "Kreis 1",
    "district": "ZH",
    "postalCode": "8001",
    "country": "CH",
    "phone": "+41 44 000 00 00",
    "fax": "none",
    "latitude": Decimal("47.376887"),
    "longitude": Decimal("-8.541694"),
}


def test_an_address_is_created_with_all_its_fields_and_found_by_its_vid(shared: Client) -> None:
    answer = shared("Address").update(address=WHOLE)

    assert answer.created is True
    assert len(answer.address.VID) == 40
    stored = shared("Address").fetchByVid(vid=answer.address.VID).address
    assert {name: stored[name] for name in WHOLE} == WHOLE
    assert str(stored) == str(answer.address)


def test_every_call_without_a_vid_creates_another_address(shared: Client) -> None:
    one, other = (shared("Address").update(address={"city": "Zürich"}) for _ in range(2))

    assert (one.created, other.created) == (True, True)
    assert one.address.VID != other.address.VID


def test_a_vid_changes_the_address_wherever_it_is_used(shared: Client) -> None:
    account = shop.account(
        shared,
        shippingAddress={"city": "Paris"},
        paymentMethods=[shop.card(billingAddress={"city": "Paris"})],
    )
    for used in (account.shippingAddress, account.paymentMethods[0].billingAddress):
        answer = shared("Address").update(address={"VID": used.VID, "city": "Lyon", "country": "FR"})
        assert (answer.created, answer.address.VID) == (False, used.VID)

    again = shared("Account").fetchByVid(vid=account.VID).account

    assert (again.shippingAddress.city, again.shippingAddress.country) == ("Lyon", "FR")
    assert again.paymentMethods[0].billingAddress.city == "Lyon"


def test_an_unknown_country_and_an_empty_address_are_stored_as_sent(shared: Client) -> None:
    assert shared("Address").update(address={"country": "Atlantis"}).address.country == "Atlantis"
    assert shared("Address").update(address={"city": ""}).address.city is None


def test_an_unknown_vid_is_not_found_and_creates_nothing(shared: Client) -> None:
    answer = shared("Address").expecting(404).update(address={"VID": UNKNOWN, "city": "x"})

    assert answer["return"].returnString == f'Unable to load address by VID "{UNKNOWN}":  No match.'
    assert (answer.address, answer.created) == (None, False)
    shared("Address").expecting(400).fetchByVid(vid=UNKNOWN)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": "n" * 257}, f'Address.name "{"n" * 40}…" is longer than 256 characters.'),
        (
            {"latitude": Decimal("90.000001")},
            'Address.latitude "90.000001" is not between -90 and 90 degrees.',
        ),
        ({"latitude": Decimal(-91)}, 'Address.latitude "-91" is not between -90 and 90 degrees.'),
        ({"longitude": Decimal("180.1")}, 'Address.longitude "180.1" is not between -180 and 180 degrees.'),
        ({"longitude": Decimal(-181)}, 'Address.longitude "-181" is not between -180 and 180 degrees.'),
    ],
)
def test_a_field_out_of_bounds_is_refused(shared: Client, fields: dict[str, Any], text: str) -> None:
    kept = shared("Address").update(address={"city": "Paris"}).address

    for address in (fields, fields | {"VID": kept.VID, "city": "Lyon"}):
        answer = shared("Address").expecting(400).update(address=address)
        assert answer["return"].returnString == text
        assert (answer.address, answer.created) == (None, False)
    assert shared("Address").fetchByVid(vid=kept.VID).address.city == "Paris"


@pytest.mark.parametrize(
    "fields",
    [{"name": "ü" * 256}, {"latitude": Decimal(90)}, {"latitude": Decimal(-90)}, {"longitude": Decimal(180)}],
)
def test_a_field_at_its_bound_is_stored(shared: Client, fields: dict[str, Any]) -> None:
    stored = shared("Address").update(address=fields).address

    assert {name: stored[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("37.77490000000000236" + "1" * 900, "37.774900000000"),
        ("0." + "0" * 900 + "1", "0.000000000000"),
        ("0" * 900 + "37.7749", "37.7749"),
    ],
)
def test_degrees_of_any_length_are_kept_to_twelve_places(shared_wire: Wire, number: str, kept: str) -> None:

    reply = shared_wire.call("Address", "update", f"<address><latitude>{number}</latitude></address>")

    assert (reply.code, reply.value("address/latitude")) == (200, kept)


@pytest.mark.parametrize("number", ["NaN", "INF", "1E200", "north"])
def test_what_is_no_number_is_refused_by_name(shared_wire: Wire, number: str) -> None:
    reply = shared_wire.call("Address", "update", f"<address><latitude>{number}</latitude></address>")

    assert reply.code == 400
    assert reply.text == (
        f'Invalid Arguments - Item "Vindicia::Soap::Address.latitude" of type xsd:decimal has invalid value "{number}"!'
    )
    assert reply.value("created") == "0"


@pytest.mark.parametrize("arguments", ["", "<address/>"])
def test_update_needs_an_address(shared_wire: Wire, arguments: str) -> None:
    reply = shared_wire.call("Address", "update", arguments)

    assert (reply.code, reply.text) == (400, "Missing required parameter 'address'.")


@pytest.mark.parametrize("vid", [UNKNOWN, "nonsense", "x" * 900, "' OR 1=1 --"])
def test_an_address_that_is_not_there_is_reported_with_its_vid(shared: Client, vid: str) -> None:
    answer = shared("Address").expecting(400).fetchByVid(vid=vid)

    assert answer["return"].returnString == f'Unable to load address by VID "{vid}":  No match.'
    assert answer.address is None


@pytest.mark.parametrize("arguments", ["", "<vid/>", "<vid>  </vid>"])
def test_fetching_needs_a_vid(shared_wire: Wire, arguments: str) -> None:
    reply = shared_wire.call("Address", "fetchByVid", arguments)

    assert (reply.code, reply.text) == (400, "Must specify VID to load by!")
    assert [str(part.tag) for part in reply.body] == ["return"]


def test_the_vid_may_be_spelled_either_way_and_is_trimmed(shared_wire: Wire) -> None:
    vid = shared_wire.call("Address", "update", "<address><city>Paris</city></address>").value("address/VID")

    assert shared_wire.call("Address", "fetchByVid", f"<VID> {vid}\n</VID>").value("address/city") == "Paris"
    changed = shared_wire.call("Address", "update", f"<address><vid>{vid}</vid><city>Lyon</city></address>")
    assert (changed.value("created"), changed.value("address/VID")) == ("0", vid)
