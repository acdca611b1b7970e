"""The recent results of a user, from the stores of queries and products."""

from __future__ import annotations

from uraniborg_portal.context import ProcessContext
from uraniborg_portal.identity.models import User
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.links import product_page, query_page
from uraniborg_portal.web.recent import Recent, latest, one_line


def recent(context: ProcessContext, user: User | None) -> tuple[Recent, ...]:
    """Give what the user made last; nothing for nobody."""
    if user is None:
        return ()
    products = [
        Recent(title=each.title, kind=each.instrument, path=product_page(each.id), created=each.created)
        for each in Store(context.database).products(user.name)
    ]
    queries = [
        Recent(
            title=one_line(each.adql),
            kind=f"query, {each.description.rows_text}",
            path=query_page(each.id),
            created=each.created,
        )
        for each in context.results.store.of_owner(user.name)
    ]
    return latest([*products, *queries])
