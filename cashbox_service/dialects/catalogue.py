"""All dialects, in the order in which they are documented."""

from __future__ import annotations

from cashbox_service.dialects.exchange import Dialect
from cashbox_service.dialects.makepayment import operations as makepayment

DIALECTS: tuple[Dialect, ...] = (makepayment.DIALECT,)
