"""A lab that watches its user's files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from uraniborg_hub.lab.storage.volume import Volume
from uraniborg_hub.lab.storage.watch import MEASURE, OWN, QUOTA, Quota, StorageWatch, read


async def test_it_warns_when_the_files_are_many_and_stops_when_they_are_few(tmp_path: Path) -> None:
    moment = 0.0
    watch = StorageWatch(tmp_path, Quota(bytes=1_000_000, own=False), lambda: moment)
    (tmp_path / "spectra.fits").write_bytes(os.urandom(950_000))
    await watch.look()
    (notice,) = watch.notices()
    assert notice.level == "warning" and "spectra.fits" in notice.text
    (tmp_path / "spectra.fits").unlink()
    await watch.look()
    assert watch.notices() == [notice], "it does not measure at each look"
    moment = MEASURE
    await watch.look()
    assert watch.notices() == []


async def test_without_a_quota_it_only_looks_at_the_volume(tmp_path: Path) -> None:
    watch = StorageWatch(tmp_path, Quota(bytes=None, own=False))
    await watch.look()
    assert watch.usage is None and watch.volume is not None and watch.volume.size > 0
    watch.volume = Volume(size=10**9, free=0, files_free=None)
    (notice,) = watch.notices()
    assert notice.id == "volume"


@pytest.mark.parametrize(
    ("value", "quota"),
    [
        (None, Quota(bytes=None, own=False)),
        ("5000", Quota(bytes=5000, own=False)),
        (OWN, Quota(bytes=None, own=True)),
        ("much", Quota(bytes=None, own=False)),
    ],
)
def test_what_the_hub_says(value: str | None, quota: Quota) -> None:
    assert read({} if value is None else {QUOTA: value}) == quota
