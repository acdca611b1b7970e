"""SQL that got through to a worker, past all that refuses it, would find nothing to read, to write or to call."""

from __future__ import annotations

import socket
from pathlib import Path

from mutations import Bait

from uraniborg_portal.engine.process import Order
from uraniborg_portal.engine.workers import QueryWorkers
from uraniborg_portal.errors import PortalError
from uraniborg_portal.settings import QueryLimits

SECRET = "the only secret"


def test_a_worker_reads_writes_and_calls_nothing_outside(tmp_path: Path) -> None:
    catalog, secret, target = (tmp_path / name for name in ("catalog", "secret", "target"))
    catalog.mkdir()
    (catalog / "file.csv").write_text("a,b\n1,2\n")
    secret.write_text(f"{SECRET}\n")
    limits = QueryLimits(seconds=5, memory="200MB", spill_megabytes=10, result_megabytes=5)
    order = Order(folders=frozenset({catalog}), spill=tmp_path / "spill", sandboxed=True, limits=limits)
    workers = QueryWorkers(order)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        bait = Bait(secret=str(secret), target=str(target), url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        written = (f"COPY (SELECT 1) TO '{path}'" for path in (target, catalog / "new.csv", catalog / "file.csv"))
        attempts = [
            *(" ".join(["SELECT * FROM", relation]) for relation in bait.relations),
            *(" ".join(["SELECT", value]) for value in bait.values),
            *(statement.replace("{}", "SELECT 1 AS id") for statement in bait.statements),
            *written,
        ]
        refused = 0
        for attempt in attempts:
            try:
                assert SECRET not in str(workers.run(attempt, {}).to_pylist()), attempt
            except PortalError:
                refused += 1
        assert refused > len(attempts) / 2
        assert workers.run(" ".join(["SELECT * FROM", f"read_csv('{catalog}/file.csv')"]), {}).num_rows == 1
        workers.close()
        try:
            listening.accept()
        except BlockingIOError:
            pass
        else:
            raise AssertionError("a worker called")
    assert not target.exists()
    assert {path.name: path.read_text() for path in catalog.iterdir()} == {"file.csv": "a,b\n1,2\n"}
    assert list((tmp_path / "spill").iterdir()) == []
