"""What a payment on a collection attempt comes to: a sum of flags, and the rules behind them (dialects §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag, StrEnum
from typing import Final

from cashbox_service.domain.money import Money


class PaymentProcessingOutcome(IntFlag):
    """The flags; there is none of value 2."""

    NONE = 0
    DONE = 1
    VOID_SECURITY_FEE = 4
    CASH_PAYMENT_RESULTS_IN_ZERO_BALANCE = 8
    LOCK_DOWN_PAGE = 16
    CARD_TOKEN_NOT_SAVED = 32
    PAYMENT_DECLINED = 64
    FAILED_AVS_CHECK = 128
    FAILED_CVV2_CHECK = 256
    PAYMENT_FAILED_TO_SAVE = 512
    OVER_PAYMENT = 1024
    OVER_REFUND = 2048
    REMAINDER_LESS_THAN_GATEWAY_MINIMUM = 4096
    PAYMENT_UNDER_GATEWAY_MINIMUM = 8192
    PAYMENT_OVER_GATEWAY_MAXIMUM = 16384
    REFUND_WAS_SUCCESSFUL = 32768
    NO_GATEWAY_RESPONSE = 65536
    NO_GATEWAY_REQUEST = 131072
    OPERATION_NOT_SUPPORTED_BY_GATEWAY = 262144
    FAILED_AUTO_PAYMENT_ALLOCATION = 524288
    FAILED_AUTO_REFUND_ALLOCATION = 1048576
    E_CASH_PAYMENT_BAR_CODE_OUTSTANDING = 2097152
    CARD_DECLINED_RECENTLY = 4194304
    CARD_USED_TOO_RECENTLY = 8388608
    MISSING_CARD_FINGERPRINT = 16777216
    MAXIMUM_CARDS_REACHED = 33554432
    MAXIMUM_PAYMENT_ATTEMPTS = 67108864
    FRAUD_CHECK_FAILURE = 134217728
    CHARGEBACK_CARD = 268435456
    PHONE_NUMBER_ASSOCIATED_WITH_CHARGEBACKS = 536870912


Flag = PaymentProcessingOutcome


@dataclass(frozen=True, slots=True)
class FlagRow:
    """A flag as it is documented: its wire name, when it is set, and what the payer is told of trouble."""

    flag: Flag
    name: str
    set_when: str
    sentence: str = ""


FLAGS: Final[tuple[FlagRow, ...]] = (
    FlagRow(Flag.NONE, "None", "Never alone in an answer with a result."),
    FlagRow(Flag.DONE, "Done", "The payment was taken and recorded."),
    FlagRow(
        Flag.VOID_SECURITY_FEE,
        "VoidSecurityFee",
        "The fee part of a payment was voided because the main part failed.",
        "The fee was given back because the payment failed.",
    ),
    FlagRow(
        Flag.CASH_PAYMENT_RESULTS_IN_ZERO_BALANCE,
        "CashPaymentResultsInZeroBalance",
        "Method OTHER or CP pays the attempt off.",
    ),
    FlagRow(
        Flag.LOCK_DOWN_PAGE,
        "LockDownPage",
        "Together with MaximumPaymentAttempts or MaximumCardsReached.",
        "No further payments are accepted here.",
    ),
    FlagRow(
        Flag.CARD_TOKEN_NOT_SAVED,
        "CardTokenNotSaved",
        "The token was not stored with the account; the payment itself goes on.",
        "The payment token was not saved.",
    ),
    FlagRow(
        Flag.PAYMENT_DECLINED,
        "PaymentDeclined",
        "The processor declined, or the merchant's AVS and CVV policy did.",
        "The payment was declined.",
    ),
    FlagRow(
        Flag.FAILED_AVS_CHECK,
        "FailedAvsCheck",
        "With PaymentDeclined: the address does not match.",
        "The address check failed.",
    ),
    FlagRow(
        Flag.FAILED_CVV2_CHECK,
        "FailedCvv2Check",
        "With PaymentDeclined: the verification number does not match.",
        "The check of the card verification number failed.",
    ),
    FlagRow(
        Flag.PAYMENT_FAILED_TO_SAVE,
        "PaymentFailedToSave",
        "Taken but not recorded; recovery finishes it.",
        "The payment was taken but is not recorded yet.",
    ),
    FlagRow(
        Flag.OVER_PAYMENT,
        "OverPayment",
        "PaymentAmount is over the balance: only the balance is charged, with Done; of a balance of 0 nothing is.",
        "The amount is over the balance.",
    ),
    FlagRow(Flag.OVER_REFUND, "OverRefund", "Belongs to refunds; never from this call."),
    FlagRow(
        Flag.REMAINDER_LESS_THAN_GATEWAY_MINIMUM,
        "RemainderLessThanGatewayMinimum",
        "What would remain is above 0 and below the gateway's minimum; refused.",
        "What would remain is less than can be paid by this gateway.",
    ),
    FlagRow(
        Flag.PAYMENT_UNDER_GATEWAY_MINIMUM,
        "PaymentUnderGatewayMinimum",
        "The amount is below gatewayMinimums; refused.",
        "The amount is under the minimum of the gateway.",
    ),
    FlagRow(
        Flag.PAYMENT_OVER_GATEWAY_MAXIMUM,
        "PaymentOverGatewayMaximum",
        "The amount is above gatewayMaximums; refused.",
        "The amount is over the maximum of the gateway.",
    ),
    FlagRow(Flag.REFUND_WAS_SUCCESSFUL, "RefundWasSuccessful", "Belongs to refunds; never from this call."),
    FlagRow(
        Flag.NO_GATEWAY_RESPONSE,
        "NoGatewayResponse",
        "The processor did not answer; what became of it is found out later.",
        "The gateway did not answer.",
    ),
    FlagRow(
        Flag.NO_GATEWAY_REQUEST,
        "NoGatewayRequest",
        "No gateway is configured, or GatewayName is unknown; nothing was sent.",
        "There is no such gateway; nothing was sent.",
    ),
    FlagRow(
        Flag.OPERATION_NOT_SUPPORTED_BY_GATEWAY,
        "OperationNotSupportedByGateway",
        "The gateway cannot take this PaymentMethod; refused.",
        "The gateway does not take this payment method.",
    ),
    FlagRow(
        Flag.FAILED_AUTO_PAYMENT_ALLOCATION,
        "FailedAutoPaymentAllocation",
        "Taken, but the attempt could not take it any more: it stays as account credit; with Done.",
        "The payment could not be applied and is kept as credit.",
    ),
    FlagRow(
        Flag.FAILED_AUTO_REFUND_ALLOCATION,
        "FailedAutoRefundAllocation",
        "Belongs to refunds; never from this call.",
    ),
    FlagRow(
        Flag.E_CASH_PAYMENT_BAR_CODE_OUTSTANDING,
        "ECashPaymentBarCodeOutstanding",
        "CP: the bar code of this payment or of an earlier one is not paid yet; a further payment is refused.",
        "A bar code is waiting to be paid.",
    ),
    FlagRow(
        Flag.CARD_DECLINED_RECENTLY,
        "CardDeclinedRecently",
        "The same fingerprint was declined within cardDeclinedMinutes; refused.",
        "The card was declined recently.",
    ),
    FlagRow(
        Flag.CARD_USED_TOO_RECENTLY,
        "CardUsedTooRecently",
        "The same fingerprint was used within cardUsedMinutes; refused.",
        "The card was used too recently.",
    ),
    FlagRow(
        Flag.MISSING_CARD_FINGERPRINT,
        "MissingCardFingerprint",
        "An empty Fingerprint with CC or DC; refused.",
        "The card fingerprint is missing.",
    ),
    FlagRow(
        Flag.MAXIMUM_CARDS_REACHED,
        "MaximumCardsReached",
        "More distinct fingerprints on the attempt than maxCardsPerAttempt; refused.",
        "Too many cards were tried.",
    ),
    FlagRow(
        Flag.MAXIMUM_PAYMENT_ATTEMPTS,
        "MaximumPaymentAttempts",
        "More tries on the attempt than maxPaymentAttempts; refused.",
        "Too many payments were tried.",
    ),
    FlagRow(
        Flag.FRAUD_CHECK_FAILURE,
        "FraudCheckFailure",
        "The risk score is over fraudScoreLimit; refused.",
        "The fraud check failed.",
    ),
    FlagRow(
        Flag.CHARGEBACK_CARD,
        "ChargebackCard",
        "A payment with the fingerprint was charged back; refused.",
        "The card has a chargeback.",
    ),
    FlagRow(
        Flag.PHONE_NUMBER_ASSOCIATED_WITH_CHARGEBACKS,
        "PhoneNumberAssociatedWithChargebacks",
        "A payment with the payor's phone was charged back; refused.",
        "The telephone number is associated with chargebacks.",
    ),
)
"""Every flag in the order of its value."""

REFUND_FLAGS: Final = Flag.OVER_REFUND | Flag.REFUND_WAS_SUCCESSFUL | Flag.FAILED_AUTO_REFUND_ALLOCATION
"""What only a refund can come to."""


def sentences(outcome: Flag) -> list[str]:
    """What a person is told of an outcome, one sentence per flag that means some trouble."""
    return [row.sentence for row in FLAGS if row.flag and row.flag in outcome and row.sentence]


class CollectionMethod(StrEnum):
    """How the payor pays."""

    CREDIT_CARD = "CC"
    DEBIT_CARD = "DC"
    E_CHECK = "EC"
    CASH = "CP"
    OTHER = "OTHER"

    @property
    def is_card(self) -> bool:
        return self in (CollectionMethod.CREDIT_CARD, CollectionMethod.DEBIT_CARD)

    @property
    def is_cash(self) -> bool:
        """Whether paying off with it is a case of its own."""
        return self in (CollectionMethod.CASH, CollectionMethod.OTHER)

    @property
    def payment_method_type(self) -> str:
        """What it is as a payment method."""
        return _TYPES[self]


_TYPES: Final[Mapping[CollectionMethod, str]] = {
    CollectionMethod.CREDIT_CARD: "CreditCard",
    CollectionMethod.DEBIT_CARD: "CreditCard",
    CollectionMethod.E_CHECK: "ECP",
    CollectionMethod.CASH: "Boleto",
    CollectionMethod.OTHER: "MerchantAcceptedPayment",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a gateway takes at least and at most; None where it does not mind."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that decides whether a payment is tried.

    ``balance`` is what the attempt still asks for, without payments that are on their way. ``cards`` are the distinct
    fingerprints on the attempt with this one, ``tries`` the tries before this one.
    """

    method: CollectionMethod
    fingerprint: str
    amount: Money
    balance: Money
    gateway_known: bool = True
    gateway_serves: bool = True
    limits: Limits = Limits()
    tries: int = 0
    max_tries: int = 10
    cards: int = 1
    max_cards: int = 3
    bar_code_outstanding: bool = False
    declined_recently: bool = False
    used_recently: bool = False
    charged_back: bool = False
    phone_charged_back: bool = False
    risky: bool = False


def to_charge(amount: Money, balance: Money) -> Money:
    """What of the amount is charged: never more than the balance."""
    return amount.min(balance).max(Money.zero(balance.currency))


def refusal(now: Circumstances) -> Flag:
    """The flags that keep a payment from being tried; none when it may be."""
    charged = to_charge(now.amount, now.balance)
    left = now.balance - charged
    least, most = now.limits.minimum, now.limits.maximum
    full = now.tries >= now.max_tries
    crowded = now.method.is_card and bool(now.fingerprint) and now.cards > now.max_cards
    conditions = (
        (Flag.NO_GATEWAY_REQUEST, not now.gateway_known),
        (Flag.OPERATION_NOT_SUPPORTED_BY_GATEWAY, now.gateway_known and not now.gateway_serves),
        (Flag.OVER_PAYMENT, not now.balance.is_positive),
        (Flag.PAYMENT_UNDER_GATEWAY_MINIMUM, least is not None and Decimal(0) < charged.amount < least),
        (Flag.PAYMENT_OVER_GATEWAY_MAXIMUM, most is not None and charged.amount > most),
        (Flag.REMAINDER_LESS_THAN_GATEWAY_MINIMUM, least is not None and Decimal(0) < left.amount < least),
        (Flag.MISSING_CARD_FINGERPRINT, now.method.is_card and not now.fingerprint),
        (Flag.MAXIMUM_PAYMENT_ATTEMPTS, full),
        (Flag.MAXIMUM_CARDS_REACHED, crowded),
        (Flag.LOCK_DOWN_PAGE, full or crowded),
        (
            Flag.E_CASH_PAYMENT_BAR_CODE_OUTSTANDING,
            now.method is CollectionMethod.CASH and now.bar_code_outstanding,
        ),
        (Flag.CARD_DECLINED_RECENTLY, now.declined_recently),
        (Flag.CARD_USED_TOO_RECENTLY, now.used_recently),
        (Flag.CHARGEBACK_CARD, now.charged_back),
        (Flag.PHONE_NUMBER_ASSOCIATED_WITH_CHARGEBACKS, now.phone_charged_back),
        (Flag.FRAUD_CHECK_FAILURE, now.risky),
    )
    flags = Flag.NONE
    for flag, applies in conditions:
        if applies:
            flags |= flag
    return flags


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a tried payment stands, as far as its flags depend on it.

    ``applied`` is what went to the attempt of ``towards``, what was meant for it; ``left`` what then was to be paid.
    """

    method: CollectionMethod
    captured: bool = False
    declined: bool = False
    waiting_for_bank: bool = False
    towards: Decimal = Decimal(0)
    applied: Decimal = Decimal(0)
    left: Decimal = Decimal(0)
    avs_failed: bool = False
    cvn_failed: bool = False
    fee_voided: bool = False


def outcome(standing: Standing, told_before: Flag = Flag.NONE) -> Flag:
    """What a payment that was tried has come to; ``told_before`` was known when it was tried."""
    flags = told_before
    if standing.captured:
        flags |= Flag.DONE
        if standing.applied < standing.towards:
            flags |= Flag.FAILED_AUTO_PAYMENT_ALLOCATION
        if standing.method.is_cash and not standing.left and standing.applied:
            flags |= Flag.CASH_PAYMENT_RESULTS_IN_ZERO_BALANCE
    elif standing.declined:
        flags |= Flag.PAYMENT_DECLINED
        flags |= Flag.FAILED_AVS_CHECK if standing.avs_failed else Flag.NONE
        flags |= Flag.FAILED_CVV2_CHECK if standing.cvn_failed else Flag.NONE
        flags |= Flag.VOID_SECURITY_FEE if standing.fee_voided else Flag.NONE
    elif standing.waiting_for_bank:
        cash = standing.method is CollectionMethod.CASH
        flags |= Flag.E_CASH_PAYMENT_BAR_CODE_OUTSTANDING if cash else Flag.DONE
    else:
        flags |= Flag.NO_GATEWAY_RESPONSE
    return flags
