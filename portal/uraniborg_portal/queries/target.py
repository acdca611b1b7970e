"""What a form's target means, and the form as the rules know it."""

from __future__ import annotations

from uraniborg_portal.errors import BadParameter, NotFound, PortalError
from uraniborg_portal.queries.bodies import FormBody
from uraniborg_portal.queries.models import Center, Filter, Form, Order
from uraniborg_portal.queries.radius import radius_degrees
from uraniborg_portal.resolver.resolver import Resolver

DEFAULT_RADIUS = "10 arcmin"


def form_of(body: FormBody, resolver: Resolver) -> Form:
    """Give the form with its target resolved.

    Raises
    ------
    PortalError
        The target is not known, or the radius is no angle; `field` says which.
    """
    center = center_of(body.target, resolver) if body.target is not None else None
    radius = body.radius if body.radius is not None or center is None else DEFAULT_RADIUS
    return Form(
        center=center,
        radius=radius_degrees(radius) if radius is not None else None,
        filters=tuple(Filter(column=item.column, operator=item.operator, value=item.value) for item in body.filters),
        columns=tuple(body.columns) if body.columns is not None else None,
        rows=body.rows,
        order=Order(column=body.order.column, descending=body.order.descending) if body.order else None,
        epoch=body.epoch,
    )


def center_of(target: str, resolver: Resolver) -> Center:
    """Give where a target is.

    Raises
    ------
    PortalError
        Nothing knows the name, or what it names has a time and no position.
    """
    try:
        found = resolver.resolve(target)
    except (NotFound, BadParameter) as error:
        raise at_target(error) from error
    if found.ra is None or found.dec is None:
        raise BadParameter(f"{found.name} has a time, but no position on the sky.", field="target")
    return Center(
        ra=found.ra,
        dec=found.dec,
        name=found.name,
        source=found.source,
        kind=found.kind,
        pmra=found.pmra,
        pmdec=found.pmdec,
    )


def at_target(error: NotFound | BadParameter) -> PortalError:
    """Give the resolver's refusal as one of the form's field."""
    if isinstance(error, NotFound):
        return NotFound(error.message, error.remedy, field="target", suggestions=error.suggestions)
    return BadParameter(error.message, error.remedy, field="target")
