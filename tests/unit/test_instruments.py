"""Payment instruments: numbers are recognised, masked and hashed, and never come out by accident."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.errors import CashboxError, DataValidation, InvalidValue
from cashbox_service.domain.instruments import (
    CardBrand,
    PaymentMethodType,
    Secret,
    account_hash,
    account_length,
    bin_of,
    brand,
    check_card_number,
    check_expiration_date,
    ends_of_mask,
    expired,
    is_masked,
    last_digits,
    luhn_valid,
    mask_account,
    mask_card,
    mask_merchant_accepted,
    mask_of_ends,
    mask_tail,
    matches_mask,
    normalise_number,
    parse_expiration_date,
)

VISA = "4111111111111111"
AMEX = "378282246310005"
IBAN = "NL91ABNA0417164300"

digit_strings = st.text("0123456789", min_size=11, max_size=18)


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in "0123456789" if luhn_valid(digits + last))


class TestNumbers:
    @pytest.mark.parametrize(
        "written",
        [
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            " 4111111111111111\n",
            "4111\u00a01111\u20111111\u20131111",
        ],
    )
    def test_blanks_and_dashes_do_not_count(self, written: str) -> None:
        assert normalise_number(written) == VISA

    def test_letters_come_out_in_capitals(self) -> None:
        assert normalise_number("nl91 abna 0417 1643 00") == IBAN

    @pytest.mark.parametrize(
        "number", [VISA, AMEX, "5555555555554444", "6011111111111117", "4916654211627608"]
    )
    def test_well_known_numbers_are_card_numbers(self, number: str) -> None:
        assert check_card_number(number).reveal() == number

    @given(digit_strings)
    def test_exactly_one_check_digit_is_right(self, digits: str) -> None:
        assert sum(luhn_valid(digits + last) for last in "0123456789") == 1

    @given(digit_strings, st.data())
    def test_one_wrong_digit_is_always_noticed(self, digits: str, data: st.DataObject) -> None:
        number = with_check_digit(digits)
        position = data.draw(st.integers(0, len(number) - 1))
        wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != number[position]]))
        assert not luhn_valid(number[:position] + wrong + number[position + 1 :])

    @pytest.mark.parametrize("text", ["", "²", "٤١١١١١١١١١١١١١١١", "411111111111111a", "-4111"])
    def test_only_ascii_digits_have_a_check_digit(self, text: str) -> None:
        assert not luhn_valid(text)

    @pytest.mark.parametrize(
        "number",
        ["1111111111111111", "4111111111111112", "", "0", "00000000000", "4" * 20, "41111111X1111111"],
    )
    def test_anything_else_is_refused_with_the_literal_text(self, number: str) -> None:
        with pytest.raises(DataValidation) as refused:
            check_card_number(number)
        assert str(refused.value) == (
            "Failed to create Payment-Type-Specific Payment Record: "
            "Credit Card conversion failed: Credit Card failed Luhn check. "
        )

    def test_the_refusal_does_not_carry_the_number(self) -> None:
        with pytest.raises(CashboxError) as refused:
            check_card_number("1111111111111111")
        assert "1111" not in repr(refused.value) + str(vars(refused.value))

    def test_parts_of_a_number(self) -> None:
        assert (bin_of(AMEX), last_digits(AMEX), account_length(AMEX)) == ("378282", "0005", 15)


class TestBrands:
    @pytest.mark.parametrize(
        ("issuer", "expected"),
        [
            ("411111", CardBrand.VISA),
            ("499999", CardBrand.VISA),
            ("510000", CardBrand.MASTERCARD),
            ("559999", CardBrand.MASTERCARD),
            ("222100", CardBrand.MASTERCARD),
            ("272099", CardBrand.MASTERCARD),
            ("222099", None),
            ("272100", None),
            ("341111", CardBrand.AMEX),
            ("378282", CardBrand.AMEX),
            ("601100", CardBrand.DISCOVER),
            ("601200", None),
            ("622126", CardBrand.DISCOVER),
            ("644000", CardBrand.DISCOVER),
            ("659999", CardBrand.DISCOVER),
            ("643999", None),
            ("352800", CardBrand.JCB),
            ("352799", None),
            ("305999", CardBrand.DINERS),
            ("309500", CardBrand.DINERS),
            ("306000", None),
            ("360000", CardBrand.DINERS),
            ("389999", CardBrand.DINERS),
            ("560000", None),
            ("675900", None),
        ],
    )
    def test_the_issuer_number_names_the_brand(self, issuer: str, expected: CardBrand | None) -> None:
        assert brand(issuer + "0000000000") is expected

    def test_a_masked_number_still_shows_its_brand(self) -> None:
        assert brand(mask_card(VISA)) is CardBrand.VISA

    @pytest.mark.parametrize("text", ["", "4111", "XXXXXX1111", "４１１１１１"])
    def test_no_issuer_number_no_brand(self, text: str) -> None:
        assert brand(text) is None


class TestMasks:
    @pytest.mark.parametrize(
        ("number", "shown"),
        [
            (VISA, "411111XXXXXX1111"),
            (AMEX, "378282XXXXX0005"),
            ("12345678901", "123456X8901"),
            ("1234567890", "XXXXXX7890"),
            ("1234567", "XXX4567"),
        ],
    )
    def test_a_card_shows_first_six_and_last_four(self, number: str, shown: str) -> None:
        assert mask_card(number) == shown

    def test_a_bank_account_shows_its_last_four(self) -> None:
        assert mask_tail("123456789") == "XXXXX6789"

    @pytest.mark.parametrize(("account", "shown"), [("ThisIsMAP", "XXXXXsMAP"), ("", "XXX"), ("ab", "ab")])
    def test_an_account_of_an_accepted_payment(self, account: str, shown: str) -> None:
        assert mask_merchant_accepted(account) == shown

    @pytest.mark.parametrize(
        ("type_", "shown"),
        [
            (PaymentMethodType.CREDIT_CARD, "411111XXXXXX1111"),
            (PaymentMethodType.MILITARY_STAR, "411111XXXXXX1111"),
            (PaymentMethodType.DIRECT_DEBIT, "411111XXXXXX1111"),
            (PaymentMethodType.ECP, "XXXXXXXXXXXX1111"),
            (PaymentMethodType.MERCHANT_ACCEPTED_PAYMENT, "XXXXXXXXXXXX1111"),
            (PaymentMethodType.SKRILL, "XXXXXXXXXXXX1111"),
        ],
    )
    def test_every_type_has_its_mask(self, type_: str, shown: str) -> None:
        assert mask_account(type_, VISA) == shown

    @given(st.text("0123456789", min_size=1, max_size=40), st.sampled_from(PaymentMethodType))
    def test_a_mask_is_as_long_as_the_number_and_never_more_than_ten_digits_of_it(
        self, number: str, type_: PaymentMethodType
    ) -> None:
        shown = mask_account(type_, number)
        assert len(shown) == len(number)
        assert sum(character != "X" for character in shown) <= 10
        assert len(number) <= 4 or "X" in shown

    @given(st.text("0123456789", min_size=5, max_size=40), st.sampled_from([mask_card, mask_tail]))
    def test_what_was_shown_is_recognised_when_it_comes_back(self, number: str, mask: object) -> None:
        assert callable(mask)
        shown = mask(number)
        assert is_masked(shown)
        assert matches_mask(shown, shown)
        assert not is_masked(number)

    @given(st.text("0123456789", min_size=12, max_size=19))
    def test_the_ends_that_a_mask_shows_make_the_same_mask_again(self, number: str) -> None:
        shown = mask_card(number)
        first, last = ends_of_mask(shown)
        assert (first, last) == (bin_of(number), last_digits(number))
        assert mask_of_ends(first, last, len(number)) == shown

    @pytest.mark.parametrize(
        ("masked", "ends", "shown"),
        [
            ("XXXXXXXXXXXX1111", (None, "1111"), "XXXXXXXXXXXX1111"),
            ("411111XXXXXXXXXX", ("411111", None), "411111XXXXXXXXXX"),
            ("4111XXXXXXXXX111", (None, None), "XXXXXXXXXXXXXXXX"),
            ("", (None, None), "XXXXXXXXXXXXXXXX"),
        ],
    )
    def test_a_mask_may_show_one_end_or_none(
        self, masked: str, ends: tuple[str | None, str | None], shown: str
    ) -> None:
        assert ends_of_mask(masked) == ends
        assert mask_of_ends(*ends, None) == shown

    @pytest.mark.parametrize(
        "text", ["411111******1111", "411111xxxxxx1111", "X1234", "*", "XXXXXsMAP", "XXX"]
    )
    def test_masked(self, text: str) -> None:
        assert is_masked(text)

    @pytest.mark.parametrize("text", ["", VISA, IBAN, "LV97PARX0012345678901", "TaX-12"])
    def test_not_masked(self, text: str) -> None:
        assert not is_masked(text)

    @pytest.mark.parametrize("sent", ["411111XXXXXX1111", "411111xxxxxx1111", "411111******1111"])
    def test_the_same_mask_means_unchanged(self, sent: str) -> None:
        assert matches_mask(sent, "411111XXXXXX1111")

    @pytest.mark.parametrize("sent", ["411111XXXXXX1112", "411111XXXXX1111", "XXX", ""])
    def test_another_mask_does_not(self, sent: str) -> None:
        assert not matches_mask(sent, "411111XXXXXX1111")


class TestHashes:
    def test_sha1_of_the_bare_digits_is_the_default(self) -> None:
        assert account_hash("1111 1111 1111 1111") == "747417f2206148a3118d02f3adf20b5e4139baac"

    def test_md5(self) -> None:
        assert account_hash("1111111111111111", "md5") == "fa1d3eb08a879de9a4cd9995a1aa91e1"

    def test_other_hashes_are_refused(self) -> None:
        with pytest.raises(InvalidValue):
            account_hash(VISA, "sha256")


class TestExpiry:
    def test_year_and_month(self) -> None:
        assert parse_expiration_date("202609") == (2026, 9)

    @pytest.mark.parametrize(
        "text", ["", "2026", "0926", "202613", "202600", "2026-09", "20260901", "٢٠٢٦٠٩"]
    )
    def test_other_forms_are_refused(self, text: str) -> None:
        with pytest.raises(DataValidation):
            check_expiration_date(text)

    def test_a_card_number_in_the_wrong_field_is_not_repeated(self) -> None:
        with pytest.raises(DataValidation) as refused:
            check_expiration_date(VISA)
        assert "4111" not in str(refused.value)

    def test_a_past_date_can_be_stored(self) -> None:
        assert check_expiration_date(" 200001 ") == "200001"

    @pytest.mark.parametrize(
        ("today", "over"),
        [(date(2026, 9, 30), False), (date(2026, 10, 1), True), (date(2025, 12, 31), False)],
    )
    def test_a_card_is_good_to_the_end_of_its_month(self, today: date, over: bool) -> None:
        assert expired("202609", today) is over


@dataclass(frozen=True)
class Holder:
    number: Secret


class TestSecret:
    secret = Secret(VISA)

    def test_it_can_be_read_on_purpose(self) -> None:
        assert self.secret.reveal() == VISA

    @pytest.mark.parametrize(
        "shown",
        [
            str(Secret(VISA)),
            repr(Secret(VISA)),
            f"{Secret(VISA)}",
            f"{Secret(VISA):>40}",
            f"{Secret(VISA)!r}",
            "%s" % Secret(VISA),  # noqa: UP031  the old way must not show it either
            "{}".format(Secret(VISA)),  # noqa: UP032  nor this one
            repr(Holder(Secret(VISA))),
            str(asdict(Holder(Secret(VISA)))),
            repr([Secret(VISA)]),
        ],
    )
    def test_no_way_of_printing_shows_it(self, shown: str) -> None:
        assert "1111" not in shown

    def test_it_is_not_serialised(self) -> None:
        with pytest.raises(TypeError):
            pickle.dumps(self.secret)
        with pytest.raises(TypeError):
            json.dumps(self.secret)

    def test_it_has_no_attributes_to_dump(self) -> None:
        with pytest.raises(TypeError):
            vars(self.secret)

    def test_equal_when_the_texts_are(self) -> None:
        assert self.secret == Secret(VISA)
        assert hash(self.secret) == hash(Secret(VISA))
        assert self.secret != Secret(AMEX)
        assert self.secret != VISA

    def test_empty_is_false(self) -> None:
        assert not Secret("")
        assert self.secret

    def test_a_copy_is_the_same_secret(self) -> None:
        assert copy.deepcopy(self.secret) is self.secret
        assert copy.copy(self.secret) is self.secret
