"""HTTP to allowed hosts: a name is resolved once, its addresses are checked, and the connection goes to one of them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.outside.hosts import AllowedHosts, check_url

REDIRECTS = 3
FAILURES = (
    httpx.HTTPError, httpx.InvalidURL, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError,
    httpcore.UnsupportedProtocol, ssl.SSLError,
)  # fmt: skip
"""What says that a host does not answer, or not in HTTP."""
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """Give the addresses of a host, by the system's resolver."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(f"{host} has no address") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to allowed hosts only, and to no other address than one that was checked.

    TLS still asks for the certificate of the name, as the name is the connection's, not the socket's.
    """

    def __init__(self, allowed: AllowedHosts, resolver: Resolve = resolve) -> None:
        self.allowed = allowed
        self.resolver = resolver
        self.network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers.

        Raises
        ------
        BadParameter
            The host may not be asked, or one of its addresses.
        httpcore.ConnectError, httpcore.ConnectTimeout
            None answers.
        """
        trouble: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self.addresses(host, port, timeout):
            try:
                return await self.network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble

    async def sleep(self, seconds: float) -> None:
        """Wait between two tries to connect."""
        await self.network.sleep(seconds)

    async def addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Give the addresses of a host, all of them checked."""
        if not self.allowed.allows(host):
            raise BadParameter(f"The host {host[:80]!r} may not be asked; accepted: {self.allowed.accepted}.")
        try:
            found = await asyncio.wait_for(self.resolver(host, port), timeout)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no address of {host} in time") from error
        if self.allowed.refused_addresses(host, found):
            raise BadParameter(
                f"The host {host[:80]!r} has an address that is not of the public internet.",
                "Ask the operator of this portal to name it in the settings.",
            )
        return found


class Pieces(httpx.AsyncByteStream):
    """The body of an answer as it comes."""

    def __init__(self, stream: AsyncIterator[bytes], close: Callable[[], Awaitable[None]]) -> None:
        self.stream = stream
        self.close = close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give its pieces."""
        async for piece in self.stream:
            yield piece

    async def aclose(self) -> None:
        """End the connection's use."""
        await self.close()


class CheckedTransport(httpx.AsyncBaseTransport):
    """Sends requests over a `CheckedNetwork`; each redirect is a request, and checked like the first."""

    def __init__(self, allowed: AllowedHosts, resolver: Resolve = resolve, connects: int = 1) -> None:
        self.allowed = allowed
        self.pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            network_backend=CheckedNetwork(allowed, resolver),
            retries=connects - 1,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Give the answer to a request.

        Raises
        ------
        BadParameter
            Its host may not be asked.
        """
        check_url(str(request.url), self.allowed)
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        answer = await self.pool.handle_async_request(
            httpcore.Request(
                request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
            )
        )
        body = Pieces(answer.aiter_stream(), answer.aclose)
        return httpx.Response(answer.status, headers=answer.headers, stream=body, extensions=answer.extensions)

    async def aclose(self) -> None:
        """End all connections."""
        await self.pool.aclose()


def client(
    allowed: AllowedHosts,
    seconds: float,
    *,
    redirects: int = REDIRECTS,
    resolver: Resolve = resolve,
    connects: int = 1,
) -> httpx.AsyncClient:
    """Give a client for one errand: no proxy, no cookie, no header of a user; `seconds` without a byte end it.

    It tries to connect `connects` times.
    """
    return httpx.AsyncClient(
        transport=CheckedTransport(allowed, resolver, connects),
        timeout=seconds,
        follow_redirects=redirects > 0,
        max_redirects=redirects,
        headers={"User-Agent": "uraniborg", "Accept-Encoding": "gzip"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
    )
