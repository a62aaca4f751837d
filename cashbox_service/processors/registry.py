"""Which processor serves which payment method type: settings lines in, processors out.

A line is ``types = module:factory``: the payment method types, separated by commas, ``*`` for every type that no
line names; and a function that makes the processor out of its `Surroundings`. For example::

    CreditCard, MilitaryStar = acme_payments.cashbox:create
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cashbox_service.domain.errors import Unavailable, UnsupportedType
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.processors.journal import Journal
from cashbox_service.processors.protocol import Processor
from cashbox_service.processors.script import MemoryScript, Script

ANY_TYPE: Final = "*"

INTERNAL_LINE: Final = (
    "MerchantAcceptedPayment, ExternalBilling, Token = cashbox_service.processors.merchant_accepted:create"
)
"""Types that nobody outside is asked about; in force unless a settings line says otherwise."""

INTERNAL_TYPES: Final = frozenset(
    {
        PaymentMethodType.MERCHANT_ACCEPTED_PAYMENT,
        PaymentMethodType.EXTERNAL_BILLING,
        PaymentMethodType.TOKEN,
    }
)

SANDBOX_LINE: Final = "* = cashbox_service.processors.sandbox:create"
"""In sandbox mode everything else goes to the sandbox. In production it must not: it would approve for nothing."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a processor may use of the service. ``page`` is the address of the page that stands in for PayPal.

    Unless in ``production``, no real money may move.
    """

    journal: Journal
    script: Script = field(default_factory=MemoryScript)
    page: str = "http://127.0.0.1:8080/sandbox/paypal"
    production: bool = False


Factory = Callable[[Surroundings], Processor]


class ProcessorRegistry:
    """The processors of this process, by payment method type and by name.

    Raises ValueError for two processors of one name.
    """

    def __init__(self, by_type: Mapping[str, Processor]) -> None:
        self._by_type = dict(by_type)
        self._by_name: dict[str, Processor] = {}
        for processor in by_type.values():
            if self._by_name.setdefault(processor.name, processor) is not processor:
                raise ValueError(f"two processors are called {processor.name}")

    def for_type(self, payment_method_type: str) -> Processor:
        """Who serves the type. Raises UnsupportedType when nobody does."""
        found = self._by_type.get(payment_method_type) or self._by_type.get(ANY_TYPE)
        if found is None:
            raise UnsupportedType(payment_method_type)
        return found

    def named(self, name: str) -> Processor:
        """The processor that an earlier request went to. Raises Unavailable when it is configured no more."""
        found = self._by_name.get(name)
        if found is None:
            raise Unavailable(f"payment processor {name}")
        return found

    def called(self, name: str) -> Processor | None:
        """The processor of that name, in settings or for clients, in any letter case; None when there is none."""
        wanted = name.strip().lower()
        return next((one for one in self.all if wanted in (one.name.lower(), one.wire_name.lower())), None)

    def serves(self, processor: Processor, payment_method_type: str) -> bool:
        """Whether the processor takes the type: a line names both, or it takes all that nobody else has to itself."""
        named = self._by_type.get(payment_method_type)
        if named is processor:
            return True
        internal = named is not None and payment_method_type in INTERNAL_TYPES
        return not internal and self._by_type.get(ANY_TYPE) is processor

    def with_wire_name(self, wire_name: str) -> Processor | None:
        """The processor that clients know by that name."""
        return next((one for one in self._by_name.values() if one.wire_name == wire_name), None)

    @property
    def all(self) -> tuple[Processor, ...]:
        """Every processor once."""
        return tuple(self._by_name.values())


def build_registry(lines: Iterable[str], surroundings: Surroundings, *, sandbox: bool) -> ProcessorRegistry:
    """The registry by settings lines; with the sandbox for all other types only when ``sandbox``.

    A later line goes before an earlier one, and every given line before the internal ones. Raises ValueError naming
    the line for one that is malformed, names an unknown type, or cannot be loaded.
    """
    made: dict[str, Processor] = {}
    by_type: dict[str, Processor] = {}
    for line in (*([SANDBOX_LINE] if sandbox else []), INTERNAL_LINE, *lines):
        types, factory = _parse(line)
        if factory not in made:
            made[factory] = _load(line, factory)(surroundings)
        by_type.update(dict.fromkeys(types, made[factory]))
    return ProcessorRegistry(by_type)


def _parse(line: str) -> tuple[list[str], str]:
    types_text, equals, factory = line.partition("=")
    types = [part.strip() for part in types_text.split(",")]
    if not equals or factory.count(":") != 1:
        raise ValueError(f"processor line {line!r} is not of the form: types = module:factory")
    for type_ in types:
        if type_ != ANY_TYPE and type_ not in set(PaymentMethodType):
            raise ValueError(f"processor line {line!r} names an unknown payment method type {type_!r}")
    return types, factory.strip()


def _load(line: str, factory: str) -> Factory:
    try:
        return load_factory(factory)
    except ValueError as error:
        raise ValueError(f"processor line {line!r} {error}") from error


def load_factory(path: str) -> Factory:
    """The function behind ``module:factory``. Raises ValueError when there is none."""
    module, _, name = path.partition(":")
    try:
        loaded = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"cannot be loaded: {error}") from error
    if not callable(loaded):
        raise ValueError("names no function")  # noqa: TRY004  a setting is wrong
    return loaded  # type: ignore[no-any-return]  # what a module holds is known at run time only
