"""What a request gives: parameters of its address, and of its body where it is posted, and files."""

from __future__ import annotations

from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import UploadFile

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.tap.params import MOST_UPLOADS

FIELDS = 100
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a request gives."""

    parameters: list[tuple[str, str]]
    """Names and values, in their order; a name may come twice."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Files by the names of their parts."""

    def last(self, name: str) -> str | None:
        """Give the last value of a parameter, in any case of its name; None where it is not given."""
        values = self.all(name)
        return values[-1] if values else None

    def all(self, name: str) -> list[str]:
        """Give every value of a parameter, in any case of its name."""
        return [value for known, value in self.parameters if known.upper() == name]


def check_form(content_type: str) -> None:
    """Let pass a body that is a form.

    Raises
    ------
    BadParameter
        It says that it is something else, whose parameters would be lost.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("", *FORMS):
        raise BadParameter(f"A body of {kind[:60]!r} is not read.", f"Accepted: {', '.join(FORMS)}.")


async def given_by(request: Request) -> Given:
    """Give the parameters and files of a request for a query."""
    return await read_given(request, FIELDS)


async def read_given(request: Request, fields: int) -> Given:
    """Give the parameters and files of a request whose form has so many fields at most."""
    parameters, files = list(request.query_params.multi_items()), {}
    if request.method == "POST":
        check_form(request.headers.get("content-type", ""))
        async with request.form(max_files=MOST_UPLOADS, max_fields=fields) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = await value.read()
                else:
                    parameters.append((name, value))
    return Given(parameters=parameters, files=files)
