"""What a pool takes over from its lab, and what stays there."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from uraniborg_hub.pools.dask_cluster.lab_pod import choose, image, read
from uraniborg_hub.pools.errors import PoolFailed

D = "sha256:" + "0" * 64


def test_the_lab_s_tokens_home_and_secrets_stay_in_the_lab(lab_pod: dict[str, Any]) -> None:
    lab = read(lab_pod)
    assert [entry["name"] for entry in lab.environment] == ["OMP_NUM_THREADS", "URANIBORG_DATA_MIRROR"]
    assert [volume["name"] for volume in lab.volumes] == ["catalogs"]
    assert lab.mounts == ({"name": "catalogs", "mountPath": "/catalogs", "readOnly": True},)
    assert lab.identity == {"runAsUser": 1000, "fsGroup": 100}
    assert lab.image == "uraniborg.test/lab@sha256:" + "5c" * 32
    assert "app.kubernetes.io/managed-by" not in lab.labels and lab.labels["hub.jupyter.org/servername"] == ""


@pytest.mark.parametrize(
    ("asked", "found", "expected"),
    [
        (f"a/lab@{D}", "b/lab@sha256:1", f"a/lab@{D}"),
        ("a/lab:1", f"a/lab@{D}", f"a/lab@{D}"),
        ("a/lab:1", f"docker-pullable://a/lab@{D}", f"a/lab@{D}"),
        ("a/lab:1", D, "a/lab:1"),
        ("a/lab:1", "", "a/lab:1"),
    ],
)
def test_the_image_goes_by_its_digest_where_there_is_one(asked: str, found: str, expected: str) -> None:
    status = {"containerStatuses": [{"name": "notebook", "imageID": found}]}
    assert image({"name": "notebook", "image": asked}, status) == expected
    assert image({"name": "notebook", "image": asked}, {}) == asked


def changed(pod: dict[str, Any], name: str, server: str = "", **metadata: str) -> dict[str, Any]:
    other = deepcopy(pod)
    other["metadata"] |= {"name": name, **metadata}
    if server:
        other["metadata"]["annotations"]["hub.jupyter.org/servername"] = server
    return other


def test_the_lab_that_asked_is_found_by_its_name(lab_pod: dict[str, Any]) -> None:
    named = changed(lab_pod, "named", "sky", creationTimestamp="2026-11-21T17:00:00Z")
    leaving = changed(lab_pod, "leaving", deletionTimestamp="2026-11-21T18:00:00Z")
    other = changed(lab_pod, "other")
    other["metadata"]["annotations"]["hub.jupyter.org/username"] = "kepler"
    pods = [other, leaving, named, changed(lab_pod, "default")]
    chosen = [choose(pods, "Tycho Brahe", lab)["metadata"]["name"] for lab in ("", "sky", None)]
    assert chosen == ["default", "named", "default"]


@pytest.mark.parametrize("lab", ["", "sky", None])
def test_without_a_lab_there_is_no_pool(lab_pod: dict[str, Any], lab: str | None) -> None:
    waiting = changed(lab_pod, "waiting", "sky")
    waiting["status"]["phase"] = "Pending"
    unlabelled = changed(lab_pod, "unlabelled", "")
    del unlabelled["metadata"]["labels"]["hub.jupyter.org/username"]
    with pytest.raises(PoolFailed, match="Start your lab first"):
        choose([waiting, unlabelled], "Tycho Brahe", lab)
