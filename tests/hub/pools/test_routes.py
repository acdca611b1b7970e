"""Pools of real users behind a real hub: made, used, scaled, kept apart and ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from dask import array
from distributed import Client, Security

if TYPE_CHECKING:
    from conftest import Broker

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("tidy")]


def dask_client(pool: dict[str, Any]) -> Client:
    pem = pool["security"]
    security = Security(
        require_encryption=True, tls_ca_file=pem["ca"], tls_client_cert=pem["cert"], tls_client_key=pem["key"]
    )
    return Client(pool["scheduler"], security=security, timeout=15)


def test_health_is_for_anyone(broker: Broker) -> None:
    with broker.client() as client:
        assert client.get("api/health").json()["status"] == "ok"


def test_a_pool_computes_and_scales_and_ends(broker: Broker) -> None:
    pool = broker.make(workers=2, memory="512MB", threads=1)
    assert pool["scheduler"].startswith("tls://127.0.0.1:")
    assert (pool["owner"], pool["workers"], pool["threads"], pool["memory"]) == ("tycho", 2, 1, 512_000_000)
    with dask_client(pool) as client:
        assert array.ones((1000, 1000), chunks=250).sum().compute(scheduler=client) == 1_000_000
        kept = client.scatter(list(range(10)))
        scaled = broker.ask("tycho", "PATCH", f"/{pool['name']}", json={"workers": 4})
        assert scaled.json()["workers"] == 4
        client.wait_for_workers(4, timeout=30)
        broker.ask("tycho", "PATCH", f"/{pool['name']}", json={"workers": 1}).raise_for_status()
        broker.until("tycho", pool["name"], lambda now: now["ready"] == 1)
        assert client.gather(kept) == list(range(10))
    below = broker.children()
    assert broker.ask("tycho", "DELETE", f"/{pool['name']}").status_code == 204
    assert not [each for each in below if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
    assert "You closed it." in broker.gone("tycho", pool["name"])["message"]
    assert not (broker.hub.home / "pools" / pool["name"]).exists()


def test_a_pool_follows_its_load_and_tells_in_numbers_what_it_does(broker: Broker) -> None:
    pool = broker.make(adapt={"minimum": 0, "maximum": 3}, memory="512MB")
    assert (pool["state"], pool["workers"], pool["adapt"]) == ("running", 0, {"minimum": 0, "maximum": 3})
    over = broker.ask("tycho", "POST", "", json={"workers": 2})
    assert over.status_code == 429 and "3 are taken by your other pools; 4 together" in over.json()["message"]
    with dask_client(pool) as client:
        numbers = client.map(lambda number: (__import__("time").sleep(0.5), number)[1], range(40))
        most = broker.figures("tycho", pool["name"], lambda now: len(now["workers"]) == 3)
        assert (most["room"], most["workers"], "security" in most) == (4, 3, False)
        assert sum(client.gather(numbers)) == sum(range(40))
        kept = client.submit(lambda: "kept")
        del numbers
        least = broker.figures("tycho", pool["name"], lambda now: len(now["workers"]) == 1)
        assert least["figures"]["done"] >= 40 and least["figures"]["workers"][0]["limit"] == 512_000_000
        assert kept.result(timeout=30) == "kept"
        scaled = broker.ask("tycho", "PATCH", f"/{pool['name']}", json={"workers": 2}).json()
        assert (scaled["workers"], scaled["adapt"]) == (2, None)
        adapted = broker.ask("tycho", "PATCH", f"/{pool['name']}", json={"adapt": {"minimum": 1, "maximum": 1}}).json()
        assert (adapted["workers"], adapted["adapt"]) == (1, {"minimum": 1, "maximum": 1})
        refused = broker.ask("tycho", "PATCH", f"/{pool['name']}", json={"adapt": {"minimum": 1, "maximum": 5}})
        assert (refused.status_code, refused.json()["field"]) == (400, "maximum")
    assert broker.ask("kepler", "GET", f"/{pool['name']}/figures").status_code == 404


def test_code_in_a_pool_sees_no_token_of_the_broker(broker: Broker) -> None:
    with dask_client(broker.make()) as client:
        variables = client.submit(lambda: dict(__import__("os").environ)).result(timeout=30)
    assert not [name for name in variables if "TOKEN" in name or name.startswith("JUPYTERHUB")]


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"workers": 1}), ("DELETE", None)])
def test_another_user_finds_no_such_pool(broker: Broker, method: str, body: object) -> None:
    pool = broker.make()
    answer = broker.ask("kepler", method, f"/{pool['name']}", json=body)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert broker.ask("kepler", "GET", "").json() == []


def test_nobody_connects_without_the_certificate(broker: Broker) -> None:
    mine = broker.make()
    others = broker.make("kepler")
    security = Security.temporary()
    for wrong in (security, None):
        address = mine["scheduler"] if wrong else mine["scheduler"].replace("tls", "tcp")
        with pytest.raises(OSError, match=r"Timed out|TLS|certificate|closed"):
            Client(address, security=wrong, timeout=2)
    with pytest.raises(OSError, match=r"Timed out|TLS|certificate|closed"):
        dask_client({**others, "scheduler": mine["scheduler"]})


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic dHljaG86eA==", "token " + "a" * 5000])
def test_without_a_good_token_one_is_asked_for(broker: Broker, header: str | None) -> None:
    with broker.client() as client:
        answer = client.get("api/pools", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["error"]) == (401, "sign_in_needed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_for_something_else_is_refused(broker: Broker) -> None:
    token = broker.token("tycho", ["read:users:name!user"])
    with broker.client() as client:
        answer = client.get("api/pools", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    assert "access:services!service=pools" in answer.json()["message"]


def test_limits_say_what_is_accepted(broker: Broker) -> None:
    for asked, words in (
        ({"workers": 5}, "from 1 to 4"),
        ({"workers": 1, "memory": "100TB"}, "for each worker 256 MiB"),
        ({"workers": 1, "threads": 10_000}, "threads is 10000"),
    ):
        answer = broker.ask("tycho", "POST", "", json=asked)
        assert (answer.status_code, answer.json()["field"]) == (400, list(asked)[-1])
        assert words in answer.json()["message"]
    broker.make(workers=3)
    over = broker.ask("tycho", "POST", "", json={"workers": 2}).json()
    assert (over["error"], over["remedy"]) == ("too_many", "Ask for at most 1, or close another pool first.")
    broker.make(workers=1)
    many = broker.ask("tycho", "POST", "", json={"workers": 1})
    assert many.status_code == 429 and "2 are accepted" in many.json()["message"]
    full = broker.ask("kepler", "POST", "", json={"workers": 4})
    assert full.status_code == 429 and "4 of the platform's 6" in full.json()["message"]


HOSTILE = [
    b"",
    b"[]",
    b"null",
    b"{",
    b"[" * 9000,
    b'{"workers": NaN}',
    b'{"workers": Infinity}',
    b'{"workers": 1e400}',
    b'{"workers": ' + b"9" * 5000 + b"}",
    b'{"workers": true}',
    b'{"workers": "4"}',
    b'{"workers": -1}',
    b'{"workers": 0}',
    b'{"workers": 1.5}',
    b'{"workers": {"a": [1]}}',
    b'{"workers": 1, "memory": "1e5GB"}',
    b'{"workers": 1, "memory": "\\ud800"}',
    b'{"workers": 1, "memory": []}',
    b'{"workers": 1, "memory": false}',
    b'{"workers": 1, "memory": "-1GB"}',
    b'{"workers": 1, "threads": null}',
    b'{"workers": 1, "adapt": {"minimum": 0, "maximum": 1}}',
    b'{"adapt": {"minimum": 0, "maximum": 1e9}}',
    b'{"adapt": [0, 1]}',
    b'{"adapt": {"minimum": null, "maximum": 1}}',
    b'{"\\ud800": 1}',
    b'{"image": "evil"}',
    b"\xff\xfe",
    b"x" * 20_000,
]


@pytest.mark.parametrize("body", HOSTILE[1:], ids=lambda body: repr(body[:30]))
def test_hostile_orders_are_refused_in_words(broker: Broker, body: bytes) -> None:
    answer = broker.ask("tycho", "POST", "", content=body)
    assert answer.status_code in (400, 413), answer.text
    assert set(answer.json()) == {"error", "message", "remedy", "field"} and answer.json()["message"]
    assert broker.ask("tycho", "GET", "").json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "api/pools/%00"),
        ("GET", "api/pools/..%2f..%2fetc"),
        ("GET", "api/pools/%ff%fe"),
        ("GET", f"api/pools/{'a' * 5000}"),
        ("GET", "nothing"),
        ("GET", "nothing/status"),
        ("PUT", "api/pools"),
        ("POST", "tycho-aaaaaaaa/status"),
        ("GET", "oauth_callback?state=%ff&code=a"),
    ],
)
def test_hostile_addresses_are_refused_in_words(broker: Broker, method: str, path: str) -> None:
    # Past the proxy, which answers some of these itself.
    with broker.client("tycho") as client:
        answer = client.request(method, f"{broker.environment['JUPYTERHUB_SERVICE_URL']}{path}")
    assert answer.status_code in (403, 404, 405), answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "31", "x", "1" * 400])
def test_waiting_has_bounds(broker: Broker, seconds: str) -> None:
    pool = broker.make()
    answer = broker.ask("tycho", "GET", f"/{pool['name']}?wait={seconds}")
    assert (answer.status_code, answer.json()["field"]) == (400, "wait")


def test_a_killed_broker_leaves_nothing(broker: Broker, start_broker: Callable[..., Broker], unused_port: int) -> None:
    other = start_broker(unused_port)
    pool = other.make(workers=2)
    with dask_client(pool) as client:
        # A task's own process, in a session of its own, goes too; so does a worker that is busy.
        client.submit(lambda: __import__("subprocess").Popen(["sleep", "300"], start_new_session=True).pid).result()
        client.submit(lambda: sum(1 for _ in iter(int, 1)))
        below = other.children()
        assert any(each.name() == "sleep" for each in below)
        other.process.kill()
        other.process.wait()
        _, left = psutil.wait_procs(below, timeout=10)
    assert not left


def test_an_idle_pool_ends(broker: Broker, start_broker: Callable[..., Broker], unused_port: int) -> None:
    other = start_broker(unused_port, URANIBORG_POOLS__IDLE_SECONDS="10")
    pool = other.make()
    assert "No task ran" in other.gone("tycho", pool["name"])["message"]


def test_a_pool_without_worker_fails_with_a_reason(
    broker: Broker, start_broker: Callable[..., Broker], unused_port: int
) -> None:
    other = start_broker(unused_port, URANIBORG_POOLS__START_SECONDS="0.05")
    pool = other.make()
    assert (pool["state"], pool["reason"]) == ("failed", "No worker came within 0.05 seconds.")
    assert pool["scheduler"] is None
    assert other.ask("tycho", "DELETE", f"/{pool['name']}").status_code == 204


def test_a_pool_ends_with_its_lab_and_outlives_the_hub(broker: Broker) -> None:
    with broker.hub.sign_in("tycho") as browser:
        broker.hub.start_lab(browser)
        lab_token = broker.hub.lab_environment("tycho")["JUPYTERHUB_API_TOKEN"]
        headers = {"Authorization": f"Bearer {lab_token}"}
        made = httpx.post(f"{broker.url}api/pools", headers=headers, json={"workers": 1}, trust_env=False, verify=False)
        assert made.status_code == 201
        name = made.json()["name"]
        broker.until("tycho", name, lambda pool: pool["state"] == "running")
        broker.hub.end(crash=True)
        kept = broker.until("tycho", name, lambda pool: "kept" in broker.log.read_text())
        assert kept["state"] == "running"
        broker.hub.start()
        assert broker.ask("tycho", "GET", f"/{name}").json()["state"] == "running"
    with broker.hub.sign_in("tycho") as browser:
        browser.get("/hub/home")
        headers = {"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""}
        assert browser.delete("/hub/api/users/tycho/server", headers=headers).status_code in (202, 204)
    assert "lab that it was made in has stopped" in broker.gone("tycho", name)["message"]
