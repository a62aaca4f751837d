"""What a provider of gift cards is asked, and which providers there are.

A provider carries out a request once per key, like a payment processor: `GiftCardProvider.status` tells what became of
a key after a crash or a lost answer. Nobody raises for a card that is refused. Source: account §1.7, §6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from cashbox_service.domain.gift_card import GiftCardState
from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.registry import load_factory

DEFAULT_PROVIDER: Final = "InComm"
"""Whose card it is when nobody says (account §1.7)."""

SANDBOX_LINE: Final = f"{DEFAULT_PROVIDER} = cashbox_service.processors.sandbox_gift_cards:create"
"""In sandbox mode. In production a provider must be configured: the simulated one would give credit for nothing."""


@dataclass(frozen=True, slots=True)
class GiftCardRequest:
    """One card of one merchant's customer; ``key`` names a redemption or its reversal."""

    merchant: str
    pin: Secret
    key: str = ""


@dataclass(frozen=True, slots=True)
class GiftCardAnswer:
    """Whether it was done, and what the card is now. No answer came when the state is Unknown.

    ``sku`` is the article that the card is of; code and message are as the provider gave them.
    """

    done: bool
    state: GiftCardState
    sku: str | None = None
    code: str | None = None
    message: str | None = None

    @classmethod
    def none(cls) -> GiftCardAnswer:
        """No answer; a redemption may have been carried out."""
        return cls(False, GiftCardState.UNKNOWN, message="The provider does not answer.")


class GiftCardProvider(Protocol):
    """A provider of gift cards. Calls arrive in several threads, and must be answered within a minute."""

    def inquire(self, request: GiftCardRequest) -> GiftCardAnswer:
        """What the card is."""

    def redeem(self, request: GiftCardRequest) -> GiftCardAnswer:
        """Use the whole card up; once per key."""

    def reverse(self, request: GiftCardRequest) -> GiftCardAnswer:
        """Undo the redemption of that key, so that the card can be redeemed again."""

    def status(self, request: GiftCardRequest) -> GiftCardAnswer | None:
        """What became of the redemption of that key; None when it was never received."""


class CardShelf(Protocol):
    """Where the simulated provider keeps its cards, as documents by merchant and digest of the pin."""

    def find(self, merchant: str, digest: str) -> Mapping[str, Any] | None: ...

    def put(self, merchant: str, cards: Mapping[str, Mapping[str, Any]]) -> None: ...

    def change(
        self, merchant: str, digest: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> Mapping[str, Any] | None:
        """Replace a card by what ``change`` makes of it, one at a time; the new one, None for an unknown card."""


Factory = Callable[[CardShelf], GiftCardProvider]


@dataclass(frozen=True, slots=True)
class GiftCardProviders:
    """The providers of this process by name; who is not among them never answers."""

    by_name: Mapping[str, GiftCardProvider] = field(default_factory=dict)

    def named(self, name: str) -> GiftCardProvider:
        return self.by_name.get(name, _NOBODY)


class _Nobody:
    """A provider that is not configured."""

    def inquire(self, request: GiftCardRequest) -> GiftCardAnswer:
        return GiftCardAnswer.none()

    def redeem(self, request: GiftCardRequest) -> GiftCardAnswer:
        return GiftCardAnswer(False, GiftCardState.UNKNOWN, message="The provider is not configured.")

    def reverse(self, request: GiftCardRequest) -> GiftCardAnswer:
        return self.redeem(request)

    def status(self, request: GiftCardRequest) -> GiftCardAnswer | None:
        return GiftCardAnswer.none()


_NOBODY: Final = _Nobody()


def build_providers(lines: Iterable[str], shelf: CardShelf, *, sandbox: bool) -> GiftCardProviders:
    """The providers by settings lines ``name = module:factory``; a later line goes before an earlier one.

    Raises ValueError naming the line for one that is malformed or cannot be loaded.
    """
    made: dict[str, GiftCardProvider] = {}
    for line in (*([SANDBOX_LINE] if sandbox else []), *lines):
        name, equals, factory = (part.strip() for part in line.partition("="))
        if not (name and equals and factory.count(":") == 1):
            raise ValueError(f"gift card line {line!r} is not of the form: name = module:factory")
        try:
            create: Factory = load_factory(factory)  # type: ignore[assignment]  # what a module holds
        except ValueError as error:
            raise ValueError(f"gift card line {line!r} {error}") from error
        made[name] = create(shelf)
    return GiftCardProviders(made)
