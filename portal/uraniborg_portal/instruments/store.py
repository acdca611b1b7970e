"""Reads rows of jobs, of what they say, and of their products."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Engine, RowMapping

from uraniborg_portal.errors import NotFound
from uraniborg_portal.instruments.job_models import Event, Job, StoredProduct
from uraniborg_portal.instruments.tables import EVENTS, JOBS, PRODUCTS

RECENT = 50
"""Rows of a list at most."""


def job_of(row: RowMapping) -> Job:
    """Give the job of a row."""
    return Job(**{column.name: row[column] for column in JOBS.columns if column.name != "lease"})


def product_of(row: RowMapping) -> StoredProduct:
    """Give the product of a row."""
    return StoredProduct(**{column.name: row[column] for column in PRODUCTS.columns})


class Store:
    """Jobs and products in the portal's database, as they stand now."""

    def __init__(self, database: Engine) -> None:
        self.database = database

    def job(self, identifier: str, owner: str) -> Job:
        """Give a job of this owner.

        Raises
        ------
        NotFound
            There is none, or it is somebody else's.
        """
        wanted = JOBS.select().where(JOBS.c.id == identifier, JOBS.c.owner == owner)
        with self.database.connect() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        if row is None:
            raise NotFound(f"You have no job {identifier[:40]!r}.", "The list of your jobs is at api/jobs.")
        return job_of(row)

    def jobs(self, owner: str) -> list[Job]:
        """List an owner's jobs, the newest first."""
        wanted = JOBS.select().where(JOBS.c.owner == owner).order_by(JOBS.c.created.desc()).limit(RECENT)
        with self.database.connect() as connection:
            return [job_of(row) for row in connection.execute(wanted).mappings()]

    def events(self, job: str, after: int) -> list[Event]:
        """Give what a job said after the event of this number."""
        wanted = EVENTS.select().where(EVENTS.c.job == job, EVENTS.c.number > after).order_by(EVENTS.c.number)
        with self.database.connect() as connection:
            rows = connection.execute(wanted).all()
        events = [
            Event(number=number, kind=kind, data=data)
            for row in rows
            for number, (kind, data) in enumerate(row.batch, start=row.number - len(row.batch) + 1)
        ]
        return [event for event in events if event.number > after]

    def product_with_key(self, key: str) -> StoredProduct | None:
        """Give the product with this key, if it was made."""
        with self.database.connect() as connection:
            row = connection.execute(PRODUCTS.select().where(PRODUCTS.c.key == key)).mappings().one_or_none()
        return product_of(row) if row else None

    def forget(self, product: StoredProduct) -> None:
        """Remove the row of a product whose files are gone."""
        with self.database.begin() as connection:
            connection.execute(PRODUCTS.delete().where(PRODUCTS.c.id == product.id))

    def product(self, identifier: str) -> StoredProduct:
        """Give a product.

        Raises
        ------
        NotFound
            None has this identifier.
        """
        with self.database.connect() as connection:
            row = connection.execute(PRODUCTS.select().where(PRODUCTS.c.id == identifier)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no product {identifier[:40]!r}.", "The list of your products is at api/products.")
        return product_of(row)

    def made(self, identifiers: Iterable[str]) -> set[str]:
        """Give those of some identifiers, a thousand at most, that products have."""
        with self.database.connect() as connection:
            return set(connection.scalars(sa.select(PRODUCTS.c.id).where(PRODUCTS.c.id.in_(list(identifiers)))))

    def products(self, owner: str, most: int | None = RECENT) -> list[StoredProduct]:
        """List the products of an owner's jobs, the latest asked first; `most` of them, None for all."""
        last = sa.func.max(JOBS.c.created)
        wanted = (
            sa.select(PRODUCTS)
            .join(JOBS, JOBS.c.product == PRODUCTS.c.id)
            .where(JOBS.c.owner == owner)
            .group_by(*PRODUCTS.columns)
            .order_by(last.desc())
            .limit(most)
        )
        with self.database.connect() as connection:
            return [product_of(row) for row in connection.execute(wanted).mappings()]

    def known_products(self) -> set[str]:
        """Give the identifiers of all products."""
        with self.database.connect() as connection:
            return set(connection.scalars(sa.select(PRODUCTS.c.id)))
