"""Address and verification number checks: codes become verdicts, verdicts meet the merchant's policy."""

from __future__ import annotations

import pytest

from cashbox_service.domain.errors import (
    AvsAndCvnRefused,
    AvsCvnNotPerformed,
    AvsRefused,
    CvnRefused,
    PolicyRefused,
)
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.verification import (
    DEFAULT_POLICY,
    STRICT_POLICY,
    AvsMatch,
    CvnCode,
    VerificationPolicy,
    evaluate,
    normalise_avs,
    verdict,
)


class TestAddressCodes:
    @pytest.mark.parametrize(
        ("codes", "expected"),
        [
            ("X Y D M F I1 I2 I3", AvsMatch.FULL_MATCH),
            ("A B P W Z I4 I5 I6", AvsMatch.PARTIAL_MATCH),
            ("N C I8", AvsMatch.NO_MATCH),
            ("R IR IE", AvsMatch.ISSUER_ERROR),
            ("S G E U IU IG IS ID", AvsMatch.NOT_SUPPORTED),
            ("I7 Q 0 T00 :N", AvsMatch.NO_OPINION),
        ],
    )
    def test_every_code_has_its_verdict(self, codes: str, expected: AvsMatch) -> None:
        assert {normalise_avs(code) for code in codes.split()} == {expected}

    @pytest.mark.parametrize("code", ["N:123456", "N-123456", "n", " N "])
    def test_reported_codes_may_carry_an_authorization_number(self, code: str) -> None:
        assert normalise_avs(code) is AvsMatch.NO_MATCH

    def test_an_empty_code_is_no_opinion(self) -> None:
        assert normalise_avs("") is AvsMatch.NO_OPINION


class TestDefaultPolicy:
    @pytest.mark.parametrize(
        ("avs", "cvn", "expected"),
        [
            ("Y", "M", None),
            (None, None, None),
            ("", "", None),
            ("A", "P", None),
            ("R", "X", None),
            ("N", "M", AvsRefused),
            ("N", None, AvsRefused),
            ("I8", "U", AvsRefused),
            ("Y", "N", CvnRefused),
            (None, "N", CvnRefused),
            ("N", "N", AvsAndCvnRefused),
            ("C", "N:998877", AvsAndCvnRefused),
        ],
    )
    def test_only_a_proven_mismatch_is_refused(
        self, avs: str | None, cvn: str | None, expected: type[PolicyRefused] | None
    ) -> None:
        refused = verdict(DEFAULT_POLICY, avs_code=avs, cvn_code=cvn)
        assert type(refused) is (expected or type(None))

    @pytest.mark.parametrize(
        ("ignore_avs", "ignore_cvn", "expected"),
        [
            (True, False, CvnRefused),
            (False, True, AvsRefused),
            (True, True, type(None)),
            (False, False, AvsAndCvnRefused),
        ],
    )
    def test_the_caller_can_waive_each_half(self, ignore_avs: bool, ignore_cvn: bool, expected: type) -> None:
        refused = verdict(
            DEFAULT_POLICY, avs_code="N", cvn_code="N", ignore_avs=ignore_avs, ignore_cvn=ignore_cvn
        )
        assert type(refused) is expected


class TestStrictPolicy:
    def test_a_card_that_nobody_checked_is_refused(self) -> None:
        assert isinstance(verdict(STRICT_POLICY, avs_code=None, cvn_code=None), AvsCvnNotPerformed)

    def test_one_result_is_enough(self) -> None:
        assert verdict(STRICT_POLICY, avs_code="Y", cvn_code=None) is None
        assert verdict(STRICT_POLICY, avs_code=None, cvn_code="M") is None

    def test_a_waived_result_does_not_count(self) -> None:
        refused = verdict(STRICT_POLICY, avs_code="Y", cvn_code=None, ignore_avs=True)
        assert isinstance(refused, AvsCvnNotPerformed)

    def test_a_mismatch_goes_before_a_missing_result(self) -> None:
        assert isinstance(verdict(STRICT_POLICY, avs_code="N", cvn_code=None), AvsRefused)

    def test_nothing_is_required_when_everything_is_waived(self) -> None:
        assert verdict(STRICT_POLICY, avs_code=None, cvn_code=None, ignore_avs=True, ignore_cvn=True) is None

    @pytest.mark.parametrize("type_", [PaymentMethodType.ECP, "DirectDebit", "PayPal"])
    def test_what_has_no_such_checks_is_not_asked_for_them(self, type_: str) -> None:
        assert verdict(STRICT_POLICY, avs_code=None, cvn_code=None, payment_method_type=type_) is None


class TestOwnPolicy:
    policy = VerificationPolicy(avs_refused=("NoMatch", "PartialMatch"), cvn_refused=("N", "P"))

    def test_a_merchant_may_refuse_more(self) -> None:
        assert isinstance(verdict(self.policy, avs_code="A", cvn_code=CvnCode.MATCH), AvsRefused)
        assert isinstance(verdict(self.policy, avs_code="Y", cvn_code=CvnCode.NOT_PROCESSED), CvnRefused)

    def test_or_nothing(self) -> None:
        careless = VerificationPolicy(avs_refused=(), cvn_refused=())
        assert verdict(careless, avs_code="N", cvn_code="N") is None


class TestEvaluate:
    @pytest.mark.parametrize(
        ("avs", "cvn", "error", "text"),
        [
            ("N", "M", AvsRefused, "Failed AVS policy evaluation"),
            ("Y", "N", CvnRefused, "Failed CVN policy evaluation"),
            ("N", "N", AvsAndCvnRefused, "Failed AVS and CVN policy evaluation"),
            (None, None, AvsCvnNotPerformed, "AVS and CVN policy evaluation could not be performed"),
        ],
    )
    def test_a_refusal_is_raised_with_the_literal_text(
        self, avs: str | None, cvn: str | None, error: type[PolicyRefused], text: str
    ) -> None:
        with pytest.raises(error) as refused:
            evaluate(STRICT_POLICY, avs_code=avs, cvn_code=cvn)
        assert str(refused.value) == text
        assert type(refused.value) is error

    def test_a_pass_is_silent(self) -> None:
        evaluate(DEFAULT_POLICY, avs_code="Y", cvn_code="M")
