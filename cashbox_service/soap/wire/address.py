"""Address, from the stored entity or from the copy a transaction keeps."""

from __future__ import annotations

from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.store.entities import Address

_PARTS = (
    "name",
    "addr1",
    "addr2",
    "addr3",
    "city",
    "county",
    "district",
    "postalCode",
    "country",
    "phone",
    "fax",
    "latitude",
    "longitude",
)


def address(source: Address | PostalAddress | None, selection: Selection) -> r.Address | None:
    """None when there is no address."""
    if source is None:
        return None
    if not selection.everything:
        return _selected(source, selection)
    return r.Address(
        VID=source.vid, name=source.name, addr1=source.addr1, addr2=source.addr2, addr3=source.addr3,
        city=source.city, county=source.county, district=source.district, postalCode=source.postal_code,
        country=source.country, phone=source.phone, fax=source.fax, latitude=source.latitude,
        longitude=source.longitude,
    )  # fmt: skip


def _selected(source: Address | PostalAddress, selection: Selection) -> r.Address:
    record = r.Address(VID=source.vid)
    for name in _PARTS:
        if selection.wants(name):
            setattr(record, name, getattr(source, "postal_code" if name == "postalCode" else name))
    return record


def tax_exemption(source: TaxExemption) -> r.TaxExemption:
    return r.TaxExemption(region=source.region, exemptionId=source.exemption_id, active=source.active)
