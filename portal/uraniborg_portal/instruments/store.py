"""Rows of jobs and products."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy import Engine, RowMapping
from sqlalchemy.exc import IntegrityError

from uraniborg_portal.database import METADATA
from uraniborg_portal.errors import NotFound
from uraniborg_portal.instruments.job_models import FINAL, Job, StoredProduct

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("instrument", sa.String(64), nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("ended", sa.Float, nullable=True),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("remedy", sa.Text, nullable=False),
    sa.Column("product", sa.String(32), nullable=True),
    sa.Index("jobs_of_owner", "owner", "created"),
    sa.Index("jobs_by_state", "state"),
    sa.Index("jobs_by_product", "product"),
)

PRODUCTS = sa.Table(
    "products",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("instrument", sa.String(64), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)

RECENT = 50
"""Rows of a list at most."""


def product_of(row: RowMapping) -> StoredProduct:
    """Give the product of a row."""
    return StoredProduct(**{column.name: row[column] for column in PRODUCTS.columns})


class Store:
    """Jobs and products in the portal's database; each method is one short transaction."""

    def __init__(self, database: Engine) -> None:
        self.database = database

    def add(self, job: Job) -> None:
        """Write a new job."""
        with self.database.begin() as connection:
            connection.execute(JOBS.insert().values(**asdict(job)))

    def change(self, job: Job) -> None:
        """Write a job's new state."""
        with self.database.begin() as connection:
            connection.execute(JOBS.update().where(JOBS.c.id == job.id).values(**asdict(job)))

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
        return Job(**row)

    def jobs(self, owner: str) -> list[Job]:
        """List an owner's jobs, the newest first."""
        wanted = JOBS.select().where(JOBS.c.owner == owner).order_by(JOBS.c.created.desc()).limit(RECENT)
        with self.database.connect() as connection:
            return [Job(**row) for row in connection.execute(wanted).mappings()]

    def unfinished(self) -> list[Job]:
        """List every job that has not ended."""
        wanted = JOBS.select().where(JOBS.c.state.not_in(FINAL))
        with self.database.connect() as connection:
            return [Job(**row) for row in connection.execute(wanted).mappings()]

    def add_product(self, product: StoredProduct) -> bool:
        """Write a product; False where another one with its key was written before."""
        try:
            with self.database.begin() as connection:
                connection.execute(PRODUCTS.insert().values(**asdict(product)))
        except IntegrityError:
            return False
        return True

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

    def products(self, owner: str) -> list[StoredProduct]:
        """List the products of an owner's jobs, the latest asked first."""
        last = sa.func.max(JOBS.c.created)
        wanted = (
            sa.select(PRODUCTS)
            .join(JOBS, JOBS.c.product == PRODUCTS.c.id)
            .where(JOBS.c.owner == owner)
            .group_by(*PRODUCTS.columns)
            .order_by(last.desc())
            .limit(RECENT)
        )
        with self.database.connect() as connection:
            return [product_of(row) for row in connection.execute(wanted).mappings()]
