"""Names, labels and ports of a pool's objects."""

from __future__ import annotations

from hashlib import sha256

CLUSTER = "dask.org/cluster-name"
"""Label with which the operator marks everything of a DaskCluster."""
COMPONENT = "dask.org/component"
"""Label with which the operator tells `scheduler` and `worker` apart."""
OWNER = "uraniborg/owner"
"""Label that marks our pools; its value is the hashed name of the user."""
STANDING = "uraniborg/standing"
"""Label of a pool that stands for a service's jobs; its value is the service's name."""
RECORD = "uraniborg/pool"
"""Annotation that holds a pool's specification."""
PART = "app.kubernetes.io/component"
LAB_USER = "hub.jupyter.org/username"
LAB_SERVER = "hub.jupyter.org/servername"
WORKER_NAME = "DASK_WORKER_NAME"
"""Variable that the operator sets: the name of the worker's own Deployment."""
COMM = 8786
HTTP = 8787


def owner_label(user: str) -> str:
    """Give the label's value of a user: names may hold what labels may not."""
    return sha256(user.encode()).hexdigest()[:32]


def scheduler(pool: str) -> str:
    """Give the name of a pool's scheduler: its Service and its Deployment."""
    return f"{pool}-scheduler"


def secret(pool: str) -> str:
    """Give the name of the Secret with a pool's certificates."""
    return f"{pool}-tls"


def policies(pool: str) -> tuple[str, str, str]:
    """Give the names of a pool's NetworkPolicies: of its scheduler, its workers, and its owner's lab."""
    return f"{pool}-scheduler", f"{pool}-workers", f"{pool}-lab"
