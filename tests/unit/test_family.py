"""Who may be whose child, and where credit may go inside a family."""

from __future__ import annotations

import pytest

from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.family import check_child, check_transfer


@pytest.mark.parametrize(
    ("parent_of_giver", "giver", "receiver", "parent_of_receiver", "allowed"),
    [
        (None, "p", "a", "p", True),
        ("p", "b", "a", "p", True),
        ("p", "a", "p", None, False),
        (None, "x", "a", "p", False),
        ("q", "x", "a", "p", False),
        (None, "p", "x", None, False),
        ("p", "a", "a", "p", False),
    ],
)
def test_credit_goes_down_or_sideways(
    parent_of_giver: str | None, giver: str, receiver: str, parent_of_receiver: str | None, allowed: bool
) -> None:
    def check() -> None:
        check_transfer(
            giver=giver,
            parent_of_giver=parent_of_giver,
            receiver=receiver,
            parent_of_receiver=parent_of_receiver,
        )

    if allowed:
        check()
    else:
        with pytest.raises(InvalidRequest):
            check()


@pytest.mark.parametrize(
    ("grandparent", "child", "parent_of_child", "has_children", "force", "allowed"),
    [
        (None, "c", None, False, False, True),
        (None, "c", "p", False, False, True),
        (None, "c", "q", False, False, False),
        (None, "c", "q", False, True, True),
        (None, "c", None, True, True, False),
        ("g", "c", None, False, True, False),
        (None, "p", None, False, True, False),
    ],
)
def test_a_family_has_two_levels(
    grandparent: str | None,
    child: str,
    parent_of_child: str | None,
    has_children: bool,
    force: bool,
    allowed: bool,
) -> None:
    def check() -> None:
        check_child(
            "C",
            parent="p",
            grandparent=grandparent,
            child=child,
            parent_of_child=parent_of_child,
            child_has_children=has_children,
            force=force,
        )

    if allowed:
        check()
    else:
        with pytest.raises(InvalidRequest):
            check()
