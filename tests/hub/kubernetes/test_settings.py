"""The table `[kubernetes]`: what a site has to write, and a sentence for each mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.settings import HubSettings

Make = Callable[..., Kubernetes]
TOML = """
public_url = "https://uraniborg.example.org"
[hub]
authenticator = "null"
bind = "0.0.0.0"
connect_url = "http://uraniborg-hub.platform:8081"
[hub.config.KubeSpawner]
scheduler_name = "packing"
[kubernetes]
namespace = "labs"
image = "registry.example.org/lab@sha256:1f"
portal_url = "http://uraniborg-portal.platform:8000/services/portal/"
pools_url = "http://uraniborg-pools.platform:8000/services/pools/"
home = { kind = "shared", claim = "homes" }
catalogs = { claim = "catalogs" }
tolerations = [{ key = "labs", operator = "Exists" }]
[[kubernetes.profiles]]
slug = "small"
title = "Small"
default = true
[[kubernetes.profiles]]
slug = "gpu"
title = "With a GPU"
gpu = 1
groups = ["radio"]
"""


def test_the_file_that_a_variable_names_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "site.toml"
    file.write_text(TOML)
    monkeypatch.setenv("URANIBORG_CONFIG", str(file))
    monkeypatch.setenv("URANIBORG_HUB__DATABASE", "postgresql://hub:secret@db/hub")
    chosen = HubSettings(home=tmp_path)
    assert chosen.public_url == "https://uraniborg.example.org/"
    assert chosen.database_url == "postgresql://hub:secret@db/hub" and ":secret@" not in repr(chosen)
    assert chosen.hub.config == {"KubeSpawner": {"scheduler_name": "packing"}}
    kubernetes = chosen.kubernetes
    assert kubernetes is not None
    assert [profile.slug for profile in kubernetes.choices] == ["small", "gpu"]
    assert kubernetes.catalogs is not None and kubernetes.catalogs.path == "/catalogs"


def test_one_size_for_all_where_nothing_is_said(settings: Make) -> None:
    (only,) = settings().choices
    assert (only.cpu_request, only.cpu_limit, only.memory_request, only.memory_limit) == ("100m", "2", "512Mi", "2Gi")


PROFILE = {"slug": "small", "title": "Small"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"namespaze": "labs"}, "namespaze"),
        ({"home": {"kind": "shared"}}, "kubernetes.home.claim"),
        ({"home": {"kind": "nfs"}}, "'shared' or 'claim'"),
        ({"home": {"size": "ten"}}, "such as '2', '500m' or '2Gi'"),
        ({"profiles": [PROFILE, PROFILE]}, "two profiles have one slug"),
        ({"profiles": [{**PROFILE, "memory_request": "4Gi"}]}, "memory_request is more than memory_limit"),
        ({"profiles": [{**PROFILE, "cpu_limit": "0"}]}, "give more than 0"),
        ({"profiles": [{**PROFILE, "slug": "Small"}]}, "slug"),
    ],
)
def test_a_mistake_is_named(settings: Make, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        settings(**changes)


def test_what_a_site_has_to_say_is_little() -> None:
    required = {"namespace", "image", "portal_url", "pools_url"}
    assert {name for name, field in Kubernetes.model_fields.items() if field.is_required()} == required
