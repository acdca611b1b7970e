"""All wiring: what lives as long as the process, made once, by plain calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from uraniborg_portal.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ProcessContext:
    """What every request shares; each field is made once in `build`."""

    settings: Settings


def build(settings: Settings) -> ProcessContext:
    """Make what lives as long as the process."""
    settings.state.mkdir(parents=True, exist_ok=True)
    return ProcessContext(settings=settings)


def of_request(request: Request) -> ProcessContext:
    """Give the process context that the application holds."""
    context: ProcessContext = request.app.state.context
    return context


Context = Annotated[ProcessContext, Depends(of_request)]
"""A route parameter of this type is the process context."""
