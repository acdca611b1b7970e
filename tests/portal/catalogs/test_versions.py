"""One version is current; which one changes in one step, and those before are kept for a while."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from uraniborg_portal.catalogs import versions
from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import Conflict, NotFound


def added(tmp_path: Path, rows: int, **manner: object) -> None:
    (tmp_path / "t.csv").write_text("id,ra,dec\n" + "".join(f"{row},{row},{row}\n" for row in range(rows)))
    add((tmp_path / "t.csv",), Wishes(name="sky"), tmp_path / "catalogs", None, Manner(**{"replace": True, **manner}))


def test_versions_come_and_go(tmp_path: Path) -> None:
    folder = tmp_path / "catalogs"
    registry = CatalogRegistry(folder)
    added(tmp_path, 1)
    pinned = registry.shards("sky")
    for rows in (2, 3):
        added(tmp_path, rows)
        assert (registry.get("sky").rows, registry.get("sky").version) == (rows, str(rows))
    assert all(file.is_file() for shard in pinned for file in shard.files)
    assert versions.numbers(folder, "sky") == (1, 2, 3)
    versions.publish(folder, "sky", versions.before(folder, "sky"))
    assert registry.get("sky").rows == 2
    added(tmp_path, 4, keep=2)
    assert (registry.get("sky").rows, versions.numbers(folder, "sky")) == (4, (2, 3, 4))
    added(tmp_path, 5, keep=0)
    assert versions.numbers(folder, "sky") == (5,)
    added(tmp_path, 6, publish=False)
    assert (registry.get("sky").rows, versions.numbers(folder, "sky")) == (5, (5, 6))
    with pytest.raises(Conflict, match="no version before"):
        versions.before(folder, "sky")
    with pytest.raises(NotFound, match="no version v9"):
        versions.publish(folder, "sky", 9)


def test_a_change_is_seen_at_once(tmp_path: Path) -> None:
    folder, known = tmp_path / "sky", versions.CurrentVersions(tmp_path)
    for number in (1, 2):
        (folder / f"v{number}").mkdir(parents=True)
    for number in (1, 2) * 20:
        versions.publish(tmp_path, "sky", number)
        assert known.folder("sky") == known.folder("sky") == folder / f"v{number}"
    (folder / "current").write_text("v1")
    assert known.folder("sky") == folder / "v1"
    (folder / "v3").mkdir()
    (folder / "current").unlink()
    assert known.folder("sky") == folder / "v3"
    (folder / "v3").rmdir()
    assert known.folder("sky") == folder / "v2"
    assert known.folder("nothing") is None
    shutil.rmtree(folder)
    assert known.folder("sky") is None


def test_what_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "sky" / f"v{number}").mkdir(parents=True)
    now = versions.CurrentVersions(tmp_path)
    later = versions.CurrentVersions(tmp_path, lambda: time.time_ns() + 10 * versions.SETTLED)
    for number in (1, 2) * 20:
        versions.publish(tmp_path, "sky", number)
        assert now.folder("sky") is not now.folder("sky")
        assert later.folder("sky") is later.folder("sky")
        assert later.folder("sky") == tmp_path / "sky" / f"v{number}"


def test_a_name_that_is_taken_needs_a_word(tmp_path: Path) -> None:
    added(tmp_path, 1)
    with pytest.raises(Conflict, match="installed already"):
        added(tmp_path, 2, replace=False)
