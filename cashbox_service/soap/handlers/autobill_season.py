"""Service AutoBill: fetchAllInSeason and fetchAllOffSeason (autobill §6.31, §6.32)."""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.engine import seasons
from cashbox_service.app.engine.seasons import SeasonQuery
from cashbox_service.app.subscriptions.autobill_view import AutoBillView
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.autobill import autobill
from cashbox_service.store.entities import AutoBill

RETURNS: dict[str, tuple[Row, ...]] = {"fetchAllInSeason": (), "fetchAllOffSeason": ()}
"""They take nothing that could be wrong in 22.0."""


@handles("AutoBill", "fetchAllInSeason")
def fetch_all_in_season(
    call: Call, request: r.AutoBillFetchAllInSeasonRequest
) -> r.AutoBillFetchAllInSeasonResponse:
    query = SeasonQuery(request.nowDate, request.page, request.pageSize)
    found = seasons.autobills(call.work, query, in_season=True)
    return r.AutoBillFetchAllInSeasonResponse(autoBills=_shown(call, found))


@handles("AutoBill", "fetchAllOffSeason")
def fetch_all_off_season(
    call: Call, request: r.AutoBillFetchAllOffSeasonRequest
) -> r.AutoBillFetchAllOffSeasonResponse:
    query = SeasonQuery(request.nowDate, request.page, request.pageSize)
    found = seasons.autobills(call.work, query, in_season=False)
    return r.AutoBillFetchAllOffSeasonResponse(autoBills=_shown(call, found))


def _shown(call: Call, found: Iterable[AutoBill]) -> tuple[r.AutoBill, ...]:
    parts = call.srd.child("autoBills")
    return tuple([autobill(AutoBillView(call.work, one), parts) for one in found])
