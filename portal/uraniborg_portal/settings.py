"""The portal's settings: one typed object per process, from `uraniborg.toml` and `URANIBORG_*` variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def default_home() -> Path:
    """Give the state folder: `URANIBORG_HOME`, otherwise the platform's user data folder."""
    return Path(os.environ.get("URANIBORG_HOME") or platformdirs.user_data_path("uraniborg")).expanduser()


class QueryLimits(BaseModel, frozen=True):
    """How much one query may take."""

    default_rows: int = Field(100_000, gt=0)
    """Rows given where the client names no MAXREC."""
    maximum_rows: int = Field(1_000_000, gt=0)
    """Rows given at most."""
    seconds: float = Field(60, gt=0)
    """Time limit of a query, seconds."""
    workers: int = Field(4, gt=0)
    """Queries that run at once."""
    scans: Literal["processes", "dask"] = "processes"
    """Where steps of long queries run: `processes` of this machine, or the workers of the Dask cluster that the pool
    broker keeps, which see the catalogs' files at the same paths."""
    scan_processes: int = Field(default_factory=lambda: min(4, os.cpu_count() or 1), gt=0)
    """Steps of long queries that run at once, each on one processor and behind queries of one step.

    With `dask` those that this process has there; one more runs here, of users' tables and of catalogs on other hosts.
    """
    memory: str = "1GB"
    """Memory limit of one query, and of each step of a long one, as DuckDB writes it."""
    spill_megabytes: int = Field(4_000, ge=0)
    """Disk space for what one query can't hold in memory, MB."""
    sandbox: Literal["required", "off"] = "required"
    """Whether a query may run where the kernel can't lock its process in (Landlock and seccomp)."""
    step_values: int | None = Field(None, gt=0)
    """Values (rows times columns) that one step of a long query reads; None for what is usual."""
    result_megabytes: int = Field(500, gt=0)
    """Largest result, MB as Arrow has it."""
    stalled_seconds: float = Field(60, gt=0)
    """A query whose rows nobody takes for this long is stopped, seconds."""
    query_characters: int = Field(100_000, gt=0)
    """Longest ADQL text, characters."""


class UploadLimits(BaseModel, frozen=True):
    """Which tables may come with a query (TAP's UPLOAD) by their address, besides those in the request."""

    hosts: tuple[str, ...] = ()
    """Hosts that tables may be fetched from; results of this service always may."""
    megabytes: int = Field(100, gt=0)
    """Largest table that is fetched, MB; one in a request is as large as a request may be."""
    seconds: float = Field(30, gt=0)
    """Seconds to wait for such a host."""


class RemoteTap(BaseModel, frozen=True):
    """Which other TAP services users may query through the portal, and how much of them."""

    services: dict[str, str] = {}
    """Further services: names and the addresses of their TAP (`{"ours": "https://tap.example.org/tap"}`)."""
    presets: bool = True
    """Whether Gaia, VizieR, SIMBAD and the RSP are offered, where there is a `network`."""
    hosts: tuple[str, ...] = ()
    """Hosts whose services users may name by their address; `any`: every host with a public address."""
    seconds: float = Field(60, gt=0)
    """Seconds for a synchronous query, and for any other request; one that takes longer runs asynchronously there."""
    async_seconds: float = Field(1800, gt=0)
    """Seconds for an asynchronous query there, while its client waits."""
    megabytes: int = Field(200, gt=0)
    """Largest answer that is read, MB."""
    at_once: int = Field(8, gt=0)
    """Queries of all users together that one replica has running there."""


class TargetLimits(BaseModel, frozen=True):
    """How long a list of targets may be."""

    rows: int = Field(100_000, gt=0)
    """Lines or rows of a list."""
    names: int = Field(1_000, gt=0)
    """Different names of a list that are looked up."""


class UserTableLimits(BaseModel, frozen=True):
    """How much users may keep in tables of their own."""

    megabytes_per_user: int = Field(1_000, gt=0)
    """Disk space for the tables of one user, MB."""
    tables_per_user: int = Field(100, gt=0)
    """Tables of one user."""
    load_megabytes: int = Field(200, gt=0)
    """Largest file of rows that is loaded at once, MB."""


class AsyncLimits(BaseModel, frozen=True):
    """How much asynchronous queries (TAP `async`) may take, and how long they are kept."""

    workers: int = Field(2, gt=0)
    """Asynchronous queries that one replica runs at once, besides the others."""
    seconds: float = Field(3600, ge=1)
    """Time limit where the client names none, seconds."""
    maximum_seconds: float = Field(6 * 3600, ge=1)
    """Longest time limit that a client may name, seconds."""
    per_user: int = Field(50, gt=0)
    """Queries of one user, and of all anonymous ones together, that wait or run."""
    kept_per_user: int = Field(1_000, gt=0)
    """Queries of one user that are kept, whatever their phase; of all anonymous ones together ten times as many."""
    megabytes_per_user: int = Field(10_000, gt=0)
    """Disk space for the results of one user, and of all anonymous ones together, MB."""
    days: float = Field(7, gt=0)
    """Days for which a signed-in user's query and its result are kept."""
    anonymous_hours: float = Field(48, gt=0)
    """Hours for which an anonymous one is kept."""
    maximum_days: float = Field(60, gt=0)
    """Longest time for which a client may have one kept, days."""
    lease_seconds: float = Field(10, ge=1)
    """A query whose replica has not been heard of for this long is taken up again by another one, seconds."""
    taken_up: int = Field(2, ge=0)
    """How often a query whose replica or worker was lost is taken up again."""
    parameter_kilobytes: int = Field(1_000, gt=0)
    """Size of all parameters of one query, kB."""


class JobLimits(BaseModel, frozen=True):
    """How much instrument jobs may take."""

    workers: int = Field(2, gt=0)
    """Jobs that run at once."""
    per_user: int = Field(4, gt=0)
    """Jobs of one user that wait or run."""
    seconds: float = Field(900, gt=0)
    """Time limit of one job, seconds."""
    idle_seconds: float = Field(600, gt=0)
    """A worker process without work ends after this, seconds."""
    compute: Literal["processes", "dask"] = "processes"
    """Where jobs run: `processes` of this machine, or the workers of the Dask cluster that the pool broker keeps."""
    cluster_seconds: float = Field(180, gt=0)
    """A job waits so long for that cluster to be there, seconds."""
    product_megabytes: int = Field(100, gt=0)
    """Largest product that one of its workers may give back, MB."""
    lease_seconds: float = Field(10, ge=1)
    """A job whose replica has not been heard of for this long is taken up again by another one, seconds."""
    taken_up: int = Field(2, ge=0)
    """How often a job whose replica or worker was lost is taken up again."""
    event_days: float = Field(30, gt=0)
    """Days for which the log of a job that ended is kept; a product keeps its own."""


class ResultLimits(BaseModel, frozen=True):
    """How long query results are kept for paging, and how much of them."""

    days: float = Field(7, gt=0)
    """Days for which a signed-in user's results are kept."""
    anonymous_hours: float = Field(24, gt=0)
    """Hours for which the results of anonymous queries are kept."""
    megabytes_per_user: int = Field(2_000, gt=0)
    """Disk space for the results of one user, and of all anonymous ones together, MB; the oldest go first."""
    megabytes_in_memory: int = Field(256, gt=0)
    """Memory for the results that are being paged, MB."""


class SignInSettings(BaseModel, frozen=True):
    """How long a sign-in is believed."""

    fresh_seconds: float = Field(60, gt=0)
    """Seconds after which a token is asked of the hub again: a revoked one works no longer than this."""
    hub_down_seconds: float = Field(8 * 3600, gt=0)
    """Seconds for which an accepted token keeps working while the hub does not answer."""
    session_days: float = Field(14, gt=0)
    """Days after which a browser has to sign in again."""


UNREGISTERED = "uraniborg.unregistered"
"""Stands for the publisher's authority where the settings name none."""


class Curation(BaseModel, frozen=True):
    """Who publishes the catalogs, as records for a registry of the Virtual Observatory say it."""

    authority: str = Field("", pattern=r"^([A-Za-z0-9][A-Za-z0-9_.!~*'()+=-]{2,})?$")
    """The publisher's IVOA authority, of which identifiers are made: `org.example` for `ivo://org.example/tap`."""
    publisher: str = ""
    """Name of who publishes them; without it, an authority and a contact there are no records."""
    contact: str = ""
    """Name of who answers questions."""
    email: str = ""
    """Address of the contact."""
    title: str = "Uraniborg TAP service"
    """Title of the service."""
    description: str = "Catalogs to query with ADQL."
    """What the service has."""
    reference_url: str = ""
    """Page about the service; empty: the portal's help."""


class RequestLimits(BaseModel, frozen=True):
    """How large a request may be."""

    megabytes: int = Field(16, gt=0)
    """Largest body, MB."""


class IngestLimits(BaseModel, frozen=True):
    """What `uraniborg catalog add` and `append` let pass, what they keep, and when the portal compacts it."""

    max_bad: int = Field(1_000, ge=0)
    """Rows that can't be used and may be kept aside; one more ends an ingest."""
    max_bad_files: int = Field(0, ge=0)
    """Files that can't be read and may be kept aside."""
    keep_versions: int = Field(2, ge=0)
    """Versions of a catalog before the current one that are kept; one and its compaction count as one."""
    most_anew: int = Field(1_000_000, ge=0)
    """Rows of shards that an append writes anew at most; of more, the new rows go into files beside those there are."""
    compact_after: float = Field(600, ge=0)
    """Seconds without a new version after which the portal compacts a catalog to which rows were appended; 0: never."""


class RemoteCatalogs(BaseModel, frozen=True):
    """How shards are fetched of catalogs that are used where they are, on other hosts."""

    megabytes: int = Field(20_000, gt=0)
    """Disk space for the shards that are kept, MB; those that the steps read that run at once have to fit."""
    at_once: int = Field(8, gt=0)
    """Shards that come at once."""


class Settings(BaseSettings):
    """Every number and switch of the portal that an operator may change."""

    model_config = SettingsConfigDict(env_prefix="URANIBORG_", env_nested_delimiter="__", extra="ignore", frozen=True)

    home: Path = Field(default_factory=default_home)
    """The state folder; the portal writes under `home/portal` only."""
    data_mirror: str | None = None
    """A folder or URL that is tried first for data files."""
    anonymous_reading: bool = True
    """Whether public catalogs and products can be read without signing in."""
    hips_hosts: tuple[str, ...] = ()
    """Hosts of HiPS images that pages may load from (the Content-Security-Policy names them)."""
    host: str = "127.0.0.1"
    """Where `uraniborg serve` listens; behind the hub, the hub says where."""
    port: int = Field(8000, ge=0, le=65535)
    """The port of `uraniborg serve`."""
    database: str | None = None
    """SQLAlchemy URL of the database; None is SQLite in the state folder."""
    files: str | None = None
    """Where results and products are: a URL as fsspec has it (`s3://bucket/prefix`); None is the state folder."""
    files_options: dict[str, Any] = {}
    """Options of that file system, as fsspec takes them (`endpoint_url`)."""
    staging: Path | None = None
    """A folder on this machine where jobs write before their files are stored, and queries what memory can't hold; None
    is the state folder."""
    stop_seconds: float = Field(3, gt=0)
    """Seconds for which requests that are being answered may go on when the portal is told to stop."""
    network: bool = True
    """Whether the portal may ask services on the internet (CDS Sesame, data downloads)."""
    pools_url: str | None = None
    """The pool broker's address with its prefix, as this process reaches it; what runs on `dask` needs it."""
    sesame_url: str = "https://cds.unistra.fr/cgi-bin/nph-sesame"
    """The name resolver of CDS, or a mirror of it."""
    sesame_seconds: float = Field(4, gt=0)
    """Seconds to wait for it."""
    queries: QueryLimits = QueryLimits()
    async_queries: AsyncLimits = AsyncLimits()
    uploads: UploadLimits = UploadLimits()
    remote_tap: RemoteTap = RemoteTap()
    user_tables: UserTableLimits = UserTableLimits()
    targets: TargetLimits = TargetLimits()
    results: ResultLimits = ResultLimits()
    sign_in: SignInSettings = SignInSettings()
    requests: RequestLimits = RequestLimits()
    jobs: JobLimits = JobLimits()
    ingest: IngestLimits = IngestLimits()
    remote_catalogs: RemoteCatalogs = RemoteCatalogs()
    curation: Curation = Curation()

    @property
    def state(self) -> Path:
        """The portal's own folder."""
        return self.home / "portal"

    @property
    def shards(self) -> Path:
        """Where the shards are kept that were fetched from other hosts: a folder on this machine."""
        return (self.staging or self.state) / "shards"

    @property
    def spill(self) -> Path:
        """Where queries write what memory can't hold: a folder on this machine."""
        return (self.staging or self.state) / "spill"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: what the caller passes, `URANIBORG_*`, the TOML file.

        That is the one that `URANIBORG_CONFIG` names, otherwise `home/uraniborg.toml`.
        """
        named = os.environ.get("URANIBORG_CONFIG")
        toml = TomlConfigSettingsSource(settings_cls, Path(named) if named else default_home() / "uraniborg.toml")
        return init_settings, env_settings, toml
