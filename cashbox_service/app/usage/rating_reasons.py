"""Why units cost what a line says: what a rate plan made of them, in words and figures (catalog §5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from cashbox_service.domain.lines import Line
from cashbox_service.domain.money import quantise
from cashbox_service.domain.origin import RatingOrigin
from cashbox_service.domain.rating import TierShare


def why(origin: RatingOrigin, line: Line, currency: str) -> tuple[str, dict[str, Any]]:
    """A sentence, and the facts it stands on by name."""
    text = "; ".join(_steps(origin, line, currency))
    facts = {
        "ratePlan": origin.plan_id,
        "ratePlanVid": origin.plan_vid,
        "units": _number(origin.counted),
        "rounded": _number(origin.rounded),
        "included": _number(origin.included) if origin.included else None,
        "tiers": [
            {
                "tier": share.tier,
                "units": _number(share.units) if share.units is not None else None,
                "price": _number(share.price),
            }
            for share in origin.shares
        ],
        "minimumFee": origin.minimum,
        "maximumFee": origin.maximum,
    }
    return f"Rate plan {origin.plan_id}: {text}.", facts


def _steps(origin: RatingOrigin, line: Line, currency: str) -> Iterator[str]:
    yield f"{_number(origin.counted)} {origin.unit}"
    if origin.rounded != origin.counted:
        yield f"rounded to {_number(origin.rounded)}"
    if origin.included:
        yield f"{_number(origin.included)} included"
    for share in origin.shares:
        yield _share(share, currency)
    total = quantise(sum((share.amount for share in origin.shares), Decimal(0)), currency)
    if line.price == total:
        return
    if line.price == origin.minimum:
        yield f"at least {origin.minimum:f}"
    elif line.price == origin.maximum:
        yield f"at most {origin.maximum:f}"
    elif not line.price:
        yield "free, as the cycle was"


def _share(share: TierShare, currency: str) -> str:
    amount = f"{quantise(share.amount, currency):f}"
    if share.units is None:
        return f"{share.tier} reached: {amount}"
    return f"{_number(share.units)} in {share.tier} at {_number(share.price)}: {amount}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
