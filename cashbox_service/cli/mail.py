"""``cashbox-service mail``: what customers were told by mail, and the texts that calls cannot bring."""

from __future__ import annotations

from typing import Any, TextIO

import click

from cashbox_service.cli.opened import database_option, opened


@click.group()
def mail() -> None:
    """List, show and resend mails; load templates in other languages."""


@mail.command("list")
@click.argument("login")
@click.option("--state", help="Only mails in this state: queued, sent, kept, failed.")
@click.option("--kind", help="Only mails of this kind, such as success.")
@click.option("--account", metavar="ID", help="Only mails to this merchantAccountId or address.")
@click.option("--limit", type=int, default=100, show_default=True, help="How many, the newest first.")
@database_option
def list_mails(login: str, database_url: str | None, **filters: Any) -> None:
    """List the mails of a merchant, the newest first."""
    from cashbox_service.app.mail import mailbag

    with opened(database_url) as env:
        for one in mailbag.listed(env, env.merchant(login), **filters):
            parts = (one["id"], one["date"].isoformat(timespec="seconds"), one["kind"], one["state"])
            click.echo("\t".join([*parts, one["to"] or "", one["subject"] or one["error"] or ""]))


@mail.command()
@click.argument("login")
@click.argument("mail_id", metavar="ID")
@database_option
def show(login: str, mail_id: str, database_url: str | None) -> None:
    """Show a mail with its bodies."""
    from cashbox_service.app.mail import mailbag

    with opened(database_url) as env:
        found = mailbag.shown(env, env.merchant(login), mail_id)
    for name, value in found.items():
        if value is not None and name not in ("text", "html"):
            click.echo(f"{name}: {value}")
    for body in (found["text"], found["html"]):
        if body is not None:
            click.echo(f"\n{body}")


@mail.command()
@click.argument("login")
@click.argument("mail_ids", metavar="ID...", nargs=-1, required=True)
@database_option
def resend(login: str, mail_ids: tuple[str, ...], database_url: str | None) -> None:
    """Queue mails to be sent once more: kept ones, failed ones, or sent ones again."""
    from cashbox_service.app.mail import mailbag

    with opened(database_url) as env:
        mailbag.resend(env, env.merchant(login), mail_ids)
    click.echo(f"{len(mail_ids)} queued.")


@mail.command()
@click.argument("login")
@click.argument("kind", metavar="TYPE")
@click.option("--language", default="en", show_default=True, help="Its language, as in de or de-AT.")
@click.option("--product", metavar="ID", help="The merchantProductId it is for; for all when not given.")
@click.option(
    "--from", "sender", metavar="ADDRESS", help="The sender; that of the version before when not given."
)
@click.option("--reply-to", metavar="ADDRESS", help="The address for answers.")
@click.option("--text", type=click.File(encoding="utf-8"), help="A file with the plain body.")
@click.option("--html", type=click.File(encoding="utf-8"), help="A file with the HTML body.")
@database_option
def template(
    login: str,
    kind: str,
    language: str,
    product: str | None,
    sender: str | None,
    reply_to: str | None,
    text: TextIO | None,
    html: TextIO | None,
    database_url: str | None,
) -> None:
    """Store a new version of a template of TYPE: an EmailTemplateType, or a notice without one, such as Invoice."""
    from cashbox_service.app.drafts import Reference
    from cashbox_service.app.mail import templates
    from cashbox_service.app.mail.drafts import EmailTemplateDraft

    draft = EmailTemplateDraft(
        product=Reference(merchant_id=product),
        template_type=kind,
        from_=sender,
        reply_to=reply_to,
        text_message=text.read() if text is not None else None,
        html_message=html.read() if html is not None else None,
    )
    with opened(database_url) as env:
        work = env.open(env.merchant(login))
        try:
            stored = templates.load(work, draft, language)
        finally:
            work.close()
    click.echo(f"Stored {stored.type} {stored.language} {stored.major}.{stored.minor} (VID {stored.vid}).")
