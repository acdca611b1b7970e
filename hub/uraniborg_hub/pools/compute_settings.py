"""Settings of the pool that stands for a service's jobs: `[pools.compute]`."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pydantic import BaseModel, Field, field_validator, model_validator

from uraniborg_hub.kubernetes.catalogs import Catalogs

UNITS = {"Mi": 2**20, "Gi": 2**30}


class ComputeSettings(BaseModel, frozen=True, extra="forbid"):
    """What an operator says about the workers of the portal's jobs."""

    image: str
    """Of scheduler and workers: the service's own, by digest where there is one."""
    service: str = "portal"
    """The hub's service whose token is told where the pool is, and nobody else's."""
    client_namespace: str
    """Where the service's pods are."""
    client_labels: dict[str, str]
    """What marks them: they alone reach the scheduler, besides its own workers."""
    minimum: int = Field(1, ge=0)
    """Workers that are always there."""
    maximum: int = Field(4, gt=0)
    """Workers at most; between both, as many as there are jobs."""
    threads: int = Field(1, gt=0)
    """Jobs that one worker runs at once."""
    memory: int = Field(2**31, ge=2**28)
    """Memory of one worker, bytes or a quantity such as 2Gi: promised, and the most that it gets."""
    cpu: float = Field(1.0, gt=0)
    """CPUs of one worker at most; half of them are promised."""
    environment: dict[str, str] = {}
    """Variables of scheduler and workers."""
    preload: tuple[str, ...] = ("uraniborg_portal.instruments.cluster.on_worker", "uraniborg_portal.scans.on_worker")
    """Modules of the image with which workers start."""
    egress: list[dict[str, Any]] = []
    """What workers may reach, as the egress rules of a NetworkPolicy."""
    certificates: str = ""
    """The ConfigMap beside the pools whose `ca-bundle.crt` they trust, as labs do; empty: their image's own."""
    catalogs: Catalogs | None = None
    """The service's catalogs as workers read them, at the path that the service has them under; None: they don't."""
    identity: dict[str, Any] = {}
    """Users and groups of the pods, as a pod's security context has them; empty where the cluster chooses."""

    @field_validator("memory", mode="before")
    @classmethod
    def quantity(cls, given: object) -> object:
        """Take a quantity of Kubernetes, such as 2Gi, for its bytes."""
        if isinstance(given, str) and given[:-2].isdecimal() and given[-2:] in UNITS:
            return int(given[:-2]) * UNITS[given[-2:]]
        return given

    @model_validator(mode="after")
    def ordered(self) -> ComputeSettings:
        """Refuse a minimum above the maximum."""
        if self.minimum > self.maximum:
            raise ValueError(f"minimum is {self.minimum}, above maximum, {self.maximum}")
        return self

    @property
    def fingerprint(self) -> str:
        """What tells a pool of these settings from one of others; bounds are no part of it: a pool can change them."""
        return sha256(self.model_dump_json(exclude={"minimum", "maximum"}).encode()).hexdigest()[:16]
