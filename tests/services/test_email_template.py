"""Service EmailTemplate: texts of mails in versions, by product and situation (notifications §2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.servers import Server
from tests.services import shop
from tests.services.wire import Wire
from tests.soap_client import Login, ServiceClient

SENDER = "Shop <shop@example.com>"


def template(**fields: Any) -> dict[str, Any]:
    return {"product": {}, "templateType": "Success", "from": SENDER, "textMessage": "Thanks"} | fields


def store(client: Client, **fields: Any) -> Any:
    return client("EmailTemplate").update(template=template(**fields)).template


def refusal(client: Client, code: int, **fields: Any) -> str:
    return shop.text(client("EmailTemplate").expecting(code).update(template=template(**fields)))


def versions(client: Client, product: dict[str, Any], kind: str = "Success") -> list[tuple[str, str]]:
    found = client("EmailTemplate").fetchByType(product=product, type=kind).template
    return [(one.version, one.textMessage) for one in found]


def test_every_update_adds_a_version_and_keeps_the_ones_before(client: Client) -> None:
    first = store(client)
    second = store(client, textMessage="Thank you")
    assert (first.version, second.version) == ("1.0", "1.1")
    assert first.vid != second.vid
    assert versions(client, {}) == [("1.1", "Thank you"), ("1.0", "Thanks")]
    kept = client("EmailTemplate").fetchByVid(vid=first.vid).template
    assert (kept.textMessage, kept["from"], kept.templateType) == ("Thanks", SENDER, "Success")


def test_a_higher_major_version_begins_a_series_and_any_other_wish_is_ignored(client: Client) -> None:
    wishes = ["7.3", "0.9", "2.5", "2.0", "first", ""]
    made = [store(client, version=wish).version for wish in wishes]
    assert made == ["1.0", "1.1", "2.0", "2.1", "2.2", "2.3"]
    service = client("EmailTemplate")
    for asked, found in (("1.1", "1.1"), ("2.0", "2.0"), ("", "2.3")):
        answer = service.fetchByTypeAndVersion(product={}, type="Success", version=asked)
        assert answer.template.version == found
    service.expecting(404).fetchByTypeAndVersion(product={}, type="Success", version="3.0")


def test_products_have_templates_of_their_own_beside_the_defaults(client: Client) -> None:
    product = shop.product(client)
    store(client)
    own = store(client, product={"merchantProductId": product.merchantProductId}, textMessage="Enjoy")
    store(client, product=shop.reference(product), templateType="Cancellation", textMessage="Bye")
    assert own.product.VID == product.VID
    assert versions(client, shop.reference(product)) == [("1.0", "Enjoy")]
    service = client("EmailTemplate")
    found = service.fetchByProduct(product=shop.reference(product)).templates
    assert [(one.templateType, one.textMessage) for one in found] == [
        ("Cancellation", "Bye"),
        ("Success", "Enjoy"),
    ]
    assert [one.textMessage for one in service.fetchByProduct(product={}).templates] == ["Thanks"]
    service.expecting(404).fetchByProduct(product=shop.reference(shop.product(client)))


def test_what_is_not_given_stays_and_what_is_empty_is_cleared(client: Client) -> None:
    first = store(client, replyTo="help@example.com", htmlMessage="<p>Thanks</p>")
    changed = store(client, vid=first.vid, replyTo="", textMessage=None)
    assert (changed.replyTo, changed.textMessage, changed.htmlMessage) == (None, "Thanks", "<p>Thanks</p>")
    service = client("EmailTemplate")
    newest = service.update(
        template={"vid": first.vid, "product": {}, "from": "new@example.com"}
    ).template  # of the version that was named, not of the one before
    assert (newest.version, newest.replyTo, newest["from"]) == ("1.2", "help@example.com", "new@example.com")


def test_what_is_missing_or_contradictory_is_refused_by_name(client: Client) -> None:
    for field in ("templateType", "from", "textMessage"):
        name = "htmlMessage" if field == "textMessage" else field
        assert refusal(client, 400, **{field: None}) == f"Missing required parameter '{name}'."
    made = store(client)
    assert "is not that of the template" in refusal(client, 400, vid=made.vid, templateType="Cancellation")
    other = shop.product(client)
    assert "is not that of the template" in refusal(client, 400, vid=made.vid, product=shop.reference(other))
    refusal(client, 404, product={"merchantProductId": "none"})
    assert versions(client, {}) == [("1.0", "Thanks")]


UNUSABLE = [
    ("from", "nobody"),
    ("from", "a@example.com, b@example.com"),
    ("replyTo", "x@example.com\r\nBcc: y@example.com"),
    ("textMessage", "{{ account.name"),
    ("textMessage", "{% for a in range(10**9) %}x{% endfor %}"),
    ("htmlMessage", "{{ 'x' * 10**9 }}"),
    ("htmlMessage", "{% include 'passwd' %}"),
    ("htmlMessage", "{{ account.name.format(account) }}"),
    ("htmlMessage", "{{" + "(" * 5000 + ")" * 5000 + "}}"),
    ("htmlMessage", "{% if a %}" * 30 + "{% endif %}" * 30),
    ("textMessage", "x" * 200_001),
]


def test_what_cannot_become_a_mail_is_refused(shared: Client) -> None:
    for field, value in UNUSABLE:
        said = refusal(shared, 400, **{field: value})
        assert field in said
        assert "Error" not in said


@pytest.mark.parametrize("version", ["3.6", "20.0"])
def test_older_versions_see_the_same_templates(
    client: Client, server: Server, merchant: Login, version: str
) -> None:
    older = ServiceClient(server, merchant, "EmailTemplate", version=version)
    made = older.update(template=template()).template
    assert (made.version, made["from"]) == ("1.0", SENDER)
    assert versions(client, {}) == [("1.0", "Thanks")]
    assert older.fetchByTypeAndVersion(product={}, type="Success", version="").template.vid == made.vid


def test_a_sparse_answer_has_what_was_asked_for(client: Client, wire: Wire) -> None:
    product = shop.product(client)
    made = store(client, product=shop.reference(product))
    srd = '{"template": {"version": "", "product": {"status": ""}}}'
    body = wire.call("EmailTemplate", "fetchByVid", f"<vid>{made.vid}</vid>", srd).body
    found = body.find("template")
    assert found is not None
    assert [part.tag for part in found] == ["vid", "product", "version"]
