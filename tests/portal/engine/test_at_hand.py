"""Catalogs on another host answer as local ones do, from shards that a real HTTP server gives when they are needed."""

from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pyarrow as pa
import pytest
from rich.filesize import decimal
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from uraniborg_portal.catalogs.adopt import adopt_remote
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.engine.allowance import Allowance, Stop
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.reach import Reach
from uraniborg_portal.errors import PortalError, QueryStopped, TookTooLong, TooLarge, Unavailable
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits, RemoteCatalogs

MOST = 1_000_000
BRIGHT = "SELECT hip FROM hipparcos WHERE vmag < 0"
IN_ORION = "SELECT hip FROM hipparcos WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(83.8, -5.4, 5))"
Serve = Callable[[Starlette], AbstractContextManager[str]]


@dataclass
class Host:
    """A host that serves a folder, and can be in trouble with shards."""

    folder: Path
    asked: Counter[str] = field(default_factory=Counter)
    """How often each shard was asked for."""
    gate: threading.Event = field(default_factory=threading.Event)
    """Shards wait for it."""
    trouble: Callable[[str], Response | None] = lambda path: None
    """Gives what comes in place of a shard."""

    async def answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        if "Npix" in path and request.method == "GET":
            self.asked[path] += 1
            await anyio.to_thread.run_sync(self.gate.wait, abandon_on_cancel=True)
            found = self.trouble(path)
            if found is not None:
                return found
        return await StaticFiles(directory=self.folder).get_response(path, request.scope)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.answer)])


@pytest.fixture(scope="module")
def here(portal_home: Path) -> Iterator[Engine]:
    folder = portal_home / "portal" / "catalogs"
    install_samples(folder)
    with closing(Engine(CatalogRegistry(folder), QueryLimits(), portal_home / "portal" / "spill")) as engine:
        yield engine


@pytest.fixture
def host(here: Engine) -> Iterator[Host]:
    made = Host(folder=here.catalogs.collection("hipparcos").root)
    made.gate.set()
    yield made
    made.gate.set()


@pytest.fixture
def url(host: Host, serve: Serve) -> Iterator[str]:
    with serve(host.app) as address:
        yield address


Open = Callable[..., Engine]


@pytest.fixture
def there(url: str, tmp_path: Path) -> Iterator[Open]:
    adopt_remote(url, Wishes(name="hipparcos", epoch=1991.25), tmp_path / "catalogs")
    engines = []

    def opened(limits: QueryLimits | None = None, remote: RemoteCatalogs | None = None) -> Engine:
        catalogs, reach = CatalogRegistry(tmp_path / "catalogs"), Reach(remote=remote or RemoteCatalogs())
        engines.append(Engine(catalogs, limits or QueryLimits(), tmp_path / "spill", reach=reach))
        return engines[-1]

    yield opened
    for engine in engines:
        engine.close()


def rows(table: pa.Table) -> list[dict[str, object]]:
    return sorted(table.to_pylist(), key=repr)


def kept(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "shards").rglob("Npix=*.parquet")}


@pytest.mark.parametrize(
    "query",
    [
        IN_ORION.replace("hip ", "hip, ra, dec, vmag "),
        "SELECT COUNT(*) AS n, MIN(hip) AS least FROM hipparcos",
        "SELECT ROUND(vmag) AS v, COUNT(*) AS n FROM hipparcos WHERE dec > 60 GROUP BY ROUND(vmag)",
        "SELECT a.hip, b.hip AS other FROM hipparcos AS a JOIN hipparcos AS b ON a.hip < b.hip "
        "WHERE DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.01 AND a.dec < -70",
        "SELECT hip, ra FROM hipparcos WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(10, 10, 0))",
        "SELECT TOP 5 hip FROM hipparcos ORDER BY vmag",
    ],
)
@pytest.mark.parametrize("values", [None, 50_000])
def test_answers_are_those_of_the_local_catalog(here: Engine, there: Open, query: str, values: int | None) -> None:
    found = there(QueryLimits(step_values=values)).run(query, MOST)
    expected = here.run(query, MOST)
    assert rows(found.table) == rows(expected.table)
    assert found.table.schema == expected.table.schema


def test_only_shards_that_matter_come_and_come_once(there: Open, host: Host, tmp_path: Path) -> None:
    engine, query = there(), IN_ORION
    told = engine.explain(query, MOST)
    (asked,) = told.rows()
    assert f"{decimal(told.tables[0].fetched)} come from another host before" in told.words()
    assert 0 < asked["shards"] < asked["of_shards"]
    assert 0 < asked["bytes"] < asked["fetched"]
    assert not host.asked
    engine.run(query, MOST)
    assert len(host.asked) == asked["shards"] == len(kept(tmp_path))
    told = engine.explain(query, MOST)
    assert [table.fetched for table in told.tables] == [0]
    assert "another host" not in told.words()
    engine.run(query, MOST)
    assert set(host.asked.values()) == {1}


@pytest.mark.parametrize("values", [None, 50_000])
def test_how_far_a_query_is_counts_its_steps_and_where_it_has_one_the_shards_that_came(
    there: Open, values: int | None
) -> None:
    told: list[tuple[int, int]] = []
    engine = there(QueryLimits(step_values=values))
    plan = engine.plan("SELECT vmag FROM hipparcos WHERE vmag < 3", MOST)
    assert (len(plan.steps) > 1) is (values is not None)
    with engine.answer(plan, Allowance(seconds=60, progress=lambda done, of: told.append((done, of)))) as batches:
        assert sum(batch.num_rows for batch in batches) > 100
    whole = len(plan.steps) if values else 1 + len(plan.steps[0].fetched)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) >= min(whole, 3)
    assert told[-1] == (whole, whole)


def test_a_shard_that_two_queries_need_comes_once(there: Open, host: Host) -> None:
    engine, query = there(), IN_ORION
    host.gate.clear()
    with ThreadPoolExecutor(2) as both:
        answers = [both.submit(engine.run, query, MOST) for _ in range(2)]
        host.gate.set()
        first, second = (answer.result(60).table for answer in answers)
    assert first.num_rows == second.num_rows > 0
    assert set(host.asked.values()) == {1}


@pytest.mark.parametrize("values", [None, 50_000])
def test_a_query_is_stopped_while_shards_come(there: Open, host: Host, values: int | None) -> None:
    engine, stop = there(QueryLimits(step_values=values)), Stop()
    host.gate.clear()
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(engine.run, BRIGHT, 5, Allowance(seconds=600, stop=stop))
        while not host.asked:
            assert not answer.done()
        stop.ask()
        with pytest.raises(QueryStopped):
            answer.result(60)


def test_the_time_limit_holds_while_shards_come(there: Open, host: Host) -> None:
    host.gate.clear()
    with pytest.raises(TookTooLong, match=r"shards from 127\.0\.0\.1 were still on their way"):
        there(QueryLimits(seconds=0.5)).run(BRIGHT, 5)
    with pytest.raises(TookTooLong, match=r"stopped after 0\.5 s"):
        there(QueryLimits(seconds=0.5, step_values=50_000)).run(BRIGHT, 5)


def test_steps_that_read_shards_of_other_hosts_are_answered_where_these_are(
    here: Engine, there: Open, tmp_path: Path
) -> None:
    def elsewhere(*_: object) -> pa.Table:
        raise Unavailable("There are no shards here.")

    there()
    catalogs, reach = CatalogRegistry(tmp_path / "catalogs"), Reach(step_table=elsewhere)
    with closing(Engine(catalogs, QueryLimits(step_values=50_000), tmp_path / "spill", reach=reach)) as engine:
        assert len(engine.plan(BRIGHT, MOST).steps) > 1
        assert rows(engine.run(BRIGHT, MOST).table) == rows(here.run(BRIGHT, MOST).table)


def test_shards_that_were_used_longest_ago_make_room(there: Open, host: Host, tmp_path: Path) -> None:
    engine = there(remote=RemoteCatalogs(megabytes=1))
    north, south = (
        " ".join(["SELECT hip FROM hipparcos WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(0,", dec, ", 1))"])
        for dec in ("80", "-80")
    )
    engine.run(north, MOST)
    first = kept(tmp_path)
    engine.run(south, MOST)
    sizes = sum(path.stat().st_size for path in (tmp_path / "shards").rglob("*.parquet"))
    assert sizes <= 1_000_000
    assert not first & kept(tmp_path)
    with pytest.raises(TooLarge, match="more shards of other hosts at once than the 1 MB"):
        engine.run(BRIGHT, MOST)
    assert engine.run(north, MOST).rows > 0


def truncated(path: str) -> Response:
    return Response(b"PAR1", headers={"Content-Length": "1000"})


TROUBLES: tuple[tuple[Callable[[str], Response], str], ...] = (
    (lambda path: PlainTextResponse("gone", 404), "is not there any more"),
    (lambda path: PlainTextResponse("busy", 503), r"127\.0\.0\.1 can't give .* now \(HTTP 503\)"),
    (lambda path: PlainTextResponse("no", 403), r"127\.0\.0\.1 does not give .*\(HTTP 403\)"),
    (lambda path: PlainTextResponse("hello"), "is no Parquet file"),
    (lambda path: RedirectResponse("http://localhost:1/secret"), "not of the public internet"),
    (truncated, r"127\.0\.0\.1 does not answer"),
)


@pytest.mark.parametrize(("trouble", "match"), TROUBLES)
def test_trouble_of_the_host_is_a_sentence(
    there: Open, host: Host, tmp_path: Path, trouble: Callable[[str], Response], match: str
) -> None:
    host.trouble = trouble
    engine, query = there(), IN_ORION
    with pytest.raises(Unavailable, match=match):
        engine.run(query, MOST)
    assert not list((tmp_path / "shards").glob(".incoming-*"))
    host.trouble = lambda path: None
    assert engine.run(query, MOST).rows > 0


def test_a_host_that_breaks_off_once_is_asked_again(there: Open, host: Host) -> None:
    host.trouble = lambda path: PlainTextResponse("busy", 503) if host.asked[path] < 3 else None
    assert there().run(IN_ORION, MOST).rows > 0
    assert set(host.asked.values()) == {3}


def test_a_shard_that_changed_there_is_not_believed(there: Open, host: Host, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(host.folder, changed)
    shards = sorted(changed.rglob("hipparcos/dataset/**/Npix=*.parquet"))
    for shard in shards[1:]:
        shutil.copy(shards[0], shard)
    host.folder = changed
    with pytest.raises(Unavailable, match="rows, and had"):
        there().run(BRIGHT, MOST)


def test_one_that_has_the_same_rows_is_not_either(there: Open, host: Host, tmp_path: Path) -> None:
    changed, engine = tmp_path / "changed", there()
    shutil.copytree(host.folder, changed)
    host.folder = changed
    found = engine.run(IN_ORION, MOST).rows
    for shard in changed.rglob("Npix=*.parquet"):
        # It is as large, and was written later.
        os.utime(shard, (0, shard.stat().st_mtime + 100))
    assert engine.run(IN_ORION, MOST).rows == found
    for kept in (tmp_path / "shards").rglob("Npix=*.parquet"):
        kept.unlink()
    with pytest.raises(Unavailable, match="was changed there since it came here the last time"):
        engine.run(IN_ORION, MOST)
    for shard in changed.rglob("Npix=*.parquet"):
        os.utime(shard, (0, shard.stat().st_mtime - 100))
    assert engine.run(IN_ORION, MOST).rows == found


def test_a_host_that_is_gone_is_named(serve: Serve, tmp_path: Path) -> None:
    with serve(Starlette()) as url:
        pass
    with pytest.raises(PortalError, match=r"127\.0\.0\.1 does not answer"):
        adopt_remote(url, Wishes(name="sky"), tmp_path / "catalogs")
