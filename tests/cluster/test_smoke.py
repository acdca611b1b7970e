"""The platform on a cluster, the way of one user: sign in, lab, query, stop; and what the lab must not reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from deployed.cluster import Cluster
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

USER = "tycho"
SERVERS = ("hub", "proxy", "portal", "pools")
QUERY = 'import uraniborg as ub\nlen(ub.query("SELECT TOP 5 * FROM hipparcos"))'
CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()
    print("open")
except OSError:
    print("closed")
"""
ASK_KUBELET = """
import ssl, sys, urllib.error, urllib.request
try:
    context = ssl._create_unverified_context()
    print(urllib.request.urlopen(f"https://{sys.argv[1]}:10250/pods", timeout=3, context=context).status)
except urllib.error.HTTPError as error:
    print(error.code)
except OSError:
    print("closed")
"""


@pytest.fixture(scope="module")
def user(platform: Platform) -> Iterator[Person]:
    """A user with a lab that runs."""
    person = platform.sign_in(USER)
    told = person.start_lab()
    assert told[-1].get("ready"), told
    yield person
    person.stop_lab()


@pytest.fixture(scope="module")
def pod(platform: Platform, user: Person) -> dict[str, Any]:
    """The pod of the user's lab."""
    pods = platform.lab_pods(user.name)
    assert len(pods) == 1
    return pods[0]


def reach(cluster: Cluster, pod: dict[str, Any], host: str, port: int) -> str:
    """Whether a connection from inside the pod is `open` or `closed`."""
    where = pod["metadata"]
    done = cluster.execute(where["namespace"], where["name"], "python", "-c", CONNECT, host, str(port))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("component", SERVERS)
def test_server_is_ready(platform: Platform, component: str) -> None:
    pods = platform.pods(component)
    assert pods
    for each in pods:
        conditions = {condition["type"]: condition["status"] for condition in each["status"]["conditions"]}
        assert conditions["Ready"] == "True", each["metadata"]["name"]


@pytest.mark.parametrize("path", ["hub/api/", "hub/health", "services/portal/api/health", "services/portal/"])
def test_public_address_answers(platform: Platform, path: str) -> None:
    answer = httpx.get(f"{platform.url}{path}", follow_redirects=True, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text


def test_a_wrong_password_is_refused(platform: Platform) -> None:
    with pytest.raises(AssertionError, match="Invalid username or password"):
        sign_in(platform, "wrong-password")


def sign_in(platform: Platform, password: str) -> Person:
    """Sign the user in with some password."""
    from deployed.person import sign_in

    return sign_in(platform.url, USER, password)


def test_lab_is_a_running_pod_of_our_image(platform: Platform, user: Person, pod: dict[str, Any]) -> None:
    assert pod["status"]["phase"] == "Running"
    container = pod["spec"]["containers"][0]
    assert container["image"].endswith(f"{platform.images['lab'].name}@{platform.images['lab'].digest}")
    assert user.lab("api/status").status_code == 200


def test_lab_answers_its_owner_alone(platform: Platform, user: Person) -> None:
    other = platform.sign_in("kepler")
    assert other.ask("GET", f"user/{user.name}/api/status").status_code in (403, 404)


def test_a_notebook_queries_the_catalog(user: Person) -> None:
    answer = user.run(QUERY)
    assert answer.error == ""
    assert answer.value == "5"


def test_lab_holds_no_cluster_credential(cluster: Cluster, pod: dict[str, Any]) -> None:
    assert pod["spec"]["automountServiceAccountToken"] is False
    where = pod["metadata"]
    listed = cluster.execute(where["namespace"], where["name"], "ls", "/var/run/secrets/kubernetes.io")
    assert listed.returncode != 0
    assert "No such file" in listed.stderr


def test_lab_runs_without_privileges(cluster: Cluster, pod: dict[str, Any]) -> None:
    where = pod["metadata"]
    read = cluster.execute(where["namespace"], where["name"], "cat", "/proc/self/status")
    status = dict(line.split(":\t", 1) for line in read.stdout.splitlines() if ":\t" in line)
    assert "0" not in status["Uid"].split()
    assert int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


def test_lab_reaches_the_platform_and_not_the_api_server(
    platform: Platform, cluster: Cluster, pod: dict[str, Any]
) -> None:
    service = cluster.objects("services", "default", "component=apiserver")[0]["spec"]["clusterIP"]
    endpoints = cluster.objects("endpointslices", "default", "kubernetes.io/service-name=kubernetes")[0]
    behind = (endpoints["endpoints"][0]["addresses"][0], endpoints["ports"][0]["port"])
    assert reach(cluster, pod, f"uraniborg-hub.{platform.namespace}", 8081) == "open"
    assert reach(cluster, pod, f"uraniborg-portal.{platform.namespace}", 8000) == "open"
    for host, port in [("kubernetes.default", 443), (service, 443), behind]:
        assert reach(cluster, pod, host, port) == "closed", (host, port)


def test_lab_reaches_neither_database_nor_other_nodes(
    platform: Platform, cluster: Cluster, pod: dict[str, Any]
) -> None:
    assert reach(cluster, pod, f"uraniborg-postgresql.{platform.namespace}", 5432) == "closed"
    # Kubernetes promises nothing about a pod's own node: policies always let a pod and its node talk.
    others = [
        node for node in cluster.objects("nodes", "default") if node["metadata"]["name"] != pod["spec"]["nodeName"]
    ]
    for node in others:
        addresses = {each["type"]: each["address"] for each in node["status"]["addresses"]}
        assert reach(cluster, pod, addresses["InternalIP"], 10250) == "closed"


def test_the_kubelet_of_its_own_node_gives_a_lab_nothing(cluster: Cluster, pod: dict[str, Any]) -> None:
    where = pod["metadata"]
    done = cluster.execute(where["namespace"], where["name"], "python", "-c", ASK_KUBELET, pod["status"]["hostIP"])
    assert done.stdout.strip() in {"401", "closed"}, done.stderr


def test_stopping_the_lab_removes_its_pod(platform: Platform) -> None:
    person = platform.sign_in("brahe")
    told = person.start_lab()
    assert told[-1].get("ready"), told
    (pod,) = platform.lab_pods(person.name)
    person.stop_lab()
    platform.cluster.kubectl("wait", "-n", platform.labs, "--for=delete", f"pod/{pod['metadata']['name']}")
    assert platform.lab_pods(person.name) == []
