"""The books of the sandbox processor, read from its own records: what it holds of a merchant's customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from cashbox_service.app.environment import Environment
from cashbox_service.store.entities import ProcessorRecord
from tests.soap_client import Login


@dataclass(frozen=True)
class Charge:
    """An approved authorization, and how often each follow-up of it was carried out."""

    reference: str
    amount: Decimal
    captures: int
    voids: int
    refunded: Decimal

    @property
    def is_held(self) -> bool:
        """Whether the customer's money is still reserved or taken."""
        return not self.voids and self.refunded < self.amount


class ProcessorBooks:
    """One merchant's part of them."""

    def __init__(self, environment: Environment, merchant: Login) -> None:
        self._environment = environment
        self._merchant = merchant

    @property
    def charges(self) -> list[Charge]:
        """Every approved authorization of money, given back or not, in the order of their references."""
        return sorted(self._charges(), key=lambda charge: charge.reference)

    @property
    def held(self) -> list[Decimal]:
        """The amounts that customers have really been asked for."""
        return [charge.amount for charge in self.charges if charge.is_held]

    @property
    def requests(self) -> int:
        """How often the processor was asked for money, whatever it answered."""
        return len(self._openings())

    def _charges(self) -> Iterator[Charge]:
        records = self._records()
        for key, opening in self._openings().items():
            if opening["result"]["kind"] != "approved":
                continue
            events = [record for name, record in records.items() if name.startswith(f"{key}#")]
            done = [event for event in events if event["result"]["kind"] == "approved"]
            yield Charge(
                opening["reference"],
                _amount(opening["amount"]),
                sum(event["operation"] == "capture" for event in done) + bool(opening["captured"]),
                sum(event["operation"] == "void" for event in done),
                sum(
                    (_amount(event["amount"]) for event in done if event["operation"] == "refund"), Decimal(0)
                ),
            )

    def _openings(self) -> dict[str, Any]:
        return {
            key: record for key, record in self._records().items() if record.get("operation") == "authorize"
        }

    def _records(self) -> dict[str, Any]:
        statement = select(ProcessorRecord.request_key, ProcessorRecord.outcome).where(
            ProcessorRecord.processor == "sandbox", ProcessorRecord.merchant_vid == self._merchant.vid
        )
        with self._environment.database.session() as session:
            return {row.request_key: row.outcome for row in session.execute(statement)}


def _amount(text: str) -> Decimal:
    return Decimal(text.split(" ")[0])
