"""Domain values survive the way into a document and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.catalog import (
    CreditPart,
    EntitlementId,
    NameValue,
    PeriodType,
    PlanPeriod,
    PlanPrice,
    ProductPrice,
    RateTier,
    Season,
)
from cashbox_service.domain.lines import Line
from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.store.documents import dump, load, text

st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))
amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
texts = st.text(max_size=40)

STORED = (
    NameValue, EntitlementId, PlanPrice, PlanPeriod, ProductPrice, Season, RateTier, CreditPart, Line,
    PostalAddress, TaxExemption,
)  # fmt: skip


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
def test_every_stored_value_type_reads_back_as_it_was_written(kind: type[Any]) -> None:
    hashable: Any = kind

    @given(st.builds(kind))
    def check(value: Any) -> None:
        through_json = json.loads(json.dumps(dump(hashable)(value)))
        assert load(hashable)(through_json) == value
        assert json.loads(text(hashable)(value)) == through_json

    check()


@given(
    st.lists(st.builds(PlanPrice, amount=amounts, currency=st.just("USD"), price_list_name=texts), max_size=3)
)
def test_nested_values_and_enumerations_keep_their_types(prices: list[PlanPrice]) -> None:
    period = PlanPeriod(PeriodType.MONTH, 3, 12, tuple(prices), free=True)
    document = json.loads(json.dumps(dump(tuple[PlanPeriod, ...])((period,))))
    assert load(tuple[PlanPeriod, ...])(document) == (period,)


class _Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class _Everything:
    at: datetime
    on: date
    colour: _Colour
    counts: dict[str, int]
    maybe: Decimal | None = None


def test_moments_dates_and_mappings_are_documents_too() -> None:
    value = _Everything(
        datetime(2024, 2, 29, tzinfo=UTC), date(2024, 2, 29), _Colour.RED, {"a": 1}, Decimal("1.50")
    )
    assert load(_Everything)(json.loads(json.dumps(dump(_Everything)(value)))) == value
    assert json.loads(text(_Everything)(value)) == dump(_Everything)(value)


def test_a_field_added_later_takes_its_default_when_an_old_document_is_read() -> None:
    assert load(NameValue)({"name": "a", "value": "b", "dropped": 1}) == NameValue("a", "b")
    assert load(EntitlementId)({"id": "x"}) == EntitlementId("x", None)


def test_fields_that_hold_their_default_are_left_out() -> None:
    assert dump(EntitlementId)(EntitlementId("x")) == {"id": "x"}


def test_a_type_without_a_document_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no document form"):
        dump(set)
