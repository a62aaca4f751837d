"""The pages of processors that customers are sent to, and where they come back to (transaction §7.9 – §7.11)."""

from __future__ import annotations

from cashbox_service.app.charging import Visit
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.return_address import checked, with_query
from cashbox_service.store.entities import PaymentMethod

NOT_STARTED = "Authorization failed."


def to_page(method: PaymentMethod, transaction_vid: str) -> Visit | None:
    """The page of a payment that its owner has to approve; None for a type that has none.

    Raises InvalidRequest for a PayPal payment that has nowhere to come back to.
    """
    details = method.details
    if method.type == PaymentMethodType.PAYPAL:
        if not details.get("return_url"):
            raise InvalidRequest(NOT_STARTED)
        return _visit(method, {"vindicia_vid": transaction_vid})
    if method.type in (PaymentMethodType.HOSTED_PAGE, PaymentMethodType.SKRILL):
        return _visit(method, {"vid": transaction_vid})
    return Visit() if method.type == PaymentMethodType.CARRIER_BILLING else None


def _visit(method: PaymentMethod, names: dict[str, str]) -> Visit:
    details = method.details
    return Visit(_with(details.get("return_url"), names), _with(details.get("cancel_url"), names))


def _with(url: str | None, names: dict[str, str]) -> str | None:
    """A page of the merchant, told which transaction its customer comes back from."""
    return with_query(checked("returnUrl", url), names) if url else None
