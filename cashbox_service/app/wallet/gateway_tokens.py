"""What stands behind a payment token: a stored payment method, or in the sandbox a test card (dialects §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from cashbox_service.app.context import Work
from cashbox_service.app.drafts import AddressDraft
from cashbox_service.app.wallet import payers, payment_methods
from cashbox_service.app.wallet.drafts import (
    BoletoDraft,
    CreditCardDraft,
    EcpDraft,
    MerchantAcceptedPaymentDraft,
    PaymentMethodDraft,
)
from cashbox_service.domain.collection import CollectionMethod
from cashbox_service.domain.errors import DataValidation, InvalidRequest, InvalidValue
from cashbox_service.domain.reserved_names import TEST_SCORE
from cashbox_service.ids import new_vid
from cashbox_service.processors.triggers import AVS_NAME, CVN_NAME, TIME_OUT_NAME
from cashbox_service.store.entities import Account, PaymentMethod

SANDBOX_PREFIX: Final = "sbx-"
LONGEST_TOKEN = 255
_SUFFIX = re.compile(r"-(cvn|avs|timeout|fraud)([A-Za-z0-9]{0,4})", re.IGNORECASE)
_NAMES = {"cvn": CVN_NAME, "avs": AVS_NAME}
_BANK: Final = "110000000"
_YEARS_VALID: Final = 3
_LAST: Final = 4


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart; ``number`` is that of a sandbox token, ``test_values`` what its suffixes order."""

    text: str = field(repr=False)
    number: str | None = field(default=None, repr=False)
    test_values: tuple[tuple[str, str], ...] = ()


def parse(work: Work, text: str) -> Token:
    """Raises InvalidValue for one that is too long, or is no sandbox token although it begins like one."""
    if len(text) > LONGEST_TOKEN:
        said = f"PaymentToken is longer than {LONGEST_TOKEN} characters."
        raise InvalidValue("PaymentToken", "", "is too long", said)
    if not text.lower().startswith(SANDBOX_PREFIX) or not work.env.settings.is_sandbox:
        return Token(text)
    number, dash, suffixes = text[len(SANDBOX_PREFIX) :].partition("-")
    rest = dash + suffixes
    if not number.isascii() or not number.isdigit() or _SUFFIX.sub("", rest):
        raise _unknown()
    values = []
    for kind, value in _SUFFIX.findall(rest):
        name = _NAMES.get(kind.lower())
        if name is not None and value:
            values.append((name, value.upper()))
        elif kind.lower() == "timeout":
            values.append((TIME_OUT_NAME, "answer"))
        elif kind.lower() == "fraud":
            values.append((TEST_SCORE, "100"))
        else:
            raise _unknown()
    return Token(text, number, tuple(values))


@dataclass(frozen=True, slots=True)
class Instrument:
    """The payment method to be charged; ``saved`` tells whether the account has it from now on, or had it before."""

    method: PaymentMethod
    saved: bool


def instrument(
    work: Work,
    account: Account,
    token: Token,
    method: CollectionMethod,
    last_four: str,
    holder: str,
    address: AddressDraft,
) -> Instrument:
    """The payment method behind the token, stored on the account where that can be done.

    Runs in the caller's write transaction with the account locked. A card that does not end as the caller says is
    charged and not kept, and so is one of an account outside the family. Raises InvalidValue for an unknown token.
    """
    known = None if method is CollectionMethod.OTHER or token.number is not None else _known(work, token)
    if known is not None:
        if not known.active:
            raise InvalidValue("PaymentToken", "", "is retired", payers.INACTIVE)
        if known.type != method.payment_method_type:
            raise InvalidValue(
                "PaymentToken", "", "is of another type", "PaymentToken does not fit PaymentMethod."
            )
        fits = _ends_with(known.details.get("last_digits"), last_four)
        own = payment_methods.usable_by(work, account, known)
        if own and fits and known.account_vid is None:
            draft = PaymentMethodDraft(vid=known.vid)
            return Instrument(
                payment_methods.attach(work, account, draft, append=True).payment_method, saved=True
            )
        return Instrument(known, own and fits)
    draft = _draft(work, token, method, holder, address)
    fits = not method.is_card or _ends_with(token.number, last_four)
    try:
        if not fits or not method.is_card:
            return Instrument(payment_methods.create_retired(work, account, draft), fits)
        return Instrument(
            payment_methods.attach(work, account, draft, append=True).payment_method, saved=True
        )
    except DataValidation as error:
        raise _unknown() from error
    except InvalidRequest as error:
        raise InvalidValue(
            "PaymentToken", "", "cannot be used", f"PaymentToken cannot be used: {error}"
        ) from error


def _known(work: Work, token: Token) -> PaymentMethod | None:
    """By VID, merchantPaymentMethodId or externalToken."""
    repository = work.uow.payment_methods
    return (
        repository.by_vid(token.text)
        or repository.by_merchant_id(token.text)
        or repository.by_external_token(token.text)
    )


def _draft(
    work: Work, token: Token, method: CollectionMethod, holder: str, address: AddressDraft
) -> PaymentMethodDraft:
    draft = PaymentMethodDraft(
        type=method.payment_method_type, account_holder_name=holder[:255], billing_address=address
    )
    if method is CollectionMethod.OTHER:
        draft.merchant_payment_method_id = f"collection-{new_vid()}"
        draft.merchant_accepted_payment = MerchantAcceptedPaymentDraft(payment_type="Other", note=token.text)
        return draft
    if token.number is None:
        raise _unknown()
    if method.is_card:
        expiry = f"{work.today.year + _YEARS_VALID}12"
        draft.credit_card = CreditCardDraft(account=token.number, expiration_date=expiry)
    elif method is CollectionMethod.E_CHECK:
        draft.ecp = EcpDraft(account=token.number, routing_number=_BANK, account_type="ConsumerChecking")
    else:
        draft.boleto = BoletoDraft(fiscal_number=token.number)
    return draft


def _ends_with(number: str | None, last_four: str) -> bool:
    return not number or not last_four or number.endswith(last_four[-_LAST:])


def _unknown() -> InvalidValue:
    return InvalidValue("PaymentToken", "", "is not known", "PaymentToken is not known.")
