"""``cashbox-service merchant template``: what a merchant's invoices look like."""

from __future__ import annotations

from typing import TextIO

import click

from cashbox_service.cli.opened import database_option, opened


@click.command()
@click.argument("login")
@click.argument("file", type=click.File(encoding="utf-8-sig"), required=False)
@click.option(
    "--form", default="text", show_default=True, help="What it is for: text, html or pdf (text, set as PDF)."
)
@click.option("--language", default="en", show_default=True, help="Its language, such as de or pt-BR.")
@click.option(
    "--id", "template_id", help="The statementTemplateId it is for; without, the merchant's default."
)
@click.option("--show", is_flag=True, help="Show the template, or the built-in one to begin with.")
@click.option("--remove", is_flag=True, help="Take the template out.")
@database_option
def template(
    login: str,
    file: TextIO | None,
    form: str,
    language: str,
    template_id: str | None,
    show: bool,
    remove: bool,
    database_url: str | None,
) -> None:
    """Load the template of invoices in FILE, - for standard input; without one, list what is loaded.

    A template is tried on sample invoices first, and refused with what is wrong. For example:

        merchant template acme rechnung.html --form html --language de
    """
    from cashbox_service.app.bills import statement_templates
    from cashbox_service.app.bills.statement_templates import TemplateKey

    if show + remove + (file is not None) > 1:
        raise click.UsageError("Give a FILE, or --show, or --remove.")
    with opened(database_url) as env:
        merchant = env.merchant(login)
        if file is None and not show and not remove:
            for one in statement_templates.listed(env, merchant):
                click.echo(f"{one.form}\t{one.language}\t{one.template_id}\t{one.loaded_at.isoformat()}")
            return
        key = TemplateKey.of(form, language, template_id)
        if file is not None:
            try:
                source = file.read()
            except UnicodeDecodeError:
                raise click.ClickException("The file is not UTF-8 text.") from None
            statement_templates.load(env, merchant, key, source)
            click.echo(f"Loaded the {key.form} template in {key.language} of {login}.")
        elif remove:
            statement_templates.remove(env, merchant, key)
            click.echo(f"Removed the {key.form} template in {key.language} of {login}.")
        else:
            click.echo(statement_templates.source_of(env, merchant, key), nl=False)
