"""Service SeasonSet (catalog §3)."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app.offers import season_sets
from cashbox_service.app.offers.drafts import SeasonSetDraft
from cashbox_service.domain.errors import InvalidRequest, MissingField, SeasonNotFound, SeasonSetNotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.catalog import season, season_set
from cashbox_service.soap.wire.inbound import draft, reference
from cashbox_service.soap.wire.narrowing import narrowed
from cashbox_service.store.entities import SeasonSet

_ID = "merchantSeasonSetId"
_MISSING = Row(400, "Must specify SeasonSet.", "decided", MissingField, "no season set named")
_UNKNOWN = Row(404, "No SeasonSet found for {value}", "decided", SeasonSetNotFound, "unknown")
_NO_SEASON = Row(404, "No season found for {value}", "decided", SeasonNotFound, "no such season")

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        _UNKNOWN,
        Row(400, "Unable to update SeasonSet: {detail}", "decided", InvalidRequest, "anything else"),
    ),
    "fetchByVid": (_MISSING, _UNKNOWN),
    "fetchByMerchantSeasonSetId": (_MISSING, _UNKNOWN),
    "isInSeason": (_MISSING, _UNKNOWN),
    "fetchCurrentSeason": (_MISSING, _UNKNOWN, _NO_SEASON),
    "fetchNextSeason": (_MISSING, _UNKNOWN, _NO_SEASON),
}


@handles("SeasonSet", "update")
def update(call: Call, request: r.SeasonSetUpdateRequest) -> r.SeasonSetUpdateResponse:
    stored = season_sets.update(call.work, draft(SeasonSetDraft, request.seasonSet))
    return r.SeasonSetUpdateResponse(
        seasonSet=season_set(stored.season_set, call.srd.child("seasonSet")), created=stored.created
    )


@handles("SeasonSet", "fetchByVid")
def fetch_by_vid(call: Call, request: r.SeasonSetFetchByVidRequest) -> r.SeasonSetFetchByVidResponse:
    found = season_sets.by_vid(call.work, request.vid)
    return r.SeasonSetFetchByVidResponse(seasonSet=season_set(found, call.srd.child("seasonSet")))


@handles("SeasonSet", "fetchByMerchantSeasonSetId")
def fetch_by_merchant_id(
    call: Call, request: r.SeasonSetFetchByMerchantSeasonSetIdRequest
) -> r.SeasonSetFetchByMerchantSeasonSetIdResponse:
    found = season_sets.by_merchant_id(call.work, request.merchantSeasonSetId)
    return r.SeasonSetFetchByMerchantSeasonSetIdResponse(
        seasonSet=season_set(found, call.srd.child("seasonSet"))
    )


@handles("SeasonSet", "fetchAll")
def fetch_all(call: Call, request: r.SeasonSetFetchAllRequest) -> r.SeasonSetFetchAllResponse:
    parts = call.srd.child("seasonSets")
    found = season_sets.all_sets(call.work, request.page, request.pageSize)
    return r.SeasonSetFetchAllResponse(seasonSets=_all(found, parts))


@handles("SeasonSet", "fetchAllInSeason")
def fetch_all_in_season(
    call: Call, request: r.SeasonSetFetchAllInSeasonRequest
) -> r.SeasonSetFetchAllInSeasonResponse:
    found = season_sets.all_by_season(
        call.work, request.page, request.pageSize, request.nowDate, in_season=True
    )
    return r.SeasonSetFetchAllInSeasonResponse(seasonSets=_all(found, call.srd.child("seasonSets")))


@handles("SeasonSet", "fetchAllOffSeason")
def fetch_all_off_season(
    call: Call, request: r.SeasonSetFetchAllOffSeasonRequest
) -> r.SeasonSetFetchAllOffSeasonResponse:
    found = season_sets.all_by_season(
        call.work, request.page, request.pageSize, request.nowDate, in_season=False
    )
    return r.SeasonSetFetchAllOffSeasonResponse(seasonSets=_all(found, call.srd.child("seasonSets")))


@handles("SeasonSet", "isInSeason")
def is_in_season(call: Call, request: r.SeasonSetIsInSeasonRequest) -> r.SeasonSetIsInSeasonResponse:
    named = reference(request.seasonSet, _ID)
    return r.SeasonSetIsInSeasonResponse(inSeason=season_sets.is_in_season(call.work, named, request.nowDate))


@handles("SeasonSet", "fetchCurrentSeason")
def fetch_current_season(
    call: Call, request: r.SeasonSetFetchCurrentSeasonRequest
) -> r.SeasonSetFetchCurrentSeasonResponse:
    found = season_sets.current_season(call.work, reference(request.seasonSet, _ID), request.nowDate)
    return r.SeasonSetFetchCurrentSeasonResponse(season=narrowed(season(found), call.srd.child("season")))


@handles("SeasonSet", "fetchNextSeason")
def fetch_next_season(
    call: Call, request: r.SeasonSetFetchNextSeasonRequest
) -> r.SeasonSetFetchNextSeasonResponse:
    found = season_sets.next_season(call.work, reference(request.seasonSet, _ID), request.nowDate)
    return r.SeasonSetFetchNextSeasonResponse(season=narrowed(season(found), call.srd.child("season")))


def _all(found: Sequence[SeasonSet], parts: Selection) -> tuple[r.SeasonSet, ...]:
    return tuple([record for each in found if (record := season_set(each, parts)) is not None])
