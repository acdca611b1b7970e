"""`uraniborg link` in the hub's pod."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from uraniborg_hub.auth.cluster_link import cluster_link
from uraniborg_hub.auth.links import holder
from uraniborg_hub.errors import PlatformError
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.settings import HubProcess, HubSettings

CLUSTER = Kubernetes(namespace="labs", image="lab@sha256:1f", portal_url="http://portal/", pools_url="http://pools/")
TOML = """public_url = "https://uraniborg.example.org/"
[kubernetes]
namespace = "labs"
image = "lab@sha256:1f"
portal_url = "http://portal/"
pools_url = "http://pools/"
"""


def settings(home: Path, authenticator: str = "link") -> HubSettings:
    public = "https://uraniborg.example.org/"
    return HubSettings(home=home, public_url=public, kubernetes=CLUSTER, hub=HubProcess(authenticator=authenticator))


def test_it_leads_to_the_public_address_and_signs_in_whom_it_names(tmp_path: Path) -> None:
    link = cluster_link(settings(tmp_path), "tycho")
    address, _, token = link.partition("?token=")
    assert address == "https://uraniborg.example.org/hub/link" and holder(tmp_path, token) == "tycho"


@pytest.mark.parametrize(
    ("authenticator", "user", "words"),
    [
        ("dummy", "tycho", "People sign in by 'dummy' here"),
        ("link", None, "On a cluster nobody is the owner."),
    ],
)
def test_where_there_is_no_link_it_says_why(tmp_path: Path, authenticator: str, user: str | None, words: str) -> None:
    with pytest.raises(PlatformError, match=words) as refused:
        cluster_link(settings(tmp_path, authenticator), user)
    assert refused.value.remedy.endswith(".")


def test_a_folder_that_is_not_the_hubs_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PlatformError, match="No link can be kept in"):
        cluster_link(settings(tmp_path / "file"), "tycho")


def test_the_command_prints_it_as_in_the_pod(tmp_path: Path) -> None:
    (tmp_path / "uraniborg.toml").write_text(TOML)
    argv = [sys.executable, "-m", "uraniborg.cli", "link", "kepler"]
    done = subprocess.run(argv, env={"URANIBORG_HOME": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert holder(tmp_path, done.stdout.strip().partition("?token=")[2]) == "kepler"
