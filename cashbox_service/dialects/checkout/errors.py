"""The messages of CheckOut, to the letter, and what is told beside each (dialects §1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cashbox_service.app.counter.check_out_drafts import Stage
from cashbox_service.dialects.checkout.schema import CheckOutAnswer
from cashbox_service.dialects.exchange import Answer, Exchange
from cashbox_service.dialects.refusals import Refusal

SUCCESS: Final = "success"
WRONG_KEY: Final = "Error with apikey"
WRONG_SERVICE: Final = "Error selecting service"


@dataclass(frozen=True, slots=True)
class Message:
    """A message, whether a Response_code comes with it, and which ids."""

    text: str
    has_code: bool
    ids: tuple[str, ...]


_FOUR = ("ClientID", "Invoice", "Fee", "Recurring")

MESSAGES: Final[Mapping[Stage | None, Message]] = {
    None: Message(SUCCESS, False, (*_FOUR, "Payment")),
    Stage.CLIENT: Message("Error with Creating Client", False, ()),
    Stage.VAULT: Message("NMI Error with Client", True, ()),
    Stage.INVOICE: Message("Error with Creating Invoice", False, _FOUR[:1]),
    Stage.FEE: Message("Error with Creating Fee", False, _FOUR[:2]),
    Stage.RECURRING: Message("Error with Creating Recurring", False, _FOUR[:3]),
    Stage.PAYMENT: Message("NMI Error with Processing Payment", True, _FOUR),
    Stage.RECORD: Message("Error with Creating Payment Record but it has been processed", False, _FOUR),
}
"""By the stage that failed; None is success."""


def refused(_exchange: Exchange, refusal: Refusal) -> Answer:
    """What cannot be read has a message of one sentence."""
    return Answer(CheckOutAnswer(message=refusal.message), refusal.status, refusal.headers)


class Unauthorised(Refusal):
    """Key, signature or time are not right: an answer like any other."""

    def __init__(self) -> None:
        super().__init__(200, WRONG_KEY)
