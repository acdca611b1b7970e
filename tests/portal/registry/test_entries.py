"""The table of data files is complete and well formed."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from uraniborg_portal.registry.entries import DataFile, entries


@pytest.mark.parametrize("entry", entries().values(), ids=lambda entry: entry.name)
def test_every_file_has_hash_size_licence_and_citation(entry: DataFile) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert entry.size > 0
    assert entry.licence
    assert entry.citation
    assert entry.url == "" or entry.url.startswith("https://")
    assert ".." not in entry.name
    assert not entry.name.startswith("/")


def test_it_agrees_with_the_mirror() -> None:
    mirror = Path(os.environ.get("URANIBORG_DATA_MIRROR", "/nonexistent")) / "FILES.tsv"
    if not mirror.is_file():
        pytest.skip("no data mirror: set URANIBORG_DATA_MIRROR")
    with mirror.open(encoding="utf-8") as file:
        listed = {row["path"]: (int(row["bytes"]), row["sha256"]) for row in csv.DictReader(file, delimiter="\t")}
    assert {name: (entry.size, entry.sha256) for name, entry in entries().items()}.items() <= listed.items()
