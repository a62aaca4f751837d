"""What goes into a column comes out of it, exactly, on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import cast

import pytest
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from cashbox_service.store.types import Amount, AmountTooLarge, ExactDecimal, Moment

DIALECTS = (sqlite.dialect(), postgresql.dialect())


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("text", ["0", "19.99", "-0.01", "1234567890.123456", "9000000000000"])
def test_amounts_keep_every_digit(dialect: Dialect, text: str) -> None:
    column = Amount()
    stored = column.process_bind_param(Decimal(text), dialect)
    assert column.process_result_value(cast("int", stored), dialect) == Decimal(text)


def test_an_amount_that_would_lose_digits_is_an_error() -> None:
    with pytest.raises(ValueError, match="too many digits"):
        Amount().process_bind_param(Decimal("0.0000001"), DIALECTS[0])


@pytest.mark.parametrize("text", ["99999999999999", "1E+30", "-9223372036854.775809"])
def test_an_amount_beyond_what_can_be_stored_is_refused(text: str) -> None:
    with pytest.raises(AmountTooLarge, match=r'^amount "-?[0-9.]+" is too large\.$'):
        Amount().process_bind_param(Decimal(text), DIALECTS[0])


def test_exact_decimals_keep_their_scale() -> None:
    column = ExactDecimal()
    stored = column.process_bind_param(Decimal("-122.4194155000"), DIALECTS[0])
    assert stored == "-122.4194155000"
    assert column.process_result_value(stored, DIALECTS[0]) == Decimal("-122.4194155000")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(dialect: Dialect) -> None:
    given = datetime(2024, 11, 3, 1, 30, 0, 5, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    column = Moment()
    kept = column.process_result_value(column.process_bind_param(given, dialect), dialect)
    assert kept == given
    assert kept is not None
    assert kept.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(datetime(2024, 1, 1), DIALECTS[0])  # noqa: DTZ001  that is the point
