"""``cashbox-service wsdl``: the published documents as files."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def wsdl() -> None:
    """The documents that describe the SOAP interface."""


@wsdl.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("wsdl"))
@click.option("--location", metavar="URL", help="The address to call; that of the original when not given.")
def export(folder: Path, location: str | None) -> None:
    """Write FOLDER/<version>/<Service>.wsdl and Vindicia.xsd for every version."""
    from cashbox_service.soap import wsdl as documents

    for written in documents.export(folder, location or documents.ORIGINAL_ADDRESS):
        click.echo(str(written))
