"""The API server as the cluster's own processes ask it: by kubectl, or over one connection that is kept."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import subprocess
from typing import Any

from recipe.addresses import API_PORT
from recipe.folders import Folders


def kubectl(folders: Folders, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run kubectl as administrator; its status tells whether it went well."""
    environment = os.environ | {"KUBECONFIG": str(folders.kubeconfig)}
    argv = [str(folders.programs / "kube"), "kubectl", *arguments]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


class Reader:
    """Reads objects again and again over one connection: a kubectl for each reading would cost a tenth of a second."""

    def __init__(self, folders: Folders) -> None:
        trusted = ssl.create_default_context(cafile=str(folders.pki / "ca.crt"))
        trusted.load_cert_chain(folders.pki / "admin.crt", folders.pki / "admin.key")
        self.connection = http.client.HTTPSConnection("127.0.0.1", API_PORT, timeout=10, context=trusted)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Give the objects of a list, as the API server's cache has them.

        Raises
        ------
        OSError
            The API server does not answer, or not with a list.
        """
        try:
            self.connection.request("GET", f"{path}?resourceVersion=0")
            answer = self.connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise OSError(f"{path}: {error}") from error
        if answer.status != http.client.OK:
            raise OSError(f"{path}: {answer.status} {answer.reason}")
        items: list[dict[str, Any]] = json.loads(body)["items"]
        return items
