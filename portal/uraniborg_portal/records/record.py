"""Records of the service and of a catalog (VOResource 1.1, VODataService 1.1, TAPRegExt 1.0, SimpleDALRegExt 1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from uraniborg_portal import links
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.errors import NotFound
from uraniborg_portal.settings import Curation, Settings
from uraniborg_portal.tap import vosi
from uraniborg_portal.tap.capabilities import Access, add_capabilities, security
from uraniborg_portal.tap.xml import add, document, root

SUBJECT = "catalogs"
"""Of the Unified Astronomy Thesaurus, as VOResource 1.1 wants subjects."""
CONE = "ivo://ivoa.net/std/ConeSearch"
HIPS = "ivo://ivoa.net/std/hips#hips-1.0"
MOC = "ivo://ivoa.net/std/moc"
TAP_AUX = "ivo://ivoa.net/std/TAP#aux"


@dataclass(frozen=True, kw_only=True)
class Published:
    """The service as its records tell of it."""

    portal: str
    """Absolute URL of the portal, with a slash at its end."""
    access: Access
    settings: Settings
    updated: datetime
    """When what is described was last changed."""

    @property
    def curation(self) -> Curation:
        """Who publishes it.

        Raises
        ------
        NotFound
            The settings do not say so.
        """
        given = self.settings.curation
        if not (given.authority and given.publisher and given.contact):
            raise NotFound(
                "This portal does not say who publishes it, so that there is no record for a registry.",
                "Whoever runs it sets authority, publisher and contact below [curation] in uraniborg.toml.",
            )
        return given


def service_record(published: Published, catalogs: Sequence[Catalog]) -> bytes:
    """Give the record of the TAP service with the tables of these catalogs.

    Raises
    ------
    NotFound
        The settings do not say who publishes it.
    """
    curation = published.curation
    top = _opened(published, curation.title, "tap")
    content = add(top, "content")
    add(content, "subject", SUBJECT)
    add(content, "description", curation.description)
    add(content, "referenceURL", curation.reference_url or f"{published.portal}help")
    add(content, "type", "Catalog")
    add(content, "contentLevel", "Research")
    add_capabilities(top, published.access, published.settings)
    vosi.fill_tableset(add(top, "tableset"), catalogs, columns=True)
    return document(top)


def catalog_record(published: Published, catalog: Catalog, *, here: bool = True) -> bytes:
    """Give the record of one catalog: its cone search, the service that has its table, its coverage.

    It has a HiPS where its rows are `here`.

    Raises
    ------
    NotFound
        The settings do not say who publishes it.
    """
    curation = published.curation
    top = _opened(published, catalog.title, f"catalogs/{catalog.name}")
    content = add(top, "content")
    add(content, "subject", SUBJECT)
    add(content, "description", catalog.description or catalog.title)
    add(content, "referenceURL", published.portal + links.catalog_page(catalog.name))
    add(content, "type", "Catalog")
    add(content, "contentLevel", "Research")
    related = add(content, "relationship")
    add(related, "relationshipType", "IsServedBy")
    add(related, "relatedResource", curation.title, ivo_id=identifier(curation, "tap"))
    if catalog.licence:
        add(top, "rights", " ".join(catalog.licence.split()))
    _cone(add(top, "capability", standardID=CONE, xsi_type="cs:ConeSearch"), published, catalog)
    _interface(add(top, "capability", standardID=TAP_AUX), published, "tap")
    if here:
        _interface(add(top, "capability", standardID=HIPS), published, links.density(catalog.name))
    add(add(top, "coverage"), "footprint", published.portal + links.coverage(catalog.name), ivo_id=MOC)
    vosi.fill_catalogs(add(top, "tableset"), [catalog], columns=True)
    return document(top)


def identifier(curation: Curation, key: str) -> str:
    """Give the IVOA identifier of what has this resource key."""
    return f"ivo://{curation.authority}/{key}"


def _opened(published: Published, title: str, key: str) -> ET.Element:
    """Give a record with what comes before its content."""
    top = root("ri:Resource", "vr", "vs", "tr", "cs")
    when = published.updated.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    top.attrib |= {"xsi:type": "vs:CatalogService", "created": when, "updated": when, "status": "active"}
    curation = published.curation
    add(top, "title", " ".join(title.split()))
    add(top, "identifier", identifier(curation, key))
    curated = add(top, "curation")
    add(curated, "publisher", curation.publisher)
    add(curated, "date", when, role="Updated")
    contact = add(curated, "contact")
    add(contact, "name", curation.contact)
    if curation.email:
        add(contact, "email", curation.email)
    return top


def _interface(capability: ET.Element, published: Published, path: str) -> None:
    found = add(capability, "interface", xsi_type="vs:ParamHTTP", role="std")
    add(found, "accessURL", published.portal + path, use="base")
    security(found, published.access)


def _cone(capability: ET.Element, published: Published, catalog: Catalog) -> None:
    found = add(capability, "interface", xsi_type="vs:ParamHTTP", role="std", version="1.03")
    add(found, "accessURL", f"{published.portal}{links.cone_search(catalog.name)}?", use="base")
    security(found, published.access)
    add(found, "queryType", "GET")
    add(found, "resultType", "application/x-votable+xml")
    for name, meaning in (("RA", "right ascension"), ("DEC", "declination"), ("SR", "radius")):
        given = add(found, "param", use="required", std="true")
        add(given, "name", name)
        add(given, "description", f"{meaning} of the cone, ICRS")
        add(given, "unit", "deg")
        add(given, "dataType", "real")
    add(capability, "maxSR", 180)
    add(capability, "maxRecords", published.settings.queries.maximum_rows)
    add(capability, "verbosity", "true")
