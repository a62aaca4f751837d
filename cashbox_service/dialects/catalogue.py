"""All dialects, in the order in which they are documented."""

from __future__ import annotations

from cashbox_service.dialects.checkout import operations as checkout
from cashbox_service.dialects.checkoutpmt import operations as checkoutpmt
from cashbox_service.dialects.createpayment import operations as createpayment
from cashbox_service.dialects.exchange import Dialect
from cashbox_service.dialects.makepayment import operations as makepayment

DIALECTS: tuple[Dialect, ...] = (
    checkout.DIALECT,
    makepayment.DIALECT,
    createpayment.DIALECT,
    checkoutpmt.DIALECT,
)
