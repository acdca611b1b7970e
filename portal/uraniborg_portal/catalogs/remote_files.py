"""Files of a HATS catalog on another host: over HTTP, or wherever else fsspec leads (S3).

An operator who adds a catalog trusts its host: it is asked whatever its addresses are. A redirect may lead it to other
hosts only that have public ones (`outside.hosts`).
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import fsspec
import httpx

from uraniborg_portal.catalogs.validators import Validators
from uraniborg_portal.errors import BadParameter, Unavailable
from uraniborg_portal.outside.hosts import SCHEMES, AllowedHosts, check_url, host_of
from uraniborg_portal.outside.transport import FAILURES, client
from uraniborg_portal.storage import failed, reason

SECONDS = 30.0
"""A host that sends nothing for this long does not answer."""
CONNECTS = 3
"""How often a connection is tried."""
PAUSES = (0.2, 1.0)
"""Seconds after which a file is asked for again that a host broke off, or can't give now (HTTP 429 and 5xx)."""
PIECE = 1 << 20
"""Bytes that are written at once."""
Told = Callable[[Validators], None]
"""Is told what the host says of a file, before it comes; it may raise."""


class RemoteFiles(Protocol):
    """The files below one URL, by their paths from it.

    Raises
    ------
    Unavailable
        Every method raises it where the host does not answer, or refuses.
    """

    async def size(self, path: str) -> int | None:
        """Give the bytes of a file, None where nobody says; fails like `copy`."""

    async def read(self, path: str) -> bytes | None:
        """Give a file, None where there is none."""

    async def tail(self, path: str, size: int) -> bytes:
        """Give the last bytes of a file, all of a shorter one; fails like `copy`."""

    async def copy(self, path: str, target: Path, told: Told) -> None:
        """Write a file of the host to `target`.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        """


@asynccontextmanager
async def files_at(url: str) -> AsyncIterator[RemoteFiles]:
    """Give the files below an `http`, `https` or `s3` URL.

    Raises
    ------
    BadParameter
        The URL is another one.
    """
    if urlsplit(url).scheme.lower() not in SCHEMES:
        with _opened(url):
            files, root = fsspec.url_to_fs(url)
        yield StoreFiles(url, files, root)
        return
    allowed = AllowedHosts(named=frozenset({host_of(url)}), every=True)
    check_url(url, allowed)
    async with client(allowed, SECONDS, connects=CONNECTS) as http:
        yield HttpFiles(url, http)


class HttpFiles:
    """The files below an http or https URL."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self.http = http

    async def size(self, path: str) -> int | None:
        """Give what the host says of a file's size."""
        async with self._answered("HEAD", path) as answer:
            said = answer.headers.get("content-length", "")
            return int(said) if said.isdecimal() else None

    async def read(self, path: str) -> bytes | None:
        """Give a file, whole, in memory."""
        try:
            async with self._answered("GET", path) as answer:
                return await answer.aread()
        except FileNotFoundError:
            return None

    async def tail(self, path: str, size: int) -> bytes:
        """Give the last bytes of a file, by a request for a range."""
        async with self._answered("GET", path, {"Range": f"bytes=-{size}"}) as answer:
            if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                raise Unavailable(f"{host_of(self.url)} gives whole files only, no ranges.", "Copy the catalog here.")
            return await answer.aread()

    async def copy(self, path: str, target: Path, told: Told) -> None:
        """Write a file; one that is broken off is asked for again."""
        for pause in (*PAUSES, None):
            try:
                async with self._answered("GET", path) as answer:
                    told(validators_in(answer.headers))
                    with target.open("wb") as file:
                        async for piece in answer.aiter_raw(PIECE):
                            file.write(piece)
                return
            except Broken:
                if pause is None:
                    raise
                await asyncio.sleep(pause)

    @asynccontextmanager
    async def _answered(
        self, method: str, path: str, headers: dict[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        host = host_of(self.url)
        # What is packed has another size than the file.
        asked = {"Accept-Encoding": "identity", **(headers or {})}
        try:
            async with self.http.stream(method, f"{self.url}/{path}", headers=asked) as answer:
                if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
                    raise FileNotFoundError(errno.ENOENT, "not there", f"{self.url}/{path}")
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
                    raise Broken(f"{host} can't give {path} now (HTTP {answer.status_code}).", "Try again later.")
                if not answer.is_success or answer.headers.get("content-encoding", "identity") != "identity":
                    raise Unavailable(f"{host} does not give {path} (HTTP {answer.status_code}).", "Ask its operator.")
                yield answer
        except FAILURES as error:
            reason = str(error).rstrip(".") or type(error).__name__
            raise Broken(f"{host} does not answer: {reason[:200]}.", "Try again later.") from error
        except BadParameter as error:
            raise Unavailable(f"{host} sends us elsewhere. {error.message}", error.remedy) from error


def validators_in(headers: httpx.Headers) -> Validators:
    """Give what the headers of an answer say of its file."""
    size, tag = headers.get("content-length", ""), headers.get("etag", "")
    return Validators(size=int(size) if size.isdecimal() else 0, modified=headers.get("last-modified", ""), tag=tag)


class Broken(Unavailable):
    """A host that did not answer, or not to the end: it may do so when it is asked again."""


class StoreFiles:
    """The files below a URL of fsspec's, by a library that has its own tries."""

    def __init__(self, url: str, files: fsspec.AbstractFileSystem, root: str) -> None:
        self.url = url
        self.files = files
        self.root = root.rstrip("/")

    async def size(self, path: str) -> int | None:
        """Give what the store says of a file's size."""
        with _reached(self.url):
            return int((await asyncio.to_thread(self.files.info, f"{self.root}/{path}"))["size"])

    async def read(self, path: str) -> bytes | None:
        """Give a file, whole, in memory."""
        try:
            with _reached(self.url):
                content: bytes = await asyncio.to_thread(self.files.cat_file, f"{self.root}/{path}")
        except FileNotFoundError:
            return None
        return content

    async def tail(self, path: str, size: int) -> bytes:
        """Give the last bytes of a file."""
        with _reached(self.url):
            content: bytes = await asyncio.to_thread(self.files.cat_file, f"{self.root}/{path}", start=-size)
        return content

    async def copy(self, path: str, target: Path, told: Told) -> None:
        """Write a file, and see that it is all there."""
        with _reached(self.url):
            about = await asyncio.to_thread(self.files.info, f"{self.root}/{path}")
        size = int(about["size"])
        told(Validators(size=size, modified=str(about.get("LastModified", "")), tag=str(about.get("ETag", ""))))
        with _reached(self.url):
            await asyncio.to_thread(self.files.get_file, f"{self.root}/{path}", str(target))
        if target.stat().st_size != size:
            raise Broken(f"{self.url}/{path} ended after {target.stat().st_size:,} of {size:,} bytes.", "Try again.")


@contextmanager
def _opened(url: str) -> Iterator[None]:
    try:
        with _reached(url):
            yield
    except (ImportError, ValueError) as error:
        raise BadParameter(f"{url} can't be opened: {error}.", "Give an https or s3 URL.") from error


@contextmanager
def _reached(url: str) -> Iterator[None]:
    """Say in a sentence what asking a store fails of; what is not there, and a full disk, stay what they are."""
    try:
        yield
    except failed() as error:
        if isinstance(error, FileNotFoundError) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Unavailable(f"{url} can't be reached: {reason(error)}.", "Try again later.") from error
