"""A pool's specification as an annotation of its objects, where a broker that restarts finds it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from uraniborg_hub.pools.dask_cluster import names
from uraniborg_hub.pools.models import Bounds, PoolSpec

ELSEWHERE = ("name", "workers")
"""What the DaskCluster itself tells."""


def written(spec: PoolSpec) -> str:
    """Give the annotation's text."""
    return json.dumps({name: value for name, value in asdict(spec).items() if name not in ELSEWHERE}, sort_keys=True)


def read(cluster: dict[str, Any]) -> PoolSpec | None:
    """Give the specification of a DaskCluster; None when it is no pool of ours."""
    text = (cluster["metadata"].get("annotations") or {}).get(names.RECORD)
    if text is None:
        return None
    try:
        told = json.loads(text)
        bounds = told.pop("adapt", None)
        return PoolSpec(
            name=cluster["metadata"]["name"],
            workers=cluster["spec"]["worker"]["replicas"],
            adapt=Bounds(**bounds) if bounds else None,
            **told,
        )
    except (ValueError, TypeError, KeyError):
        return None
