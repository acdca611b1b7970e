"""A portal answers with the rows of an append at once, and compacts the catalog beside its answers."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from uraniborg_portal.catalogs import versions
from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.compacting import compact_always, compacted, due
from uraniborg_portal.catalogs.ingest import work
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Increment, Manner, Wishes
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

PREFIX = "/services/portal/"
SIZE = 400


def night(number: int, path: Path) -> Path:
    """Rows all over the sky, one of them at a place, whose identifiers and magnitudes go on where others end."""
    generator = np.random.default_rng(number)
    ra, dec = generator.uniform(0, 360, SIZE), np.degrees(np.arcsin(generator.uniform(-1, 1, SIZE)))
    ra[0], dec[0] = 10.0, 20.0
    table = pa.table({"id": np.arange(SIZE) + number * SIZE, "ra": ra, "dec": dec, "mag": number + ra / 1000})
    pq.write_table(table, path)
    return path


def grown(folder: Path, nights: int = 1) -> CatalogRegistry:
    """A catalog to which rows were appended."""
    folder.mkdir(parents=True)
    add((night(0, folder.with_name("0.parquet")),), Wishes(name="sky"), folder)
    for number in range(1, nights + 1):
        append_night(number, folder)
    return CatalogRegistry(folder)


def append_night(number: int, folder: Path) -> None:
    path = night(number, folder.with_name(f"{number}.parquet"))
    append((path,), Increment(name="sky"), folder, None, Manner(most_anew=0))


def test_it_is_due_when_nothing_came_for_some_time(tmp_path: Path) -> None:
    registry = grown(tmp_path / "catalogs", 0)
    now = time.time()
    assert list(due(registry, 10, now + 3600)) == []
    append_night(1, registry.folder)
    version = registry.folder / "sky" / "v2"
    assert list(due(registry, 3600, now)) == []
    assert list(due(registry, 10, now + 3600)) == [("sky", version)]
    assert asyncio.run(compacted("sky", registry.folder))
    assert list(due(registry, 10, now + 3600)) == []


def test_what_can_not_be_compacted_now_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    registry = grown(tmp_path / "catalogs")
    with work.held(registry.folder, "sky"):
        assert not asyncio.run(compacted("sky", registry.folder))
    assert "sky was not compacted: Another ingest of 'sky' is running. Wait for its end" in caplog.text
    assert registry.get("sky").version == "2"


def test_one_that_is_stopped_goes_on_later(tmp_path: Path) -> None:
    registry = grown(tmp_path / "catalogs")

    async def stopped() -> None:
        running = asyncio.create_task(compact_always(registry, 0.01))
        root = work.compaction_of(registry.folder, "sky").root
        while not root.exists() and registry.get("sky").version == "2":
            await asyncio.sleep(0.001)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(stopped())
    assert list(findings(registry, "sky")) == []
    assert asyncio.run(compacted("sky", registry.folder))
    assert (registry.get("sky").version, registry.get("sky").rows) == ("3", 2 * SIZE)
    assert list(findings(registry, "sky")) == []


def asked(portal: TestClient, adql: str) -> list[str]:
    answer = portal.post("tap/sync", data={"LANG": "ADQL", "QUERY": adql, "RESPONSEFORMAT": "csv"})
    assert answer.status_code == 200, answer.text
    return answer.text.split()[1:]


def look(portal: TestClient, nights: int) -> None:
    """Ask by the description, the identifier, the place and with all shards."""
    last = SIZE * (nights + 1)
    assert asked(portal, "SELECT COUNT(*) FROM sky") == [str(last)]
    assert asked(portal, "SELECT MIN(id), MAX(id) FROM sky") == [f"0,{last - 1}"]
    ids = [str(number * SIZE) for number in range(nights + 1)]
    assert asked(portal, "SELECT id FROM sky WHERE DISTANCE(ra, dec, 10, 20) < 1 ORDER BY id") == ids
    assert asked(portal, " ".join(("SELECT COUNT(*) FROM sky WHERE mag >=", str(nights)))) == [str(SIZE)]
    for number in ids:
        assert asked(portal, " ".join(("SELECT ra, dec FROM sky WHERE id =", number))) == ["10,20"]


@pytest.mark.timeout(300)
def test_queries_see_new_rows_at_once_while_it_is_compacted(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, network=False, ingest={"compact_after": 0.05})
    registry = grown(settings.state / "catalogs", 0)
    with TestClient(create_app(settings), base_url=f"http://testserver{PREFIX}") as portal:
        for nights in range(3):
            if nights:
                append_night(nights, registry.folder)
            look(portal, nights)
        number = versions.current(registry.folder, "sky")
        while registry.shards("sky").parts is not None:
            look(portal, 2)
        assert (versions.current(registry.folder, "sky") or 0) > (number or 0)
        look(portal, 2)
    assert list(findings(registry, "sky")) == []
