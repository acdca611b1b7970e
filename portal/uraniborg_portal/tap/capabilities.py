"""VOSI /capabilities: VOResource 1.1 and TAPRegExt 1.0, generated from the tables that drive the service."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from uraniborg_portal.formats import FORMATS
from uraniborg_portal.formats.votable import LINKS
from uraniborg_portal.links import DATALINK
from uraniborg_portal.obscore import columns as obscore
from uraniborg_portal.settings import Settings
from uraniborg_portal.tap.features import Features, features
from uraniborg_portal.tap.xml import add, document, root

BASIC = "ivo://ivoa.net/sso#BasicAA"
VOSI = "ivo://ivoa.net/std/VOSI#"
TABLES = {
    "table-update-async-1.x": "/table-update",
    "table-load-sync-1.x": "/load",
    "table-permissions-1.x": "/permissions",
}
"""What users do with tables of their own, as CADC's youcat names it, and where; to make and remove one is VOSI's."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """Where the service is, and who may ask it."""

    base: str
    """Absolute URL of `tap`, without a slash at its end."""
    anonymous: bool
    """Whether everybody may read."""
    sign_in: bool
    """Whether hub tokens are known."""


def capabilities(access: Access, settings: Settings) -> bytes:
    """Give the document."""
    top = root("vosi:capabilities", "vr", "vs", "tr")
    add_capabilities(top, access, settings)
    return document(top)


def add_capabilities(top: ET.Element, access: Access, settings: Settings) -> None:
    """Add what the service can do to the element that holds it."""
    table_access(
        add(top, "capability", standardID="ivo://ivoa.net/std/TAP", xsi_type="tr:TableAccess"), access, settings
    )
    for kind, version in (("capabilities", "1.0"), ("availability", "1.0"), ("tables", "1.1")):
        name = f"{VOSI}{kind}-1.1" if kind == "tables" else VOSI + kind
        interface(add(top, "capability", standardID=name), access, f"{access.base}/{kind}", version)
    datalink = access.base.removesuffix("tap") + DATALINK
    interface(add(top, "capability", standardID=LINKS), access, datalink, "1.1", use="base")
    if access.sign_in:
        for kind, path in TABLES.items():
            described = add(top, "capability", standardID=VOSI + kind)
            found = add(described, "interface", xsi_type="vs:ParamHTTP", role="std")
            add(found, "accessURL", access.base + path, use="base")
            add(found, "securityMethod", standardID=BASIC)
    examples = add(top, "capability", standardID="ivo://ivoa.net/std/DALI#examples")
    found = add(examples, "interface", xsi_type="vr:WebBrowser")
    add(found, "accessURL", access.base + "/examples", use="full")


def interface(parent: ET.Element, access: Access, url: str, version: str, use: str = "full") -> None:
    """Describe where a capability is, and how to sign in."""
    found = add(parent, "interface", xsi_type="vs:ParamHTTP", role="std", version=version)
    add(found, "accessURL", url, use=use)
    security(found, access)


def security(found: ET.Element, access: Access) -> None:
    """Say in an interface how to sign in, and whether one has to."""
    if access.anonymous and access.sign_in:
        add(found, "securityMethod")
    if access.sign_in:
        add(found, "securityMethod", standardID=BASIC)


def table_access(parent: ET.Element, access: Access, settings: Settings) -> None:
    """Describe the TAP service."""
    interface(parent, access, access.base, "1.1", use="base")
    add(parent, "dataModel", obscore.MODEL_NAME, ivo_id=obscore.MODEL)
    language(parent)
    for known in FORMATS:
        output = add(parent, "outputFormat")
        add(output, "mime", known.media_type)
        for alias in (known.name, *known.aliases):
            add(output, "alias", alias)
    # By http at least the results of this service: TAP 1.1 wants the first two.
    for method in ("inline", "http", "https"):
        add(parent, "uploadMethod", ivo_id=f"ivo://ivoa.net/std/TAPRegExt#upload-{method}")
    jobs = settings.async_queries
    limit(parent, "retentionPeriod", round(jobs.anonymous_hours * 3600), round(jobs.maximum_days * 86400))
    limit(parent, "executionDuration", round(jobs.seconds), round(jobs.maximum_seconds))
    limit(parent, "outputLimit", settings.queries.default_rows, settings.queries.maximum_rows, unit="row")
    size = settings.requests.megabytes * 1_000_000
    limit(parent, "uploadLimit", size, size, unit="byte")


def limit(parent: ET.Element, name: str, default: int, hard: int, **attributes: str) -> None:
    """Describe a limit: what holds where the client asks for nothing, and what it can ask for at most."""
    found = add(parent, name)
    add(found, "default", default, **attributes)
    add(found, "hard", hard, **attributes)


def language(parent: ET.Element) -> None:
    """Describe the query language and its optional features."""
    adql = add(parent, "language")
    add(adql, "name", "ADQL")
    for version in ("2.1", "2.0"):
        add(adql, "version", version, ivo_id=f"ivo://ivoa.net/std/ADQL#v{version}")
    add(adql, "description", "ADQL 2.1 with CASE and CROSS JOIN")
    for kind in features():
        feature_list(adql, kind)


def feature_list(parent: ET.Element, kind: Features) -> None:
    """Describe features of one kind."""
    listed = add(parent, "languageFeatures", type=kind.kind)
    for form, description in kind.forms:
        feature = add(listed, "feature")
        add(feature, "form", form)
        if description:
            add(feature, "description", description)
