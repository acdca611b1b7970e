"""Where the tables are that come with a query: a part of the request, a result of ours, or a host that is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.upload import Upload
from uraniborg_portal.errors import BadParameter, TooLarge, Unavailable
from uraniborg_portal.outside.content import limited
from uraniborg_portal.outside.hosts import AllowedHosts, check_url, host_of
from uraniborg_portal.outside.transport import FAILURES, client
from uraniborg_portal.settings import UploadLimits
from uraniborg_portal.tap.params import PART, UploadRequest

RESULT = re.compile(r"/async/([0-9a-f]{32})/results/result")
"""The path of a result of ours, below the service's."""


def own_result(url: str, service: str) -> str | None:
    """Give the asynchronous query whose result a URL is, None where it is something else; `service` is our address."""
    found = RESULT.fullmatch(url.removeprefix(service)) if url.startswith(service) else None
    return found[1] if found else None


async def fetched(url: str, limits: UploadLimits) -> bytes:
    """Give what an allowed host has at a URL; it is followed to nowhere else.

    Raises
    ------
    BadParameter
        The host is not allowed.
    Unavailable
        It does not answer, or not with the table.
    TooLarge
        The table is larger than one that is fetched may be.
    """
    allowed = AllowedHosts(named=frozenset(host.lower() for host in limits.hosts))
    check_host(url, allowed)
    try:
        async with client(allowed, limits.seconds, redirects=0) as asking, asking.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise Unavailable(f"{url[:200]} answers with status {answer.status_code}.", "Try it in a browser.")
            return await limited(answer, limits.megabytes * 1_000_000)
    except TooLarge as error:
        raise TooLarge(f"{url[:200]} has more than {limits.megabytes} MB.", "Send fewer rows.") from error
    except FAILURES as error:
        raise Unavailable(f"{url[:200]} does not answer: {type(error).__name__}.", "Try again later.") from error


def check_host(url: str, allowed: AllowedHosts) -> None:
    """Let pass a URL whose host is allowed."""
    host = host_of(url)
    if not allowed.allows(host):
        raise BadParameter(
            f"UPLOAD names the host {host[:80]!r}; accepted: {allowed.accepted}, and results of this service.",
            "Send the table in the request: UPLOAD=name,param:LABEL.",
            field="UPLOAD",
        )
    check_url(url, allowed, "UPLOAD")


def read_uploads(
    engine: Engine, asked: Sequence[UploadRequest], contents: Mapping[str, bytes], allowance: Allowance | None = None
) -> list[Upload]:
    """Give the tables of a query, read by the engine's workers; `contents` are files by `UploadRequest.key`.

    Raises
    ------
    BadParameter
        A file did not come with the request, or can't be read.
    """
    return [read_upload(engine, each, contents, allowance) for each in asked]


def read_upload(
    engine: Engine, asked: UploadRequest, contents: Mapping[str, bytes], allowance: Allowance | None
) -> Upload:
    """Give one table."""
    if asked.key not in contents:
        raise missing(asked)
    try:
        return engine.read_upload(asked.name, contents[asked.key], allowance)
    except (BadParameter, TooLarge) as error:
        raise type(error)(f"UPLOAD {asked.name}: {error.message}", error.remedy, field="UPLOAD") from error


def missing(asked: UploadRequest) -> BadParameter:
    """Give the refusal of a table that did not come."""
    label = asked.uri[len(PART) :][:60]
    return BadParameter(
        f"UPLOAD names {asked.uri[:80]!r}, and no file {label!r} came with the request.",
        f"Send it as multipart/form-data, in a part that is named {label!r}.",
        field="UPLOAD",
    )
