"""Labs as pods of a real cluster, started by a real hub on this machine: ready, or refused with a reason.

The hub runs here, so pods must reach this machine (`URANIBORG_TEST_HOST`, by default the one of the recipe's cluster)
and this machine the pods.
"""

from __future__ import annotations

import html
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from uraniborg_hub.auth import links
from uraniborg_hub.laptop import node

ROOT = Path(__file__).parents[2]
NAMESPACE = os.environ.get("URANIBORG_TEST_NAMESPACE", "dev-spawner-labs")
HOST = os.environ.get("URANIBORG_TEST_HOST", "198.19.0.1")
SPAWNS = int(os.environ.get("URANIBORG_TEST_SPAWNS", "3"))
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
START_SECONDS = 60

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

TOML = """
public_url = "http://127.0.0.1:{public}/"
owner = "tycho"
[hub]
bind = "0.0.0.0"
connect_url = "http://{host}:{hub}"
[lab]
start_seconds = 60
stop_seconds = 2
[kubernetes]
namespace = "{namespace}"
instance = "tests"
image = "{image}"
portal_url = "http://{host}:9/services/portal/"
pools_url = "http://{host}:9/services/pools/"
patience_seconds = 4
home = {{ kind = "{kind}", claim = "homes", size = "64Mi" }}
"""
CONFIG = """
import json, os
from pathlib import Path
from kubernetes_asyncio.client import V1Volume, V1VolumeMount, V1ConfigMapVolumeSource

exec(Path({config!r}).read_text())
CASES = json.loads({cases!r})

def break_it(spawner, pod):
    case = CASES.get(spawner.user.name, {{}})
    lab = pod.spec.containers[0]
    if spawner.user.name == "silent":
        spawner.answer_seconds = 4
    for name, value in case.get("lab", {{}}).items():
        setattr(lab, name, value)
    for name, value in case.get("pod", {{}}).items():
        setattr(pod.spec, name, value)
    if "claim" in case:
        pod.spec.volumes[0].persistent_volume_claim = {{"claimName": case["claim"]}}
    if "configmap" in case:
        source = V1ConfigMapVolumeSource(name=case["configmap"])
        pod.spec.volumes.append(V1Volume(name="extra", config_map=source))
        lab.volume_mounts.append(V1VolumeMount(name="extra", mount_path="/extra"))
    if "requests" in case:
        lab.resources.requests = lab.resources.limits = case["requests"]
    if "limits" in case:
        lab.resources.requests = lab.resources.limits = {{**lab.resources.requests, **case["limits"]}}
    if case.get("read_only"):
        lab.volume_mounts[0].read_only = True
    return pod

c = globals()["c"]
c.KubeSpawner.modify_pod_hook = break_it
if {stock!r}:
    # The same pod by KubeSpawner itself, for comparison.
    c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
    c.Spawner.http_timeout = 60
"""
BOOM = "import sys\nprint('Loading the catalogs', file=sys.stderr)\nsys.exit('Boom: no such catalog')"


def python(code: str) -> dict[str, Any]:
    """A lab that runs this instead."""
    return {"lab": {"args": ["python3", "-c", code]}}


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "image": ({"lab": {"image": "uraniborg.test/uraniborg/absent:1"}}, "software is not in the registry"),
    "name": ({"lab": {"image": "Not/A:Name:"}}, "The name of this lab's software is not one"),
    "registry": ({"lab": {"image": "nowhere.invalid/lab:1"}}, "can't fetch this lab's software now"),
    "memory": ({"requests": {"cpu": "100m", "memory": "4000Gi"}}, "has 4000 GB of memory free"),
    "cpu": ({"requests": {"cpu": "900", "memory": "64Mi"}}, "has 900 processors free"),
    "gpu": (
        {"requests": {"cpu": "100m", "memory": "64Mi", "nvidia.com/gpu": "1"}},
        "has a free nvidia.com/gpu",
    ),
    "selector": ({"pod": {"node_selector": {"kind": "absent"}}}, "of the kind that this lab wants"),
    "volume": ({"claim": "absent"}, r"does not exist \(absent\)"),
    "unbound": ({"claim": "unbound"}, "volume for your files is not there yet"),
    "mount": ({"configmap": "absent"}, "open the folder with your files or the catalogs"),
    "command": ({"lab": {"command": ["/no/such/program"]}}, "lacks the program that starts it"),
    "crash": (python(BOOM), 'Its last words: "Boom: no such catalog"'),
    "full": (python("import os; raise OSError(28, os.strerror(28), '/home/lab')"), "volume with your files is full"),
    "oom": ({**python("data = bytearray(1 << 30)"), "limits": {"memory": "64Mi"}}, "needed more memory than the 64 MB"),
    "home": ({"read_only": True}, "folder for your files can't be written"),
    "silent": (python("import time; time.sleep(600)"), "the hub does not reach it"),
    "removed": (python("import time; time.sleep(600)"), "removed from the cluster while it started"),
    "policy": ({"pod": {"host_network": True}}, "rules do not allow this lab"),
    "quota": ({}, r"use all that they may together"),
}
"""A user's name to how that user's pod is broken, and what the page says."""


def kubectl(*arguments: str, text: str | None = None) -> str:
    """Run kubectl and give what it prints."""
    return subprocess.run(["kubectl", *arguments], input=text, capture_output=True, text=True, check=True).stdout


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@dataclass(kw_only=True)
class Site:
    """A hub and its proxy on this machine."""

    home: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.home / "hub.log").read_text()

    @contextmanager
    def sign_in(self, user: str) -> Iterator[httpx.Client]:
        """A browser of this user."""
        headers = {"Sec-Fetch-Mode": "navigate"}
        with httpx.Client(
            base_url=self.url, follow_redirects=True, timeout=90, headers=headers, trust_env=False
        ) as browser:
            page = browser.get("/hub/link", params={"token": links.issue(self.home, user)})
            browser.post("/hub/link", data=dict(HIDDEN.findall(page.text)), follow_redirects=False)
            yield browser

    def stream(self, browser: httpx.Client, user: str) -> Iterator[dict[str, Any]]:
        """What the page of a starting lab is told, until the end."""
        address = f"/hub/api/users/{user}/server/progress"
        head = {"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""}
        with browser.stream("GET", address, headers=head, timeout=120) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def start(self, browser: httpx.Client, user: str) -> tuple[float, list[dict[str, Any]]]:
        """Ask for a lab; the seconds until the stream's last word, and all its words."""
        began = time.monotonic()
        page = browser.get("/hub/spawn")
        assert page.status_code in (200, 503), page.text
        told = list(self.stream(browser, user)) if "progress-message" in page.text else []
        return time.monotonic() - began, told

    def stop(self, browser: httpx.Client, user: str) -> None:
        """End the lab, and return when it is gone."""
        head = {"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""}
        browser.delete(f"/hub/api/users/{user}/server", headers=head)
        while pods(user):
            time.sleep(0.1)
        while browser.get(f"/hub/api/users/{user}", headers=head).json()["server"] is not None:
            time.sleep(0.1)


@contextmanager
def running(home: Path, *, stock: bool = False, kind: str = "shared") -> Iterator[Site]:
    """A hub behind a proxy with labs on the cluster; nothing is left of them afterwards."""
    public, api, hub, portal, pools = free_ports(5)
    site = Site(home=home, port=public)
    image = os.environ["URANIBORG_LAB_IMAGE"]
    (home / "site.toml").write_text(
        TOML.format(public=public, hub=hub, host=HOST, namespace=NAMESPACE, image=image, kind=kind)
    )
    cases = json.dumps({user: case for user, (case, _) in CASES.items()})
    config = ROOT / "hub" / "jupyterhub_config.py"
    (home / "config.py").write_text(CONFIG.format(config=str(config), cases=cases, stock=stock))
    environment = {
        **os.environ,
        "URANIBORG_HOME": str(home),
        "URANIBORG_CONFIG": str(home / "site.toml"),
        "CONFIGPROXY_AUTH_TOKEN": "proxy",
        "URANIBORG_PROXY_API_URL": f"http://127.0.0.1:{api}",
        "URANIBORG_HUB_PORT": str(hub),
        "URANIBORG_PORTAL_SERVICE_URL": f"http://127.0.0.1:{portal}/services/portal/",
        "URANIBORG_PORTAL_API_TOKEN": "portal-portal",
        "URANIBORG_POOLS_SERVICE_URL": f"http://127.0.0.1:{pools}/services/pools/",
        "URANIBORG_POOLS_API_TOKEN": "pools-pools",
    }
    target = f"http://127.0.0.1:{hub}"
    inside = [
        "--ip=127.0.0.1",
        "--api-ip=127.0.0.1",
        f"--default-target={target}",
        f"--error-target={target}/hub/error",
    ]
    commands = [
        [str(node.node()), str(node.ensure_proxy()), f"--port={public}", f"--api-port={api}", *inside],
        [sys.executable, "-m", "uraniborg_hub.hub", f"--config={home / 'config.py'}"],
    ]
    try:
        with (home / "hub.log").open("ab") as log:
            for argv in commands:
                site.processes.append(subprocess.Popen(argv, env=environment, cwd=home, stdout=log, stderr=log))
        deadline = time.monotonic() + START_SECONDS
        while "JupyterHub is now running" not in site.log:
            assert time.monotonic() < deadline and site.processes[1].poll() is None, site.log
            time.sleep(0.1)
        yield site
    finally:
        for process in reversed(site.processes):
            process.terminate()
            process.wait(60)
        kubectl("delete", "pods", "-n", NAMESPACE, "-l", "component=lab", "--grace-period=0", "--force")


def claim(name: str, **spec: object) -> dict[str, Any]:
    """A claim of a small volume."""
    size = {"requests": {"storage": "64Mi"}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteMany"], "resources": size, **spec},
    }


@pytest.fixture(scope="module")
def namespace(lab_image: str) -> Iterator[str]:
    """The labs' namespace under the restricted standard, with a volume for homes and one that never comes."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}},
        claim("homes"),
        claim("unbound", storageClassName="of-nobody"),
    ]
    for each in objects:
        kubectl("apply", "-n", NAMESPACE, "-f", "-", text=json.dumps(each))
    yield NAMESPACE
    kubectl("delete", "namespace", NAMESPACE, "--timeout=120s")


@pytest.fixture(scope="module")
def site(namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Our hub."""
    with running(tmp_path_factory.mktemp("site")) as found:
        yield found


def pods(user: str) -> list[dict[str, Any]]:
    """The pods of a user."""
    listed = kubectl("get", "pods", "-n", NAMESPACE, "-l", f"hub.jupyter.org/username={user}", "-o", "json")
    items: list[dict[str, Any]] = json.loads(listed)["items"]
    return items


def test_a_lab_starts_in_stages_that_are_told_and_keeps_files_over_its_end(site: Site) -> None:
    with site.sign_in("tycho") as browser:
        _, told = site.start(browser, "tycho")
        assert told[-1].get("ready"), told
        names = [stage["name"] for stage in [each for each in told if "stages" in each][-1]["stages"]]
        assert names[:6] == ["queued", "scheduled", "mounted", "pulled", "started", "answering"]
        (pod,) = pods("tycho")
        assert [each["name"] for each in pod["spec"]["initContainers"]] == ["home"]
        page = browser.get("/user/tycho/lab")
        assert page.status_code == 200 and "jupyter-config-data" in page.text
        shown = browser.get("/user/tycho/api/contents/start").json()
        assert "content" in shown, shown
        assert {each["name"] for each in shown["content"]} >= {
            path.name for path in (ROOT / "notebooks/start").glob("*.ipynb")
        }
        head = {"X-XSRFToken": browser.cookies.get("_xsrf", path="/user/tycho/") or ""}
        note = {"type": "file", "format": "text", "content": "1572"}
        assert browser.put("/user/tycho/api/contents/nova.txt", json=note, headers=head).status_code == 201
        site.stop(browser, "tycho")
        _, told = site.start(browser, "tycho")
        assert told[-1].get("ready"), told
        # The lab that ended has taken the browser's permission along.
        browser.get("/user/tycho/lab")
        assert browser.get("/user/tycho/api/contents/nova.txt").json()["content"] == "1572"
        assert "initContainers" not in pods("tycho")[0]["spec"]
        site.stop(browser, "tycho")


@contextmanager
def circumstances(user: str) -> Iterator[None]:
    """What a case needs besides its pod."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
    if user == "quota":
        kubectl("apply", "-n", NAMESPACE, "-f", "-", text=json.dumps(quota))
        while "used" not in json.loads(kubectl("get", "quota", "none", "-n", NAMESPACE, "-o", "json"))["status"]:
            time.sleep(0.1)
    try:
        yield
    finally:
        if user == "quota":
            kubectl("delete", "quota", "none", "-n", NAMESPACE)


@pytest.mark.parametrize("user", CASES)
def test_a_start_that_fails_says_why_and_what_to_do(site: Site, user: str) -> None:
    with site.sign_in(user) as browser, circumstances(user):
        began = time.monotonic()
        browser.get("/hub/spawn")
        told = []
        for event in site.stream(browser, user):
            told.append(event)
            if user == "removed" and {"name": "started"}.items() <= {**(event.get("stages") or [{}])[-1]}.items():
                kubectl(
                    "delete", "pod", "-n", NAMESPACE, f"lab-{user}", "--grace-period=0", "--force", "--ignore-not-found"
                )
        seconds = time.monotonic() - began
        last = told[-1]
        assert last.get("failed"), told
        assert re.search(CASES[user][1], last["message"]), last
        assert last["html_message"].startswith("<strong>") and "<br>" in last["html_message"]
        page = browser.get(f"/hub/spawn-pending/{user}")
        assert page.status_code == 503 and "Your lab did not start" in page.text
        assert re.search(CASES[user][1], html.unescape(page.text)), page.text
        assert "InvalidState" not in page.text + json.dumps(told) and not pods(user)
        record = re.findall(rf"Start of the lab of {user}: (.*)", site.log)[-1]
        assert json.loads(record)["outcome"] not in {"ready", "unfinished"}
        sys.stdout.write(f"{user}: {seconds:.1f} s: {last['message']}\n")


def spawns(site: Site, count: int) -> list[float]:
    """Seconds from the request to the ready lab, one after another."""
    with site.sign_in("bench") as browser:
        found = []
        for _ in range(count + 1):
            seconds, told = site.start(browser, "bench")
            assert told[-1].get("ready"), told
            found.append(seconds)
            site.stop(browser, "bench")
    # The first one on a volume makes the folder.
    return found[1:]


def test_ready_is_told_no_later_than_by_kubespawner(site: Site, namespace: str, tmp_path: Path) -> None:
    with running(tmp_path, stock=True) as stock:
        theirs = spawns(stock, SPAWNS)
    ours = spawns(site, SPAWNS)
    for name, seconds in (("ours", ours), ("KubeSpawner", theirs)):
        ordered = ", ".join(f"{each:.2f}" for each in sorted(seconds))
        sys.stdout.write(f"ready {name}: p50 {statistics.median(seconds):.2f} s of {ordered}\n")
    assert statistics.median(ours) < statistics.median(theirs)
