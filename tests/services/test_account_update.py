"""Account.update: create an account or change one (account §2.1, conventions §4.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import shop
from tests.services.wire import Wire

NO_ID = "Account object is invalid: No merchantAccountId (unique identifier) specified for Account."

WHOLE: dict[str, Any] = {
    "defaultCurrency": "EUR",
    "emailAddress": "Ada.Reader@Example.org",
    "emailTypePreference": "plaintext",
    "preferredLanguage": "EN",
    "warnBeforeAutobilling": True,
    "company": "Größe & Söhne <GmbH>",
    "name": "Ада Лавлейс",
    "taxType": "business",
}


@pytest.fixture
def ada() -> str:
    return shop.new_id("ada")


def refused(shared: Client, code: int = 400, **account: Any) -> Any:
    """The text of a refusal; nothing but the flag ``created`` comes with it."""
    answer = shared("Account").expecting(code).update(account=account)
    assert answer.account is None
    assert answer.created is False
    return answer["return"].returnString


def by_id(shared: Client, merchant_account_id: str) -> Any:
    return shared("Account").fetchByMerchantAccountId(merchantAccountId=merchant_account_id).account


def test_an_unknown_merchant_id_creates_an_account_with_everything_it_was_given(
    shared: Client, ada: str
) -> None:
    answer = shared("Account").update(account=WHOLE | {"merchantAccountId": ada, "externalId": ada})

    assert answer.created is True
    assert len(answer.account.VID) == 40
    stored = by_id(shared, ada)
    for name, value in (WHOLE | {"externalId": ada}).items():
        assert stored[name] == value
    assert str(stored) == str(answer.account)


def test_a_bare_account_has_html_mails_no_warning_and_nothing_else(shared: Client, ada: str) -> None:
    account = shared("Account").update(account={"merchantAccountId": ada}).account

    assert account.emailTypePreference == "html"
    assert account.warnBeforeAutobilling is False
    given = {"VID", "merchantAccountId", "emailTypePreference", "warnBeforeAutobilling"}
    assert {name for name in dir(account) if account[name] not in (None, [])} == given


def test_the_second_call_with_the_same_id_changes_the_account(shared: Client, ada: str) -> None:
    first = shared("Account").update(account={"merchantAccountId": ada, "name": "Ada"}).account

    answer = shared("Account").update(account={"merchantAccountId": ada, "company": "Engines"})

    assert answer.created is False
    assert (answer.account.VID, answer.account.name, answer.account.company) == (first.VID, "Ada", "Engines")


def test_a_known_vid_changes_the_account_without_its_merchant_id(shared: Client, ada: str) -> None:
    account = shop.account(shared, merchantAccountId=ada)

    answer = shared("Account").update(account={"VID": account.VID, "name": "Countess"})

    assert (answer.created, answer.account.merchantAccountId, answer.account.name) == (
        False,
        ada,
        "Countess",
    )


def test_a_known_vid_with_a_new_merchant_id_renames_the_account(shared: Client) -> None:
    old, new = shop.new_id("old"), shop.new_id("new")
    account = shop.account(shared, merchantAccountId=old)

    shared("Account").update(account={"VID": account.VID, "merchantAccountId": new})

    assert by_id(shared, new).VID == account.VID
    shared("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=old)


def test_a_known_vid_with_the_merchant_id_of_another_account_is_refused(shared: Client) -> None:
    one, other = shop.account(shared), shop.account(shared)

    text = refused(shared, VID=one.VID, merchantAccountId=other.merchantAccountId, name="Nobody")

    assert text == "Failed to update Account"
    assert by_id(shared, one.merchantAccountId).name == "Ada Reader"


def test_an_unknown_vid_never_creates(shared: Client, ada: str) -> None:
    vid = "0" * 40

    assert refused(shared, 404, VID=vid, merchantAccountId=ada) == f'No match found for VID "{vid}"'
    shared("Account").expecting(400).fetchByMerchantAccountId(merchantAccountId=ada)


def test_an_unknown_vid_is_not_made_up_for_by_a_known_merchant_id(shared: Client, ada: str) -> None:
    shop.account(shared, merchantAccountId=ada)

    assert refused(shared, 404, VID="f" * 40, merchantAccountId=ada, name="x").startswith(
        "No match found for VID"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "<account/>",
        "<account><name>x</name></account>",
        "<account><merchantAccountId/><VID/></account>",
        "<account><merchantAccountId>   </merchantAccountId></account>",
    ],
)
def test_an_account_without_any_id_is_refused(shared_wire: Wire, arguments: str) -> None:
    answer = shared_wire.call("Account", "update", arguments)

    assert (answer.code, answer.text) == (400, NO_ID)
    assert [str(part.tag) for part in answer.body] == ["return", "created"]
    assert answer.value("created") == "0"


def test_an_external_id_belongs_to_one_account_only(shared: Client, ada: str) -> None:
    shop.account(shared, externalId=ada)
    other = shop.account(shared)

    assert refused(shared, merchantAccountId=shop.new_id("new"), externalId=ada) == "Failed to update Account"
    assert refused(shared, VID=other.VID, externalId=ada) == "Failed to update Account"


def test_an_account_keeps_its_own_external_id(shared: Client, ada: str) -> None:
    account = shop.account(shared, externalId=ada)

    again = shared("Account").update(account={"VID": account.VID, "externalId": ada, "name": "x"}).account

    assert (again.externalId, again.name) == (ada, "x")


def test_ids_are_trimmed_and_case_sensitive(shared: Client, ada: str) -> None:
    first = shared("Account").update(account={"merchantAccountId": f"  {ada.upper()}\n"}).account
    second = shared("Account").update(account={"merchantAccountId": ada})

    assert first.merchantAccountId == ada.upper()
    assert second.created is True
    assert by_id(shared, f" {ada.upper()} ").VID == first.VID


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"merchantAccountId": "a/b"}, 'merchantAccountId "a/b" must not contain a slash.'),
        ({"merchantAccountId": "x" * 256}, f'merchantAccountId "{"x" * 40}…" is longer than 255 characters.'),
        ({"merchantAccountId": "a", "externalId": "a/b"}, 'externalId "a/b" must not contain a slash.'),
        ({"merchantAccountId": "a", "defaultCurrency": "XXQ"}, 'defaultCurrency "XXQ" is not a currency.'),
        ({"merchantAccountId": "a", "defaultCurrency": "usd"}, 'defaultCurrency "usd" is not a currency.'),
        ({"merchantAccountId": "a", "defaultCurrency": "_VT"}, 'defaultCurrency "_VT" is not a currency.'),
        (
            {"merchantAccountId": "a", "nameValues": [{"name": "n", "value": "v" * 256}]},
            f'nameValues.value "{"v" * 40}…" is longer than 255 characters.',
        ),
        (
            {"merchantAccountId": "a", "nameValues": [{"name": "n" * 256, "value": "v"}]},
            f'nameValues.name "{"n" * 40}…" is longer than 255 characters.',
        ),
        (
            {"merchantAccountId": "a", "nameValues": [{"name": "", "value": "v"}]},
            'nameValues.name "" must not be empty.',
        ),
        (
            {
                "merchantAccountId": "a",
                "tokenBalances": [{"token": {"merchantTokenId": "mile"}, "amount": 5}],
            },
            'unknown token type "mile" in tokenBalances',
        ),
        (
            {"merchantAccountId": "a", "shippingAddress": {"name": "n" * 257}},
            f'Address.name "{"n" * 40}…" is longer than 256 characters.',
        ),
    ],
)
def test_a_field_that_breaks_a_rule_is_named_and_nothing_is_stored(
    shared: Client, fields: dict[str, Any], detail: str
) -> None:
    assert refused(shared, **fields) == f"Account object is invalid: {detail}"
    if "/" not in fields["merchantAccountId"]:
        shared("Account").expecting(400).fetchByMerchantAccountId(
            merchantAccountId=fields["merchantAccountId"]
        )


def test_ids_and_pairs_may_be_as_long_as_the_limit(shared: Client) -> None:
    longest = "ü" * 255
    pair = {"name": longest, "value": longest}

    account = (
        shared("Account")
        .update(account={"merchantAccountId": longest, "externalId": longest, "nameValues": [pair]})
        .account
    )

    assert (account.merchantAccountId, account.externalId) == (longest, longest)
    assert shop.names(account) == {longest: longest}


def test_a_value_outside_of_its_enumeration_is_refused_by_name(shared_wire: Wire) -> None:
    answer = shared_wire.call(
        "Account",
        "update",
        "<account><merchantAccountId>a</merchantAccountId><emailTypePreference>HTML</emailTypePreference></account>",
    )

    assert answer.code == 400
    assert answer.text == (
        'Invalid Arguments - Item "Vindicia::Soap::Account.emailTypePreference" of type vin:EmailPreference '
        'has invalid value "HTML"!'
    )
    assert answer.value("created") == "0"


def test_read_only_parts_are_ignored(shared: Client, ada: str) -> None:
    parent = shop.account(shared)
    account = (
        shared("Account")
        .update(
            account={
                "merchantAccountId": ada,
                "parentMerchantAccountId": parent.merchantAccountId,
                "credit": {"currencyAmounts": [{"currency": "USD", "amount": Decimal("5.00")}]},
                "entitlements": [{"merchantEntitlementId": "gold", "active": True}],
            }
        )
        .account
    )

    assert (account.parentMerchantAccountId, account.credit, account.entitlements) == (None, None, [])


def test_an_account_can_be_sent_back_as_it_was_fetched(shared: Client, ada: str) -> None:
    shared("Account").update(
        account=WHOLE
        | {
            "merchantAccountId": ada,
            "shippingAddress": {"addr1": "1 Main St", "city": "Springfield", "country": "US"},
            "nameValues": [{"name": "b", "value": "1"}, {"name": "a", "value": "2"}],
            "taxExemptions": [{"region": "US", "exemptionId": "x-1", "active": True}],
            "paymentMethods": [shop.card(merchantPaymentMethodId="visa"), shop.bank_account()],
        }
    )
    before = by_id(shared, ada)

    answer = shared("Account").update(account=before)

    assert answer.created is False
    assert str(answer.account) == str(before)
    assert str(by_id(shared, ada)) == str(before)


def test_tax_exemptions_are_merged_by_region_and_number(shared: Client) -> None:
    account = shop.account(
        shared,
        taxExemptions=[
            {"region": "US", "exemptionId": "1", "active": True},
            {"exemptionId": "2", "active": True},
        ],
    )

    changed = (
        shared("Account")
        .update(
            account={
                "VID": account.VID,
                "taxExemptions": [
                    {"region": "US", "exemptionId": "1", "active": False},
                    {"region": "DE", "exemptionId": "1", "active": True},
                ],
            }
        )
        .account
    )

    assert [(each.region, each.exemptionId, each.active) for each in changed.taxExemptions] == [
        ("US", "1", False),
        (None, "2", True),
        ("DE", "1", True),
    ]


def test_name_values_keep_the_order_in_which_they_were_first_set(shared: Client) -> None:
    account = shop.account(
        shared,
        nameValues=[{"name": "z", "value": "1"}, {"name": "a", "value": "2"}, {"name": "z", "value": "3"}],
    )

    changed = (
        shared("Account")
        .update(
            account={
                "VID": account.VID,
                "nameValues": [{"name": "m", "value": "4"}, {"name": "a", "value": "5"}],
            }
        )
        .account
    )

    assert [(pair.name, pair.value) for pair in account.nameValues] == [("z", "3"), ("a", "2")]
    assert [(pair.name, pair.value) for pair in changed.nameValues] == [("z", "3"), ("a", "5"), ("m", "4")]
