"""Families: a parent account and its children, exactly two levels (account §5.5, §7).

Accounts are named by their keys here; the parent of one that has none is None.
"""

from __future__ import annotations

from enum import StrEnum

from cashbox_service.domain.errors import InvalidRequest


class PayerReplacement(StrEnum):
    """Which AutoBills of a child change hands when it is linked or unlinked."""

    ALL = "ReplaceOnAllAutoBills"
    ONLY_FUTURE = "ReplaceOnlyFutureAutoBills"


def check_transfer(
    *, giver: str, parent_of_giver: str | None, receiver: str, parent_of_receiver: str | None
) -> None:
    """Credit goes from a parent to its child, or between children of one parent. Raises InvalidRequest."""
    if giver == receiver:
        raise InvalidRequest("fromAccount and toAccount are the same.")
    if parent_of_receiver is None:
        raise InvalidRequest("toAccount is not a child account.")
    if parent_of_receiver not in (giver, parent_of_giver):
        raise InvalidRequest(
            "fromAccount is neither the parent of toAccount nor another child of that parent."
        )


def check_child(
    name: str,
    *,
    parent: str,
    grandparent: str | None,
    child: str,
    parent_of_child: str | None,
    child_has_children: bool,
    force: bool,
) -> None:
    """Whether ``child``, called ``name``, may become a child of ``parent``. Raises InvalidRequest."""
    if grandparent is not None:
        raise InvalidRequest("The parent is itself a child of another account.")
    if parent == child:
        raise InvalidRequest(f"Account {name} cannot be a child of its own.")
    if child_has_children:
        raise InvalidRequest(f"The child {name} is itself a parent.")
    if parent_of_child not in (None, parent) and not force:
        raise InvalidRequest(f"The child {name} has another parent.")
