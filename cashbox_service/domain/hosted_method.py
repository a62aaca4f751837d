"""The calls that a WebSession can make, and the names its parameters have (websession §3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class HostedMethod:
    """One callable method.

    ``places`` says where the objects of the form belong in the request: the path from the operation's element on, by
    object; the first one is the main object. ``required`` are the objects that the call is not made without, in the
    order in which their absence is told. ``result`` names the element of apiReturnValues, ``label`` what ``method``
    says there.
    """

    service: str
    operation: str
    places: tuple[tuple[str, tuple[str, ...]], ...]
    required: tuple[str, ...]
    result: str
    label: str

    @property
    def name(self) -> str:
        return f"{self.service}_{self.operation[:1].upper()}{self.operation[1:]}"

    @property
    def main(self) -> str:
        """The object that the session's name values are put on."""
        return self.places[0][0]


PAYMENT_METHOD: Final = "PaymentMethod"
ACCOUNT: Final = "Account"
WEB_SESSION: Final = "WebSession"


def _on_transaction(operation: str) -> HostedMethod:
    return HostedMethod(
        "Transaction",
        operation,
        (
            ("Transaction", ("transaction",)),
            (ACCOUNT, ("transaction", "account")),
            (PAYMENT_METHOD, ("transaction", "sourcePaymentMethod")),
        ),
        (PAYMENT_METHOD,),
        f"transaction{operation[:1].upper()}{operation[1:]}",
        f"transaction{operation[:1].upper()}{operation[1:]}",
    )


_METHODS: Final = (
    HostedMethod(ACCOUNT, "update", ((ACCOUNT, ("account",)),), (ACCOUNT,), "accountUpdate", "accountUpdate"),
    HostedMethod(
        ACCOUNT,
        "updatePaymentMethod",
        ((ACCOUNT, ("account",)), (PAYMENT_METHOD, ("paymentMethod",))),
        (PAYMENT_METHOD, ACCOUNT),
        "accountUpdatePaymentMethod",
        "accountUpdatePaymentMethod",
    ),
    HostedMethod(
        "AutoBill",
        "update",
        (
            ("AutoBill", ("autobill",)),
            (ACCOUNT, ("autobill", "account")),
            (PAYMENT_METHOD, ("autobill", "paymentMethod")),
            ("BillingPlan", ("autobill", "billingPlan")),
            ("Product", ("autobill", "items", "0", "product")),
        ),
        (),
        "autoBillUpdate",
        "autobillUpdate",  # clients compare this spelling
    ),
    HostedMethod(
        PAYMENT_METHOD,
        "update",
        ((PAYMENT_METHOD, ("paymentMethod",)),),
        (PAYMENT_METHOD,),
        "paymentMethodUpdate",
        "paymentMethodUpdate",
    ),
    HostedMethod(
        PAYMENT_METHOD,
        "validate",
        ((PAYMENT_METHOD, ("paymentMethod",)),),
        (PAYMENT_METHOD,),
        "paymentMethodValidate",
        "paymentMethodValidate",
    ),
    _on_transaction("auth"),
    _on_transaction("authCapture"),
)
_BY_NAME: Final = {method.name.lower(): method for method in _METHODS}

OBJECTS: Final = frozenset({place for method in _METHODS for place, _ in method.places} | {WEB_SESSION})
"""What form values can be about."""

NESTED: Final = {
    "AutoBill": frozenset({"account", "paymentmethod", "billingplan"}),
    "Transaction": frozenset({"account", "sourcepaymentmethod"}),
}
"""Objects inside others that are told by names of their own only (websession §4.1)."""

_ABSENT: Final = frozenset({"", "null"})
_SCOPES: Final = {True: "AllActive", False: "MatchingPaymentMethod"}
_FORMER: Final = {"validatepaymentmethod": "validateforfuturepayment"}
"""Parameters by the names that they once had."""

_TRUE: Final = frozenset({"1", "true"})


def method_named(name: str | None) -> HostedMethod | None:
    """The method, whatever the case of the letters; None when a session cannot make that call."""
    return _BY_NAME.get((name or "").lower())


def parameters(method: HostedMethod, pairs: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """The parameters of the call, by name in small letters.

    Names of other methods are left out, as are values that stand for none. Former names are good in every version; the
    scopes of Account.updatePaymentMethod may be told the old way, by replaceOnAllAutoBills (websession §3.2).
    """
    prefix = f"{method.name.lower()}_"
    given = {
        name.lower().removeprefix(prefix): value
        for name, value in pairs
        if name.lower().startswith(prefix) and value is not None and value.strip().lower() not in _ABSENT
    }
    for former, name in _FORMER.items():
        if former in given:
            given.setdefault(name, given.pop(former))
    replace = (
        given.pop("replaceonallautobills", None) if method.label == "accountUpdatePaymentMethod" else None
    )
    if replace is not None:
        given.setdefault("updatescopeonaccount", _SCOPES[replace.strip().lower() in _TRUE])
        given.setdefault("updatescopeonchildren", "None")
    return given
