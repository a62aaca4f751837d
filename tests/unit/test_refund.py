"""What a refund gives back: money, credit, and its share of lines and tax."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.errors import RefundRefused
from cashbox_service.domain.lines import (
    Charge,
    Line,
    UsedCredit,
    charged_line,
    numbered,
    tax_summary,
    with_settlements,
)
from cashbox_service.domain.money import Money, total
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.refund import (
    Distribution,
    Earlier,
    ItemRequest,
    Left,
    RefundRequest,
    Strategy,
    distribute,
    left_of,
    parse_strategy,
    spread,
)
from cashbox_service.domain.refundable import Facts, check_refundable
from cashbox_service.domain.tax import TaxAssessor, TaxRate, TaxTable
from cashbox_service.domain.transaction_state import TransactionStatusType

D = Decimal
USA = PostalAddress(country="US")
UNTAXED = TaxAssessor("USD")
TEN_PERCENT = TaxAssessor("USD", TaxTable((TaxRate("US", D("0.1"), name="TAX"),)), USA)
TWO_TAXES = TaxAssessor(
    "USD",
    TaxTable(
        (
            TaxRate("US", D("0.065"), name="STATE", jurisdiction="S"),
            TaxRate("US", D("0.0125"), name="CITY", jurisdiction="C"),
        )
    ),
    USA,
)
VAT = TaxAssessor("USD", TaxTable((TaxRate("US", D("0.2"), inclusive=True, name="VAT"),)), USA)
ASSESSORS = (UNTAXED, TEN_PERCENT, TWO_TAXES, VAT)


def usd(amount: str | Decimal | int) -> Money:
    return Money.of(D(amount), "USD")


def sold(*prices: str, assessor: TaxAssessor = UNTAXED) -> tuple[Line, ...]:
    """One line a price, with the skus a, b, c … and the summary of taxes."""
    charges = [
        Charge(f"Thing {sku}", D(price), sku=sku) for sku, price in zip("abcdefgh", prices, strict=False)
    ]
    lines = [charged_line(charge, assessor) for charge in charges]
    return numbered([*lines, tax_summary(lines, "USD")])


def amount_of(lines: tuple[Line, ...]) -> Money:
    return usd(sum((line.total for line in lines if not line.is_tax_summary), D(0)))


def fresh(lines: tuple[Line, ...], credit: str = "0", *earlier: Earlier) -> Left:
    """What is left of a transaction that paid ``credit`` of its lines by credit and the rest by money."""
    return left_of(amount_of(lines) - usd(credit), usd(credit), lines, earlier)


def items(*wanted: ItemRequest, includes_tax: bool = False, amount: str | None = None) -> RefundRequest:
    return RefundRequest(
        Strategy.SPECIFIED_ITEMS, D(amount) if amount is not None else None, includes_tax, wanted
    )


def item(sku: str, amount: str | None = None, *, tax_only: bool = False) -> ItemRequest:
    return ItemRequest(sku=sku, amount=D(amount) if amount is not None else None, tax_only=tax_only)


def whole(amount: str | None) -> RefundRequest:
    return RefundRequest(amount=D(amount) if amount is not None else None)


def made(request: RefundRequest, done: Distribution) -> Earlier:
    return Earlier(request.strategy, done.money.amount, done.credit.amount, done.items)


def parts(done: Distribution) -> list[tuple[str | None, str, str]]:
    return [(one.sku, str(one.amount), str(one.tax_amount)) for one in done.items]


EVERYTHING = RefundRequest(Strategy.REMAINING_BALANCE)


def test_a_refund_of_the_transaction_belongs_to_no_line() -> None:
    done = distribute(
        replace(whole("3.00"), items=(item("a", "1.00"),)), fresh(sold("10.00", assessor=TEN_PERCENT))
    )
    assert done == Distribution(usd("3.00"), usd(0))


@pytest.mark.parametrize("amount", [None, "0", "-1", "0.004"])
def test_a_refund_of_the_transaction_needs_an_amount(amount: str | None) -> None:
    with pytest.raises(RefundRefused, match=r"^Refund amount must be greater than zero$"):
        distribute(whole(amount), fresh(sold("10.00")))


def test_more_than_is_left_is_refused_with_both_amounts() -> None:
    left = fresh(sold("10.00"), "0", Earlier(Strategy.NONE, D("4.00")))
    with pytest.raises(RefundRefused, match=r"^Refund amount 6\.01 exceeds max allowable 6\.00$"):
        distribute(whole("6.01"), left)


def test_the_share_of_tax_comes_with_a_net_amount() -> None:
    done = distribute(items(item("a", "4.00")), fresh(sold("10.00", "20.00", assessor=TEN_PERCENT)))
    assert (done.money, parts(done)) == (usd("4.40"), [("a", "4.00", "0.40")])


def test_an_amount_with_tax_holds_its_share() -> None:
    asked = items(item("a", "4.40"), includes_tax=True)
    done = distribute(asked, fresh(sold("10.00", assessor=TEN_PERCENT)))
    assert (done.money, parts(done)) == (usd("4.40"), [("a", "4.00", "0.40")])


@pytest.mark.parametrize("includes_tax", [True, False])
def test_contained_tax_is_part_of_the_amount_either_way(includes_tax: bool) -> None:
    asked = items(item("a", "6.00"), includes_tax=includes_tax)
    done = distribute(asked, fresh(sold("12.00", assessor=VAT)))
    assert (done.money, parts(done)) == (usd("6.00"), [("a", "6.00", "1.00")])


def test_the_refund_that_empties_a_line_takes_all_tax_left() -> None:
    lines = sold("0.30", assessor=TaxAssessor("USD", TaxTable((TaxRate("US", D("0.15"), name="T"),)), USA))
    earlier: list[Earlier] = []
    taxes = []
    for _ in range(3):
        request = items(item("a", "0.10"))
        done = distribute(request, left_of(amount_of(lines), usd(0), lines, earlier))
        earlier.append(made(request, done))
        taxes.append(str(done.items[0].tax_amount))
    assert taxes == ["0.02", "0.02", "0.01"]
    assert left_of(amount_of(lines), usd(0), lines, earlier).is_nothing


def test_tax_alone_is_given_back_once() -> None:
    lines = sold("10.00", assessor=TEN_PERCENT)
    request = items(item("a", tax_only=True))
    done = distribute(request, fresh(lines))
    assert (done.money, parts(done)) == (usd("1.00"), [("a", "0", "1.00")])
    left = fresh(lines, "0", made(request, done))
    with pytest.raises(RefundRefused, match="greater than zero"):
        distribute(request, left)
    rest = distribute(items(item("a", "10.00")), left)
    assert (rest.money, parts(rest)) == (usd("10.00"), [("a", "10.00", "0.00")])


def test_contained_tax_alone_makes_the_line_smaller() -> None:
    lines = sold("12.00", assessor=VAT)
    request = items(item("a", "99", tax_only=True))
    done = distribute(request, fresh(lines))
    assert (done.money, parts(done)) == (usd("2.00"), [("a", "2.00", "2.00")])
    with pytest.raises(RefundRefused, match=r"10\.01 exceeds max allowable 10\.00"):
        distribute(items(item("a", "10.01")), fresh(lines, "0", made(request, done)))


def test_each_jurisdiction_gets_its_part_of_the_tax() -> None:
    lines = sold("100.00", assessor=TWO_TAXES)
    first = distribute(items(item("a", "50.00")), fresh(lines))
    assert [str(tax.amount) for tax in first.items[0].taxes] == ["3.25", "0.63"]
    rest = distribute(items(item("a", "50.00")), fresh(lines, "0", made(items(item("a")), first)))
    assert [str(tax.amount) for tax in rest.items[0].taxes] == ["3.25", "0.62"]


def test_a_line_of_its_own_sku_or_number_is_found() -> None:
    left = fresh(sold("1.00", "2.00"))
    by_number = distribute(items(ItemRequest(index_number=D("2.0"), amount=D(1))), left)
    assert (by_number.items[0].sku, by_number.items[0].description) == ("b", "Thing b")
    both = distribute(items(ItemRequest(index_number=D(2), sku="b", amount=D(1))), left)
    assert both == by_number


@pytest.mark.parametrize(
    "wanted",
    [
        ItemRequest(amount=D(1)),
        item("nothing", "1.00"),
        item("Total Tax", "1.00"),
        ItemRequest(index_number=D(9), amount=D(1)),
        ItemRequest(index_number=D("1.5"), amount=D(1)),
        ItemRequest(index_number=D(1), sku="b", amount=D(1)),
    ],
)
def test_what_names_no_single_line_is_refused(wanted: ItemRequest) -> None:
    with pytest.raises(RefundRefused, match=r"^Unable to identify transaction item$"):
        distribute(items(wanted), fresh(sold("1.00", "2.00")))


def test_a_sku_on_two_lines_names_neither() -> None:
    lines = numbered([charged_line(Charge("Thing", D(5), sku="x"), UNTAXED)] * 2)
    with pytest.raises(RefundRefused, match="identify"):
        distribute(items(item("x", "1.00")), fresh(lines))


def test_a_credit_line_cannot_be_named() -> None:
    lines = with_settlements(sold("10.00"), "USD", credits_used=[UsedCredit(D(4))])
    left = left_of(usd(6), usd(4), lines, [])
    with pytest.raises(RefundRefused, match="identify"):
        distribute(items(ItemRequest(index_number=D(2), amount=D(1))), left)


def test_the_amount_beside_lines_is_their_sum() -> None:
    left = fresh(sold("10.00", "20.00", assessor=TEN_PERCENT))
    named = (item("a", "1.00"), item("b", "2.00"), item("b", tax_only=True))
    assert distribute(items(*named, amount="3.00"), left).money == usd("5.10")
    with pytest.raises(
        RefundRefused, match=r"^Refund amount 3\.01 does not equal the sum of its items 3\.00$"
    ):
        distribute(items(*named, amount="3.01"), left)


def test_no_lines_are_no_refund_of_lines() -> None:
    with pytest.raises(RefundRefused, match="No refund items specified"):
        distribute(items(), fresh(sold("10.00")))


def test_a_line_gives_back_no_more_than_is_left_of_it() -> None:
    request = items(item("a", "7.00"), item("a", "3.01"))
    with pytest.raises(RefundRefused, match=r"^Refund amount 3\.01 exceeds max allowable 3\.00$"):
        distribute(request, fresh(sold("10.00", "5.00")))


def test_a_discount_lowers_what_the_line_can_give_back() -> None:
    line = charged_line(Charge("Thing", D(10), sku="a", discount=D("-2.50")), UNTAXED)
    with pytest.raises(RefundRefused, match=r"max allowable 7\.50"):
        distribute(items(item("a", "8.00")), fresh(numbered([line])))


def test_after_a_refund_of_no_line_lines_are_refused_and_the_rest_has_none() -> None:
    left = fresh(sold("10.00"), "0", Earlier(Strategy.NONE, D(1)))
    with pytest.raises(
        RefundRefused, match=r"^Item refunds are not allowed after a transaction-level refund$"
    ):
        distribute(items(item("a", "1.00")), left)
    assert distribute(EVERYTHING, left) == Distribution(usd(9), usd(0))


def test_the_remaining_balance_is_what_every_line_has_left() -> None:
    lines = sold("10.00", "20.00", assessor=TEN_PERCENT)
    request = items(item("a", "4.00"))
    left = fresh(lines, "0", made(request, distribute(request, fresh(lines))))
    done = distribute(EVERYTHING, left)
    assert (done.money, parts(done)) == (usd("28.60"), [("a", "6.00", "0.60"), ("b", "20.00", "2.00")])


def test_what_a_partial_approval_left_falls_on_lines_in_proportion() -> None:
    lines = sold("10.00", "10.00", "10.00")
    done = distribute(EVERYTHING, left_of(usd(10), usd(0), lines, []))
    assert [str(one.amount) for one in done.items] == ["3.33", "3.33", "3.34"]


def test_nothing_left_is_not_refundable() -> None:
    with pytest.raises(RefundRefused, match=r"^Transaction is not in a refundable state$"):
        distribute(EVERYTHING, fresh(sold("10.00"), "0", Earlier(Strategy.NONE, D(10))))


def test_lines_take_money_first_and_then_credit() -> None:
    lines = sold("10.00")
    request = items(item("a", "7.00"))
    done = distribute(request, fresh(lines, "4.00"))
    assert (done.money, done.credit) == (usd(6), usd(1))
    rest = distribute(EVERYTHING, fresh(lines, "4.00", made(request, done)))
    assert (rest.money, rest.credit) == (usd(0), usd(3))


def test_the_refund_that_empties_the_money_restores_all_credit() -> None:
    left = fresh(sold("10.00"), "4.00")
    assert distribute(whole("5.99"), left) == Distribution(usd("5.99"), usd(0))
    done = distribute(whole("6.00"), left)
    assert (done.credit, done.empties(left)) == (usd(4), True)


@pytest.mark.parametrize(
    ("text", "strategy"),
    [(None, Strategy.NONE), ("", Strategy.NONE), ("specifieditems", Strategy.SPECIFIED_ITEMS)],
)
def test_strategies_are_read_leniently(text: str | None, strategy: Strategy) -> None:
    assert parse_strategy(text) is strategy


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(RefundRefused, match='Unknown refund distribution strategy "Half"'):
        parse_strategy("Half")


AMOUNTS = st.integers(1, 99_999).map(lambda cents: D(cents) / 100)
SALES = st.tuples(
    st.lists(AMOUNTS.map(str), min_size=1, max_size=4), st.sampled_from(ASSESSORS), st.floats(0, 1)
)
WISHES = st.lists(
    st.tuples(
        st.sampled_from(["money", "item", "tax", "rest"]), st.integers(0, 3), st.floats(0, 1), st.booleans()
    ),
    max_size=6,
)


def wish(kind: str, place: int, share: float, includes_tax: bool, left: Left) -> RefundRequest:
    """A refund that may be possible: some share of what is left."""

    def some(of: Decimal) -> str:
        return str((of * D(str(round(share, 4)))).quantize(D("0.01")))

    if kind == "money":
        return whole(some(left.money.amount))
    if kind == "rest":
        return EVERYTHING
    line = left.lines[place % len(left.lines)]
    number = D(line.line.index_number or 0)
    amount = D(some(line.whole if includes_tax else line.amount))
    return items(ItemRequest(number, None, amount, kind == "tax"), includes_tax=includes_tax)


@given(SALES, WISHES)
def test_never_more_than_paid_and_every_part_adds_up(
    sale: tuple[list[str], TaxAssessor, float], wishes: list[tuple[str, int, float, bool]]
) -> None:
    prices, assessor, by_credit = sale
    lines = sold(*prices, assessor=assessor)
    amount = amount_of(lines)
    credit = Money.of(amount.amount * D(str(round(by_credit, 4))), "USD")
    paid = amount - credit
    earlier: list[Earlier] = []
    for kind, place, share, includes_tax in wishes:
        left = left_of(paid, credit, lines, earlier)
        try:
            request = wish(kind, place, share, includes_tax, left)
            done = distribute(request, left)
        except RefundRefused:
            continue
        if done.items:
            assert sum((one.moved for one in done.items), D(0)) == (done.money + done.credit).amount
        for one in done.items:
            assert one.amount >= 0
            assert 0 <= one.tax_amount == sum((tax.amount for tax in one.taxes), D(0))
        assert not done.money.is_negative
        earlier.append(made(request, done))
    assert sum((one.money for one in earlier), D(0)) <= paid.amount
    assert sum((one.credit for one in earlier), D(0)) <= credit.amount
    for line in (line for line in lines if not line.is_tax_summary):
        gone = [one for done in earlier for one in done.items if one.index_number == line.index_number]
        tax = sum((tax.amount for tax in line.tax), D(0))
        assert sum((one.amount for one in gone), D(0)) <= line.net
        assert sum((one.tax_amount for one in gone), D(0)) <= tax


@given(SALES, WISHES, st.booleans())
def test_the_refund_that_empties_a_line_takes_all_tax_that_is_left(
    sale: tuple[list[str], TaxAssessor, float],
    wishes: list[tuple[str, int, float, bool]],
    includes_tax: bool,
) -> None:
    prices, assessor, _ = sale
    lines = sold(*prices, assessor=assessor)
    earlier: list[Earlier] = []
    for kind, place, share, with_tax in wishes:
        left = fresh(lines, "0", *earlier)
        try:
            request = wish(kind, place, share, with_tax, left)
            earlier.append(made(request, distribute(request, left)))
        except RefundRefused:
            continue
    left = fresh(lines, "0", *earlier)
    for line in left.lines:
        asked = line.whole if includes_tax else line.amount
        wanted = items(ItemRequest(D(line.line.index_number or 0), None, asked), includes_tax=includes_tax)
        if asked and left.by_line:
            (emptied,) = distribute(wanted, left).items
            assert emptied.tax_amount == line.tax
            assert line.after(emptied).whole == 0


@given(SALES, WISHES)
def test_the_remaining_balance_leaves_nothing(
    sale: tuple[list[str], TaxAssessor, float], wishes: list[tuple[str, int, float, bool]]
) -> None:
    prices, assessor, _ = sale
    lines = sold(*prices, assessor=assessor)
    earlier: list[Earlier] = []
    for kind, place, share, includes_tax in [*wishes, ("rest", 0, 0.0, False)]:
        left = fresh(lines, "0", *earlier)
        try:
            request = wish(kind, place, share, includes_tax, left)
            earlier.append(made(request, distribute(request, left)))
        except RefundRefused:
            continue
    left = fresh(lines, "0", *earlier)
    assert left.is_nothing
    if left.by_line:
        assert all(line.whole == 0 for line in left.lines)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(0, 10_000))
def test_a_spread_adds_up_and_passes_no_limit(limits: list[int], cents: int) -> None:
    allowed = [usd(D(limit) / 100) for limit in limits]
    amount = usd(D(min(cents, sum(limits))) / 100)
    shares = spread(amount, allowed)
    assert total(shares, "USD") == amount
    assert all(not share.is_negative and share <= limit for share, limit in zip(shares, allowed, strict=True))


def test_the_last_line_absorbs_the_difference_of_rounding() -> None:
    assert spread(usd("0.05"), [usd("0.03")] * 3) == [usd("0.02"), usd("0.02"), usd("0.01")]
    assert spread(usd(1), [usd(1)] * 3) == [usd("0.33"), usd("0.33"), usd("0.34")]


CAPTURED = Facts("recurring", TransactionStatusType.CAPTURED, "CreditCard", "000")


@pytest.mark.parametrize(
    "facts",
    [
        CAPTURED,
        replace(CAPTURED, status=TransactionStatusType.REFUNDED),
        replace(CAPTURED, status=TransactionStatusType.AUTHORIZED),
        replace(CAPTURED, status=TransactionStatusType.AUTHORIZED_PENDING, payment_method_type="ECP"),
        replace(CAPTURED, kind="migrated"),
    ],
)
def test_these_transactions_can_be_refunded(facts: Facts) -> None:
    check_refundable(facts)


@pytest.mark.parametrize(
    "facts",
    [
        replace(CAPTURED, status=TransactionStatusType.CANCELLED),
        replace(CAPTURED, status=TransactionStatusType.AUTHORIZED_PENDING, payment_method_type="PayPal"),
        replace(CAPTURED, auth_code=None),
        replace(CAPTURED, payment_method_type="Boleto"),
        replace(CAPTURED, payment_method_type="MerchantAcceptedPayment"),
        replace(CAPTURED, ecp_transaction_type="Outbound"),
        replace(CAPTURED, kind="reported"),
        replace(CAPTURED, kind="validation"),
    ],
)
def test_these_cannot(facts: Facts) -> None:
    with pytest.raises(RefundRefused, match=r"^Transaction is not in a refundable state$"):
        check_refundable(facts)


def test_a_chargeback_forbids_a_refund_whatever_the_state() -> None:
    with pytest.raises(RefundRefused, match=r"^Transaction has a chargeback$"):
        check_refundable(replace(CAPTURED, has_chargeback=True, auth_code=None))


def test_some_transactions_are_refunded_only_as_a_whole() -> None:
    assert not CAPTURED.only_as_a_whole
    assert replace(CAPTURED, payment_method_type="Token").only_as_a_whole
    assert replace(CAPTURED, processor="GlobalCollect", auth_code="800").only_as_a_whole
