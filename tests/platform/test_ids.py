"""Identifiers: their form, their uniqueness, their order."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

import pytest

from cashbox_service.ids import new_row_id, new_soap_id, new_vid


@pytest.mark.parametrize("new", [new_vid, new_soap_id])
def test_vids_and_soap_ids_are_forty_hex_characters_and_never_repeat(new: type[str]) -> None:
    made = [new() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(re.fullmatch("[0-9a-f]{40}", one) for one in made)


def test_vids_carry_the_millisecond_they_were_made_in_and_cannot_be_guessed() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_vid() for _ in range(100)]
    assert all(before <= int(vid[:12], 16) <= time.time_ns() // 1_000_000 for vid in made)
    assert len({vid[12:] for vid in made}) == 100


def test_row_ids_are_version_7_uuids_without_dashes() -> None:
    row_id = new_row_id()
    as_uuid = UUID(hex=row_id)
    assert re.fullmatch("[0-9a-f]{32}", row_id)
    assert as_uuid.version == 7
    assert as_uuid.variant == RFC_4122


def test_row_ids_carry_the_millisecond_they_were_made_in() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = int(new_row_id()[:12], 16)
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_row_ids_sort_by_the_moment_they_were_made() -> None:
    moments = [1_700_000_000_000_000_000 + step for step in (0, 300, 999_999, 1_000_000, 2_500_000_000)]
    made = [new_row_id(moment) for moment in moments]
    assert made == sorted(made)


def test_row_ids_of_one_moment_differ() -> None:
    assert len({new_row_id(1_700_000_000_000_000_000) for _ in range(1000)}) == 1000


def test_threads_never_get_the_same_identifier() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [new_soap_id() for _ in range(500)], range(16)))
    assert len({one for some in made for one in some}) == 16 * 500


def test_a_forked_process_makes_identifiers_of_its_own() -> None:
    program = (
        "import os; from cashbox_service.ids import new_soap_id; new_soap_id(); child = os.fork();"
        "child and os.waitpid(child, 0); print(*[new_soap_id() for _ in range(100)], flush=True)"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    assert len(set(made)) == 200
