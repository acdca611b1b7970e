"""A real hub and its proxy on this machine, with labs on a cluster.

Pods must reach this machine (`URANIBORG_TEST_HOST`, by default the one of the recipe's cluster) and this machine the
pods. kubectl and the hub find the cluster by KUBECONFIG.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deployed.images import ROOT
from uraniborg_hub.auth import links
from uraniborg_hub.laptop import node
from uraniborg_hub.laptop.ports import free_ports

NAMESPACE = os.environ.get("URANIBORG_TEST_NAMESPACE", "dev-spawner-labs")
HOST = os.environ.get("URANIBORG_TEST_HOST", "198.19.0.1")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
START_SECONDS = 60

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
OURS = "exec(open({config!r}).read())\n"
"""The configuration of every hub here; a site's own follows it."""
BARE = """
import os
c = get_config()
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = os.environ["URANIBORG_PROXY_API_URL"]
c.ConfigurableHTTPProxy.auth_token = os.environ["CONFIGPROXY_AUTH_TOKEN"]
c.JupyterHub.hub_bind_url = "http://127.0.0.1:" + os.environ["URANIBORG_HUB_PORT"]
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.trust_user_provided_tokens = True
c.JupyterHub.services = []
c.JupyterHub.load_roles = []
"""
"""What JupyterHub itself needs to run behind the same proxy, with nothing of ours."""
STOCK = """
c = globals()["c"]
c.JupyterHub.spawner_class = "kubespawner.KubeSpawner"
c.Spawner.http_timeout = 60
"""
"""The same pods by KubeSpawner itself, for comparison."""


def kubectl(*arguments: str, text: str | None = None) -> str:
    """Run kubectl and give what it prints."""
    return subprocess.run(["kubectl", *arguments], input=text, capture_output=True, text=True, check=True).stdout


def pods(user: str) -> list[dict[str, Any]]:
    """The pods of a user."""
    listed = kubectl("get", "pods", "-n", NAMESPACE, "-l", f"hub.jupyter.org/username={user}", "-o", "json")
    items: list[dict[str, Any]] = json.loads(listed)["items"]
    return items


@dataclass(kw_only=True)
class Site:
    """A hub and its proxy on this machine."""

    home: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The proxy's address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What hub and proxy have written."""
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
def running(home: Path, image: str, *, kind: str = "shared", config: str = "", bare: bool = False) -> Iterator[Site]:
    """A hub behind a proxy with labs of this image on the cluster; nothing is left of them afterwards.

    Parameters
    ----------
    home
        Where its state, its settings and its log `hub.log` are.
    image
        The lab's image.
    kind
        How homes are kept: `shared` or `claim`.
    config
        What a site's own jupyterhub_config.py adds.
    bare
        JupyterHub without anything of ours.
    """
    public, api, hub, portal, pools = free_ports(5)
    site = Site(home=home, port=public)
    (home / "site.toml").write_text(
        TOML.format(public=public, hub=hub, host=HOST, namespace=NAMESPACE, image=image, kind=kind)
    )
    main = ROOT / "hub" / "jupyterhub_config.py"
    (home / "config.py").write_text((BARE if bare else OURS.format(config=str(main))) + config)
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
        [sys.executable, "-m", "jupyterhub" if bare else "uraniborg_hub.hub", f"--config={home / 'config.py'}"],
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


@contextmanager
def namespace() -> Iterator[str]:
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
