"""Where the jobs' workers are: told to the portal's own token of a real hub, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from uraniborg_hub.pools.compute_settings import ComputeSettings
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.local import LocalBackend
from uraniborg_hub.pools.main import create_app
from uraniborg_hub.pools.service import from_environment
from uraniborg_hub.pools.settings import PoolLimits

if TYPE_CHECKING:
    from conftest import Hub
    from pools.conftest import Broker

COMPUTE = ComputeSettings(image="portal:1", client_namespace="", client_labels={}, memory=2**29)


def client(broker: Broker, limits: PoolLimits) -> TestClient:
    """A broker in this process, whose pools are processes whatever the settings say."""
    service = from_environment(broker.environment)
    app = create_app(service, limits, LocalBackend(broker.hub.home, {}))
    return TestClient(app, base_url="http://testserver/services/pools/", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def standing(broker: Broker) -> Iterator[TestClient]:
    """A broker that keeps a pool for the portal."""
    with client(broker, PoolLimits(kubernetes=ClusterSettings(namespace="labs"), compute=COMPUTE)) as asked:
        yield asked


@pytest.fixture
def tokens(hub: Hub, broker: Broker) -> dict[str, str]:
    return {
        "portal": hub.secrets["URANIBORG_PORTAL_API_TOKEN"],
        "pools": hub.secrets["URANIBORG_POOLS_API_TOKEN"],
        "user": broker.token("tycho"),
        "nobody": "no-token-of-this-hub",
    }


def test_the_portal_is_told_the_way_in(standing: TestClient, tokens: dict[str, str]) -> None:
    headers = {"Authorization": f"token {tokens['portal']}"}
    for _ in range(3):
        answer = standing.get("api/compute", params={"wait": "30"}, headers=headers)
        if answer.status_code == 200:
            break
    told = answer.json()
    assert answer.status_code == 200, told
    assert answer.headers["cache-control"] == "no-store"
    assert told["scheduler"].startswith("tls://127.0.0.1:")
    assert set(told["security"]) == {"ca", "cert", "key"}


REFUSED = [
    ("pools", 403, "The pool is that of the service portal"),
    ("user", 403, "This token is a user's"),
    ("nobody", 401, "The hub does not accept this token."),
]


@pytest.mark.parametrize(("whose", "status", "words"), REFUSED)
def test_nobody_else_is(standing: TestClient, tokens: dict[str, str], whose: str, status: int, words: str) -> None:
    answer = standing.get("api/compute", headers={"Authorization": f"token {tokens[whose]}"})
    assert answer.status_code == status
    assert words in answer.json()["message"]
    assert "BEGIN" not in answer.text


def test_without_a_token_nothing_is_told(standing: TestClient) -> None:
    assert standing.get("api/compute").status_code == 401


def test_an_admin_sees_how_it_is_and_can_do_nothing_to_it(standing: TestClient, tokens: dict[str, str]) -> None:
    headers = {"Authorization": f"token {tokens['user']}"}
    standing.get("api/compute", params={"wait": "30"}, headers={"Authorization": f"token {tokens['portal']}"})
    told = standing.get("api/compute/state", headers=headers).json()
    assert (told["owner"], told["state"], told["adapt"]) == ("portal", "running", {"minimum": 1, "maximum": 4})
    assert told["figures"]["processing"] == 0 and "BEGIN" not in str(told) and "tls://" not in str(told)
    page = standing.get("", headers={**headers, "Accept": "text/html"}).text
    assert "The pool of the portal" in page and "from 1 to 4 as its load wants" in page
    assert f"Stop the pool {told['name']}" not in page and f"{told['name']}/status" not in page
    assert standing.delete(f"api/pools/{told['name']}", headers=headers).status_code == 404


def test_other_users_do_not_see_it(standing: TestClient, broker: Broker) -> None:
    headers = {"Authorization": f"token {broker.token('kepler')}"}
    assert standing.get("api/compute/state", headers=headers).status_code == 403
    assert "jobs" not in standing.get("", headers={**headers, "Accept": "text/html"}).text


def test_users_see_no_pool_of_it(standing: TestClient, tokens: dict[str, str]) -> None:
    answer = standing.get("api/pools", headers={"Authorization": f"token {tokens['user']}"})
    assert answer.json() == []


def test_on_a_laptop_there_is_none(broker: Broker, tokens: dict[str, str]) -> None:
    with client(broker, PoolLimits(compute=COMPUTE)) as asked:
        answer = asked.get("api/compute", headers={"Authorization": f"token {tokens['portal']}"})
        state = asked.get("api/compute/state", headers={"Authorization": f"token {tokens['user']}"})
    for each in (answer, state):
        assert each.status_code == 404
        assert each.json()["message"] == "No pool is kept for a service here."
