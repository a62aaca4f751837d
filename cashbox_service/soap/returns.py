"""Return codes as data: which refusal is answered with which code and text, and how that is known.

Each handler module holds a table ``RETURNS`` of rows by operation; the rows here are common to all operations and come
after an operation's own. A row stands for the refusals of its class ``error``; the first that fits is taken. A row
without a class only documents a code that the handler or the dispatcher sets itself.
Source: spec conventions §3.1-§3.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cashbox_service.domain.errors import (
    AvsAndCvnRefused,
    AvsCvnNotPerformed,
    AvsRefused,
    BalanceTooLow,
    CashboxError,
    ConcurrentChange,
    CvnRefused,
    InvalidRequest,
    MissingField,
    NoPaymentMethod,
    NotFound,
    NothingFound,
    PaymentRefused,
    PolicyRefused,
    RequestKeyReused,
    RiskRefused,
    TaxUnavailable,
    Unavailable,
)
from cashbox_service.soap.record import Record

EVIDENCE = frozenset({"documented", "observed", "inferred", "decided"})
"""How a row can be known; the tags of spec conventions."""


@dataclass(frozen=True, slots=True)
class Row:
    """One outcome of an operation.

    ``text`` may name attributes of the error in braces, and ``{detail}`` for its message; ``when`` says in a few words
    in which case the row applies, ``evidence`` is one of ``EVIDENCE``.
    """

    code: int
    text: str
    evidence: str
    error: type[CashboxError] | None = None
    when: str = ""

    def string_for(self, error: CashboxError) -> str:
        """The return string. Values of the error are inserted as they are, whatever they contain."""
        return self.text.format_map(_Attributes(error))


class FailedWith(Exception):
    """A refusal whose answer carries parts nevertheless: ``raise FailedWith(response, error)``."""

    def __init__(self, response: Record, error: CashboxError) -> None:
        super().__init__(str(error))
        self.response = response
        self.error = error


class NotPermitted(CashboxError):
    """The credentials are missing or wrong."""


SUCCESS = Row(200, "OK", "observed", None, "the call succeeded")
DENIED = Row(
    403, 'Permission denied to domain "soap"', "observed", NotPermitted, "credentials missing or wrong"
)
INTERNAL = Row(500, "Process failed (Internal)", "observed", None, "a failure inside the service; retry")
MALFORMED_ARGUMENT = Row(
    400,
    'Invalid Arguments - Item "Vindicia::Soap::<Type>.<field>" of type xsd:<type> has invalid value "<value>"!',
    "observed",
    None,
    "a value is not of its type",
)
BAD_DESCRIPTION = Row(
    400, "Invalid sparse response description: <detail>", "decided", None, "srd is no JSON object"
)
NOT_IMPLEMENTED = Row(
    503, "Not available in this server yet: <Service>.<operation>", "decided", None, "no handler yet"
)

TAX_ASSUMED = Row(
    202,
    "Tax service temporarily unavailable; processed without it",
    "decided",
    None,
    "done, but the tax service did not answer: inclusive tax was assumed, or none, as configured",
)
"""What calls that sell something answer when they went on without the tax service (conventions §3.3)."""

STANDARD = (SUCCESS, MALFORMED_ARGUMENT, BAD_DESCRIPTION, DENIED, INTERNAL)
"""What every operation may answer."""

COMMON = (
    DENIED,
    Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "a required value is missing"),
    Row(400, "{detail}", "decided", InvalidRequest, "malformed, contradictory, or against a rule"),
    Row(404, "{detail}", "decided", NotFound, "an object named in the request does not exist"),
    Row(404, "{detail}", "decided", NothingFound, "a search matched nothing"),
    Row(401, "{detail}", "documented", BalanceTooLow, "a balance of tokens would fall below zero"),
    Row(402, "{detail}", "decided", PaymentRefused, "the payment was declined"),
    Row(405, "{detail}", "documented", NoPaymentMethod, "nobody can be charged"),
    Row(407, "{detail}", "documented", AvsRefused, "AVS policy"),
    Row(408, "{detail}", "documented", CvnRefused, "CVN policy"),
    Row(408, "{detail}", "documented", TaxUnavailable, "tax service unavailable, and the sale needs it"),
    Row(409, "{detail}", "documented", AvsAndCvnRefused, "both policies"),
    Row(410, "{detail}", "documented", AvsCvnNotPerformed, "a policy could not be evaluated"),
    Row(410, "{detail}", "decided", PolicyRefused, "another policy"),
    Row(403, "{detail}", "documented", RiskRefused, "risk score above the caller's limit"),
    Row(400, "{detail}", "decided", RequestKeyReused, "the idempotency key came with another request before"),
    Row(500, "Process failed (Internal)", "decided", ConcurrentChange, "another call was first; retry"),
    Row(503, "{detail}", "decided", Unavailable, "starting, stopping, read-only, or not built yet"),
    Row(400, "{detail}", "decided", CashboxError, "any other refusal"),
)
"""The rule for refusals that an operation's own rows leave open."""

Table = Mapping[str, tuple[Row, ...]]


def row_for(error: CashboxError, own: Iterable[Row]) -> Row:
    """The row that answers ``error``: the first fitting one of the operation's ``own``, else of the common ones."""
    for rows in (own, COMMON):
        for row in rows:
            if row.error is not None and isinstance(error, row.error):
                return row
    return INTERNAL


class _Attributes(dict[str, Any]):
    """What a text may name: the attributes of an error, and its message as ``detail``."""

    def __init__(self, error: CashboxError) -> None:
        super().__init__(detail=str(error))
        self._error = error

    def __missing__(self, name: str) -> Any:
        """An attribute the error lacks is an error of the table: the answer keeps the rest of its text."""
        return getattr(self._error, name, "")
