"""Activities are kept with all they tell, all of a call or none (notifications §5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from cashbox_service.app.customers import activities
from cashbox_service.app.drafts import Reference
from cashbox_service.app.environment import Environment
from cashbox_service.domain.activity import ActivityType, Details
from tests.services import shop
from tests.services.shop import Client
from tests.services.test_account_transfer import merge
from tests.soap_client import Login

AT = "2024-03-15T10:00:00-07:00"
Kept = tuple[str, datetime, Details]
Find = Callable[..., list[Kept]]


@pytest.fixture
def kept(environment: Environment, merchant: Login) -> Find:
    """What is kept of a customer's activities."""

    def find(account: Any, types: Sequence[ActivityType] = ()) -> list[Kept]:
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            since = datetime(2000, 1, 1, tzinfo=UTC)
            found = activities.of_account(work, Reference(vid=account.VID), types=types, since=since)
            return [(one.type, one.at, one.details) for one in found]

    return find


def activity(account: Any, kind: str, at: str = AT, **details: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"account": shop.reference(account), "activityType": kind, "timestamp": at}
    return told | ({"activityArgs": details} if details else {})


def record(client: Client, *told: dict[str, Any], expecting: int = 200) -> Any:
    return client("Activity").expecting(expecting).record(activities=list(told))


DETAILS: dict[str, dict[str, Any]] = {
    "Login": {"loginArgs": {"ip": "192.0.2.1"}},
    "Logout": {"logoutArgs": {"ip": "192.0.2.1"}},
    "URIView": {
        "uriviewArgs": {
            "ip": "192.0.2.1",
            "uri": "/film",
            "size": 5,
            "bytesTransferred": 4,
            "transferTime": 3,
            "description": "Film",
        }
    },
    "Phone": {
        "phoneArgs": {
            "srcPhoneNumber": "1",
            "destPhoneNumber": "2",
            "cidPhoneNumber": "3",
            "aniPhoneNumber": "4",
            "durationSeconds": 60,
            "note": "angry",
            "type": "FromCustomerToMerchant",
        }
    },
    "Email": {"emailArgs": {"srcEmail": "a@example.org", "destEmail": "b@example.org", "note": "n"}},
    "Fulfillment": {
        "fulfillmentArgs": {
            "merchantTransactionId": "t-1",
            "shipper": "Post",
            "trackingString": "X",
            "shippingAddress": {"city": "London"},
            "delivered": True,
            "receivedTs": datetime(2024, 3, 1, tzinfo=UTC),
            "receiptName": "Ada",
        }
    },
    "Usage": {
        "usageArgs": {
            "description": "Film",
            "total": 5,
            "lastDay": 1,
            "lastWeek": 2,
            "lastMonth": 3,
            "lastYear": 4,
            "lastUsageDate": datetime(2024, 3, 1, tzinfo=UTC),
        }
    },
    "NamedValue": {"namedvalueArgs": {"type": "t", "name": "n", "value": "v"}},
    "Cancellation": {"cancellationArgs": {"reason": "r", "confirmationCode": 7, "initiator": "Customer"}},
    "Note": {"noteArgs": {"note": "n"}},
}


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def as_sent(details: Any) -> dict[str, Any]:
    """Kept details in the words of the interface."""
    values = {camel(slot): getattr(details, slot) for slot in type(details).__slots__}
    return {
        name: as_sent(value)
        if hasattr(type(value), "__slots__") and name.endswith(("Args", "Address"))
        else value
        for name, value in values.items()
        if value is not None
    }


@pytest.mark.parametrize("kind", list(DETAILS))
def test_every_type_is_kept_with_all_its_details(client: Client, kept: Find, kind: str) -> None:
    account = shop.account(client)
    record(client, activity(account, kind, **DETAILS[kind]))
    ((type_, at, details),) = kept(account)
    assert (type_, at) == (kind, datetime(2024, 3, 15, 17, tzinfo=UTC))
    assert as_sent(details) == DETAILS[kind]


def test_a_batch_is_kept_in_order_of_time_and_found_by_type(client: Client, kept: Find) -> None:
    account = shop.account(client)
    record(
        client,
        activity(account, "Note", "2024-03-16T10:00:00Z", noteArgs={"note": "second"}),
        activity(account, "Login", "2024-03-15T10:00:00Z"),
        activity(account, "Note", "2024-03-17T10:00:00Z", noteArgs={"note": "third"}),
    )
    assert [entry[0] for entry in kept(account)] == ["Login", "Note", "Note"]
    notes = kept(account, types=[ActivityType.NOTE])
    assert [details.note_args.note for _, _, details in notes if details.note_args] == ["second", "third"]
    record(client)
    assert len(kept(account)) == 3


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (
            {"activityType": "Dance"},
            f"Unknown activity type Dance. Must be one of {','.join(ActivityType)}.",
        ),
        ({"account": None}, "Required field 'account' missing!"),
        ({"account": {"name": "Ada"}}, "Error saving activity: Account not specified."),
        (
            {"activityType": "Login", "activityArgs": {"noteArgs": {"note": "n"}}},
            "Error saving activity: noteArgs does not belong to an activity of type Login.",
        ),
        ({"activityType": "Phone"}, "Error saving activity: phoneArgs.type is missing."),
    ],
)
def test_with_one_that_is_wrong_none_is_kept(
    client: Client, kept: Find, wrong: dict[str, Any], text: str
) -> None:
    account = shop.account(client)
    answer = record(client, activity(account, "Note"), activity(account, "Note") | wrong, expecting=400)
    assert shop.text(answer) == text
    assert kept(account) == []


def test_an_unknown_account_is_not_made(client: Client) -> None:
    told = activity(shop.account(client), "Note") | {"account": {"merchantAccountId": "nobody"}}
    assert shop.text(record(client, told, expecting=404)) == 'No match found for merchantAccountId "nobody"'
    client("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId="nobody")


def test_activities_go_over_when_accounts_are_merged(client: Client, kept: Find) -> None:
    target, source = shop.account(client), shop.account(client)
    record(client, activity(source, "Login"))
    merge(client, target, source)
    assert (len(kept(target)), len(kept(source))) == (1, 0)
