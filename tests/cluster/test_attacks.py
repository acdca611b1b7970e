"""Someone with a shell in a lab or in a worker, and someone with another's token: what they can't do."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from deployed.reach import Target, at, reached

if TYPE_CHECKING:
    from deployed.cluster import Cluster
    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

MAKE = "import uraniborg as ub; pool = ub.Pool(workers=1); pool.wait_for_workers(1, 120); print(pool.name)"
TOKEN = "import os; print(os.environ['JUPYTERHUB_API_TOKEN'])"
METADATA = "169.254.169.254"
"""Where clouds give every machine, and who asks from it, the machine's own credentials."""
LAB_PORT, SCHEDULER, DASHBOARD = 8888, 8786, 8787


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A user with a lab and a pool in it."""

    person: Person
    kernel: str
    pool: str
    lab: dict[str, Any]
    scheduler: dict[str, Any]
    worker: dict[str, Any]
    lab_token: str = field(repr=False)
    """As code in the lab reads it."""


@contextmanager
def seat(platform: Platform, name: str) -> Iterator[Seat]:
    """Give a user with a lab and a pool; both end with the block."""
    person = platform.sign_in(name)
    person.have_lab()
    kernel = person.kernel()
    made = person.run(MAKE, 240, kernel=kernel)
    assert made.error == ""
    pool = made.text.strip()
    pods = {
        part: platform.cluster.objects(
            "pods", platform.labs, f"dask.org/cluster-name={pool},dask.org/component={part}"
        )[0]
        for part in ("scheduler", "worker")
    }
    lab = next(
        pod for pod in platform.lab_pods(name) if pod["metadata"]["labels"]["app.kubernetes.io/component"] == "lab"
    )
    token = person.run(TOKEN, kernel=kernel).text.strip()
    yield Seat(person=person, kernel=kernel, pool=pool, lab=lab, lab_token=token, **pods)
    person.run("pool.close()", kernel=kernel)
    person.stop_lab()


@pytest.fixture(scope="module")
def tycho(platform: Platform) -> Iterator[Seat]:
    """Who is attacked."""
    with seat(platform, "tycho") as given:
        yield given


@pytest.fixture(scope="module")
def ursus(platform: Platform) -> Iterator[Seat]:
    """Who attacks."""
    with seat(platform, "ursus") as given:
        yield given


class Credentials(BaseHTTPRequestHandler):
    """A cloud's metadata service."""

    def do_GET(self) -> None:  # the name that http.server wants
        """Give everyone the machine's credentials."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def metadata(cluster: Cluster) -> Iterator[Target]:
    """A cloud's metadata address, that answers on the recipe's cluster; on another one whatever is there."""
    if cluster.here is None:
        yield METADATA, 80
        return
    address = ("ip", "addr", "replace", f"{METADATA}/32", "dev", "lo")
    subprocess.run(address, check=True)
    server = ThreadingHTTPServer((METADATA, 80), Credentials)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield METADATA, 80
    server.shutdown()
    server.server_close()
    subprocess.run([*address[:2], "del", *address[3:]], check=True)


def core(platform: Platform) -> dict[str, Target]:
    """The platform's inner ports, by what they are."""
    (api,) = platform.cluster.objects("services", "default", "component=apiserver")
    ends = platform.cluster.objects("endpointslices", "default", "kubernetes.io/service-name=kubernetes")[0]
    inside = {
        "PostgreSQL": at(platform.pods("postgresql")[0], 5432),
        "proxy's API": at(platform.pods("proxy")[0], 8001),
        "operator": at(platform.pods("operator")[0], 8080),
    }
    return {
        **{name: ports[0] for name, ports in inside.items()},
        "API server's service": (api["spec"]["clusterIP"], 443),
        "API server": (ends["endpoints"][0]["addresses"][0], ends["ports"][0]["port"]),
    }


def others(seat: Seat) -> dict[str, Target]:
    """What belongs to a user alone."""
    return {
        "lab": at(seat.lab, LAB_PORT)[0],
        "scheduler": at(seat.scheduler, SCHEDULER)[0],
        "scheduler's pages": at(seat.scheduler, DASHBOARD)[0],
        "worker": at(seat.worker, worker_port(seat))[0],
    }


def worker_port(seat: Seat) -> int:
    """The port at which the worker takes connections of other workers."""
    told = seat.person.run("print(next(iter(pool.scheduler_info()['workers'])))", kernel=seat.kernel).text
    return int(told.rpartition(":")[2])


@pytest.mark.parametrize("place", ["lab", "worker"])
def test_a_shell_reaches_neither_others_nor_the_platforms_inside(
    platform: Platform, tycho: Seat, ursus: Seat, metadata: Target, figures: Figures, place: str
) -> None:
    targets = {**core(platform), **others(tycho), "metadata": metadata}
    pod = ursus.lab if place == "lab" else ursus.worker
    found = reached(platform.cluster, pod, targets.values())
    assert {name for name, target in targets.items() if target in found} == set()
    own = at(ursus.scheduler, SCHEDULER)[0]
    assert reached(platform.cluster, pod, [own]) == {own}
    figures.say(f"closed from a {place}", ", ".join(targets))


def test_what_is_closed_to_labs_is_there(platform: Platform, tycho: Seat, metadata: Target) -> None:
    database = at(platform.pods("postgresql")[0], 5432)[0]
    assert reached(platform.cluster, platform.pods("hub")[0], [database]) == {database}
    dashboard, scheduler = at(tycho.scheduler, DASHBOARD, SCHEDULER)
    for component in ("pools", "operator"):
        asking = platform.pods(component)[0]
        assert reached(platform.cluster, asking, [dashboard, scheduler]) == {dashboard}, component
    if platform.cluster.here:
        answer = httpx.get(f"http://{metadata[0]}/", timeout=5, trust_env=False)
        assert answer.status_code == 200


@pytest.mark.parametrize("place", ["lab", "scheduler", "worker"])
def test_no_pod_of_a_user_holds_a_credential_of_the_cluster(cluster: Cluster, ursus: Seat, place: str) -> None:
    pod: dict[str, Any] = {"lab": ursus.lab, "scheduler": ursus.scheduler, "worker": ursus.worker}[place]
    assert pod["spec"]["automountServiceAccountToken"] is False
    where = pod["metadata"]
    listed = cluster.execute(where["namespace"], where["name"], "ls", "/var/run/secrets/kubernetes.io")
    assert "No such file" in listed.stderr
    read = cluster.execute(where["namespace"], where["name"], "cat", "/proc/self/status").stdout
    status = dict(line.split(":\t", 1) for line in read.splitlines() if ":\t" in line)
    assert "0" not in status["Uid"].split() and status["NoNewPrivs"] == "1"
    assert int(status["CapBnd"], 16) == 0 and status["Seccomp"] == "2"
    variables = cluster.execute(where["namespace"], where["name"], "env").stdout
    assert "POSTGRES" not in variables and "CRYPT_KEY" not in variables
    assert ("JUPYTERHUB_API_TOKEN" in variables) == (place == "lab")


def test_a_lab_sees_no_other_home(cluster: Cluster, ursus: Seat) -> None:
    where = ursus.lab["metadata"]
    mounts = cluster.execute(where["namespace"], where["name"], "cat", "/proc/self/mountinfo").stdout
    assert "ursus" in mounts and "tycho" not in mounts


def asked(platform: Platform, method: str, path: str, token: str, body: object = None) -> httpx.Response:
    """Ask the platform with some token."""
    headers = {"Authorization": f"token {token}"} if token else {}
    return httpx.request(method, f"{platform.url}{path}", headers=headers, json=body, timeout=30, trust_env=False)


@pytest.mark.parametrize(
    ("method", "path", "accepted"),
    [
        ("GET", "user/tycho/api/status", {403}),
        ("GET", "user/tycho/api/contents", {403}),
        ("GET", "services/pools/api/pools/{pool}", {404}),
        ("PATCH", "services/pools/api/pools/{pool}", {404}),
        ("DELETE", "services/pools/api/pools/{pool}", {404}),
        ("GET", "services/pools/{pool}/status", {403, 404}),
        ("GET", "services/pools/{pool}/info/main/workers.html", {403, 404}),
        ("GET", "hub/api/users", {403}),
        ("GET", "hub/api/users/tycho", {403, 404}),
        ("POST", "hub/api/users/tycho/server", {403, 404}),
        ("POST", "hub/api/users/tycho/tokens", {403, 404}),
        ("GET", "hub/api/services", {403}),
        ("POST", "hub/api/shutdown", {403}),
        ("GET", "hub/api/proxy", {403}),
    ],
)
def test_the_token_of_a_lab_opens_nothing_of_another(
    platform: Platform, tycho: Seat, ursus: Seat, method: str, path: str, accepted: set[int]
) -> None:
    body = {"workers": 1} if method == "PATCH" else None
    answer = asked(platform, method, path.format(pool=tycho.pool), ursus.lab_token, body)
    assert answer.status_code in accepted, answer.text


def test_the_pool_that_was_attacked_works(tycho: Seat) -> None:
    assert tycho.person.run("pool.submit(lambda: 6 * 7, pure=False).result(30)", kernel=tycho.kernel).value == "42"


@pytest.mark.parametrize("token", ["", "0" * 32, "x" * 10_000])
def test_the_broker_refuses_a_token_that_is_none(platform: Platform, token: str) -> None:
    assert asked(platform, "GET", "services/pools/api/pools", token).status_code in (401, 403, 431)


def test_a_lab_that_ended_takes_its_token_along(platform: Platform) -> None:
    person = platform.sign_in("rothmann")
    person.have_lab()
    token = person.run(TOKEN).text.strip()
    assert asked(platform, "GET", "hub/api/user", token).status_code == 200
    person.stop_lab()
    platform.cluster.kubectl("wait", "-n", platform.labs, "--for=delete", f"pod/lab-{person.name}")
    assert asked(platform, "GET", "hub/api/user", token).status_code == 403


ORDERS: dict[str, dict[str, Any]] = {
    "image": {"workers": 1, "image": "docker.io/library/busybox"},
    "namespace": {"workers": 1, "namespace": "kube-system"},
    "environment": {"workers": 1, "env": {"LD_PRELOAD": "/tmp/evil.so"}},
    "owner": {"workers": 1, "owner": "tycho"},
    "lab": {"workers": 1, "lab": "tycho"},
    "many": {"workers": 10_000},
    "none": {"workers": -1},
    "text": {"workers": "1; rm -rf /"},
    "memory": {"workers": 1, "memory": "9000GB"},
    "threads": {"workers": 1, "threads": 4000},
    "volume": {"workers": 1, "volumes": [{"hostPath": {"path": "/"}}]},
}
"""What an attacker adds to the order of a pool, or says in it."""


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_of_a_pool_that_was_tampered_with_is_refused(platform: Platform, ursus: Seat, order: str) -> None:
    answer = asked(platform, "POST", "services/pools/api/pools", ursus.lab_token, ORDERS[order])
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["message"], answer.text


def account(platform: Platform, name: str) -> str:
    """How the API server knows a component of the platform."""
    return f"--as=system:serviceaccount:{platform.namespace}:uraniborg-{name}"


FOREIGN = "docker.io/library/busybox:1"
PODS: dict[str, tuple[dict[str, Any], str]] = {
    "foreign image": ({"containers": [{"image": FOREIGN}]}, "image not allowed here"),
    "foreign first container": ({"initContainers": [{"name": "first", "image": FOREIGN}]}, "image not allowed here"),
    "folder of the node": (
        {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]},
        "only volumes of the kinds|violates PodSecurity",
    ),
    "other service account": ({"serviceAccountName": "default"}, "service account not allowed here"),
    "network of the node": ({"hostNetwork": True}, "share the node's network|violates PodSecurity"),
    "processes of the node": ({"hostPID": True}, "share the node's network or processes|violates PodSecurity"),
    "token": (
        {"volumes": [{"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}]},
        "may mount a service account's token",
    ),
    "privileged": ({"containers": [{"securityContext": {"privileged": True}}]}, "violates PodSecurity"),
}
"""How a pod of the labs' namespace is changed by someone who has the hub's credentials, and what refuses it."""


def changed(pod: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Give a pod like a lab's, changed."""
    spec = json.loads(json.dumps(pod["spec"]))
    spec.pop("nodeName")
    for name, value in change.items():
        if name == "containers":
            spec["containers"][0].update(value[0])
        elif name == "initContainers":
            spec[name] = [{"securityContext": spec["containers"][0]["securityContext"], **value[0]}]
        elif isinstance(value, list):
            spec[name] = spec.get(name, []) + value
        else:
            spec[name] = value
    if "serviceAccountName" in change:
        spec.pop("serviceAccount", None)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "evil"}, "spec": spec}


@pytest.mark.parametrize("case", PODS)
def test_not_even_the_hubs_credentials_make_a_pod_that_is_no_lab(platform: Platform, ursus: Seat, case: str) -> None:
    create = ("create", account(platform, "hub"), "-n", platform.labs, "--dry-run=server", "-f", "-")
    made = platform.cluster.try_kubectl(*create, text=json.dumps(changed(ursus.lab, {})))
    assert made.returncode == 0, made.stderr
    change, words = PODS[case]
    refused = platform.cluster.try_kubectl(*create, text=json.dumps(changed(ursus.lab, change)))
    assert refused.returncode != 0
    assert any(word in refused.stderr for word in words.split("|")), refused.stderr


def test_the_operator_makes_no_deployment_of_a_foreign_image(platform: Platform, ursus: Seat) -> None:
    name = f"{ursus.pool}-scheduler"
    found = platform.cluster.kubectl("get", "deployment", name, "-n", platform.labs, "-o", "json")
    deployment: dict[str, Any] = json.loads(found)
    create = ("create", account(platform, "operator"), "-n", platform.labs, "--dry-run=server", "-f", "-")
    deployment["metadata"] = {"name": "evil", "labels": deployment["metadata"]["labels"]}
    made = platform.cluster.try_kubectl(*create, text=json.dumps(deployment))
    assert made.returncode == 0, made.stderr
    deployment["spec"]["template"]["spec"]["containers"][0]["image"] = FOREIGN
    refused = platform.cluster.try_kubectl(*create, text=json.dumps(deployment))
    assert "image not allowed here" in refused.stderr


@pytest.mark.parametrize(
    ("component", "verb", "what", "namespace"),
    [
        ("hub", "get", "secrets", "core"),
        ("hub", "get", "secrets", "labs"),
        ("hub", "create", "pods", "core"),
        ("hub", "create", "pods/exec", "labs"),
        ("hub", "create", "serviceaccounts/token", "labs"),
        ("hub", "create", "daskclusters.kubernetes.dask.org", "labs"),
        ("pools", "create", "pods", "labs"),
        ("pools", "create", "pods/exec", "labs"),
        ("pools", "get", "secrets", "core"),
        ("pools", "create", "daskclusters.kubernetes.dask.org", "core"),
        ("operator", "get", "secrets", "labs"),
        ("operator", "create", "pods", "core"),
        ("operator", "create", "pods/exec", "labs"),
        ("lab", "get", "pods", "labs"),
        ("worker", "get", "pods", "labs"),
    ],
)
def test_what_a_stolen_credential_of_the_platform_may_not(
    platform: Platform, component: str, verb: str, what: str, namespace: str
) -> None:
    where = platform.labs if namespace == "labs" else platform.namespace
    home = platform.labs if component in ("lab", "worker") else platform.namespace
    who = f"--as=system:serviceaccount:{home}:uraniborg-{component}"
    # "pods/exec" would be a pod of the name exec.
    resource, _, part = what.partition("/")
    subresource = [f"--subresource={part}"] if part else []
    answer = platform.cluster.try_kubectl("auth", "can-i", verb, resource, *subresource, "-n", where, who)
    assert answer.stdout.strip() == "no", (answer.stdout, answer.stderr)
