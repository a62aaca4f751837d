"""Everything that can be refused, as one tree.

::

    CashboxError                    any refusal; the docstring is the default message
    ├── InvalidRequest              the request cannot be honoured as it stands                     (400)
    │   ├── MissingField            a required value was not given: name
    │   │   └── MissingDelay        nothing says for how long a billing is to be delayed
    │   ├── InvalidValue            a value breaks a rule: field, value, reason
    │   ├── InvalidWindow           a time window or paging argument makes no sense: field, value, reason
    │   ├── IllegalState            the object's state does not allow this: kind, key, state
    │   ├── NothingPayable          no invoice can accept the payment: owner
    │   ├── Duplicate               an id or payment was used before: field, value
    │   ├── UnsupportedType         the payment method type cannot do this: type
    │   ├── UnsupportedProvider     the payment provider takes no requests of its own kind: name
    │   ├── RiskScoreExceeded       the risk score is above the caller's limit: score, limit, codes
    │   ├── UnknownTaxClass         no tax rate can be found for this class: classification, sku
    │   ├── RefundRefused           the refund cannot be made, in the words of its note
    │   ├── CommitmentNotMet        the AutoBill has to run for some more cycles
    │   ├── PartExceedsBalance      a part of a payment is more than what it is meant for still asks: target
    │   ├── PartsExceedPayment      the parts of a payment are more than the payment
    │   ├── CurrencyMismatch        what is paid together is owed in several currencies: currency
    │   ├── SeveralProblems         several things are wrong at once: problems
    │   ├── UnknownActivityType     an activity of no type that there is: type, known
    │   ├── GiftCardRefused         the provider of a gift card refuses, or does not answer
    │   ├── CampaignCodeRefused     a campaign code cannot be used, or not for this
    │   │   └── CampaignCodeUnknown no campaign has this code
    │   ├── CreditNotValid          a credit that cannot be granted or taken as it was described
    │   └── DataValidation          a nested object is not valid: detail
    ├── NotFound                    an object named in the request does not exist: kind, key, value  (404)
    │   ├── AccountNotFound · AddressNotFound · AutoBillNotFound · AutoBillItemNotFound
    │   ├── BillingPlanNotFound · InvoiceNotFound · PaymentMethodNotFound · ProductNotFound
    │   ├── RatePlanNotFound · SeasonSetNotFound · TokenNotFound · TransactionNotFound · PaymentNotFound
    │   ├── SeasonNotFound          a season set without such a season
    │   ├── PaymentProviderNotFound · PaymentTypeNotFound · GiftCardNotFound · EventNotFound
    │   ├── NamedAccountNotFound    one of several accounts: argument
    │   ├── RefundNotFound · ChargebackNotFound · CancelReasonNotFound · EntitlementNotFound
    │   ├── EmailTemplateNotFound · MailNotFound
    │   └── CampaignNotFound
    ├── NothingFound                a search matched nothing: kind
    ├── PaymentRefused              the processor declined: auth_code, hard                         (402)
    ├── NoPaymentMethod             money is due and nobody can be charged                          (405)
    ├── PolicyRefused               AVS/CVN policy                                                  (407-410)
    │   └── AvsRefused · CvnRefused · AvsAndCvnRefused · AvsCvnNotPerformed
    ├── RiskRefused                 the risk score forbids contacting the processor: score, limit, codes (403)
    ├── BalanceTooLow               fewer tokens than are to be taken                               (401)
    ├── RequestKeyReused            the idempotency key came with another request before: key       (400)
    ├── TaxUnavailable              the tax engine does not answer and the merchant insists on it    (408)
    ├── ConcurrentChange            another call changed the same object first; nothing was stored  (500)
    └── Unavailable                 starting, stopping, read-only, or not built yet: operation      (503)

Application services raise these and nothing else; each interface maps them to its own codes in one table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from cashbox_service.domain.scoring import ScoreCode


class CashboxError(Exception):
    """The request was refused."""

    template: ClassVar[str] = ""

    def __init__(self, message: str | None = None, **fields: object) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.fields = fields
        super().__init__(message if message is not None else self._default(fields))

    @classmethod
    def _default(cls, fields: dict[str, object]) -> str:
        if cls.template:
            return cls.template.format(**fields)
        return (cls.__doc__ or "").strip()


class InvalidRequest(CashboxError):
    """The request is not valid."""


class MissingField(InvalidRequest):
    """A required value is missing."""

    name: str
    template = "Missing required parameter '{name}'."

    def __init__(self, name: str, message: str | None = None) -> None:
        super().__init__(message, name=name)


class MissingDelay(MissingField):
    """Neither a date nor a number of days says how long to delay a billing."""


class InvalidValue(InvalidRequest):
    """A value breaks a rule."""

    field: str
    value: object
    reason: str
    template = '{field} "{value}" {reason}.'

    def __init__(self, field: str, value: object, reason: str, message: str | None = None) -> None:
        super().__init__(message, field=field, value=value, reason=reason)


class PriceMissing(InvalidValue):
    """There are prices, but none in the currency of a sale."""


class InvalidWindow(InvalidValue):
    """A time window or paging argument makes no sense."""


class IllegalState(InvalidRequest):
    """The state of the object does not allow this."""

    kind: str
    key: object
    state: str
    template = "{kind} {key} is in state {state}."

    def __init__(self, kind: str, key: object, state: str, message: str | None = None) -> None:
        super().__init__(message, kind=kind, key=key, state=state)


class NothingPayable(InvalidRequest):
    """No invoice can accept the payment."""

    owner: str

    def __init__(self, owner: str) -> None:
        super().__init__(
            f"No Transaction Billing objects which can accept payment were found for {owner}", owner=owner
        )


class Duplicate(InvalidRequest):
    """An id or a payment was used before."""

    field: str
    value: object
    template = '{field} "{value}" has been used before.'

    def __init__(self, field: str, value: object, message: str | None = None) -> None:
        super().__init__(message, field=field, value=value)


class UnsupportedType(InvalidRequest):
    """The payment method type cannot do this."""

    type: str
    template = "Payment method type {type} is not supported here."

    def __init__(self, type: str, message: str | None = None) -> None:  # noqa: A002  wire name
        super().__init__(message, type=type)


class UnsupportedProvider(InvalidRequest):
    """The payment provider takes no requests of its own kind."""

    name: str
    template = "PaymentProvider {name} not supported"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class RiskScoreExceeded(InvalidRequest):
    """The risk score is above the caller's limit."""

    score: int
    limit: int
    codes: tuple[ScoreCode, ...]
    template = "Risk score {score} exceeds the maximum chargeback probability of {limit}"

    def __init__(self, score: int, limit: int, codes: tuple[ScoreCode, ...] = ()) -> None:
        super().__init__(score=score, limit=limit, codes=codes)


class UnknownTaxClass(InvalidRequest):
    """A tax class that neither the service nor the merchant's tax table knows."""

    classification: str
    sku: str
    template = (
        "The value you provided in the TaxClassification field ({classification}) is not an accepted value "
        "(sku: {sku}): Not a Vindicia tax classification"
    )

    def __init__(self, classification: str, sku: str | None) -> None:
        super().__init__(classification=classification, sku=sku or "")


class RefundRefused(InvalidRequest):
    """The refund cannot be made."""


class CommitmentNotMet(InvalidRequest):
    """AutoBill has not satisfied its minimum commitment; use force to cancel."""


class PartExceedsBalance(InvalidRequest):
    """A part of the payment is more than what is still owed on it."""

    target: str
    template = "The part for {target} is more than what is owed on it."

    def __init__(self, target: str) -> None:
        super().__init__(target=target)


class PartsExceedPayment(InvalidRequest):
    """The parts of the payment are more than its amount."""


class CurrencyMismatch(InvalidRequest):
    """What is paid together is owed in several currencies."""

    currency: str
    template = "What is paid together is owed in several currencies; {currency} was expected."

    def __init__(self, currency: str) -> None:
        super().__init__(currency=currency)


class SeveralProblems(InvalidRequest):
    """Several things are wrong."""

    problems: tuple[CashboxError, ...]

    def __init__(self, problems: tuple[CashboxError, ...]) -> None:
        super().__init__(" ".join(str(problem) for problem in problems), problems=problems)


class UnknownActivityType(InvalidRequest):
    """No such type of activity."""

    type: str
    known: str
    template = "Unknown activity type {type}. Must be one of {known}."

    def __init__(self, type: str, known: str) -> None:  # noqa: A002  wire name
        super().__init__(type=type, known=known)


class GiftCardRefused(InvalidRequest):
    """The provider refuses."""


class CreditNotValid(InvalidRequest):
    """The credit is not valid."""


class CampaignCodeRefused(InvalidRequest):
    """The campaign code cannot be used."""


class CampaignCodeUnknown(CampaignCodeRefused):
    """No campaign has this code."""


class DataValidation(InvalidRequest):
    """A nested object is not valid."""


class NotFound(CashboxError):
    """An object named in the request does not exist.

    ``key`` is the wire name of the identifier that was looked up (``VID``, ``merchantAccountId`` …), ``value``
    what was sent.
    """

    kind: ClassVar[str] = "object"
    key: str
    value: str

    def __init__(self, key: str, value: object, message: str | None = None) -> None:
        super().__init__(message or f'No match found for {key} "{value}"', key=key, value=value)


class AccountNotFound(NotFound):
    """No such account."""

    kind = "account"


class NamedAccountNotFound(AccountNotFound):
    """No such account; ``argument`` is the one of several that named it."""

    argument: str

    def __init__(self, key: str, value: object, argument: str) -> None:
        super().__init__(key, value)
        self.argument = argument


class AddressNotFound(NotFound):
    """No such address."""

    kind = "address"


class AutoBillNotFound(NotFound):
    """No such AutoBill."""

    kind = "autobill"


class AutoBillItemNotFound(NotFound):
    """No such AutoBill item."""

    kind = "autobill item"


class BillingPlanNotFound(NotFound):
    """No such billing plan."""

    kind = "billing plan"


class InvoiceNotFound(NotFound):
    """No such invoice."""

    kind = "invoice"


class PaymentMethodNotFound(NotFound):
    """No such payment method."""

    kind = "payment method"


class ProductNotFound(NotFound):
    """No such product."""

    kind = "product"


class RatePlanNotFound(NotFound):
    """No such rate plan."""

    kind = "rate plan"


class SeasonSetNotFound(NotFound):
    """No such season set."""

    kind = "season set"


class SeasonNotFound(NotFound):
    """A season set has no season at that time; ``value`` names the set."""

    kind = "season"


class TokenNotFound(NotFound):
    """No such token type."""

    kind = "token"


class TransactionNotFound(NotFound):
    """No such transaction."""

    kind = "transaction"


class PaymentNotFound(NotFound):
    """No such payment."""

    kind = "payment"


class PaymentProviderNotFound(NotFound):
    """No such payment provider."""

    kind = "payment provider"


class EventNotFound(NotFound):
    """No such event."""

    kind = "event"


class PaymentTypeNotFound(NotFound):
    """No such payment type."""

    kind = "payment type"


class RefundNotFound(NotFound):
    """No such refund."""

    kind = "refund"


class GiftCardNotFound(NotFound):
    """No such gift card."""

    kind = "gift card"


class ChargebackNotFound(NotFound):
    """No such chargeback."""

    kind = "chargeback"


class EntitlementNotFound(NotFound):
    """No such entitlement."""

    kind = "entitlement"


class CampaignNotFound(NotFound):
    """No such campaign."""

    kind = "campaign"


class EmailTemplateNotFound(NotFound):
    """No such e-mail template."""

    kind = "email template"


class MailNotFound(NotFound):
    """No such mail."""

    kind = "mail"


class CancelReasonNotFound(NotFound):
    """No such cancel reason."""

    kind = "cancel reason"

    def __init__(self, code: str) -> None:
        super().__init__("reason_code", code, f"Unable to find cancel reason {code}.")


class NothingFound(CashboxError):
    """The search matched nothing."""


class PaymentRefused(CashboxError):
    """The payment method was declined."""

    auth_code: str
    hard: bool
    template = "Unable to authorize payment method: {auth_code}"

    def __init__(self, auth_code: str, hard: bool, message: str | None = None) -> None:
        super().__init__(message, auth_code=auth_code, hard=hard)


class NoPaymentMethod(CashboxError):
    """Account has no default payment method"""


class PolicyRefused(CashboxError):
    """The address or card verification policy refused the payment method."""


class AvsRefused(PolicyRefused):
    """Failed AVS policy evaluation"""


class CvnRefused(PolicyRefused):
    """Failed CVN policy evaluation"""


class AvsAndCvnRefused(PolicyRefused):
    """Failed AVS and CVN policy evaluation"""


class AvsCvnNotPerformed(PolicyRefused):
    """AVS and CVN policy evaluation could not be performed"""


class RiskRefused(CashboxError):
    """Denied"""

    score: int
    limit: int
    codes: tuple[ScoreCode, ...]

    def __init__(self, score: int, limit: int, codes: tuple[ScoreCode, ...] = ()) -> None:
        super().__init__(score=score, limit=limit, codes=codes)


class BalanceTooLow(CashboxError):
    """Balance too low"""


class RequestKeyReused(CashboxError):
    """The idempotency key came with another request before."""

    key: str
    template = 'Idempotency key "{key}" was used for another request before'

    def __init__(self, key: str) -> None:
        super().__init__(key=key)


class TaxUnavailable(CashboxError):
    """Required tax service temporarily unavailable."""


class ConcurrentChange(CashboxError):
    """Process failed (Internal)"""


class Unavailable(CashboxError):
    """The service is not available."""

    operation: str

    def __init__(self, operation: str, message: str | None = None) -> None:
        super().__init__(message or f"Not available in this server yet: {operation}", operation=operation)
