"""The documentation says what the program does: generated pages, links, and the lists of settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.processors import codes_page
from cashbox_service.processors.stripe.settings import StripeSettings
from cashbox_service.settings import Settings
from cashbox_service.soap import coverage, fidelity
from cashbox_service.soap.projection import page as versions

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]
)
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


GENERATED = [coverage.main, fidelity.main, versions.main, codes_page.main]
SETTINGS = Settings.defaults() | {
    f"stripe_{name}": value for name, value in StripeSettings.defaults().items()
}


@pytest.mark.parametrize("main", GENERATED, ids=["coverage", "fidelity", "versions", "codes"])
def test_generated_pages_are_current(main: Callable[[list[str]], int]) -> None:
    assert main(["--check"]) == 0, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_every_process_setting_is_explained_with_its_default() -> None:
    for name, default in SETTINGS.items():
        row = re.search(rf"\| `CASHBOX_{name.upper()}` \| ([^|]*)\|", CONFIGURATION)
        assert row, name
        if isinstance(default, int | str) and not isinstance(default, bool):
            assert f"`{default}`" in row[1], name


def test_every_merchant_setting_is_explained_with_its_default() -> None:
    for name, default in MerchantSettings().as_json().items():
        row = re.search(rf"\| `{name}` \| ([^|]*) \|", CONFIGURATION)
        assert row, name
        listed = ",".join(map(str, default)) if isinstance(default, list) else default
        shown = (
            "none" if listed is None else f"`{str(listed).lower() if isinstance(listed, bool) else listed}`"
        )
        assert row[1] == shown, name


def test_no_setting_is_explained_that_does_not_exist() -> None:
    explained = set(re.findall(r"\| `CASHBOX_([A-Z_]+)` \|", CONFIGURATION))
    assert explained == {name.upper() for name in SETTINGS}


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z]+)", page.read_text()))
        assert named <= targets, page
