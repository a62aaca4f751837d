"""What the sandbox answers, as rules on the request alone: card numbers, verification numbers, addresses, dates, names.

Only approve, decline and pending come from here; latency and lost answers are scripted. The same request always
gives the same answer. Source: payment-method §5.1, §5.2.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from cashbox_service.domain import auth_codes
from cashbox_service.domain.errors import DataValidation
from cashbox_service.domain.instruments import PaymentMethodType, expired, luhn_valid
from cashbox_service.domain.money import Money, split
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.books import Decision
from cashbox_service.processors.protocol import (
    CardDetails,
    DepositDetails,
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    VisitOutcome,
    WalletDetails,
)
from cashbox_service.processors.script import MAX_CODE_LENGTH, ScriptedOutcome

CODE_NAME: Final = "vin:TestAuthCode"
"""The name-value pair that orders a processor code."""

AVS_NAME: Final = "vin:TestAvsCode"
CVN_NAME: Final = "vin:TestCvnCode"
TIME_OUT_NAME: Final = "vin:TestTimeOut"
"""Pairs that order the answers of the address and number checks, and that no answer comes (dialects §5)."""

NOT_COMPLETED_BY_BUYER: Final = "10486"
WRONG_CONFIRMATION: Final = "0000"
UNKNOWN_BANK: Final = "000000000"
RETURNED_ENDING: Final = "9999"


@dataclass(frozen=True, slots=True)
class CardTrigger:
    """What a certain card number does. ``is_hard`` where the code's usual class does not hold."""

    code: str = auth_codes.TEST_APPROVAL
    is_hard: bool | None = None
    avs_code: str | None = None
    cvn_code: str | None = None


CARDS: Final[Mapping[str, CardTrigger]] = {
    "4916654211627608": CardTrigger(avs_code="N", cvn_code="M"),
    "4555555555555550": CardTrigger(auth_codes.LOST_OR_STOLEN),
    "6011555555555553": CardTrigger(auth_codes.INSUFFICIENT_FUNDS),
    "5255555555555550": CardTrigger(auth_codes.GENERIC_DECLINE, is_hard=True),
    "4000000000000002": CardTrigger(auth_codes.GENERIC_DECLINE),
    "4000000000000069": CardTrigger(auth_codes.CARD_EXPIRED),
    "4000000000000119": CardTrigger(auth_codes.ISSUER_UNAVAILABLE),
}
"""Every other number with a right check digit is approved."""

_PLAIN = CardTrigger()
_CVN_CODES: Final = {"200": "M", "201": "N", "202": "P", "203": "S", "204": "U"}
_ADDRESS = re.compile(rf"AVS:\s*([A-Za-z0-9]{{1,{MAX_CODE_LENGTH}}})")

_SENT_TO_A_PAGE: Final = frozenset(
    {
        PaymentMethodType.PAYPAL,
        PaymentMethodType.SKRILL,
        PaymentMethodType.HOSTED_PAGE,
        PaymentMethodType.CARRIER_BILLING,
    }
)
"""Wallets that need a visit of the customer unless there is an agreement."""

SETTLED_BY_VISIT: Final = frozenset({PaymentMethodType.SKRILL, PaymentMethodType.HOSTED_PAGE})
"""Wallets whose payment is done with the visit; the others are completed by a further request."""


def decide(
    request: PaymentRequest,
    script: ScriptedOutcome | None,
    *,
    validating: bool,
    page: str,
    visited: VisitOutcome | None = None,
) -> Decision:
    """What becomes of a request for money.

    ``page`` is the address that customers are sent to, without query; ``visited`` is how the visit ended whose token
    the request carries.
    """
    ordered = _ordered_code(request, script)
    decision = _by_rule(request, ordered, validating, page, visited)
    return decision if script is None else _scripted(request, decision, script, validating)


def confirmed(visited: VisitOutcome) -> PaymentResult:
    """What a customer's decision makes of a payment that waited for it alone."""
    if visited.agreed:
        return PaymentResult.approved(auth_codes.TEST_APPROVAL)
    return PaymentResult.declined(auth_codes.CANCELLED_BY_DECISION)


def _by_rule(
    request: PaymentRequest,
    ordered: str | None,
    validating: bool,
    page: str,
    visited: VisitOutcome | None,
) -> Decision:
    instrument = request.instrument
    if isinstance(instrument, CardDetails):
        return Decision(_card(request, instrument, ordered))
    if isinstance(instrument, DepositDetails):
        return _deposit(request, instrument, ordered, validating)
    return _wallet(request, instrument, ordered, page, visited)


def coded(request: PaymentRequest, code: str, is_hard: bool | None = None) -> PaymentResult:
    """The result behind a code: approval (111 of half the amount) or decline."""
    if not auth_codes.is_approval(code):
        return PaymentResult.declined(code, is_hard)
    if code == auth_codes.PARTIAL_APPROVAL and request.amount.is_positive:
        return _partial(request, split(request.amount, (1, 1))[0], code)
    return PaymentResult.approved(code)


def _partial(request: PaymentRequest, part: Money, code: str) -> PaymentResult:
    return PaymentResult.approved(code, part if part < request.amount else None)


def _ordered_code(request: PaymentRequest, script: ScriptedOutcome | None) -> str | None:
    """The code that was asked for: by script, else by name-value pair, the last one of that name."""
    if script is not None and script.auth_code is not None:
        return script.auth_code
    return ordered_by_name(request, CODE_NAME)


def ordered_by_name(request: PaymentRequest, wanted: str) -> str | None:
    """The value of the last pair of that name."""
    given = [value.strip() for name, value in request.name_values if name.lower() == wanted.lower()]
    return given[-1][:MAX_CODE_LENGTH] or None if given else None


def _card(request: PaymentRequest, card: CardDetails, ordered: str | None) -> PaymentResult:
    number = card.number.reveal()
    trigger = CARDS.get(number, _PLAIN)
    result = coded(request, ordered) if ordered is not None else _by_number(request, card, number, trigger)
    avs = ordered_by_name(request, AVS_NAME) or _avs_code(request) or trigger.avs_code
    cvn = ordered_by_name(request, CVN_NAME) or _cvn_code(request) or trigger.cvn_code
    return replace(result, avs_code=avs, cvn_code=cvn)


def _by_number(
    request: PaymentRequest, card: CardDetails, number: str, trigger: CardTrigger
) -> PaymentResult:
    """A number that declines does so whatever its date; any other declines once its date is over.

    A token stands for a good number.
    """
    if not luhn_valid(number) and not (request.external_token and not number):
        return PaymentResult.declined(auth_codes.INVALID_CARD_NUMBER)
    if trigger.code == auth_codes.TEST_APPROVAL and card.expiration_date:
        refusal = _date_refusal(card.expiration_date, request.today)
        if refusal is not None:
            return PaymentResult.declined(refusal)
    return coded(request, trigger.code, trigger.is_hard)


def _date_refusal(expiration_date: str, today: date) -> str | None:
    try:
        return auth_codes.CARD_EXPIRED if expired(expiration_date, today) else None
    except DataValidation:
        return auth_codes.BAD_EXPIRATION_DATE


def _avs_code(request: PaymentRequest) -> str | None:
    address = request.billing_address
    found = _ADDRESS.match(address.addr1) if address is not None and address.addr1 else None
    return found[1].upper() if found else None


def _cvn_code(request: PaymentRequest) -> str | None:
    return _CVN_CODES.get(request.cvn.reveal().strip(), "M") if request.cvn else None


def _deposit(
    request: PaymentRequest, deposit: DepositDetails, ordered: str | None, validating: bool
) -> Decision:
    """An unknown bank is noticed at once, a bounced deposit only when the bank answers."""
    code = ordered or auth_codes.TEST_APPROVAL
    if ordered is None and deposit.routing_number == UNKNOWN_BANK:
        code = auth_codes.BAD_ROUTING_NUMBER
    result = coded(request, code)
    if validating or result.kind is OutcomeKind.DECLINED:
        return Decision(result)
    returned = deposit.account.reveal().endswith(RETURNED_ENDING)
    settlement = coded(request, auth_codes.RETURNED_BY_BANK) if returned else result
    return Decision(PaymentResult.pending(TransactionStatusType.AUTHORIZED_PENDING, code), settlement)


def _wallet(
    request: PaymentRequest,
    wallet: WalletDetails,
    ordered: str | None,
    page: str,
    visited: VisitOutcome | None,
) -> Decision:
    """Charged by agreement, or after the customer's visit to a page."""
    result = coded(request, ordered or auth_codes.TEST_APPROVAL)
    if result.kind is OutcomeKind.DECLINED:
        return Decision(result)
    if wallet.type == PaymentMethodType.BOLETO:
        slip = f"{page}?token={_token('SLIP', request.key)}"
        waiting = PaymentResult.pending(TransactionStatusType.AUTHORIZED_PENDING, result.auth_code, slip)
        return Decision(waiting, result)
    if wallet.token:
        return Decision(_completed(wallet, result, visited))
    if wallet.type in _SENT_TO_A_PAGE and not wallet.agreement:
        token = _token("EC", request.key)
        return Decision(
            PaymentResult.pending(
                TransactionStatusType.AUTHORIZATION_PENDING, redirect_url=f"{page}?token={token}", token=token
            )
        )
    return Decision(result)


def _completed(wallet: WalletDetails, result: PaymentResult, visited: VisitOutcome | None) -> PaymentResult:
    """The customer came back from the page; unless he refused there, or gives the wrong code, he has agreed."""
    if visited is not None and visited.agreed is False:
        return PaymentResult.declined(NOT_COMPLETED_BY_BUYER)
    if wallet.confirmation_code is not None:
        wrong = wallet.confirmation_code == WRONG_CONFIRMATION
        return PaymentResult.declined(auth_codes.INVALID_SECURITY_CODE) if wrong else result
    return _agreed(wallet, result, visited)


def _agreed(wallet: WalletDetails, result: PaymentResult, visited: VisitOutcome | None) -> PaymentResult:
    """There is a payer and a standing agreement now."""
    assert wallet.token is not None
    seen = visited or VisitOutcome()
    payer = wallet.payer_id or seen.payer_id or payer_of(wallet.token)
    return replace(
        result,
        token=wallet.token,
        agreement=_token("B", wallet.token),
        payer_id=payer,
        payer_email=seen.payer_email or f"{payer.lower()}@paypal.test",
    )


def payer_of(token: str) -> str:
    """Who came, always the same for a visit."""
    return _token("", token)[:13]


def _token(kind: str, key: str) -> str:
    """A text like PayPal's own, always the same for a request."""
    digest = hashlib.sha256(f"{kind}/{key}".encode()).hexdigest()[:17].upper()
    return f"{kind}-{digest}" if kind else digest


def _scripted(
    request: PaymentRequest, decision: Decision, script: ScriptedOutcome, validating: bool
) -> Decision:
    """The decision with what the script says about codes, class, amount and waiting; a validation never waits."""
    result = decision.result
    changes: dict[str, Any] = {}
    if script.avs_code is not None:
        changes["avs_code"] = script.avs_code
    if script.cvn_code is not None:
        changes["cvn_code"] = script.cvn_code
    if result.kind is OutcomeKind.DECLINED and script.is_hard is not None:
        changes["is_hard"] = script.is_hard
    if result.kind is OutcomeKind.APPROVED and script.pending is not None and not validating:
        waiting = replace(
            result,
            kind=OutcomeKind.PENDING,
            pending_status=script.pending,
            approved_amount=None,
            **changes,
        )
        settles = script.pending is TransactionStatusType.AUTHORIZED_PENDING
        return Decision(waiting, result if settles else None)
    if result.kind is OutcomeKind.APPROVED and script.approved_amount is not None:
        part = Money.of(script.approved_amount, request.amount.currency)
        changes["approved_amount"] = part if part < request.amount else None
    return Decision(replace(result, **changes), decision.settlement)
