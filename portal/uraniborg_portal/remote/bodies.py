"""What requests about other services send: shapes and bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from uraniborg_portal.queries.bodies import STRICT, FilterBody, Name

ServiceName = Annotated[str, Field(min_length=1, max_length=400)]


class RemoteQueryBody(BaseModel):
    """A query for another service."""

    model_config = STRICT
    service: ServiceName
    """Its name, or its address."""
    adql: Annotated[str, Field(min_length=1)]
    rows: int | None = Field(None, ge=1)
    """Rows given at most; the portal's default where null."""


class RemoteFormBody(BaseModel):
    """A filled form for a table of another service."""

    model_config = STRICT
    service: ServiceName
    table: Annotated[str, Field(min_length=1, max_length=400)]
    target: Annotated[str, Field(max_length=200)] | None = None
    radius: Annotated[str, Field(max_length=60)] | None = None
    filters: Annotated[list[FilterBody], Field(max_length=50)] = []
    columns: Annotated[list[Name], Field(max_length=1000)] | None = None
    rows: int = Field(1000, ge=1, le=10**9)
