"""AutoBills to which something happened in a window of time (autobill §6.16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cashbox_service.app.context import Work
from cashbox_service.app.paging import page, window
from cashbox_service.store.entities import AutoBill

STATUS_CHANGE = "STATUS_CHANGE"


def between(
    work: Work,
    since: datetime | None,
    until: datetime | None,
    number: int | None,
    size: int | None,
    events: Sequence[str],
) -> Sequence[AutoBill]:
    """Each once, by the first of the events in the window; changes of status where none are named.

    An empty page is no error. Raises InvalidWindow.
    """
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since, until, work.now)
    vids = work.uow.autobills.changed_between(
        lower, upper, tuple(events) or (STATUS_CHANGE,), wanted.number, wanted.size
    )
    return list(work.uow.autobills.by_vids(vids).values())
