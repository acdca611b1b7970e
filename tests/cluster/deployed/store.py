"""An S3 server on this machine, which pods of the recipe's cluster reach: files that several portals share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from recipe.addresses import HOST

BUCKET = "uraniborg"
KEY = {"AWS_ACCESS_KEY_ID": "tycho", "AWS_SECRET_ACCESS_KEY": "brahe"}
"""What opens it, as programs have it in their environment."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """One that runs, with a bucket."""

    port: int

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{HOST}:{self.port}"

    def files(self, secret: str) -> dict[str, Any]:
        """Give the chart's `portal.files`, with the Secret that holds `KEY`."""
        return {"url": f"s3://{BUCKET}/portal", "options": {"endpoint_url": self.url}, "existingSecret": secret}

    def egress(self) -> dict[str, Any]:
        """Give the rule of a NetworkPolicy that leads there."""
        return {"to": [{"ipBlock": {"cidr": f"{HOST}/32"}}], "ports": [{"port": self.port, "protocol": "TCP"}]}


@contextmanager
def store() -> Iterator[Store]:
    """Run moto's server with an empty bucket, as long as the block runs."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    server.start()
    try:
        made = Store(port=server.get_host_and_port()[1])
        keys = {name.lower(): value for name, value in KEY.items()}
        boto3.client("s3", endpoint_url=made.url, region_name="us-east-1", **keys).create_bucket(Bucket=BUCKET)
        yield made
    finally:
        server.stop()
