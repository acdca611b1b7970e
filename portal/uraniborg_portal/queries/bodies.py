"""What requests send: shapes and bounds; unknown fields are refused."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from uraniborg_portal.queries.models import FormatName

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
Name = Annotated[str, Field(max_length=200)]


TableName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Identifier = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Uploads = Annotated[dict[TableName, Identifier], Field(max_length=10)]
"""Ids of kept tables that a query reads as `TAP_UPLOAD.name`."""


class QueryBody(BaseModel):
    """A query to run."""

    model_config = STRICT
    adql: str
    rows: int | None = Field(None, ge=0)
    """Rows given at most; the portal's default where null."""
    uploads: Uploads = {}


class AdqlBody(BaseModel):
    """A query to check."""

    model_config = STRICT
    adql: str
    uploads: Uploads = {}


class CompleteBody(BaseModel):
    """A query that is being written, in two parts: before and after the place of the next character."""

    model_config = STRICT
    before: str
    after: str = ""
    uploads: Uploads = {}


class FilterBody(BaseModel):
    """One condition."""

    model_config = STRICT
    column: Name
    operator: Annotated[str, Field(max_length=20)]
    value: JsonValue = None


class OrderBody(BaseModel):
    """An order of rows."""

    model_config = STRICT
    column: Name
    descending: bool = False


class MatchBody(BaseModel):
    """How a list of targets is matched."""

    model_config = STRICT
    id: Identifier
    """Of the kept list."""
    nearest: bool = True
    keep_all: bool = False


class TargetsBody(BaseModel):
    """A list of targets: a text with one in each line, or the id of a kept table."""

    model_config = STRICT
    text: str | None = None
    table: Identifier | None = None


class FormBody(BaseModel):
    """A filled form."""

    model_config = STRICT
    catalog: Name
    target: Annotated[str, Field(max_length=200)] | None = None
    radius: Annotated[str, Field(max_length=60)] | None = None
    filters: Annotated[list[FilterBody], Field(max_length=50)] = []
    columns: Annotated[list[Name], Field(max_length=1000)] | None = None
    rows: int = Field(1000, ge=1, le=10**9)
    order: OrderBody | None = None
    epoch: float | None = None
    targets: MatchBody | None = None
    """A list of targets in place of one."""


class PageQuery(BaseModel):
    """Which rows of a result."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    offset: int = Field(0, ge=0, le=10**12)
    limit: int = Field(100, ge=1, le=5000)
    sort: Name | None = None
    descending: bool = False
    selected: Annotated[str, Field(max_length=40)] = "none"


class FileQuery(BaseModel):
    """Which file of a result."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: FormatName
    selected: Annotated[str, Field(max_length=40)] = "none"


Page = Annotated[PageQuery, Query()]
File = Annotated[FileQuery, Query()]
