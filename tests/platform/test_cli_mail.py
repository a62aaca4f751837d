"""``cashbox-service mail``: mails are listed, shown and sent again, and templates loaded."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cashbox_service.app.mail import operators
from cashbox_service.settings import Settings
from cashbox_service.wsgi import build_environment
from tests.platform.test_cli import Invoke, empty, invoke

__all__ = ["empty", "invoke"]


def tell(*keys: str) -> None:
    """Mails to an operator, over the database of the command."""
    env = build_environment(Settings())
    try:
        with closing(env.open(env.merchant("acme"))) as work, work.writing():
            for key in keys:
                operators.tell_operator(work, "desk@example.com", f"About {key}", f"{key} failed", key=key)
    finally:
        env.close()


def test_mails_are_listed_shown_and_sent_again(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    tell("one", "two")
    lines = [line.split("\t") for line in invoke("mail", "list", "acme").output.splitlines()]
    assert [line[2:] for line in lines] == [
        ["operator", "kept", "desk@example.com", "About two"],
        ["operator", "kept", "desk@example.com", "About one"],
    ]
    mail_id = lines[0][0]
    shown = invoke("mail", "show", "acme", mail_id).output
    assert "subject: About two" in shown
    assert shown.endswith("\ntwo failed\n")
    assert invoke("mail", "list", "acme", "--state", "sent").output == ""
    assert "must be one of" in invoke("mail", "list", "acme", "--state", "lost").output
    assert "CASHBOX_SMTP_HOST" in invoke("mail", "resend", "acme", mail_id).output
    monkeypatch.setenv("CASHBOX_SMTP_HOST", "mail.example")
    assert invoke("mail", "resend", "acme", mail_id).output == "1 queued.\n"
    assert mail_id in invoke("mail", "list", "acme", "--state", "queued").output
    assert invoke("mail", "resend", "acme", mail_id).exit_code == 1
    assert invoke("mail", "show", "acme", "nothing").exit_code == 1


def test_templates_are_loaded_in_versions_and_refused_by_name(invoke: Invoke, tmp_path: Path) -> None:
    body = tmp_path / "danke.txt"
    body.write_text("Danke, {{name}}", encoding="utf-8")
    load = ("mail", "template", "acme", "Success", "--language", "de-AT", "--text", str(body))
    assert "from" in invoke(*load).output
    assert "Stored Success de-at 1.0" in invoke(*load, "--from", "shop@example.com").output
    assert "Stored Success de-at 1.1" in invoke(*load).output
    for wrong in (
        ("mail", "template", "acme", "Greeting", "--from", "a@b.example", "--text", str(body)),
        ("mail", "template", "acme", "Success", "--language", "Deutsch!", "--text", str(body)),
        ("mail", "template", "acme", "Success", "--from", "nobody", "--text", str(body)),
    ):
        refused = invoke(*wrong)
        assert refused.exit_code == 1
        assert "Error: " in refused.output
