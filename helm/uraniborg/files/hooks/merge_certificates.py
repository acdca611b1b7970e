"""Makes one bundle of the public certificate authorities and the site's own: a ConfigMap that pods mount.

The public ones come out of this image (`certifi`), so that a site names its own alone.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import certifi
from cluster_api import ClusterApi

KEY = "ca-bundle.crt"
MARK = "-----BEGIN CERTIFICATE-----"
CERTIFICATE = re.compile(f"{MARK}.+?-----END CERTIFICATE-----", re.DOTALL)


class NoAuthority(Exception):
    """The site's authorities are not where the values say."""


def bundle(public: str, site: str) -> str:
    """Give both as one PEM file, each certificate once, the public ones first."""
    found = dict.fromkeys(each for text in (public, site) for each in CERTIFICATE.findall(text))
    return "".join(f"{each}\n" for each in found)


def site_file(path: Path) -> str:
    """Give the site's authorities.

    Raises
    ------
    NoAuthority
        There is no such file, or no certificate in it.
    """
    text = path.read_text() if path.is_file() else ""
    if MARK not in text:
        raise NoAuthority(
            f"The ConfigMap of certificates.configMap holds no PEM certificate under {path.name!r} (certificates.key). "
            "Make it in the release's namespace, then install again."
        )
    return text


def manifest(name: str, labels: Mapping[str, str], text: str) -> dict[str, Any]:
    """Give the ConfigMap as the API server takes it."""
    metadata = {"name": name, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {KEY: text}}


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--name", required=True, help="of the ConfigMap")
    parser.add_argument("--label", action="append", default=[], help="of the ConfigMap, KEY=VALUE")
    parser.add_argument("site", type=Path, help="the site's authorities, a PEM file")
    return parser.parse_args(argv)


def main(argv: Sequence[str], api: ClusterApi) -> str:
    """Make or update the bundle and give a sentence that says how much is in it."""
    wanted = arguments(argv)
    text = bundle(Path(certifi.where()).read_text(), site_file(wanted.site))
    labels = dict(label.split("=", 1) for label in wanted.label)
    path = f"/api/v1/namespaces/{wanted.namespace}/configmaps/{wanted.name}"
    api.apply(path, json.dumps(manifest(wanted.name, labels, text)))
    return f"ConfigMap {wanted.name} in {wanted.namespace}: {text.count(MARK)} authorities."


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1:], ClusterApi.of_this_pod()) + "\n")
    except NoAuthority as error:
        sys.exit(str(error))
