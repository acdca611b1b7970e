"""Labs as pods of a real cluster, started by a real hub on this machine: ready, or refused with a reason.

The hub runs here, so pods must reach this machine (`URANIBORG_TEST_HOST`, by default the one of the recipe's cluster)
and this machine the pods.
"""

from __future__ import annotations

import html
import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from deployed.images import ROOT
from deployed.site import NAMESPACE, Site, kubectl, pods, running
from deployed.site import namespace as a_namespace

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

CONFIG = """
import json
from kubernetes_asyncio.client import V1Volume, V1VolumeMount, V1ConfigMapVolumeSource

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
"""
SILENT = "import socket, time\nlistening = socket.create_server(('', 8888))\ntime.sleep(600)"
"""Takes connections and never answers."""
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
    "silent": (python(SILENT), "the hub does not reach it"),
    "removed": (python("import time; time.sleep(600)"), "removed from the cluster while it started"),
    "policy": ({"pod": {"host_network": True}}, "rules do not allow this lab"),
    "quota": ({}, r"use all that they may together"),
}
"""A user's name to how that user's pod is broken, and what the page says."""


@pytest.fixture(scope="module")
def namespace(lab_image: str) -> Iterator[str]:
    """The labs' namespace."""
    with a_namespace() as made:
        yield made


@pytest.fixture(scope="module")
def site(namespace: str, lab_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Our hub, which breaks the pods of the users of CASES."""
    cases = json.dumps({user: case for user, (case, _) in CASES.items()})
    with running(tmp_path_factory.mktemp("site"), lab_image, config=CONFIG.format(cases=cases)) as found:
        yield found


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
