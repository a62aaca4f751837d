"""The command ``cashbox-service``: one module per group of commands, each a thin wrapper of a use case.

Commands import what they need when they run, so that ``--help`` and the start of the server stay quick. Settings come
from flags and, where a flag is not given, from ``CASHBOX_...`` environment variables.
"""

from __future__ import annotations

import click

from cashbox_service import __version__
from cashbox_service.cli.billing import audit, bill, parked, worker
from cashbox_service.cli.clock import clock
from cashbox_service.cli.database import db
from cashbox_service.cli.documents import wsdl
from cashbox_service.cli.explain import explain
from cashbox_service.cli.mail import mail
from cashbox_service.cli.merchant import merchant
from cashbox_service.cli.merchant_template import template
from cashbox_service.cli.push import push
from cashbox_service.cli.seed import seed
from cashbox_service.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cashbox-service")
def main() -> None:
    """A self-hosted billing service that speaks the CashBox SOAP API."""


merchant.add_command(template)
for command in (serve, worker, bill, parked, db, merchant, push, mail, audit, explain, clock, wsdl, seed):
    main.add_command(command)
