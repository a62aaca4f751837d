"""Settings of a merchant: the billing rules that merchants choose for themselves.

Kept as JSON in the merchant's row, only where they differ from the defaults; the names are those of the settings
table, billing-engine §17, and the AVS/CVN policy of transaction §5.4. Read with :meth:`MerchantSettings.from_stored`,
changed with :meth:`MerchantSettings.changed`, which takes text (the command line) and JSON values alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, ClassVar, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from cashbox_service.checked import Checked, WrongValue, flag, listed, one_of, optional, setting, text, whole
from cashbox_service.clock import BUSINESS_ZONE
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import TOKEN_CURRENCY, known_currency
from cashbox_service.mailbox import read_mailbox

CancelFeePolicy = Literal["waive", "prorate", "full"]
AvsResult = Literal["FullMatch", "PartialMatch", "NoMatch", "IssuerError", "NotSupported", "NoOpinion"]
CvnCode = Literal["N", "P", "S", "U", "X"]
TaxProcessing = Literal["auto", "on", "off"]
BuiltInMail = Literal["invoice", "statement", "dunning", "expirationWarning", "cardExpiration", "family"]
TaxWhenUnavailable = Literal["inclusive", "none", "fail"]

_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,20}")
_SPELLED_OTHERWISE = {"chargeback_cancels_autobill": "chargebackCancelsAutoBill"}

_days = whole(at_least=1, at_most=3650)
_days_in_a_row = listed(_days, most=20)
_known_zones = cache(available_timezones)
_PAYMENT_TYPE = re.compile(r"(\d{1,9}):([^\x00-\x1f,:]{1,40})")
_LIMIT = re.compile(r"([A-Za-z0-9_.-]{1,40}|\*):(\d{1,12}(?:\.\d{1,3})?)")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:\d{1,5})?", re.ASCII)
PAYMENT_TYPES = ("1:Cash", "2:Cheque", "3:Card", "4:Bank transfer", "5:Direct debit", "6:Voucher")
"""How money can be taken outside, as MakePayment numbers it."""


def _ascending_days(given: Any) -> tuple[int, ...]:
    days: tuple[int, ...] = _days_in_a_row(given)
    if list(days) != sorted(set(days)):
        raise ValueError("must be ascending, without repeats")
    return days


def _zone_name(given: Any) -> str:
    if text(given) not in _known_zones():
        raise ValueError("is not a time zone, such as America/Los_Angeles")
    return text(given)


def _billing_currency(given: Any) -> str:
    if text(given) == TOKEN_CURRENCY or not known_currency(given):
        raise ValueError("is not an ISO 4217 currency code, such as USD")
    return text(given)


def _payment_type(given: Any) -> str:
    if not _PAYMENT_TYPE.fullmatch(text(given)):
        raise ValueError("must be a number and a name such as 7:Gift")
    return text(given)


def _gateway_limit(given: Any) -> str:
    if not _LIMIT.fullmatch(text(given)):
        raise ValueError("must be a gateway's name and an amount such as sandbox:1.00, or *:1.00 for all")
    return text(given)


def _shown_name(given: Any) -> str:
    if not 1 <= len(text(given).strip()) <= _LONGEST_NAME:
        raise ValueError(f"must have 1 to {_LONGEST_NAME} characters")
    return text(given).strip()


def _origin(given: Any) -> str:
    if not _ORIGIN.fullmatch(text(given)):
        raise ValueError("must be an origin such as https://shop.example, without a path")
    return text(given).lower()


def _payor_text(given: Any) -> str:
    if not 1 <= len(text(given)) <= _LONGEST_DEFAULT:
        raise ValueError(f"must have 1 to {_LONGEST_DEFAULT} characters")
    return text(given)


_LONGEST_DEFAULT = 255
_LONGEST_NAME = 80


def _transaction_prefix(given: Any) -> str:
    if not _PREFIX.fullmatch(text(given)):
        raise ValueError("must be at most 20 letters, digits, dashes and underscores")
    return text(given)


@dataclass(frozen=True, kw_only=True)
class MerchantSettings(Checked):
    """One merchant's settings, defaults filled in. Immutable.

    Attributes carry the setting's name in snake_case (``retryDays`` is ``retry_days``). Days are calendar days in
    ``zone``.
    """

    DEFAULTS: ClassVar[MerchantSettings]

    time_zone: str = setting(BUSINESS_ZONE, _zone_name)
    """Where days begin and end, and the offset of every dateTime sent. Source: conventions §6.1."""

    billing_lead_days: int = setting(0, whole(at_least=0, at_most=60))
    """How many days before its period a renewal is attempted. Source: billing-engine §1."""

    imminent_billing_hours: int = setting(25, whole(at_least=0, at_most=720))
    """A first billing due within this many hours is done inside the creating call. Source: autobill §5."""

    retry_days: tuple[int, ...] = setting((3, 7, 14), _ascending_days)
    """Days after the service date on which a failed billing is tried again. Source: billing-engine §9.2."""

    grace_days: int = setting(21, whole(at_least=0, at_most=3650))
    """Days after the service date until an unpaid AutoBill is given up. Source: billing-engine §9.2."""

    dunning_days: tuple[int, ...] = setting((7, 14, 30), _ascending_days)
    """Days after the due date on which an unpaid invoice is reminded of. Source: billing-engine §6."""

    map_cancel_after_days: int | None = setting(None, optional(_days))
    """Days after the due date on which an unpaid invoice payer is cancelled; none: never (billing-engine §9.5)."""

    cancel_fee_policy: CancelFeePolicy = setting("waive", one_of(*get_args(CancelFeePolicy)))
    """What a cancellation inside the minimum commitment costs. Source: autobill §6.5."""

    chargeback_cancels_autobill: bool = setting(False, flag)
    """Whether a chargeback cancels the AutoBill of the disputed transaction. Source: billing-engine §9.6."""

    entitle_on_pending_deposit: bool = setting(True, flag)
    """Whether a direct debit entitles at once, before the money has come. Source: billing-engine §7."""

    default_currency: str = setting("USD", _billing_currency)
    """Currency of last resort. Source: conventions §6.2."""

    avs_refused_results: tuple[AvsResult, ...] = setting(("NoMatch",), listed(one_of(*get_args(AvsResult))))
    """Address check results that refuse a payment method. Source: transaction §5.4."""

    cvn_refused_codes: tuple[CvnCode, ...] = setting(("N",), listed(one_of(*get_args(CvnCode))))
    """Card verification codes that refuse a payment method. Source: transaction §5.4."""

    avs_cvn_required: bool = setting(False, flag)
    """Whether a payment method without AVS and CVN results is refused too. Source: transaction §5.4."""

    tax_processing: TaxProcessing = setting("auto", one_of(*get_args(TaxProcessing)))
    """Whether sales are taxed: as soon as a tax table is loaded, in any case, or never. Source: transaction §5.2."""

    tax_when_unavailable: TaxWhenUnavailable = setting("inclusive", one_of(*get_args(TaxWhenUnavailable)))
    """What a sale does when the tax engine does not answer: takes its prices for inclusive, goes untaxed, or fails.

    AutoBills are billed in any case. Source: transaction §7.1, §7.2; billing-engine §12.
    """

    tax_capture_delay_minutes: int = setting(60, whole(at_least=0, at_most=7 * 24 * 60))
    """How much later a sale is captured that went on without the tax engine. Source: transaction §7.2."""

    auth_expiration_days: int = setting(7, whole(at_least=1, at_most=365))
    """Days after which an authorization that nobody captured is given up. Source: transaction §6.4."""

    pending_expiration_hours: int = setting(72, whole(at_least=1, at_most=24 * 365))
    """Hours after which a customer who went to a page is not waited for any more. Source: transaction §6.1."""

    web_session_minutes: int = setting(60, whole(at_least=1, at_most=7 * 24 * 60))
    """How long a WebSession waits for its form and its end. Source: websession §2."""

    payment_page_name: str | None = setting(None, optional(_shown_name))
    """What the payment page calls the merchant; none: the merchant's name. Source: docs/hosted-orders.md."""

    payment_page_frames: tuple[str, ...] = setting((), listed(_origin, most=20))
    """Web sites that may show the payment page inside their own pages. Source: docs/hosted-orders.md."""

    transaction_id_prefix: str = setting("INT", _transaction_prefix)
    """Leading part of generated merchantTransactionIds. Source: transaction §2."""

    payment_types: tuple[str, ...] = setting((), listed(_payment_type, most=100))
    """Payment types of MakePayment beside the six built-in ones, as number:name. Source: dialects §2."""

    fee_gateway: str | None = setting(None, optional(text))
    """The gateway that fees of collection attempts are paid by; none: the one of the payment. Source: dialects §3."""

    gateway_minimums: tuple[str, ...] = setting((), listed(_gateway_limit, most=100))
    """What gateways take at least in CreatePayment, as name:amount. Source: dialects §3."""

    gateway_maximums: tuple[str, ...] = setting((), listed(_gateway_limit, most=100))
    """What gateways take at most in CreatePayment, as name:amount. Source: dialects §3."""

    max_payment_attempts: int = setting(10, whole(at_least=1, at_most=1000))
    """Tries on one collection attempt. Source: dialects §3."""

    max_cards_per_attempt: int = setting(3, whole(at_least=1, at_most=1000))
    """Distinct cards on one collection attempt. Source: dialects §3."""

    card_declined_minutes: int = setting(10, whole(at_least=0, at_most=60 * 24 * 365))
    """How long a declined card is not tried again by CreatePayment; 0: at once. Source: dialects §3."""

    card_used_minutes: int = setting(0, whole(at_least=0, at_most=60 * 24 * 365))
    """How long a card that paid is not taken again by CreatePayment; 0: at once. Source: dialects §3."""

    fraud_score_limit: int = setting(90, whole(at_least=0, at_most=100))
    """Risk score above which CreatePayment refuses; at 100 nothing is scored. Source: dialects §3."""

    payor_address: str = setting("Not supplied", _payor_text)
    """What a payor without an address has. This and the next four: dialects §3."""

    payor_city: str = setting("Not supplied", _payor_text)

    payor_state: str = setting("NA", _payor_text)

    payor_country: str = setting("US", _payor_text)

    payor_email: str = setting("none@example.invalid", _payor_text)

    mail_sender: str | None = setting(None, optional(read_mailbox))
    """Who built-in mails are from; none: whom the operator names. Source: billing-engine §6."""

    built_in_mails: tuple[BuiltInMail, ...] = setting(
        tuple(kind for kind in get_args(BuiltInMail) if kind != "family"),
        listed(one_of(*get_args(BuiltInMail))),
    )
    """Mails that are sent by a text of the service's own unless there is a template. Source: notifications §2.1."""

    card_expiry_months: int | None = setting(None, optional(whole(at_least=0, at_most=12)))
    """How many months before a card expires its holder is told, on the first of a month; none: never (§2.1)."""

    max_coupon_codes: int = setting(100_000, whole(at_least=1, at_most=10_000_000))
    """Coupon codes that a campaign makes at once at most. Source: campaign §1.1."""

    max_page_size: int = setting(10_000, whole(at_least=10_000, at_most=1_000_000))
    """Larger page sizes are cut to this. Source: conventions §7."""

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> MerchantSettings:
        """The settings of a merchant's row.

        A setting this version does not know is refused, not ignored: better no bill than one by other rules. Raises
        InvalidValue naming the setting.
        """
        return cls._checked(stored) if stored else cls.DEFAULTS

    def to_stored(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON values by setting name."""
        defaults = self.DEFAULTS.as_json()
        return {name: value for name, value in self.as_json().items() if value != defaults[name]}

    def as_json(self) -> dict[str, Any]:
        """Every setting by name, as JSON values."""
        values = {name: getattr(self, attribute) for name, attribute in _attributes().items()}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def changed(self, changes: Mapping[str, Any]) -> MerchantSettings:
        """These settings with ``changes`` by setting name; None puts one back to its default.

        Raises InvalidValue naming the setting and the value; nothing is changed then.
        """
        stored = self.to_stored()
        for name, value in changes.items():
            self._check_name(name)
            stored.pop(name, None)
            if value is not None:
                stored[name] = value
        return self._checked(stored)

    def gateway_limits(self, name: str) -> tuple[Decimal | None, Decimal | None]:
        """What a gateway takes at least and at most."""
        return _limit_of(self.gateway_minimums, name), _limit_of(self.gateway_maximums, name)

    @property
    def payment_type_names(self) -> dict[int, str]:
        """All payment types of MakePayment by number."""
        pairs = (one.partition(":") for one in (*PAYMENT_TYPES, *self.payment_types))
        return {int(number): name for number, _, name in pairs}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.time_zone)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """All setting names."""
        return tuple(_attributes())

    @classmethod
    def _check_name(cls, name: str) -> None:
        if name not in _attributes():
            raise InvalidValue("setting", name, f"is not one of {', '.join(sorted(cls.names()))}")

    @classmethod
    def _checked(cls, values: Mapping[str, Any]) -> MerchantSettings:
        for name in values:
            cls._check_name(name)
        try:
            return cls(**{_attributes()[name]: value for name, value in values.items()})
        except WrongValue as wrong:
            raise InvalidValue(_setting_name(wrong.name), wrong.value, wrong.reason) from None


def _limit_of(limits: tuple[str, ...], name: str) -> Decimal | None:
    amounts = {gateway.lower(): amount for gateway, _, amount in (one.partition(":") for one in limits)}
    found = amounts.get(name.lower(), amounts.get("*"))
    return None if found is None else Decimal(found)


@cache
def _attributes() -> Mapping[str, str]:
    """Attributes by setting name."""
    return {_setting_name(attribute): attribute for attribute in MerchantSettings.defaults()}


def _setting_name(attribute: str) -> str:
    first, *rest = attribute.split("_")
    return _SPELLED_OTHERWISE.get(attribute) or first + "".join(word.capitalize() for word in rest)


MerchantSettings.DEFAULTS = MerchantSettings()
