"""Finding and storing what is sold: shared by the product, plan and season set services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_currency, check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.credit.drafts import (
    CreditDraft,
    CurrencyAmountDraft,
    TimeIntervalDraft,
    TokenAmountDraft,
    TokenDraft,
)
from cashbox_service.app.offers.drafts import MerchantEntitlementIdDraft, SeasonSetDraft
from cashbox_service.domain.catalog import (
    CreditPart,
    EntitlementId,
    Season,
    check_seasons,
)
from cashbox_service.domain.errors import (
    InvalidRequest,
    InvalidValue,
    MissingField,
    SeasonSetNotFound,
    TokenNotFound,
)
from cashbox_service.domain.money import TOKEN_CURRENCY, given, quantise
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import SeasonSet, Token

MAX_ENTITLEMENT_ID_BYTES = 1024
MAX_ENTITLEMENT_DESCRIPTION = 1024
MAX_SEASON_DESCRIPTION = 2048
MAX_SORT_VALUE = 2**31 - 1
MAX_TOKENS = 2**31 - 1
"""Most tokens of a price: what xsd:int holds."""

MAX_LENGTH = 5000
"""Most years, months, weeks or days of a time credit."""


def entitlement_ids(drafts: Iterable[MerchantEntitlementIdDraft]) -> tuple[EntitlementId, ...]:
    """Raises MissingField, InvalidValue."""
    ids: dict[str, EntitlementId] = {}
    for draft in drafts:
        if not draft.id:
            raise MissingField("merchantEntitlementIds.id")
        if len(draft.id.encode()) > MAX_ENTITLEMENT_ID_BYTES:
            raise too_long("merchantEntitlementIds.id", draft.id, MAX_ENTITLEMENT_ID_BYTES, "bytes")
        check_length("merchantEntitlementIds.description", draft.description, MAX_ENTITLEMENT_DESCRIPTION)
        ids[draft.id] = EntitlementId(draft.id, draft.description or None)
    return tuple(ids.values())


def check_length(field: str, text: str | None, longest: int) -> None:
    """Raises InvalidValue for a text of more characters."""
    if text is not None and len(text) > longest:
        raise too_long(field, text, longest, "characters")


def too_long(field: str, text: str, longest: int, unit: str) -> InvalidValue:
    """The refusal of a text, which shows how it begins."""
    return InvalidValue(field, text[:40] + "…", f"is longer than {longest} {unit}")


def price(field: str, amount: Decimal | None, currency: str | None) -> tuple[Decimal, str]:
    """A price as it is stored: currency USD when none is given, amount quantised. Raises InvalidValue."""
    code = check_currency(f"{field}.currency", currency or "USD")
    value = given(f"{field}.amount", amount if amount is not None else Decimal(0), code)
    if value < 0:
        raise InvalidValue(f"{field}.amount", value, "must not be negative")
    return value, code


def token_price(field: str, amount: Decimal) -> Decimal:
    """A price in tokens, which are whole (conventions §6.2). Raises InvalidValue."""
    value = quantise(amount, TOKEN_CURRENCY)
    if not 0 <= value <= MAX_TOKENS:
        raise InvalidValue(f"{field}.amount", value, f"is not between 0 and {MAX_TOKENS}")
    return value


def token(work: Work, draft: TokenDraft | None) -> Token | None:
    """The token type a draft refers to. Raises TokenNotFound."""
    if draft is None or (draft.vid is None and draft.merchant_token_id is None):
        return None
    if draft.vid is not None:
        found = work.uow.catalog.token_by_vid(draft.vid)
        if found is None:
            raise TokenNotFound("VID", draft.vid)
        return found
    assert draft.merchant_token_id is not None
    found = work.uow.catalog.token_by_merchant_id(draft.merchant_token_id)
    if found is None:
        raise TokenNotFound("merchantTokenId", draft.merchant_token_id)
    return found


def credit_parts(work: Work, draft: CreditDraft, within: str = "creditGranted") -> tuple[CreditPart, ...]:
    """The parts of a credit that is granted; ``within`` is the field it came in.

    Raises InvalidValue, MissingField, TokenNotFound.
    """
    return (
        *(_currency_part(work, amount, f"{within}.currencyAmounts") for amount in draft.currency_amounts),
        *(_time_part(work, interval, f"{within}.timeIntervals") for interval in draft.time_intervals),
        *(token_part(work, tokens, f"{within}.tokenAmounts") for tokens in draft.token_amounts),
    )


def _currency_part(work: Work, draft: CurrencyAmountDraft, field: str) -> CreditPart:
    value, currency = price(field, draft.amount, draft.currency)
    if value <= 0:
        raise InvalidValue(f"{field}.amount", value, "must be greater than zero")
    return CreditPart(
        kind="currency",
        amount=value,
        currency=currency,
        sort_value=_sort_value(field, draft.sort_value),
        description=draft.description or None,
        reason=draft.reason or None,
        name_values=name_values.merged(work, "CurrencyAmount", (), draft.name_values),
    )


def _time_part(work: Work, draft: TimeIntervalDraft, field: str) -> CreditPart:
    lengths = [draft.years or 0, draft.months or 0, draft.weeks or 0, draft.days or 0]
    if min(lengths) < 0 or not any(lengths):
        raise InvalidValue(field, "", "must be a positive length of time")
    if max(lengths) > MAX_LENGTH:
        raise InvalidValue(field, max(lengths), f"is more than {MAX_LENGTH}")
    return CreditPart(
        kind="time",
        years=lengths[0],
        months=lengths[1],
        weeks=lengths[2],
        days=lengths[3],
        sort_value=_sort_value(field, draft.sort_value),
        description=draft.description or None,
        reason=draft.reason or None,
        name_values=name_values.merged(work, "TimeInterval", (), draft.name_values),
    )


def token_part(work: Work, draft: TokenAmountDraft, field: str) -> CreditPart:
    """A number of tokens, which is positive. Raises InvalidValue, MissingField, TokenNotFound."""
    found = token(work, draft.token)
    if found is None:
        raise MissingField(f"{field}.token")
    if draft.amount is None or draft.amount <= 0:
        raise InvalidValue(
            f"{field}.amount", "" if draft.amount is None else draft.amount, "must be positive"
        )
    return CreditPart(kind="token", amount=Decimal(draft.amount), token_vid=found.vid)


def _sort_value(field: str, value: int | None) -> int | None:
    if value is not None and not -MAX_SORT_VALUE <= value <= MAX_SORT_VALUE:
        raise InvalidValue(f"{field}.sortValue", value, "is too large")
    return value


def put_season_set(work: Work, draft: SeasonSetDraft, *, may_be_empty: bool = False) -> SeasonSet:
    """Find, change or create a season set inside the caller's transaction (catalog §3).

    Raises SeasonSetNotFound for an unknown VID and, unless a new one ``may_be_empty``, for an unknown id that stands
    alone; InvalidRequest for two season sets, InvalidValue for seasons that overlap or end before they begin.
    """
    found = find_season_set(work, draft)
    if found is None:
        own_id = draft.merchant_season_set_id
        if own_id is not None and not (may_be_empty or draft.seasons or draft.name_values):
            raise SeasonSetNotFound("merchantSeasonSetId", own_id)
        found = work.uow.catalog.add(
            SeasonSet(
                vid=new_vid(),
                merchant_season_set_id=draft.merchant_season_set_id,
                seasons=(),
                name_values=(),
                created_at=work.now,
            )
        )
    if draft.merchant_season_set_id is not None:
        found.merchant_season_set_id = check_merchant_id("merchantSeasonSetId", draft.merchant_season_set_id)
    if draft.seasons:
        seasons = []
        for season in draft.seasons:
            if season.start_date is None or season.end_date is None:
                raise MissingField("seasons.startDate" if season.start_date is None else "seasons.endDate")
            check_length("seasons.description", season.description, MAX_SEASON_DESCRIPTION)
            seasons.append(Season(season.description or None, season.start_date, season.end_date))
        found.seasons = check_seasons(seasons)
    if draft.name_values:
        found.name_values = name_values.merged(work, "SeasonSet", found.name_values, draft.name_values)
    work.uow.flush()
    return found


def find_season_set(work: Work, draft: SeasonSetDraft) -> SeasonSet | None:
    """By VID, else by id. Raises SeasonSetNotFound for an unknown VID, InvalidRequest for two season sets."""
    by_id = None
    if draft.merchant_season_set_id is not None:
        by_id = work.uow.catalog.season_set_by_merchant_id(draft.merchant_season_set_id)
    if draft.vid is None:
        return by_id
    found = work.uow.catalog.season_set_by_vid(draft.vid)
    if found is None:
        raise SeasonSetNotFound("VID", draft.vid)
    refuse_two_owners(found, by_id, "VID and merchantSeasonSetId")
    return found


def has_content(draft: object, *identifiers: str) -> bool:
    """Whether a draft gives more than its identifiers; otherwise it only refers to an object."""
    return any(
        getattr(draft, field.name) not in (None, ())
        for field in fields(draft)  # type: ignore[arg-type]  # drafts are dataclasses
        if field.name not in identifiers
    )


def refuse_two_owners(by_vid: object | None, by_id: object | None, names: str) -> None:
    """Raises InvalidRequest when a VID and a merchant id belong to different objects (conventions §4.2)."""
    if by_vid is not None and by_id is not None and by_vid is not by_id:
        raise InvalidRequest(f"{names} belong to different objects.")
