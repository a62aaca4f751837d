"""Name-value pairs whose names belong to the service (conventions §9, transaction §2.1)."""

from __future__ import annotations

from typing import Final

BILL_PAYPAL_IMMEDIATELY: Final = "vin:BillPayPalImmediately"
DIVISION: Final = "vin:Division"
MANDATE_ID: Final = "vin:MandateID"
LICENCES: Final = "vin:Licenses"
PAYMENT_PROCESSOR: Final = "vin:payment_processor"
RATED_UNITS: Final = "vin:RatedUnits"
TEST_SCORE: Final = "vin:TestScore"

_PREFIXES: Final = ("vin:", "vin_")

_GIVEN: Final = frozenset(
    name.lower()
    for name in (
        BILL_PAYPAL_IMMEDIATELY,
        DIVISION,
        MANDATE_ID,
        TEST_SCORE,
        "vin:AutoBillVID",
        "vin:TestAuthCode",
        "Vin:NegativeAmountTaxClassification",
    )
)
"""Reserved names by which a merchant steers what is done with a transaction."""


def is_for_the_service_to_set(name: str) -> bool:
    """Whether a merchant's pair of that name on a transaction is to be ignored."""
    lowered = name.lower()
    return lowered.startswith(_PREFIXES) and lowered not in _GIVEN
