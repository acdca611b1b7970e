"""Makes the secrets that hub, proxy, portal and broker share, where there are none yet.

A key that has a value keeps it for ever: an upgrade ends no session and locks no database.
"""

from __future__ import annotations

import argparse
import base64
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cluster_api import ClusterApi

BYTES = 32
"""Random bytes of a value, written in hexadecimal: what JupyterHub wants of its cookie and encryption keys."""


def missing(existing: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    """Give a new random value, as a Secret holds it, for each key without one."""
    return {key: _encoded(secrets.token_hex(BYTES)) for key in keys if not existing.get(key)}


def manifest(name: str, labels: Mapping[str, str], data: Mapping[str, str]) -> dict[str, Any]:
    """Give the Secret as the API server takes it."""
    metadata = {"name": name, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": dict(data)}


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--name", required=True, help="of the Secret")
    parser.add_argument("--label", action="append", default=[], help="of the Secret, KEY=VALUE")
    parser.add_argument("keys", nargs="+", help="that must have a value")
    return parser.parse_args(argv)


def main(argv: Sequence[str], api: ClusterApi) -> str:
    """Make what is missing and give a sentence that says what was made."""
    wanted = arguments(argv)
    collection = f"/api/v1/namespaces/{wanted.namespace}/secrets"
    existing = api.get(f"{collection}/{wanted.name}")
    fresh = missing((existing or {}).get("data") or {}, wanted.keys)
    if existing is None:
        labels = dict(label.split("=", 1) for label in wanted.label)
        api.create(collection, manifest(wanted.name, labels, fresh))
    elif fresh:
        api.merge(f"{collection}/{wanted.name}", {"data": fresh})
    return f"Secret {wanted.name}: made {', '.join(fresh) or 'nothing, all is there'}."


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:], ClusterApi.of_this_pod()) + "\n")
