"""Service Address (account §10)."""

from __future__ import annotations

from cashbox_service.app.customers import addresses
from cashbox_service.app.drafts import AddressDraft
from cashbox_service.domain.errors import AddressNotFound, MissingField
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.address import address
from cashbox_service.soap.wire.inbound import draft

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        Row(
            404,
            'Unable to load address by VID "{value}":  No match.',
            "decided",
            AddressNotFound,
            "VID unknown",
        ),
    ),
    "fetchByVid": (
        Row(400, "Must specify VID to load by!", "inferred", MissingField, "no VID"),
        Row(
            400,
            'Unable to load address by VID "{value}":  No match.',
            "inferred",
            AddressNotFound,
            "VID unknown",
        ),
    ),
}


@handles("Address", "update")
def update(call: Call, request: r.AddressUpdateRequest) -> r.AddressUpdateResponse:
    stored = addresses.update(call.work, draft(AddressDraft, request.address))
    return r.AddressUpdateResponse(
        address=address(stored.address, call.srd.child("address")), created=stored.created
    )


@handles("Address", "fetchByVid")
def fetch_by_vid(call: Call, request: r.AddressFetchByVidRequest) -> r.AddressFetchByVidResponse:
    found = addresses.fetch(call.work, request.vid)
    return r.AddressFetchByVidResponse(address=address(found, call.srd.child("address")))
