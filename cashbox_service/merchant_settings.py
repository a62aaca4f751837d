"""Settings of a merchant: the billing rules that merchants choose for themselves.

Kept as JSON in the merchant's row, only where they differ from the defaults; the names are those of the settings
table, billing-engine §17, and the AVS/CVN policy of transaction §5.4. Read with :meth:`MerchantSettings.from_stored`,
changed with :meth:`MerchantSettings.changed`, which takes text (the command line) and JSON values alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from cashbox_service.clock import BUSINESS_ZONE
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import TOKEN_CURRENCY, known_currency

CancelFeePolicy = Literal["waive", "prorate", "full"]
AvsResult = Literal["FullMatch", "PartialMatch", "NoMatch", "IssuerError", "NotSupported", "NoOpinion"]

_WHOLE = re.compile(r"[+-]?\d{1,9}")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,20}")


def _whole(value: object) -> object:
    """Whole numbers come as JSON numbers or text; true, 1.5 and "1.5" are none."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("must be a whole number")


def _flag(value: object) -> object:
    """Flags come as JSON booleans or the text of one."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError("must be true or false")


def _listed(value: object) -> object:
    """Lists come as JSON lists or as text with commas; empty text is the empty list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",")) if value.strip() else ()
    if isinstance(value, list | tuple):
        return tuple(value)
    raise ValueError("must be a list")


def _absent(value: object) -> object:
    """Empty text means that there is none."""
    return None if isinstance(value, str) and not value.strip() else value


def _ascending(days: tuple[int, ...]) -> tuple[int, ...]:
    if list(days) != sorted(set(days)):
        raise ValueError("must be ascending, without repeats")
    return days


def _zone_name(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone, such as America/Los_Angeles")
    return name


def _billing_currency(code: str) -> str:
    if code == TOKEN_CURRENCY or not known_currency(code):
        raise ValueError("is not an ISO 4217 currency code, such as USD")
    return code


def _transaction_prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise ValueError("must be at most 20 letters, digits, dashes and underscores")
    return text


Flag = Annotated[bool, BeforeValidator(_flag)]
Whole = Annotated[int, BeforeValidator(_whole)]
Days = Annotated[Whole, Field(ge=1, le=3650)]
AscendingDays = Annotated[
    tuple[Days, ...], BeforeValidator(_listed), AfterValidator(_ascending), Field(max_length=20)
]


class MerchantSettings(BaseModel):
    """One merchant's settings, defaults filled in. Immutable.

    Attributes carry the setting's name in snake_case (``retryDays`` is ``retry_days``). Days are calendar days in
    ``zone``.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, validate_default=True, populate_by_name=False
    )
    DEFAULTS: ClassVar[MerchantSettings]

    time_zone: Annotated[str, AfterValidator(_zone_name)] = BUSINESS_ZONE
    """Where days begin and end, and the offset of every dateTime sent. Source: conventions §6.1."""

    billing_lead_days: Annotated[Whole, Field(ge=0, le=60)] = 0
    """How many days before its period a renewal is attempted. Source: billing-engine §1."""

    imminent_billing_hours: Annotated[Whole, Field(ge=0, le=720)] = 25
    """A first billing due within this many hours is done inside the creating call. Source: autobill §5."""

    retry_days: AscendingDays = (3, 7, 14)
    """Days after the service date on which a failed billing is tried again. Source: billing-engine §9.2."""

    grace_days: Annotated[Whole, Field(ge=0, le=3650)] = 21
    """Days after the service date until an unpaid AutoBill is given up. Source: billing-engine §9.2."""

    dunning_days: AscendingDays = (7, 14, 30)
    """Days after the due date on which an unpaid invoice is reminded of. Source: billing-engine §6."""

    map_cancel_after_days: Annotated[Days | None, BeforeValidator(_absent)] = None
    """Days after the due date on which an unpaid invoice payer is cancelled; none: never (billing-engine §9.5)."""

    cancel_fee_policy: CancelFeePolicy = "waive"
    """What a cancellation inside the minimum commitment costs. Source: autobill §6.5."""

    chargeback_cancels_autobill: Flag = Field(False, alias="chargebackCancelsAutoBill")
    """Whether a chargeback cancels the AutoBill of the disputed transaction. Source: billing-engine §9.6."""

    entitle_on_pending_deposit: Flag = True
    """Whether a direct debit entitles at once, before the money has come. Source: billing-engine §7."""

    default_currency: Annotated[str, AfterValidator(_billing_currency)] = "USD"
    """Currency of last resort. Source: conventions §6.2."""

    avs_refused_results: Annotated[tuple[AvsResult, ...], BeforeValidator(_listed)] = ("NoMatch",)
    """Address check results that refuse a payment method. Source: transaction §5.4."""

    cvn_refused_codes: Annotated[tuple[Literal["N", "P", "S", "U", "X"], ...], BeforeValidator(_listed)] = (
        "N",
    )
    """Card verification codes that refuse a payment method. Source: transaction §5.4."""

    avs_cvn_required: Flag = False
    """Whether a payment method without AVS and CVN results is refused too. Source: transaction §5.4."""

    transaction_id_prefix: Annotated[str, AfterValidator(_transaction_prefix)] = "INT"
    """Leading part of generated merchantTransactionIds. Source: transaction §2."""

    max_page_size: Annotated[Whole, Field(ge=10_000, le=1_000_000)] = 10_000
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
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def as_json(self) -> dict[str, Any]:
        """Every setting by name, as JSON values."""
        return self.model_dump(mode="json", by_alias=True)

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

    @cached_property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.time_zone)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """All setting names."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def _check_name(cls, name: str) -> None:
        if name not in cls.names():
            raise InvalidValue("setting", name, f"is not one of {', '.join(sorted(cls.names()))}")

    @classmethod
    def _checked(cls, values: Mapping[str, Any]) -> MerchantSettings:
        for name in values:
            cls._check_name(name)
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _first_refusal(error, values) from None


def _first_refusal(error: ValidationError, values: Mapping[str, Any]) -> InvalidValue:
    """The first thing wrong, told by the setting's name and the value as given."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    reason = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"]
    return InvalidValue(name, values.get(name), reason[:1].lower() + reason[1:])


MerchantSettings.DEFAULTS = MerchantSettings()
