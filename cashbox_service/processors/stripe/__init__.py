"""Stripe: cards by token through PaymentIntents, SetupIntents and Refunds. See docs/processors.md.

::

    processor   the processor, what it writes down, and in which order it asks
    payers      who pays: payment methods and customers behind tokens
    reading     what an intent or refund of Stripe says, as a result
    codes       tables: decline codes, checks, reasons
    amounts     minor units as Stripe counts them
    calls       the only module that knows the ``stripe`` library, an extra of its own
    settings    key and address, from the environment

The library is loaded when a settings line names `create`, and not before: it takes a tenth of a second and 11 MB.
"""

from __future__ import annotations

from cashbox_service.checked import WrongValue
from cashbox_service.processors.protocol import Processor
from cashbox_service.processors.registry import Surroundings
from cashbox_service.processors.stripe.settings import VARIABLE_PREFIX, StripeSettings


def create(surroundings: Surroundings) -> Processor:
    """The processor of the account that the environment names, for the registry.

    Raises ValueError naming a wrong variable, for a key to real money outside of production mode, and when the library
    is not installed.
    """
    try:
        settings = StripeSettings()
    except WrongValue as wrong:
        raise ValueError(f"{VARIABLE_PREFIX}{wrong.name.upper()} {wrong.reason}") from None
    if settings.is_live and not surroundings.production:
        raise ValueError(f"{VARIABLE_PREFIX}KEY is a live key: it moves real money, in production mode only")
    try:
        from cashbox_service.processors.stripe.calls import StripeCalls
        from cashbox_service.processors.stripe.processor import StripeProcessor
    except ModuleNotFoundError as missing:
        raise ValueError(
            f"Stripe needs the library {missing.name}: install cashbox_service[stripe]"
        ) from None
    return StripeProcessor(surroundings.journal, StripeCalls(settings), send_numbers=settings.send_numbers)
