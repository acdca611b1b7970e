"""A pool's facts as JSON: what anyone who may see the pool at all may know of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from uraniborg_hub.pools.lives import Pool


def facts(pool: Pool) -> dict[str, Any]:
    """Give owner, state and size; nothing of the way in."""
    spec = pool.spec
    return {
        "name": spec.name,
        "owner": spec.owner,
        "state": pool.state.value,
        "reason": pool.reason,
        "workers": spec.workers,
        "adapt": asdict(spec.adapt) if spec.adapt else None,
        "ready": pool.ready,
        "waiting": pool.waiting,
        "threads": spec.threads,
        "memory": spec.memory,
    }
