"""What an address check (AVS) and a card verification number check (CVN) mean, and when they refuse a payment.

The codes come from the processor, each in its own vocabulary; AVS codes are brought to six verdicts. A merchant's
policy says which verdicts it does not accept. Source: payment-method §5.3, transaction §5.4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import (
    AvsAndCvnRefused,
    AvsCvnNotPerformed,
    AvsRefused,
    CvnRefused,
    PolicyRefused,
)
from cashbox_service.domain.instruments import PaymentMethodType


class AvsMatch(StrEnum):
    """The verdict of an address check, whichever processor made it; the values are the wire spellings (vinAVS)."""

    FULL_MATCH = "FullMatch"
    PARTIAL_MATCH = "PartialMatch"
    NO_MATCH = "NoMatch"
    ISSUER_ERROR = "IssuerError"
    NOT_SUPPORTED = "NotSupported"
    NO_OPINION = "NoOpinion"


class CvnCode(StrEnum):
    """The verdict of a verification number check; the values are the wire codes."""

    MATCH = "M"
    NO_MATCH = "N"
    NOT_PROCESSED = "P"
    MISSING = "S"
    NOT_CERTIFIED = "U"
    NO_RESPONSE = "X"


CODES: Final[Mapping[AvsMatch, str]] = {
    AvsMatch.FULL_MATCH: "X Y D M F I1 I2 I3",
    AvsMatch.PARTIAL_MATCH: "A B P W Z I4 I5 I6",
    AvsMatch.NO_MATCH: "N C I8",
    AvsMatch.ISSUER_ERROR: "R IR IE",
    AvsMatch.NOT_SUPPORTED: "S G E U IU IG IS ID",
}
"""Every code with a verdict of its own, by verdict; all others are NoOpinion."""

_VERDICTS: Final = {code: verdict for verdict, codes in CODES.items() for code in codes.split()}

CHECKED_TYPES: Final = frozenset(
    {PaymentMethodType.CREDIT_CARD, PaymentMethodType.MILITARY_STAR, PaymentMethodType.APPLE_PAY}
)
"""Only cards have an address and a verification number to check."""

_FURTHER = re.compile(r"[:-]")


def bare_code(code: str) -> str:
    """The code in capitals, without the authorization number that reported ones may carry (``Y:123456``, ``Y-123456``).

    Source: transaction §3, sub-objects.
    """
    return _FURTHER.split(code, maxsplit=1)[0].strip().upper()


def normalise_avs(code: str) -> AvsMatch:
    """The verdict behind a processor's AVS code."""
    return _VERDICTS.get(bare_code(code), AvsMatch.NO_OPINION)


@dataclass(frozen=True, slots=True)
class VerificationPolicy:
    """What a merchant does not accept.

    ``avs_refused``: verdicts; ``cvn_refused``: codes; ``required``: whether a card of which neither was checked is
    refused too.
    """

    avs_refused: Collection[str] = frozenset({AvsMatch.NO_MATCH})
    cvn_refused: Collection[str] = frozenset({CvnCode.NO_MATCH})
    required: bool = False


DEFAULT_POLICY: Final = VerificationPolicy()
STRICT_POLICY: Final = VerificationPolicy(required=True)


def verdict(
    policy: VerificationPolicy,
    *,
    avs_code: str | None,
    cvn_code: str | None,
    ignore_avs: bool = False,
    ignore_cvn: bool = False,
    payment_method_type: str = PaymentMethodType.CREDIT_CARD,
) -> PolicyRefused | None:
    """Why the policy refuses what the processor found; None when it passes.

    A check that is ignored counts for nothing; with both ignored, and for payment methods that have neither, there
    is nothing to refuse. What was found to be wrong goes before what was not found out.
    """
    if payment_method_type not in CHECKED_TYPES or (ignore_avs and ignore_cvn):
        return None
    avs = None if ignore_avs else avs_code or None
    cvn = None if ignore_cvn else cvn_code or None
    avs_fails = avs is not None and normalise_avs(avs) in policy.avs_refused
    cvn_fails = cvn is not None and bare_code(cvn) in policy.cvn_refused
    if avs_fails and cvn_fails:
        return AvsAndCvnRefused()
    if avs_fails:
        return AvsRefused()
    if cvn_fails:
        return CvnRefused()
    if policy.required and avs is None and cvn is None:
        return AvsCvnNotPerformed()
    return None


def evaluate(
    policy: VerificationPolicy,
    *,
    avs_code: str | None,
    cvn_code: str | None,
    ignore_avs: bool = False,
    ignore_cvn: bool = False,
    payment_method_type: str = PaymentMethodType.CREDIT_CARD,
) -> None:
    """Raise what `verdict` answers: `AvsRefused`, `CvnRefused`, `AvsAndCvnRefused` or `AvsCvnNotPerformed`."""
    refused = verdict(
        policy,
        avs_code=avs_code,
        cvn_code=cvn_code,
        ignore_avs=ignore_avs,
        ignore_cvn=ignore_cvn,
        payment_method_type=payment_method_type,
    )
    if refused is not None:
        raise refused
