"""Where the cluster keeps what: programs that stay, and state that `down` removes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent
"""Go sources and manifests, beside this module."""
COMMAND = SOURCES.parent / "cluster"
"""The command line of this recipe."""


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Every folder of a cluster."""

    built: Path
    """Kept: programs, the registry's images, Debian's packages."""
    state: Path = Path("/var/lib/uraniborg-cluster")
    """Removed by `down`."""
    run: Path = Path("/run/uraniborg-cluster")
    """Process ids and sockets; removed by `down`."""
    volumes: Path = Path("/tmp/hostpath_pv")
    """Where Kubernetes' own host-path provisioner puts volumes, whatever it is told; removed by `down`."""

    @property
    def programs(self) -> Path:
        """What belongs in PATH: kubectl, and helm and kwok when they are built."""
        return self.built / "bin"

    @property
    def pki(self) -> Path:
        """Keys, certificates and kubeconfig files."""
        return self.state / "pki"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's access to the cluster."""
        return self.pki / "admin.kubeconfig"

    @property
    def logs(self) -> Path:
        """One file per process of the cluster."""
        return self.state / "logs"

    def node(self, name: str) -> Path:
        """Give the folder of a node."""
        return self.state / name


def folders(environment: Mapping[str, str]) -> Folders:
    """Give the folders; `URANIBORG_CLUSTER_CACHE` moves what is kept."""
    moved = environment.get("URANIBORG_CLUSTER_CACHE")
    home = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Folders(built=Path(moved) if moved else home / "uraniborg-cluster")
