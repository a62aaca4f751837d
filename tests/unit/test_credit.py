"""How credit is used, taken away and given back (account §1.4, §5; billing-engine §8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.credit import (
    CreditKind,
    CreditOwner,
    Grant,
    Use,
    next_time_credit,
    redeem,
    redeem_tokens,
    redemption_order,
    reduced,
    restored,
    revoke,
    revoke_grant,
    take_back,
)
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import Money

NOON = datetime(2024, 3, 20, 12, tzinfo=UTC)
ACCOUNT, AUTOBILL = CreditOwner.account("acc"), CreditOwner.autobill("ab")


def money_grant(
    vid: str,
    amount: str,
    owner: CreditOwner = ACCOUNT,
    currency: str = "USD",
    day: int = 0,
    by_cashbox: bool = False,
    sort_value: int | None = None,
) -> Grant:
    return Grant(
        vid=vid,
        owner=owner,
        kind=CreditKind.CURRENCY,
        unit=currency,
        remaining=Decimal(amount),
        granted_at=NOON + timedelta(days=day),
        granted_by_cashbox=by_cashbox,
        sort_value=sort_value,
    )


def time_grant(vid: str, remaining: int = 1, day: int = 0) -> Grant:
    return Grant(vid, AUTOBILL, CreditKind.TIME, "", Decimal(remaining), NOON + timedelta(days=day))


def tokens(vid: str, token: str, amount: int, owner: CreditOwner = ACCOUNT) -> Grant:
    return Grant(vid, owner, CreditKind.TOKEN, token, Decimal(amount), NOON)


def usd(amount: str) -> Money:
    return Money.of(Decimal(amount), "USD")


def taken(uses: Sequence[Use]) -> list[tuple[str, str]]:
    return [(use.grant.vid, str(use.amount)) for use in uses]


def test_each_key_of_the_redemption_order_outweighs_all_later_ones() -> None:
    in_order = [
        time_grant("time", day=9),
        money_grant("autobill by cashbox", "1", AUTOBILL, day=9, by_cashbox=True, sort_value=9),
        money_grant("autobill negative sort", "1", AUTOBILL, day=9, sort_value=-1),
        money_grant("autobill unsorted, a", "1", AUTOBILL, day=8),
        money_grant("autobill zero, later", "1", AUTOBILL, day=9, sort_value=0),
        money_grant("account by cashbox", "1", day=9, by_cashbox=True, sort_value=9),
        money_grant("account unsorted", "1", day=9),
        money_grant("account sorted, day 1, a", "1", day=1, sort_value=1),
        money_grant("account sorted, day 1, b", "1", day=1, sort_value=1),
        money_grant("account sorted, day 2", "1", day=2, sort_value=1),
    ]
    assert redemption_order(reversed(in_order)) == tuple(in_order)


def test_autobill_credit_is_used_up_before_account_credit_is_touched() -> None:
    grants = [money_grant("account", "5"), money_grant("autobill", "3", AUTOBILL)]
    redemption = redeem(grants, usd("4.00"))
    assert taken(redemption.uses) == [("autobill", "3"), ("account", "1.00")]
    assert (redemption.rest, redemption.taken) == (Decimal(0), Decimal("4.00"))


def test_credit_larger_than_the_bill_keeps_its_rest() -> None:
    grants = [money_grant("a", "10.00")]
    redemption = redeem(grants, usd("4.00"))
    assert [grant.remaining for grant in reduced(grants, redemption.uses)] == [Decimal("6.00")]


def test_credit_smaller_than_the_bill_leaves_the_rest_to_the_payment_method() -> None:
    assert redeem([money_grant("a", "4.00")], usd("12.10")).rest == Decimal("8.10")


def test_only_credit_of_the_currency_pays() -> None:
    grants = [money_grant("euro", "5", currency="EUR"), time_grant("time"), tokens("t", "USD", 5)]
    redemption = redeem(grants, usd("4.00"))
    assert redemption.uses == ()
    assert redemption.rest == Decimal("4.00")


def test_idle_autobill_credit_of_another_currency_does_not_hold_account_credit_back() -> None:
    grants = [money_grant("euro", "5", AUTOBILL, currency="EUR"), money_grant("account", "5")]
    assert taken(redeem(grants, usd("4.00")).uses) == [("account", "4.00")]


@pytest.mark.parametrize("due", ["0.00", "-3.00"])
def test_nothing_is_used_when_nothing_is_due(due: str) -> None:
    redemption = redeem([money_grant("a", "4.00")], usd(due))
    assert redemption.uses == ()
    assert redemption.rest == Decimal(due)
    assert redemption.taken == 0


def test_tokens_pay_only_prices_in_their_own_type() -> None:
    grants = [tokens("gold", "gold", 5), tokens("silver", "silver", 7), tokens("mine", "gold", 2, AUTOBILL)]
    redemption = redeem_tokens(grants, "gold", 4)
    assert taken(redemption.uses) == [("mine", "2"), ("gold", "2")]
    assert redeem_tokens(grants, "gold", 9).rest == Decimal(2)


def test_one_time_credit_at_a_time_is_used_and_always_whole() -> None:
    grants = [time_grant("used", 0), time_grant("later", day=2), time_grant("first", day=1)]
    use = next_time_credit(grants)
    assert use is not None
    assert (use.grant.vid, use.amount) == ("first", Decimal(1))
    following = next_time_credit(reduced(grants, [use]))
    assert following is not None
    assert following.grant.vid == "later"
    assert next_time_credit([time_grant("used", 0), money_grant("a", "1")]) is None


def test_revoking_more_than_there_is_takes_all_and_is_no_error() -> None:
    grants = [money_grant("b", "2.00", day=1), money_grant("a", "3.00")]
    redemption = revoke(grants, usd("9.00"))
    assert taken(redemption.uses) == [("a", "3.00"), ("b", "2.00")]
    assert redemption.taken == Decimal("5.00")


def test_revoking_may_touch_part_of_a_grant() -> None:
    grants = [money_grant("b", "2.00", day=1), money_grant("a", "3.00")]
    assert taken(revoke(grants, usd("4.00")).uses) == [("a", "3.00"), ("b", "1.00")]


@pytest.mark.parametrize(
    ("amount", "revoked"), [(None, "3.00"), ("0", "3.00"), ("1.00", "1.00"), ("9.00", "3.00")]
)
def test_revoking_a_named_grant_touches_only_that_one(amount: str | None, revoked: str) -> None:
    grants = [money_grant("first", "5.00"), money_grant("named", "3.00", day=1)]
    use = revoke_grant(grants, "named", None if amount is None else usd(amount))
    assert taken([use]) == [("named", revoked)]


def test_a_time_grant_is_revoked_whole() -> None:
    assert taken([revoke_grant([time_grant("time")], "time", None)]) == [("time", "1")]
    assert taken([revoke_grant([time_grant("time")], "time", usd("0.10"))]) == [("time", "1")]


@pytest.mark.parametrize(
    ("vid", "amount", "reason"),
    [
        ("other", usd("1"), 'VID "other" is not a credit of this owner.'),
        ("spent", usd("1"), 'VID "spent" has been used up.'),
        ("spent", None, 'VID "spent" has been used up.'),
        ("money", Money.of(1, "EUR"), 'VID "money" is not a credit in EUR.'),
        ("tokens", usd("1"), 'VID "tokens" is not a credit in USD.'),
        ("money", usd("-1"), 'amount "-1.00" is negative.'),
    ],
)
def test_a_named_grant_that_cannot_be_revoked_is_refused(vid: str, amount: Money | None, reason: str) -> None:
    grants = [money_grant("money", "3.00"), money_grant("spent", "0.00"), tokens("tokens", "gold", 3)]
    with pytest.raises(InvalidValue) as refused:
        revoke_grant(grants, vid, amount)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("left", "back", "spent"), [("6.80", "6.80", "0.00"), ("0.40", "0.40", "6.40"), ("0.00", "0", "6.80")]
)
def test_an_overpayment_is_taken_back_as_far_as_it_is_unspent(left: str, back: str, spent: str) -> None:
    redemption = take_back([money_grant("over", left)], usd("6.80"))
    assert (redemption.taken, redemption.rest) == (Decimal(back), Decimal(spent))


def test_taking_more_than_is_left_is_a_programming_error() -> None:
    grant = money_grant("a", "1.00")
    with pytest.raises(ValueError, match="more credit"):
        reduced([grant], [Use(grant, Decimal("0.60")), Use(grant, Decimal("0.60"))])


def make_grants(rows: list[tuple[int, bool, bool, int | None, int, str]]) -> list[Grant]:
    return [
        money_grant(
            f"{position:03d}",
            str(Decimal(cents) / 100),
            AUTOBILL if of_autobill else ACCOUNT,
            currency,
            day,
            by_cashbox,
            sort_value,
        )
        for position, (cents, of_autobill, by_cashbox, sort_value, day, currency) in enumerate(rows)
    ]


grant_lists = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.booleans(),
        st.booleans(),
        st.none() | st.integers(-2, 2),
        st.integers(0, 3),
        st.sampled_from(["USD", "EUR"]),
    ),
    max_size=8,
).map(make_grants)
amounts_due = st.integers(0, 6000).map(lambda cents: Money.of(Decimal(cents) / 100, "USD"))


@given(grant_lists, amounts_due)
def test_uses_and_rest_add_up_and_nothing_is_overdrawn(grants: list[Grant], due: Money) -> None:
    redemption = redeem(grants, due)
    assert redemption.taken + redemption.rest == due.amount
    assert redemption.rest >= 0
    assert all(0 < use.amount <= use.grant.remaining for use in redemption.uses)
    assert all(use.grant.unit == "USD" for use in redemption.uses)
    available = sum(grant.remaining for grant in grants if grant.unit == "USD")
    assert redemption.taken == min(due.amount, available)


@given(grant_lists, amounts_due)
def test_a_failed_attempt_gives_back_exactly_what_was_taken(grants: list[Grant], due: Money) -> None:
    uses = redeem(grants, due).uses
    assert list(restored(reduced(grants, uses), uses)) == grants


@given(grant_lists.flatmap(lambda grants: st.tuples(st.just(grants), st.permutations(grants))), amounts_due)
def test_the_order_of_the_list_does_not_matter(lists: tuple[list[Grant], list[Grant]], due: Money) -> None:
    grants, shuffled = lists
    assert redeem(shuffled, due) == redeem(grants, due)


@given(grant_lists, amounts_due, amounts_due)
def test_two_bills_take_what_one_of_their_sum_would(grants: list[Grant], one: Money, two: Money) -> None:
    after_one = reduced(grants, redeem(grants, one).uses)
    after_both = reduced(after_one, redeem(after_one, two).uses)
    assert after_both == reduced(grants, redeem(grants, one + two).uses)


@given(grant_lists, amounts_due)
def test_every_grant_but_the_last_one_used_is_used_up(grants: list[Grant], due: Money) -> None:
    uses = redeem(grants, due).uses
    order = list(redemption_order(grants))
    positions = [order.index(use.grant) for use in uses]
    assert positions == sorted(positions)
    assert all(use.amount == use.grant.remaining for use in uses[:-1])
