"""How calls of every version are answered by handlers that know of none.

The tables say what older versions have otherwise than the model does: ``objects`` and ``money`` for types,
``operations`` for parameters, answers and whole operations, ``enumerations`` for values. ``projection`` carries
messages across by them. Rules of billing do not belong here, and neither does anything that the store keeps: there is
one stored state, of which a version shows what it knows.
"""

from __future__ import annotations

from cashbox_service import contract
from cashbox_service.contract import Contract
from cashbox_service.soap import records
from cashbox_service.soap.projection.money import MONEY
from cashbox_service.soap.projection.objects import OBJECTS
from cashbox_service.soap.projection.operations import OPERATIONS
from cashbox_service.soap.projection.projection import Answering, Projection

__all__ = ["TYPE_ROWS", "Answering", "Projection", "model", "projection_of"]

TYPE_ROWS = (*OBJECTS, *MONEY)


def model() -> Contract:
    """The contract whose records the handlers speak."""
    return contract.load(records.VERSION)


def projection_of(facts: Contract) -> Projection | None:
    """The projection of a version's contract; None when its messages are the model's."""
    ours = model()
    if (facts.types, facts.enums, facts.services) == (ours.types, ours.enums, ours.services):
        return None
    return Projection(facts, ours, TYPE_ROWS, OPERATIONS)
