"""Tables of users belong to all replicas: what one takes up, another queries, indexes and removes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Replica, Site

pytestmark = pytest.mark.timeout(300)

TYCHO = {"x-user": "tycho"}
DEFINITION = "<table><column><name>n</name><dataType>int</dataType></column></table>"


def asked(replica: Replica, method: str, path: str, content: str = "", kind: str = "text/csv") -> str:
    """The answer to a request that succeeds."""
    headers = {**TYCHO, "content-type": kind}
    answer = replica.client.request(method, f"tap/{path}", content=content, headers=headers)
    assert answer.status_code < 400, answer.text
    return answer.headers.get("location") or answer.text


def rows(replica: Replica, query: str) -> list[str]:
    """The lines of a query's answer."""
    given = {"LANG": "ADQL", "QUERY": query, "FORMAT": "csv"}
    return replica.client.get("tap/sync", params=given, headers=TYCHO).text.split()[1:]


def copies(replica: Replica) -> int:
    """Files of tables on a replica's own machine."""
    return len(list((replica.staging / "user_tables").rglob("*.parquet")))


def test_what_one_took_up_all_query(site: Site) -> None:
    first, second = site.replicas(2)
    asked(first, "PUT", "tables/tycho.numbers", DEFINITION, "text/xml")
    asked(second, "POST", "load/tycho.numbers", "n\n3\n1\n")
    asked(first, "POST", "load/tycho.numbers", "n\n2\n")
    for replica in (first, second, first):
        assert rows(replica, "SELECT n FROM tycho.numbers ORDER BY n DESC") == ["3", "2", "1"]
        assert copies(replica) == 3
    form = "application/x-www-form-urlencoded"
    job = asked(second, "POST", "table-update", "TABLE=tycho.numbers&INDEX=n&UNIQUE=true", form).rpartition("/")[2]
    asked(first, "POST", f"async/{job}/phase", "PHASE=RUN", form)
    while (phase := asked(second, "GET", f"async/{job}/phase")) in ("QUEUED", "EXECUTING"):
        asked(second, "GET", f"async/{job}?WAIT=10&PHASE={phase}")
    assert phase == "COMPLETED"
    for replica in (first, second):
        assert rows(replica, "SELECT n FROM tycho.numbers WHERE n > 1") == ["2", "3"]
    headers = {**TYCHO, "content-type": "text/csv"}
    refused = first.client.post("tap/load/tycho.numbers", content="n\n3\n", headers=headers)
    assert refused.status_code == 400
    asked(second, "DELETE", "tables/tycho.numbers")
    answer = first.client.get(
        "tap/sync", params={"LANG": "ADQL", "QUERY": "SELECT n FROM tycho.numbers"}, headers=TYCHO
    )
    assert "no table is called" in answer.text
