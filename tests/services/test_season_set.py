"""Service SeasonSet, in the version it is known from and in 22.0 (catalog §3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.conftest import Client, _new_merchant
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient


def season(start: str, end: str, description: str | None = None) -> dict[str, Any]:
    return {"description": description, "startDate": start, "endDate": end}


SKI = season("2024-12-01", "2025-03-31", "Ski")
SURF = season("2025-06-01", "2025-08-31", "Surf")


@pytest.fixture(params=["20.0", "22.0"])
def service(request: pytest.FixtureRequest, server: Server, merchant: Login) -> ServiceClient:
    return ServiceClient(server, merchant, "SeasonSet", version=request.param)


def store(service: ServiceClient, *seasons: dict[str, Any], **fields: Any) -> Any:
    """A new season set."""
    given = {"merchantSeasonSetId": shop.new_id("seasons"), "seasons": list(seasons)} | fields
    return service.update(seasonSet=given).seasonSet


def days(season_set: Any) -> list[tuple[str, str, str | None]]:
    return [
        (one.startDate.isoformat(), one.endDate.isoformat(), one.description) for one in season_set.seasons
    ]


def ids(answer: Any) -> list[str]:
    return [] if "returnCode" in answer else [one.merchantSeasonSetId for one in answer.seasonSets]


def test_a_season_set_is_created_and_changed(service: ServiceClient) -> None:
    own_id = shop.new_id("seasons")
    pairs = [{"name": "region", "value": "Alps"}]
    given = {"merchantSeasonSetId": own_id, "seasons": [SKI], "nameValues": pairs}
    made = service.update(seasonSet=given)
    assert (made.created, made.seasonSet.merchantSeasonSetId) == (True, own_id)
    assert days(made.seasonSet) == [("2024-12-01", "2025-03-31", "Ski")]

    again = service.update(seasonSet={"merchantSeasonSetId": own_id, "seasons": [SKI, SURF]})
    assert (again.created, again.seasonSet.VID, len(again.seasonSet.seasons)) == (
        False,
        made.seasonSet.VID,
        2,
    )
    untouched = service.update(seasonSet={"VID": made.seasonSet.VID})
    assert (len(untouched.seasonSet.seasons), shop.names(untouched.seasonSet)) == (2, {"region": "Alps"})

    for found in (
        service.fetchByVid(vid=made.seasonSet.VID),
        service.fetchByMerchantSeasonSetId(merchantSeasonSetId=own_id),
    ):
        assert days(found.seasonSet) == days(again.seasonSet)


def test_a_season_set_may_be_without_seasons_and_without_an_id(service: ServiceClient) -> None:
    empty = service.update(seasonSet={"merchantSeasonSetId": shop.new_id("seasons")})
    assert (empty.created, list(empty.seasonSet.seasons)) == (True, [])
    nameless = service.update(seasonSet={"seasons": [SKI]})
    assert (nameless.created, nameless.seasonSet.merchantSeasonSetId) == (True, None)


def test_sets_are_listed_by_season_and_by_page(service: ServiceClient) -> None:
    ski, surf, empty = store(service, SKI), store(service, SKI, SURF), store(service)
    names = [one.merchantSeasonSetId for one in (ski, surf, empty)]
    assert ids(service.fetchAll()) == names
    assert ids(service.fetchAll(page=1, pageSize=2)) == names[2:]
    assert ids(service.fetchAll(page=9, pageSize=2)) == []
    summer = date(2025, 7, 1)
    assert ids(service.fetchAllInSeason(nowDate=summer)) == [names[1]]
    assert ids(service.fetchAllOffSeason(nowDate=summer)) == [names[0], names[2]]
    assert ids(service.fetchAllOffSeason(nowDate=summer, page=1, pageSize=1)) == [names[2]]
    assert ids(service.fetchAllInSeason(nowDate=date(2025, 3, 31), page=0, pageSize=1)) == [names[0]]
    service.expecting(400).fetchAll(page=-1, pageSize=2)
    service.expecting(400).fetchAllInSeason(page=0, pageSize=0)


def test_seasons_are_told_for_a_day_or_today(service: ServiceClient, sandbox: Sandbox) -> None:
    named = {"VID": store(service, SKI, SURF).VID}
    assert service.isInSeason(seasonSet=named, nowDate=date(2025, 3, 31)).inSeason
    assert not service.isInSeason(seasonSet=named, nowDate=date(2025, 4, 1)).inSeason
    assert service.fetchCurrentSeason(seasonSet=named, nowDate=date(2025, 1, 1)).season.description == "Ski"
    assert service.fetchNextSeason(seasonSet=named, nowDate=date(2025, 1, 1)).season.description == "Surf"
    sandbox.set_clock("2025-06-01T10:00:00")
    assert service.isInSeason(seasonSet=named).inSeason
    assert service.fetchCurrentSeason(seasonSet=named).season.description == "Surf"
    assert service.expecting(404).fetchNextSeason(seasonSet=named).season is None


def test_the_dates_of_a_season_that_is_billed_stay(
    client: Client, service: ServiceClient, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2025-01-10T10:00:00")
    seasons = store(service, SKI, SURF)
    moved = {"VID": seasons.VID, "seasons": [SKI | {"endDate": "2025-03-30"}, SURF]}
    service.update(seasonSet=moved)
    service.update(seasonSet={"VID": seasons.VID, "seasons": [SKI, SURF]})
    plan = shop.plan(client, seasonSet={"VID": seasons.VID})
    shop.subscribe(client, billingPlan=shop.reference(plan))

    refused = service.expecting(400).update(seasonSet=moved)

    assert refused["return"].returnString.startswith("Unable to update SeasonSet: seasons.startDate")
    assert not refused.created
    later = SURF | {"endDate": "2025-09-30"}
    renamed = service.update(
        seasonSet={"VID": seasons.VID, "seasons": [SKI | {"description": "Snow"}, later]}
    )
    assert [one.description for one in renamed.seasonSet.seasons] == ["Snow", "Surf"]


@pytest.mark.parametrize("version", ["20.0", "22.0"])
def test_a_refusal_tells_the_required_parts_that_are_no_objects(
    server: Server, merchant: Login, version: str
) -> None:
    wire = Wire(server, merchant)
    refused = wire.call("SeasonSet", "isInSeason", "<seasonSet><VID>none</VID></seasonSet>", version=version)
    assert (refused.code, refused.text, refused.value("inSeason")) == (
        404,
        "No SeasonSet found for none",
        "0",
    )
    refused = wire.call("SeasonSet", "fetchNextSeason", "", version=version)
    assert (refused.code, refused.has("season")) == (400, False)
    refused = wire.call("SeasonSet", "update", "", version=version)
    assert (refused.code, refused.value("created")) == (400, "0")


def test_an_answer_is_as_sparse_as_it_is_asked_for(wire: Wire, server: Server, merchant: Login) -> None:
    stored = store(ServiceClient(server, merchant, "SeasonSet"), SKI)
    fetch = f"<vid>{stored.VID}</vid>"
    found = wire.call("SeasonSet", "fetchByVid", fetch, srd='{"seasonSet":{"seasons":["startDate"]}}')
    assert found.children("seasonSet") == ["VID", "merchantSeasonSetId", "seasons"]
    assert found.children("seasonSet/seasons") == ["startDate"]
    bare = wire.call("SeasonSet", "fetchByVid", fetch, srd="{}")
    assert bare.children("seasonSet") == ["VID", "merchantSeasonSetId"]


def test_sets_of_others_are_not_known(service: ServiceClient, server: Server) -> None:
    mine = store(service, SKI)
    other = ServiceClient(server, _new_merchant(server), "SeasonSet")
    named = {"VID": mine.VID}
    for service_of, arguments in (
        ("fetchByVid", {"vid": mine.VID}),
        ("fetchByMerchantSeasonSetId", {"merchantSeasonSetId": mine.merchantSeasonSetId}),
        ("isInSeason", {"seasonSet": named}),
        ("fetchCurrentSeason", {"seasonSet": named}),
        ("fetchNextSeason", {"seasonSet": named}),
        ("update", {"seasonSet": named | {"seasons": [SURF]}}),
    ):
        getattr(other.expecting(404), service_of)(**arguments)
    assert ids(other.fetchAll()) == ids(other.fetchAllInSeason()) == ids(other.fetchAllOffSeason()) == []
    assert days(service.fetchByVid(vid=mine.VID).seasonSet) == days(mine)
    # The same id names another set there.
    assert other.update(seasonSet={"merchantSeasonSetId": mine.merchantSeasonSetId}).created


def test_older_versions_ask_for_autobills_by_day_and_page(
    client: Client, server: Server, merchant: Login, sandbox: Sandbox
) -> None:
    sandbox.set_clock("2025-01-10T10:00:00")
    plan = shop.plan(
        client, seasonSet={"merchantSeasonSetId": shop.new_id("seasons"), "seasons": [SKI, SURF]}
    )
    bills = [
        shop.subscribe(client, billingPlan=shop.reference(plan)).autobill.merchantAutoBillId for _ in range(3)
    ]
    old = ServiceClient(server, merchant, "AutoBill", version="20.0")

    def told(**asked: Any) -> list[str]:
        answer = old.fetchAllInSeason(**asked)
        return [] if "returnCode" in answer else [one.merchantAutoBillId for one in answer.autoBills]

    assert sorted(told()) == sorted(bills)
    assert told(page=0, pageSize=2) + told(page=1, pageSize=2) == told()
    assert told(page=2, pageSize=2) == []
    assert told(nowDate=date(2025, 5, 1)) == []
    assert len(client("AutoBill").fetchAllInSeason().autoBills) == 3
    old.expecting(400).fetchAllOffSeason(page=-1)
