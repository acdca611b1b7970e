"""Labs on a cluster: the table `[kubernetes]` of the hub's settings. With it, labs are pods."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from uraniborg_hub.kubernetes.catalogs import Catalogs
from uraniborg_hub.kubernetes.quantity import Quantity, amount


class Home(BaseModel, frozen=True, extra="forbid"):
    """Where users' files are kept."""

    kind: Literal["shared", "claim"] = "claim"
    """`shared`: one volume for all, a folder per user; `claim`: a volume per user, made at the first start."""
    claim: str = ""
    """`shared`: the PersistentVolumeClaim of all homes, in the labs' namespace."""
    storage_class: str | None = None
    """`claim`: the StorageClass of new volumes; absent is the cluster's default."""
    size: Quantity = "10Gi"
    """`claim`: size of a new volume."""
    quota: Quantity | None = None
    """`shared`: what a user may keep before the lab warns; absent is no limit. The volume itself holds nobody back."""

    @model_validator(mode="after")
    def _has_claim(self) -> Self:
        if self.kind == "shared" and not self.claim:
            raise ValueError("homes on a shared volume need its claim: kubernetes.home.claim")
        return self


class Profile(BaseModel, frozen=True, extra="forbid"):
    """One choice at the start of a lab: image x size x who may take it."""

    slug: str = Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")
    """Its name in addresses and metrics."""
    title: str
    """Its name on the page."""
    description: str = ""
    """One sentence beside the name."""
    image: str = ""
    """Another image than `kubernetes.image`; a digest, not a tag, where one is known."""
    cpu_request: Quantity = "100m"
    """Processors that are kept for the lab."""
    cpu_limit: Quantity = "2"
    """Processors that it may use."""
    memory_request: Quantity = "512Mi"
    """Memory that is kept for the lab."""
    memory_limit: Quantity = "2Gi"
    """Memory that it may use; it is ended beyond."""
    gpu: int = Field(0, ge=0)
    """Graphics processors."""
    groups: frozenset[str] = frozenset()
    """Groups of the hub whose members see it; empty is everyone."""
    default: bool = False
    """Chosen beforehand."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for least, most in (("cpu_request", "cpu_limit"), ("memory_request", "memory_limit")):
            if amount(getattr(self, least)) > amount(getattr(self, most)):
                raise ValueError(f"profile {self.slug}: {least} is more than {most}")
        return self


class Kubernetes(BaseModel, frozen=True, extra="forbid"):
    """How labs become pods (table `[kubernetes]`)."""

    namespace: str
    """Where labs and pools live."""
    instance: str = "uraniborg"
    """The release's name, for the label `app.kubernetes.io/instance`."""
    service_account: str = ""
    """Of labs; its token is never mounted. Empty is the namespace's default."""
    image: str
    """The lab's image; a digest, not a tag, where one is known."""
    pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    pull_secrets: tuple[str, ...] = ()
    """Secrets of the labs' namespace with which nodes fetch images."""
    portal_url: str
    """The portal's address as labs reach it, with its prefix."""
    pools_url: str
    """The broker's address as labs reach it, with its prefix."""
    portal_public_url: str = ""
    """The portal's address as browsers find it, for links in labs; empty: below the platform's own."""
    home: Home = Home()
    catalogs: Catalogs | None = None
    certificates: str = ""
    """A ConfigMap of the labs' namespace whose key `ca-bundle.crt` holds all authorities that labs trust; empty: their
    image's own."""
    data_mirror: str | None = None
    """A folder or URL that labs try first for data files."""
    environment: dict[str, str] = {}
    """More environment variables of labs."""
    node_selector: dict[str, str] = {}
    tolerations: tuple[dict[str, Any], ...] = ()
    priority_class: str = ""
    user_id: int = Field(1000, ge=0)
    """The user of a lab's processes, and the group of its volumes; 0 lets the cluster choose (OpenShift)."""
    gpu_resource: str = "nvidia.com/gpu"
    """The name under which nodes offer graphics processors."""
    patience_seconds: float = Field(30, gt=0)
    """A start that waits for what only Kubernetes can mend (room, a volume, a registry that does not answer) is
    given up after so long without a change, seconds."""
    profiles: tuple[Profile, ...] = ()
    """What users choose from; empty is one size for all."""

    @model_validator(mode="after")
    def _profiles_differ(self) -> Self:
        slugs = [profile.slug for profile in self.profiles]
        if len(set(slugs)) < len(slugs):
            raise ValueError(f"two profiles have one slug: {', '.join(sorted(slugs))}")
        return self

    @property
    def choices(self) -> tuple[Profile, ...]:
        """What users choose from, at least one."""
        return self.profiles or (Profile(slug="lab", title="Lab", default=True),)
