"""Pools as a scientist uses them, on the running platform."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import dask
import pytest
from dask import array
from distributed import Client

from uraniborg import Pool, UraniborgError
from uraniborg._broker import address
from uraniborg._portal import Portal

if TYPE_CHECKING:
    from conftest import RunningPlatform


@pytest.fixture(scope="module")
def connection(platform: RunningPlatform) -> Portal:
    """The owner's connection to the platform."""
    return Portal(platform.url, platform.token())


@pytest.fixture(scope="module")
def pool(connection: Portal) -> Iterator[Pool]:
    """A pool of two."""
    with Pool(workers=2, memory="512MB", connection=connection) as running:
        yield running


@pytest.mark.platform
def test_it_is_the_client_of_dask_s_collections(pool: Pool) -> None:
    assert array.arange(1000, chunks=100).sum().compute() == 499_500
    assert set(pool.scheduler_info()["workers"]) <= {*pool.has_what()}


@pytest.mark.platform
def test_it_does_what_a_client_does(pool: Pool) -> None:
    assert pool.submit(sum, [1, 2, 3]).result(timeout=30) == 6
    assert pool.gather(pool.map(abs, [-1, 2])) == [1, 2]
    assert {"submit", "map", "compute", "scale", "close"} <= set(dir(pool))
    assert isinstance(pool.client, Client)


@pytest.mark.platform
def test_another_client_of_it_can_be_made(pool: Pool) -> None:
    with Client(pool, set_as_default=False) as other:
        assert other.submit(max, [1, 3, 2]).result(timeout=30) == 3
        assert other.dashboard_link == pool.dashboard_link
    assert pool.submit(int, "7").result(timeout=30) == 7


@pytest.mark.platform
def test_the_dashboard_is_behind_the_platform_s_sign_in(pool: Pool, platform: RunningPlatform) -> None:
    link = f"{platform.url}services/pools/{pool.name}/status"
    assert pool.dashboard_link == pool.client.dashboard_link == link == dask.config.get("distributed.dashboard.link")
    with closing(platform.sign_in()) as browser:
        answer = browser.get(link, headers={"Accept": "text/html"})
    assert answer.status_code == 200 and "Dask" in answer.text


@pytest.mark.platform
def test_it_says_what_it_is(pool: Pool) -> None:
    pool.wait_for_workers(2, timeout=30)
    assert "2 of 2 workers" in repr(pool) and pool.dashboard_link in repr(pool)
    assert f"href='{pool.dashboard_link}'" in pool._repr_html_()


@pytest.mark.platform
def test_it_grows_and_shrinks(pool: Pool) -> None:
    pool.scale(3)
    pool.wait_for_workers(3, timeout=30)
    with pytest.raises(UraniborgError, match="a whole number from 0 to"):
        pool.scale(10_000)
    pool.scale(2)


@pytest.mark.platform
async def test_it_serves_code_that_awaits(pool: Pool) -> None:
    async with Client(pool, asynchronous=True, set_as_default=False) as client:
        assert await client.submit(max, [1, 3, 2]) == 3


@pytest.mark.platform
async def test_an_asynchronous_pool_is_used_as_dask_s_own_clusters_are(connection: Portal) -> None:
    waiting = Pool(workers=1, memory="512MB", connection=connection, asynchronous=True)
    assert repr(waiting) == "<Pool that is not awaited yet: created>"
    with pytest.raises(UraniborgError, match="not there yet"):
        await waiting.scale(2)
    with pytest.raises(TypeError, match="'async with'"), waiting:
        pass
    async with waiting as pool:
        assert await pool is pool and pool.status.name == "running"
        assert await pool.submit(max, [1, 3, 2]) == 3
        assert await pool.gather(pool.map(abs, [-1, 2])) == [1, 2]
        await pool.scale(2)
        await pool.wait_for_workers(2, timeout=30)
        assert pool.look()["workers"] == 2
        with pytest.raises(UraniborgError, match="a whole number from 0 to"):
            await pool.scale(10_000)
        async with Client(pool, asynchronous=True, set_as_default=False) as other:
            assert await other.submit(int, "7") == 7
        await pool.adapt(0, 2)
        assert pool.look()["adapt"] == {"minimum": 0, "maximum": 2}
    assert repr(pool) == f"<Pool {pool.name}: closed>"
    await pool.close()
    assert b'"not_found"' in connection.relay("GET", f"{address(connection.url, {})}api/pools/{pool.name}").body


@pytest.mark.platform
async def test_an_asynchronous_pool_that_broke_down_says_why(connection: Portal) -> None:
    pool = await Pool(workers=1, memory="512MB", connection=connection, asynchronous=True)
    for work in (
        lambda: pool.run_on_scheduler(lambda: __import__("signal").raise_signal(9)),
        lambda: pool.gather(pool.submit(abs, -1)),
    ):
        with pytest.raises(UraniborgError, match="process ended with code 137"):
            await work()
    await pool.close()


@pytest.mark.platform
async def test_an_asynchronous_pool_that_is_not_waited_for_is_ended(connection: Portal) -> None:
    listed = f"{address(connection.url, {})}api/pools"

    def names() -> set[str]:
        return {each["name"] for each in json.loads(connection.relay("GET", listed).body)}

    before = names()
    starting = asyncio.ensure_future(Pool(workers=1, connection=connection, asynchronous=True).__aenter__())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert names() <= before


async def test_an_asynchronous_pool_without_a_platform_says_so() -> None:
    with pytest.raises(UraniborgError) as caught:
        await Pool(connection=Portal("http://127.0.0.1:9/", "token"), asynchronous=True)
    assert caught.value.code == "unavailable"


@pytest.mark.platform
def test_it_follows_its_load_and_tells_what_it_does(connection: Portal) -> None:
    with Pool(adapt=(0, 2), memory="512MB", connection=connection) as pool:
        assert "0 of 0 workers (0 to 2 as the load wants)" in repr(pool) and pool.workers == {}
        numbers = pool.map(lambda number: (__import__("time").sleep(0.2), number)[1], range(40))
        assert sum(pool.gather(numbers)) == 780
        assert 1 <= len(pool.workers) <= 2
        assert "40 done, 0 computing" in repr(pool) and "40 done" in pool._repr_mimebundle_()["text/html"]
        pool.adapt()
        assert pool.look()["adapt"] == {"minimum": 0, "maximum": pool.look()["room"]}
        with pytest.raises(UraniborgError, match="maximum is 99; a whole number from 1 to") as caught:
            pool.adapt(minimum=0, maximum=99)
        assert caught.value.field == "maximum"
        pool.scale(1)
        assert (pool.look()["workers"], pool.look()["adapt"], pool.get_client()) == (1, None, pool.client)


@pytest.mark.platform
def test_a_pool_that_broke_down_says_why_and_the_next_one_works(connection: Portal) -> None:
    with Pool(workers=1, memory="512MB", connection=connection) as pool:
        for work in (
            lambda: pool.run_on_scheduler(lambda: __import__("signal").raise_signal(9)),
            lambda: pool.submit(abs, -1),
            lambda: array.ones(4, chunks=2).sum().compute(),
        ):
            with pytest.raises(UraniborgError, match="process ended with code 137") as caught:
                work()
            assert (caught.value.code, caught.value.remedy) == ("pool_ended", "Make a new one: ub.Pool(workers=4).")
        assert "failed" in repr(pool) and "process ended with code 137" in pool._repr_html_()
    with Pool(workers=1, memory="512MB", connection=connection) as again:
        assert again.submit(abs, -2).result(timeout=60) == 2


@pytest.mark.platform
def test_a_closed_pool_is_gone(connection: Portal) -> None:
    with Pool(workers=1, connection=connection) as pool:
        name = pool.name
    pool.close()
    assert repr(pool) == f"<Pool {name}: closed>" and "closed" in pool._repr_html_()
    with pytest.raises(UraniborgError, match="is closed"):
        _ = pool.client
    assert b'"not_found"' in connection.relay("GET", f"{address(connection.url, {})}api/pools/{name}").body


@pytest.mark.platform
def test_the_platform_s_words_of_a_refusal_are_the_error_s(connection: Portal) -> None:
    with pytest.raises(UraniborgError, match="a whole number from 1 to") as caught:
        Pool(workers=10_000, connection=connection)
    assert (caught.value.code, caught.value.field) == ("bad_parameter", "workers")
    with pytest.raises(UraniborgError) as anonymous:
        Pool(connection=Portal(connection.url))
    assert anonymous.value.code == "sign_in_needed"


def test_without_a_platform_there_is_no_pool() -> None:
    with pytest.raises(UraniborgError) as caught:
        Pool(connection=Portal("http://127.0.0.1:9/", "token"))
    assert caught.value.code == "unavailable"


@pytest.mark.parametrize(
    ("portal", "variables", "expected"),
    [
        ("https://a/services/portal/", {}, "https://a/services/pools/"),
        ("https://a/hub2/services/portal/", {}, "https://a/hub2/services/pools/"),
        ("http://a:1/services/portal/", {"URANIBORG_POOLS_URL": "http://a:1/dask"}, "http://a:1/dask/"),
        ("http://a:1/services/portal/", {"URANIBORG_POOLS_URL": "http://b/dask"}, "http://a:1/services/pools/"),
        (
            "http://a:1/services/portal/",
            {"URANIBORG_POOLS_URL": "http://b/dask", "URANIBORG_PORTAL_URL": "http://a:1/services/portal/"},
            "http://b/dask/",
        ),
        (
            "http://c/services/portal/",
            {"URANIBORG_POOLS_URL": "http://b/dask", "URANIBORG_PORTAL_URL": "http://a:1/services/portal/"},
            "http://c/services/pools/",
        ),
    ],
)
def test_the_token_goes_to_the_lab_s_own_platform_only(portal: str, variables: dict[str, str], expected: str) -> None:
    assert address(portal, variables) == expected
