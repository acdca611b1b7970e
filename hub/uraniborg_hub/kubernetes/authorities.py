"""The authorities that a site trusts, as pods see them: a mounted ConfigMap, and variables that name its file."""

from __future__ import annotations

from typing import Any

FOLDER = "/etc/uraniborg/certificates"
"""Where a pod sees them."""
TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""Variables in which programs look for them: Python and OpenSSL, requests, curl, the clients of S3, node."""


def volumes(config_map: str) -> list[dict[str, Any]]:
    """Give the volume of a pod; none where the site has no authority of its own."""
    return [{"name": "certificates", "configMap": {"name": config_map}}] if config_map else []


def mounts(config_map: str) -> list[dict[str, Any]]:
    """Give the mount of a container."""
    return [{"name": "certificates", "mountPath": FOLDER, "readOnly": True}] if config_map else []


def variables(config_map: str) -> dict[str, str]:
    """Give the variables of a container."""
    return dict.fromkeys(TRUST, f"{FOLDER}/ca-bundle.crt") if config_map else {}
