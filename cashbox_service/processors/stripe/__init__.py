"""Stripe: cards by token through PaymentIntents, SetupIntents and Refunds. See docs/processors.md.

::

    processor   the processor, what it writes down, and in which order it asks
    reading     what an intent or refund of Stripe says, as a result
    codes       tables: decline codes, checks, reasons
    amounts     minor units as Stripe counts them
    calls       the only module that knows the ``stripe`` library (an extra of its own)
    settings    key and address, from the environment

Nothing imports this package unless a settings line names it: the library takes a tenth of a second and 11 MB.
"""

from cashbox_service.processors.stripe.processor import StripeProcessor, create

__all__ = ["StripeProcessor", "create"]
