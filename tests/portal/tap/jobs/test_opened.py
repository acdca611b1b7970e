"""Opening one result from two replicas at once: one kept result, whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

if TYPE_CHECKING:
    from conftest import PostgreSQL

API = "http://testserver/services/portal/api"


def test_replicas_that_open_a_result_at_once_make_it_once(postgresql: PostgreSQL, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, network=False, database=postgresql.database("opened"))
    with ExitStack() as stack:
        replicas = [stack.enter_context(TestClient(create_app(settings))) for _ in range(2)]
        job = replicas[0].post(f"{API}/async", json={"adql": "SELECT hip, ra FROM hipparcos", "rows": 200_000}).json()
        while job["phase"] in ("QUEUED", "EXECUTING"):
            job = replicas[1].get(f"{API}/async/{job['id']}", params={"phase": job["phase"], "wait": 10}).json()
        assert job["phase"] == "COMPLETED", job
        path = f"{API}/async/{job['id']}/open"
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda number: replicas[number % 2].post(path), range(6)))
        assert {answer.status_code for answer in answers} == {200}
        (identifier,) = {answer.json()["id"] for answer in answers}
        for replica in replicas:
            rows = replica.get(f"{API}/queries/{identifier}/rows", params={"offset": 117_950}).json()
            assert (rows["total"], len(rows["rows"])) == (117_955, 5)
