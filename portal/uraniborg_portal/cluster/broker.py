"""Where the portal's cluster is: the pool broker tells it, to the portal's own service token alone."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from uraniborg_portal.errors import Unavailable

SECONDS = 20.0
"""The broker may hold its answer back for so long while the cluster starts."""


@dataclass(frozen=True, kw_only=True)
class SchedulerAddress:
    """A scheduler, and the way in."""

    url: str
    """`tls://host:port`."""
    authority: str
    certificate: str
    key: str
    """PEM texts."""


class Broker:
    """The pool broker, asked with the portal's token.

    Parameters
    ----------
    url
        The broker's address with its prefix, with a slash at the end.
    token
        The portal's own hub token; it travels in a header.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = f"{url.rstrip('/')}/api/compute"
        self.client = httpx.AsyncClient(
            headers={"Authorization": f"token {token}"}, trust_env=False, timeout=httpx.Timeout(SECONDS + 10, connect=3)
        )

    async def scheduler(self, wait: float = 0.0) -> SchedulerAddress:
        """Give the scheduler that runs now; wait so many seconds for one where there is none.

        Raises
        ------
        Unavailable
            None runs, or the broker does not answer; the message says which.
        """
        try:
            answer = await self.client.get(self.url, params={"wait": f"{min(wait, SECONDS):g}"} if wait > 0 else None)
            said = answer.json()
            if not answer.is_success:
                raise Unavailable(said["message"], said["remedy"])
            pem = said["security"]
            return SchedulerAddress(url=said["scheduler"], authority=pem["ca"], certificate=pem["cert"], key=pem["key"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(
                f"The pool broker does not tell where the portal's workers are ({type(error).__name__}).",
                "Run it again in a minute.",
            ) from error

    async def close(self) -> None:
        """End the connections."""
        await self.client.aclose()
