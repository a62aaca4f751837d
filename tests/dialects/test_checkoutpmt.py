"""Checkout payments: every member, header, link and status of their text (dialects §4)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.dialects.checkoutpmt.schema import CheckoutPmt as Schema
from cashbox_service.dialects.checkoutpmt.schema import CheckoutPmtItem, Kind, Relation
from tests.conftest import Client, _new_merchant
from tests.dialects.callers import ROOT, CheckoutPmt, new_key
from tests.servers import Server
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

Check = Callable[[], None]

TEXTS = {
    "AuthorizationCode": 10, "AuthorizationStatus": 4, "CashierId": 50, "CheckAddress": 240, "CheckName": 100,
    "CheckNumber": 10, "Comments": 240, "Description": 100, "DrawerId": 30, "FirstResponseMessage": 100,
    "PayerAddress": 240, "PayerName": 100, "PaymentReferenceId": 50, "PaymentTrackingData": 50,
    "PaymentTrackingDataPlus": 50, "PaymentTransactionId": 50, "PrimaryId": 3, "SecondaryId": 3,
    "SecondResponseMessage": 100, "SessionId": 50, "ThirdResponseMessage": 100,
}  # fmt: skip
OTHERS = {
    "AgencyId": 7,
    "AuthorizationDttm": "2024-02-29T12:00:00+00:00",
    "ChangeAmount": 0,
    "CheckDate": "2024-02-29",
    "CheckoutPmtId": 2**62,
    "LineAmount": 5,
    "PaymentCurrency": "USD",
    "PaymentDate": "2024-02-29",
    "PaymentMethodCode": "TRUST",
    "TotalTendAmount": 5,
}
WRONG = {
    "AgencyId": (2**31, "x", 1.5),
    "AuthorizationDttm": ("yesterday", 5, "1500-01-01T00:00:00Z"),
    "ChangeAmount": ("x", True),
    "CheckDate": ("2024-02-30", "soon", 5),
    "CheckoutPmtId": (2**63, "x"),
    "LineAmount": ("x", [1]),
    "PaymentCurrency": ("USDX", 5),
    "PaymentDate": ("29.2.2024", 5),
    "TotalTendAmount": ("x", {}),
}


def taken(client: Client, account: str) -> list[Any]:
    answer = (
        client("Transaction")
        .expecting(None)
        .fetchByAccount(account={"merchantAccountId": account}, page=0, pageSize=100, includeChildren=False)
    )
    return list(answer.transactions or [])


# --- the members ----------------------------------------------------------------------------------------------------


def test_members_are_those_of_the_text() -> None:
    named = {field.alias for field in Schema.model_fields.values()}
    assert named == {*TEXTS, *OTHERS, "CheckoutId"}
    answered = [field.alias or name for name, field in CheckoutPmtItem.model_fields.items()]
    assert set(answered) == named | {"links"}
    assert answered.index("links") == answered.index("LineAmount") + 1


@pytest.mark.parametrize("name", list(TEXTS))
def test_text_is_kept_up_to_its_length_and_refused_beyond(checkoutpmt: CheckoutPmt, name: str) -> None:
    checkout, longest = checkoutpmt.checkout(), TEXTS[name]
    assert (
        checkoutpmt.paid(checkout, PaymentMethodCode="TRUST", **{name: "é" * longest})[name] == "é" * longest
    )
    longer: dict[str, Any] = {name: "x" * (longest + 1)}
    member, sentence = checkoutpmt.refused(checkout, **longer)
    assert (member, sentence) == (name, f"{name} is longer than {longest} characters.")
    assert checkoutpmt.refused(checkout, **{name: 5}) == (name, f"{name} is not text.")


@pytest.mark.parametrize("name", list(OTHERS))
def test_member_is_kept_and_answered(checkoutpmt: CheckoutPmt, name: str) -> None:
    given = {"PaymentMethodCode": "TRUST", "LineAmount": 5} | {name: OTHERS[name]}
    made = checkoutpmt.paid(checkoutpmt.checkout(), **given)
    assert made[name] == OTHERS[name]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_member_of_the_wrong_type_is_named(checkoutpmt: CheckoutPmt, name: str, value: Any) -> None:
    member, sentence = checkoutpmt.refused(checkoutpmt.checkout(), **{name: value})
    assert member == name
    assert sentence.startswith(f"{name} ")


def test_checkoutid_has_to_be_that_of_the_path(checkoutpmt: CheckoutPmt) -> None:
    checkout = checkoutpmt.checkout()
    assert checkoutpmt.refused(checkout, CheckoutId="other")[0] == "CheckoutId"
    assert checkoutpmt.paid(checkout, CheckoutId=checkout)["CheckoutId"] == checkout
    assert checkoutpmt.refused("nothing", 404)[0] == "CheckoutId"


def test_members_that_are_absent_have_their_defaults(checkoutpmt: CheckoutPmt, sandbox: Sandbox) -> None:
    sandbox.set_clock("2024-02-29T12:00:00")
    made = checkoutpmt.paid(checkoutpmt.checkout("80.00", Currency="EUR"))
    assert (made["LineAmount"], made["TotalTendAmount"], made["ChangeAmount"]) == (80, 80, 0)
    assert (made["PaymentCurrency"], made["PaymentDate"]) == ("EUR", "2024-02-29")
    assert made["PaymentReferenceId"][:4] == "CBPS"
    assert made["PaymentReferenceId"][4:].isdigit()
    assert 0 < made["CheckoutPmtId"] < 2**63
    assert made["PayerName"] is None


def test_paymentcurrency_has_to_be_that_of_the_checkout(checkoutpmt: CheckoutPmt) -> None:
    assert checkoutpmt.refused(checkoutpmt.checkout(), PaymentCurrency="EUR")[0] == "PaymentCurrency"


@pytest.mark.parametrize("code", [None, "", "GOLD"])
def test_paymentmethodcode_is_needed_and_known(checkoutpmt: CheckoutPmt, code: str | None) -> None:
    assert checkoutpmt.refused(checkoutpmt.checkout(), PaymentMethodCode=code)[0] == "PaymentMethodCode"


# --- money ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("LineAmount", {"LineAmount": "80.01"}),
        ("LineAmount", {"LineAmount": "0"}),
        ("LineAmount", {"LineAmount": "-1"}),
        ("LineAmount", {"LineAmount": "1.001"}),
        ("TotalTendAmount", {"TotalTendAmount": "79.99"}),
        ("TotalTendAmount", {"LineAmount": "10", "TotalTendAmount": "11", "PaymentMethodCode": "TRUST"}),
        ("ChangeAmount", {"TotalTendAmount": "100", "ChangeAmount": "19.99"}),
        ("ChangeAmount", {"ChangeAmount": "1"}),
    ],
)
def test_amounts_that_do_not_add_up_are_refused(
    checkoutpmt: CheckoutPmt, name: str, members: dict[str, Any]
) -> None:
    checkout = checkoutpmt.checkout("80.00")
    assert checkoutpmt.refused(checkout, **members)[0] == name
    assert checkoutpmt.shown(checkout)["Balance"] == 80


def test_change_is_worked_out_and_only_the_line_is_booked(
    checkoutpmt: CheckoutPmt, client: Client, books_are_right: Check
) -> None:
    account = shop.account(client).merchantAccountId
    checkout = checkoutpmt.checkout("80.00", AccountId=account)
    made = checkoutpmt.paid(checkout, LineAmount="50.00", TotalTendAmount="100.00", ChangeAmount="50.00")
    assert made["ChangeAmount"] == 50
    assert checkoutpmt.shown(checkout)["Balance"] == 30
    assert [one.amount for one in taken(client, account)] == [Decimal("50.00")]
    checkoutpmt.paid(checkout)
    assert (checkoutpmt.shown(checkout)["Balance"], checkoutpmt.shown(checkout)["Status"]) == (0, "Paid")
    assert checkoutpmt.refused(checkout)[0] == "LineAmount"
    books_are_right()


@pytest.mark.parametrize("name", ["CheckNumber", "CheckName", "CheckDate"])
def test_check_needs_number_name_and_date(checkoutpmt: CheckoutPmt, name: str) -> None:
    check: dict[str, Any] = {
        "PaymentMethodCode": "CHECK",
        "CheckNumber": "1001",
        "CheckName": "Ada",
        "CheckDate": "2024-02-29",
    }
    checkout = checkoutpmt.checkout()
    assert checkoutpmt.refused(checkout, **(check | {name: None})) == (name, f"{name} is required for CHECK.")
    assert checkoutpmt.paid(checkout, **check)[name] == check[name]


@pytest.mark.parametrize("code", ["CC", "ACH"])
def test_authorised_elsewhere_is_recorded(checkoutpmt: CheckoutPmt, client: Client, code: str) -> None:
    account = shop.account(client).merchantAccountId
    checkout = checkoutpmt.checkout(AccountId=account)
    made = checkoutpmt.paid(
        checkout, PaymentMethodCode=code, AuthorizationCode="OK-1", AuthorizationStatus="APPR"
    )
    assert (made["AuthorizationCode"], made["AuthorizationStatus"]) == ("OK-1", "APPR")
    (one,) = taken(client, account)
    assert one.sourcePaymentMethod.merchantAcceptedPayment.paymentType == code


def test_card_without_a_code_is_charged_and_its_authorisation_filled_in(
    checkoutpmt: CheckoutPmt, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    account = shop.account(client, paymentMethods=[shop.card()]).merchantAccountId
    checkout = checkoutpmt.checkout(AccountId=account)
    declined: dict[str, Any] = {"operation": "authorize", "authCode": "303"}
    sandbox.script(declined)
    made = checkoutpmt.paid(checkout, PaymentMethodCode="CC")
    assert (made["AuthorizationStatus"], made["AuthorizationCode"]) == ("DECL", "303")
    assert made["FirstResponseMessage"] == "declined, no reason given"
    assert checkoutpmt.shown(checkout)["Balance"] == 80
    made = checkoutpmt.paid(checkout, PaymentMethodCode="CC")
    assert (made["AuthorizationStatus"], made["AuthorizationCode"]) == ("APPR", "T00")
    assert made["AuthorizationDttm"]
    assert made["PaymentTransactionId"]
    assert checkoutpmt.shown(checkout)["Balance"] == 0
    assert [shop.log(one)[0] for one in taken(client, account)].count("Captured") == 1
    books_are_right()


def test_bank_debit_is_pending_until_the_bank_answers(
    checkoutpmt: CheckoutPmt, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    account = shop.account(client, paymentMethods=[shop.bank_account()]).merchantAccountId
    checkout = checkoutpmt.checkout(AccountId=account)
    made = checkoutpmt.paid(checkout, PaymentMethodCode="ACH")
    assert made["AuthorizationStatus"] == "PEND"
    assert checkoutpmt.refused(checkout)[0] == "LineAmount", "it is on its way"
    sandbox.bill()
    own = next(link["href"] for link in made["links"] if link["rel"] == "self")
    assert checkoutpmt.get(own)["AuthorizationStatus"] == "APPR"
    assert checkoutpmt.shown(checkout)["Status"] == "Paid"
    books_are_right()


def test_lost_answer_is_pending_and_found_out_later(
    checkoutpmt: CheckoutPmt, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    account = shop.account(client, paymentMethods=[shop.card()]).merchantAccountId
    checkout = checkoutpmt.checkout(AccountId=account)
    sandbox.script({"operation": "authorize", "timeOut": "answer"})
    made = checkoutpmt.paid(checkout, PaymentMethodCode="CC")
    assert (made["AuthorizationStatus"], made["AuthorizationDttm"]) == ("PEND", None)
    sandbox.advance(1)
    assert checkoutpmt.shown(checkout)["Status"] == "Paid"
    books_are_right()


@pytest.mark.parametrize("code", ["CC", "ACH"])
def test_nothing_to_charge_is_refused(checkoutpmt: CheckoutPmt, code: str) -> None:
    assert checkoutpmt.refused(checkoutpmt.checkout(), PaymentMethodCode=code)[0] == "PaymentMethodCode"


# --- answers, links and tags ----------------------------------------------------------------------------------------


def test_create_answers_the_whole_item_with_location_and_etag(checkoutpmt: CheckoutPmt) -> None:
    answer = checkoutpmt.post(checkoutpmt.checkout())
    item = answer.json()
    assert answer.status == 201
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert set(item) == {*TEXTS, *OTHERS, "CheckoutId", "links"}
    own = next(link for link in item["links"] if link["rel"] == "self")
    assert answer.headers["location"] == own["href"]
    assert answer.headers["etag"] == f'"{own["properties"]["changeIndicator"]}"'


def test_link_enumerations_are_those_of_the_text() -> None:
    assert [one.value for one in Relation] == [
        "self", "lov", "parent", "canonical", "child", "enclosure", "action", "custom",
    ]  # fmt: skip
    assert [one.value for one in Kind] == ["collection", "item", "describe", "other"]


@pytest.mark.parametrize("rel", ["self", "canonical", "parent"])
def test_link_of_an_item_has_href_name_kind_and_resolves(checkoutpmt: CheckoutPmt, rel: str) -> None:
    checkout = checkoutpmt.checkout()
    made = checkoutpmt.paid(checkout)
    link = next(one for one in made["links"] if one["rel"] == rel)
    assert (link["kind"], link["name"]) == (
        "item",
        "publicSectorCheckouts" if rel == "parent" else "CheckoutPmt",
    )
    found = checkoutpmt.get(link["href"])
    assert found["CheckoutId"] == checkout
    if rel != "parent":
        assert found == made


def test_every_link_of_every_resource_resolves(checkoutpmt: CheckoutPmt) -> None:
    checkout = checkoutpmt.checkout()
    checkoutpmt.paid(checkout, SessionId="S 1/2")
    waiting, seen = [f"{checkoutpmt.server.url}{ROOT}/publicSectorCheckouts"], set()
    while waiting:
        href = waiting.pop()
        if href in seen:
            continue
        seen.add(href)
        found = checkoutpmt.get(href)
        described = found.get("Resources", {}).get("CheckoutPmt", {})
        for holder in (found, described, *found.get("items", [])):
            waiting += [link["href"] for link in holder.get("links", [])]
    assert len(seen) == 5, "checkouts, checkout, payments, payment, description"


def test_collection_has_items_and_pages(checkoutpmt: CheckoutPmt) -> None:
    checkout = checkoutpmt.checkout()
    made = [checkoutpmt.paid(checkout, LineAmount="1.00")["CheckoutPmtId"] for _ in range(3)]
    path = f"publicSectorCheckouts/{checkout}/child/CheckoutPmt"
    first = checkoutpmt.get(f"{path}?limit=2")
    assert (first["count"], first["hasMore"], first["limit"], first["offset"]) == (2, True, 2, 0)
    rest = checkoutpmt.get(f"{path}?limit=2&offset=2")
    assert (rest["count"], rest["hasMore"], rest["limit"], rest["offset"]) == (1, False, 2, 2)
    assert {one["CheckoutPmtId"] for one in first["items"] + rest["items"]} == set(made)
    for wrong in ("limit=0", "limit=501", "limit=x", "offset=-1"):
        assert checkoutpmt.send("GET", f"{path}?{wrong}").status == 400


def test_describe_tells_every_member_with_type_and_length(checkoutpmt: CheckoutPmt) -> None:
    described = checkoutpmt.get(f"publicSectorCheckouts/{checkoutpmt.checkout()}/child/CheckoutPmt/describe")
    attributes = {one["name"]: one for one in described["Resources"]["CheckoutPmt"]["attributes"]}
    assert set(attributes) == {*TEXTS, *OTHERS, "CheckoutId"}
    assert {name: attributes[name]["maxLength"] for name in TEXTS} == TEXTS
    types = {name: attributes[name]["type"] for name in OTHERS}
    assert types == {
        "AgencyId": "int32", "AuthorizationDttm": "date-time", "ChangeAmount": "number", "CheckDate": "date",
        "CheckoutPmtId": "int64", "LineAmount": "number", "PaymentCurrency": "string", "PaymentDate": "date",
        "PaymentMethodCode": "string", "TotalTendAmount": "number",
    }  # fmt: skip


def test_etag_changes_with_the_payment_and_spares_an_answer(checkoutpmt: CheckoutPmt) -> None:
    checkout = checkoutpmt.checkout()
    created = checkoutpmt.post(checkout, CheckoutPmtId=5)
    path = f"publicSectorCheckouts/{checkout}/child/CheckoutPmt/5"
    shown = checkoutpmt.send("GET", path)
    assert shown.headers["etag"] == created.headers["etag"]
    again = checkoutpmt.send("GET", path, headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    changed = checkoutpmt.post(checkout, {"Upsert-Mode": "true"}, CheckoutPmtId=5, Comments="new")
    assert changed.headers["etag"] != created.headers["etag"]
    assert checkoutpmt.send("GET", path, headers={"If-None-Match": shown.headers["etag"]}).status == 200


def test_payment_that_does_not_exist_is_404(checkoutpmt: CheckoutPmt) -> None:
    checkout = checkoutpmt.checkout()
    for path in (
        f"{checkout}/child/CheckoutPmt/1",
        f"{checkout}/child/CheckoutPmt/x",
        "nothing",
        "nothing/child/CheckoutPmt",
    ):
        assert checkoutpmt.send("GET", f"publicSectorCheckouts/{path}").status == 404


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [None, *"123456789"])
def test_rest_framework_version_is_echoed(checkoutpmt: CheckoutPmt, version: str | None) -> None:
    headers = {} if version is None else {"REST-Framework-Version": version}
    answer = checkoutpmt.post(checkoutpmt.checkout(), headers)
    assert (answer.status, answer.headers["rest-framework-version"]) == (201, version or "9")
    assert "metadata-context" not in answer.headers


@pytest.mark.parametrize("version", ["0", "10", "x", ""])
def test_rest_framework_version_of_another_kind_is_400(checkoutpmt: CheckoutPmt, version: str) -> None:
    answer = checkoutpmt.post(checkoutpmt.checkout(), {"REST-Framework-Version": version})
    assert (answer.status, answer.json()["o:errorPath"]) == (400, "REST-Framework-Version")


def test_metadata_context_is_echoed_without_effect(checkoutpmt: CheckoutPmt) -> None:
    context = 'sandbox="TrackEmployeeFeature"'
    for answer in (
        checkoutpmt.post(checkoutpmt.checkout(), {"Metadata-Context": context}),
        checkoutpmt.send("GET", "publicSectorCheckouts/nothing", headers={"Metadata-Context": context}),
    ):
        assert answer.headers["metadata-context"] == context


def test_vendor_media_type_is_accepted_and_by_accept_sent(checkoutpmt: CheckoutPmt) -> None:
    vendor = "application/vnd.oracle.adf.resourceitem+json"
    sent = checkoutpmt.post(checkoutpmt.checkout(), {"Content-Type": vendor})
    assert (sent.status, sent.headers["content-type"]) == (201, "application/json; charset=utf-8")
    asked = checkoutpmt.post(checkoutpmt.checkout(), {"Accept": vendor})
    assert (asked.status, asked.headers["content-type"]) == (201, f"{vendor}; charset=utf-8")
    assert checkoutpmt.post(checkoutpmt.checkout(), {"Content-Type": "text/xml"}).status == 415


# --- upsert ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["CheckoutPmtId", "PaymentReferenceId"])
def test_upsert_mode_true_updates_what_it_finds_and_else_creates(
    checkoutpmt: CheckoutPmt, client: Client, name: str
) -> None:
    account = shop.account(client).merchantAccountId
    checkout = checkoutpmt.checkout(AccountId=account)
    key: dict[str, Any] = {name: 77 if name == "CheckoutPmtId" else "REF-77"}
    upsert = {"Upsert-Mode": "true"}
    first = checkoutpmt.post(checkout, upsert, LineAmount="10.00", PayerName="Ada", **key)
    assert first.status == 201
    again = checkoutpmt.post(checkout, upsert, LineAmount="10.00", Comments="corrected", **key)
    assert again.status == 200
    assert (again.json()["PayerName"], again.json()["Comments"]) == ("Ada", "corrected")
    assert again.json()["CheckoutPmtId"] == first.json()["CheckoutPmtId"]
    assert len(taken(client, account)) == 1
    assert taken(client, account)[0].note == "corrected"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LineAmount", "11.00"), ("TotalTendAmount", "20.00"), ("ChangeAmount", "1.00"), ("PaymentCurrency", "EUR"),
        ("PaymentMethodCode", "TRUST"), ("PaymentDate", "2001-01-01"), ("SessionId", "S-2"),
        ("PaymentReferenceId", "REF-2"),
    ],
)  # fmt: skip
def test_update_of_what_is_recorded_is_refused(checkoutpmt: CheckoutPmt, name: str, value: str) -> None:
    checkout = checkoutpmt.checkout()
    checkoutpmt.paid(checkout, CheckoutPmtId=5, LineAmount="10.00", SessionId="S-1")
    members: dict[str, Any] = {"CheckoutPmtId": 5, name: value}
    answer = checkoutpmt.post(checkout, {"Upsert-Mode": "true"}, **members)
    assert (answer.status, answer.json()["o:errorPath"]) == (400, name)


def test_update_with_another_entity_tag_is_412(checkoutpmt: CheckoutPmt) -> None:
    checkout = checkoutpmt.checkout()
    tag = checkoutpmt.post(checkout, CheckoutPmtId=5).headers["etag"]
    upsert = {"Upsert-Mode": "true"}
    assert checkoutpmt.post(checkout, upsert | {"If-Match": tag}, CheckoutPmtId=5, Comments="a").status == 200
    assert checkoutpmt.post(checkout, upsert | {"If-Match": tag}, CheckoutPmtId=5, Comments="b").status == 412
    assert (
        checkoutpmt.post(checkout, upsert | {"If-Match": tag}, CheckoutPmtId=6, LineAmount="1").status == 412
    )


@pytest.mark.parametrize("name", ["CheckoutPmtId", "PaymentReferenceId"])
@pytest.mark.parametrize("mode", ["false", None])
def test_upsert_mode_false_or_absent_creates_and_refuses_a_duplicate(
    checkoutpmt: CheckoutPmt, name: str, mode: str | None
) -> None:
    checkout = checkoutpmt.checkout()
    members: dict[str, Any] = {name: 77 if name == "CheckoutPmtId" else "REF-77", "LineAmount": "1.00"}
    headers = {} if mode is None else {"Upsert-Mode": mode}
    assert checkoutpmt.post(checkout, headers, **members).status == 201
    assert checkoutpmt.post(checkout, headers, **members).status == 409
    assert checkoutpmt.shown(checkout)["Balance"] == 79
    assert checkoutpmt.post(checkoutpmt.checkout(), headers, **members).status == 201, "of another checkout"


def test_ids_of_two_payments_are_409(checkoutpmt: CheckoutPmt) -> None:
    checkout = checkoutpmt.checkout()
    checkoutpmt.paid(checkout, CheckoutPmtId=1, PaymentReferenceId="R-1", LineAmount="1.00")
    checkoutpmt.paid(checkout, CheckoutPmtId=2, PaymentReferenceId="R-2", LineAmount="1.00")
    answer = checkoutpmt.post(checkout, {"Upsert-Mode": "true"}, CheckoutPmtId=1, PaymentReferenceId="R-2")
    assert answer.status == 409


def test_upsert_mode_of_another_kind_is_400(checkoutpmt: CheckoutPmt) -> None:
    answer = checkoutpmt.post(checkoutpmt.checkout(), {"Upsert-Mode": "maybe"})
    assert (answer.status, answer.json()["o:errorPath"]) == (400, "Upsert-Mode")


# --- checkouts and sessions -----------------------------------------------------------------------------------------


def test_checkout_has_its_members_and_links(checkoutpmt: CheckoutPmt, client: Client) -> None:
    account = shop.account(client).merchantAccountId
    answer = checkoutpmt.send(
        "POST",
        "publicSectorCheckouts",
        {"CheckoutId": "CHK 1", "AccountId": account, "AgencyId": 3, "Amount": 80, "Currency": "USD",
         "Description": "Permit"},
    )  # fmt: skip
    made = answer.json()
    links = made.pop("links")
    assert made == {
        "CheckoutId": "CHK 1", "AccountId": account, "AgencyId": 3, "Amount": 80, "Balance": 80, "Currency": "USD",
        "Description": "Permit", "Status": "Open",
    }  # fmt: skip
    assert [link["rel"] for link in links] == ["self", "canonical", "child"]
    assert checkoutpmt.get(answer.headers["location"])["CheckoutId"] == "CHK 1"
    again = checkoutpmt.send("POST", "publicSectorCheckouts", {"CheckoutId": "CHK 1", "Amount": 1})
    assert (again.status, again.json()["o:errorPath"]) == (409, "CheckoutId")


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ({}, "Amount"),
        ({"Amount": 0}, "Amount"),
        ({"Amount": "1.001"}, "Amount"),
        ({"Amount": 1, "Currency": "XXQ"}, "Currency"),
        ({"Amount": 1, "AccountId": "nobody"}, "AccountId"),
        ({"Amount": 1, "CheckoutId": "a/b"}, "CheckoutId"),
        ({"Amount": 1, "CheckoutId": "x" * 51}, "CheckoutId"),
        ({"Amount": 1, "AgencyId": 2**31}, "AgencyId"),
    ],
)
def test_checkout_that_cannot_be_made_names_its_member(
    checkoutpmt: CheckoutPmt, members: dict[str, Any], name: str
) -> None:
    answer = checkoutpmt.send("POST", "publicSectorCheckouts", members)
    assert (answer.status, answer.json()["o:errorPath"]) == (400, name)


def test_checkouts_are_listed_in_pages(checkoutpmt: CheckoutPmt) -> None:
    for number in range(3):
        checkoutpmt.checkout(CheckoutId=f"C-{number}")
    page = checkoutpmt.get("publicSectorCheckouts?limit=2&offset=1")
    assert [one["CheckoutId"] for one in page["items"]] == ["C-1", "C-2"]
    assert (page["hasMore"], page["count"]) == (False, 2)


def test_session_totals_are_those_of_the_ledger(
    checkoutpmt: CheckoutPmt, client: Client, books_are_right: Check
) -> None:
    account = shop.account(client).merchantAccountId
    checkout = checkoutpmt.checkout("100.00", AccountId=account)
    session = {"SessionId": "S-1", "DrawerId": "D-1", "CashierId": "C-7"}
    checkoutpmt.paid(checkout, LineAmount="30.00", TotalTendAmount="50.00", **session)
    checkoutpmt.paid(checkout, LineAmount="10.00", **session)
    check: dict[str, Any] = {
        "PaymentMethodCode": "CHECK",
        "CheckNumber": "1",
        "CheckName": "Ada",
        "CheckDate": "2024-02-29",
    }
    checkoutpmt.paid(checkout, LineAmount="20.00", **check, **session)
    checkoutpmt.paid(checkout, LineAmount="5.00", SessionId="S-2")
    shown = checkoutpmt.get("cashierSessions/S-1")
    assert (shown["DrawerIds"], shown["CashierIds"]) == (["D-1"], ["C-7"])
    assert shown["Totals"] == [
        {"PaymentMethodCode": "CASH", "PaymentCurrency": "USD", "Count": 2, "TotalTendAmount": 60,
         "ChangeAmount": 20, "NetAmount": 40},
        {"PaymentMethodCode": "CHECK", "PaymentCurrency": "USD", "Count": 1, "TotalTendAmount": 20,
         "ChangeAmount": 0, "NetAmount": 20},
    ]  # fmt: skip
    assert shown["Ledger"] == [{"PaymentCurrency": "USD", "Amount": 60}]
    books_are_right()
    assert checkoutpmt.send("GET", "cashierSessions/S-3").status == 404


def test_session_forgets_a_payment_that_was_reversed(
    checkoutpmt: CheckoutPmt, client: Client, books_are_right: Check
) -> None:
    account = shop.account(client).merchantAccountId
    checkout = checkoutpmt.checkout("100.00", AccountId=account)
    checkoutpmt.paid(checkout, LineAmount="30.00", SessionId="S-1")
    (made,) = taken(client, account)
    invoice = {pair.name: pair.value for pair in made.nameValues}["vin:InvoiceId"]
    client("Account").reversePayment(account={"merchantAccountId": account}, invoiceId=invoice)
    shown = checkoutpmt.get("cashierSessions/S-1")
    assert shown["Totals"][0]["NetAmount"] == 0
    assert shown["Ledger"] == [{"PaymentCurrency": "USD", "Amount": 0}]
    assert checkoutpmt.shown(checkout)["Balance"] == 100
    books_are_right()


# --- credentials ----------------------------------------------------------------------------------------------------


def test_key_or_login_lets_in(checkoutpmt: CheckoutPmt, server: Server, merchant: Login) -> None:
    path = f"{ROOT}/publicSectorCheckouts"
    login = b64encode(f"{merchant.login}:{merchant.password}".encode()).decode()
    assert server.get(path, {"Authorization": f"Basic {login}"}).status == 200
    assert server.get(path, {"X-Api-Key": checkoutpmt.key}).status == 200
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-Api-Key": ""}):
        answer = server.get(path, headers)
        assert (answer.status, answer.json()["title"]) == (401, "Unauthorized")


def test_resources_of_another_merchant_are_not_found(checkoutpmt: CheckoutPmt, server: Server) -> None:
    from cashbox_service.app.operating.merchant_keys import KeyPurpose

    checkout = checkoutpmt.checkout()
    checkoutpmt.paid(checkout, SessionId="S-1")
    stranger = CheckoutPmt(server, new_key(server, _new_merchant(server), KeyPurpose.CHECKOUT_PAYMENTS).key)
    assert stranger.refused(checkout, 404)[0] == "CheckoutId"
    assert stranger.send("GET", "cashierSessions/S-1").status == 404
    assert stranger.get("publicSectorCheckouts")["items"] == []
