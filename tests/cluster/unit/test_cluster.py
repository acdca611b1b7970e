"""What is read from kubectl and from the kernel."""

from __future__ import annotations

from pathlib import Path

from recipe.cluster import mounts_below, ready_nodes

NODES = """\
node1   Ready      <none>   3m    v1.34.2
node2   NotReady   <none>   3m    v1.34.2
"""
MOUNTS = """\
22 28 0:20 / /proc rw - proc proc rw
90 28 0:51 / /run/cluster/node1 rw - tmpfs tmpfs rw
91 90 0:52 / /run/cluster/node1/shm rw - tmpfs tmpfs rw
92 28 0:53 / /run/cluster-of-others rw - tmpfs tmpfs rw
"""


def test_ready_nodes() -> None:
    assert ready_nodes(NODES) == {"node1"}
    assert ready_nodes("") == set()


def test_mounts_are_given_innermost_first_and_those_of_others_never() -> None:
    assert mounts_below(MOUNTS, Path("/run/cluster")) == ["/run/cluster/node1/shm", "/run/cluster/node1"]
