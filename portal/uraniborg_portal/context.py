"""All wiring: what lives as long as the process, made once, by plain calls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine as Database
from sqlalchemy.exc import SQLAlchemyError

from uraniborg_portal import database, locks
from uraniborg_portal.catalogs.compacting import compact_always
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.density.kept import KeptDensities
from uraniborg_portal.engine.confined import ConfinedWorkers
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.reach import Reach
from uraniborg_portal.engine.scans import StepTable
from uraniborg_portal.errors import BadParameter, PortalError
from uraniborg_portal.identity import hub_sign_in
from uraniborg_portal.identity.hub_sign_in import HubSignIn
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.instruments.compute import Compute
from uraniborg_portal.instruments.jobs import Jobs
from uraniborg_portal.instruments.workers import Workers
from uraniborg_portal.obscore.holdings import Holdings
from uraniborg_portal.queries.open_results import OpenResults
from uraniborg_portal.queries.store import ResultStore
from uraniborg_portal.query_threads import QueryThreads
from uraniborg_portal.remote.remote import Remote, make_remote
from uraniborg_portal.replica_news import relay_news
from uraniborg_portal.resolver.resolver import Resolver
from uraniborg_portal.resolver.sources import make_resolver
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import Settings
from uraniborg_portal.storage import open_storage
from uraniborg_portal.tap.jobs.jobs import TapJobs
from uraniborg_portal.tap.jobs.opened import Opening
from uraniborg_portal.tap.jobs.owners import Owners
from uraniborg_portal.user_tables.tables import UserTables
from uraniborg_portal.wakeups import Wakeups

if TYPE_CHECKING:
    from uraniborg_portal.cluster.standing import StandingCluster

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ProcessContext:
    """What every request shares; each field is made once in `build`."""

    settings: Settings
    database: Database
    """Rows of results, jobs and products; its schema is the newest."""
    sign_in: HubSignIn | None
    """The hub and what it said of tokens; None where the portal runs alone."""
    resolver: Resolver
    """Names to positions and times."""
    results: OpenResults
    """Query results that are kept, those being paged in memory."""
    catalogs: CatalogRegistry
    """The installed catalogs."""
    engine: Engine
    """Answers ADQL over the catalogs."""
    query_threads: QueryThreads
    """Where its answers are waited for."""
    cluster: StandingCluster | None
    """The Dask cluster that the pool broker keeps for the portal; None where nothing runs on it."""
    user_tables: UserTables
    """Tables that users keep."""
    remote: Remote
    """Other TAP services."""
    densities: KeptDensities
    """Where on the sky catalogs have rows."""
    jobs: Jobs
    """Instrument jobs and their products."""
    holdings: Holdings
    """What `ivoa.obscore` and DataLink tell of."""
    tap_jobs: TapJobs
    """Asynchronous queries."""
    opening: Opening
    """Their results, to page through."""
    wakeups: Wakeups
    """Who waits for news in this process."""


def build(settings: Settings, prefix: str = "/services/portal/", hub: HubService | None = None) -> ProcessContext:
    """Make what lives as long as the process.

    Raises
    ------
    PortalError
        The state folder can't be written, or a newer version wrote it.
    """
    database.check_state(settings)
    install_samples(settings.state / "catalogs")
    rows = database.open_database(settings)
    catalogs = CatalogRegistry(settings.state / "catalogs", settings.shards)
    storage = open_storage(settings)
    results = ResultStore(rows, storage, settings.results)
    wakeups, resolver = Wakeups(), make_resolver(settings)
    cluster = standing_cluster(settings, hub)
    tables = UserTables(settings, rows, storage)
    reach = Reach(
        kept_in=tables.parts.folder,
        step_table=step_table(settings, catalogs, cluster),
        remote=settings.remote_catalogs,
    )
    engine = Engine(catalogs, settings.queries, settings.spill, resolver.places_of, reach)
    sign_in = hub_sign_in.make(hub, prefix, settings.sign_in) if hub else None
    jobs = Jobs(settings, rows, storage, wakeups, compute(settings, cluster))
    holdings = Holdings(jobs.store, jobs.products, settings.curation.authority)
    owners = Owners(engine, catalogs, tables, holdings, sign_in.users if sign_in else None)
    tap_jobs = TapJobs(settings, rows, storage, owners, wakeups)
    return ProcessContext(
        settings=settings,
        database=rows,
        results=OpenResults(results, settings.results.megabytes_in_memory * 1_000_000),
        sign_in=sign_in,
        resolver=resolver,
        catalogs=catalogs,
        engine=engine,
        query_threads=QueryThreads(),
        user_tables=tables,
        remote=make_remote(settings, engine),
        densities=KeptDensities(settings.state / "densities", catalogs),
        cluster=cluster,
        jobs=jobs,
        holdings=holdings,
        tap_jobs=tap_jobs,
        opening=Opening(engine, tap_jobs.results, results, settings.queries),
        wakeups=wakeups,
    )


def standing_cluster(settings: Settings, hub: HubService | None) -> StandingCluster | None:
    """Give the cluster that the pool broker keeps for the portal, where something runs on it.

    Raises
    ------
    BadParameter
        Something is to run there, and nothing says where the broker is.
    """
    wanted = {"jobs.compute": settings.jobs.compute, "queries.scans": settings.queries.scans}
    names = [name for name, where in wanted.items() if where == "dask"]
    if not names:
        return None
    if hub is None or settings.pools_url is None:
        raise BadParameter(
            f"{names[0]} is dask, and there is no hub or no pools_url.",
            f"Set URANIBORG_POOLS_URL and run the portal as a service of the hub, or set {names[0]} to processes.",
        )
    # A portal with processes does without the packages of a cluster, and without their time to import.
    from uraniborg_portal.cluster.broker import Broker
    from uraniborg_portal.cluster.standing import StandingCluster

    return StandingCluster(Broker(settings.pools_url, hub.api_token))


def compute(settings: Settings, cluster: StandingCluster | None) -> Compute:
    """Give what runs jobs."""
    if cluster is None or settings.jobs.compute == "processes":
        return Workers(settings)
    from uraniborg_portal.instruments.cluster.compute import ClusterCompute

    return ClusterCompute(settings.jobs, cluster)


def step_table(settings: Settings, catalogs: CatalogRegistry, cluster: StandingCluster | None) -> StepTable | None:
    """Give what answers steps of long queries, None for processes of this machine."""
    if cluster is None or settings.queries.scans == "processes":
        return None
    from uraniborg_portal.scans.on_cluster import ClusterSteps

    workers = ConfinedWorkers(catalogs, settings.queries, settings.spill, scans=True)
    return ClusterSteps(cluster, workers.order).table


@asynccontextmanager
async def running(settings: Settings, prefix: str, hub: HubService | None) -> AsyncIterator[ProcessContext]:
    """Give the context of a portal that answers requests; what runs beside the requests starts and ends here."""
    context = build(settings, prefix, hub)
    news = relay_news(context.database, context.wakeups)
    compacting = compact_always(context.catalogs, settings.ingest.compact_after)
    warming = asyncio.to_thread(context.resolver.warm)
    beside = [asyncio.create_task(task) for task in (warming, clean_hourly(context), news, compacting)]
    if context.cluster:
        context.cluster.start()
    context.engine.start()
    context.jobs.start()
    context.tap_jobs.start()
    yield context
    await asyncio.gather(context.jobs.close(), context.tap_jobs.hand_over())
    if context.cluster:
        await context.cluster.close()
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    if context.sign_in:
        await context.sign_in.client.aclose()
    context.engine.close()
    context.query_threads.close()
    context.database.dispose()


async def clean_hourly(context: ProcessContext) -> None:
    """Remove what has expired, now and every hour, until cancelled."""
    while True:
        try:
            await asyncio.to_thread(clean, context)
        except (PortalError, SQLAlchemyError):
            LOG.exception("what has expired could not be removed")
        await asyncio.sleep(3600)


def clean(context: ProcessContext) -> None:
    """Remove what has expired, unless another replica is at it; and what this machine alone has."""
    with context.database.begin() as connection:
        if locks.try_hold(connection, "cleaning"):
            context.results.store.clean()
            context.jobs.clean()
            context.tap_jobs.clean()
            context.user_tables.clean()
    context.user_tables.clean_copies()


async def of_request(request: Request) -> ProcessContext:
    """Give the process context that the application holds."""
    context: ProcessContext = request.app.state.context
    return context


Context = Annotated[ProcessContext, Depends(of_request)]
"""A route parameter of this type is the process context."""
