"""What a client says that a table is to be: a VODataService table (VOSI 1.1, /tables/NAME); pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.models import DATATYPES, Column
from uraniborg_portal.engine.upload import WORDS
from uraniborg_portal.engine.worker import MOST_COLUMNS
from uraniborg_portal.errors import BadParameter, TooLarge
from uraniborg_portal.remote.schema import TYPES
from uraniborg_portal.user_tables.models import Definition
from uraniborg_portal.user_tables.names import UNPRINTABLE

LONGEST = 2_000_000
"""Bytes of a definition."""
LONGEST_NAME = 128
TEXTS = ("char", "unicodeChar")
KINDS = {
    **{name.lower(): name for name in DATATYPES},
    **TYPES,
    **dict.fromkeys(("varchar", "clob", "timestamp", "adql:varchar"), "char"),
}
"""Datatypes of VOTable, and those of TAP 1.0, in lower case."""
ACCEPTED = f"Accepted: {', '.join(DATATYPES)}; texts have arraysize *."


def definition_of(document: bytes) -> Definition:
    """Give what a document says.

    Raises
    ------
    BadParameter
        It is no description of a table that can be made.
    TooLarge
        It is longer than one of as many columns as may be: what is read of it takes forty times its size.
    """
    if len(document) > LONGEST:
        raise TooLarge(f"The definition has {len(document) / 1e6:.1f} MB; accepted: {LONGEST / 1e6:g} MB.")
    try:
        root = ET.fromstring(document)
    except ET.ParseError as error:
        raise BadParameter(f"The definition of the table is no XML: {error}.", "Send a VOSI table.") from error
    if short(root.tag) != "table":
        raise BadParameter(
            f"The definition is a {short(root.tag)[:40]!r}: accepted are a VOSI table (text/xml) and a VOTable "
            "(application/x-votable+xml)."
        )
    columns = tuple(column_of(each) for each in children(root, "column"))
    checked(columns)
    return Definition(columns=columns, description=text(root, "description", WORDS["description"]))


def checked(columns: Sequence[Column]) -> None:
    """Let pass columns that a table may have.

    Raises
    ------
    BadParameter
        There are none, or too many, or a name can't be one or comes twice.
    """
    if not 0 < len(columns) <= MOST_COLUMNS:
        raise BadParameter(f"The table has {len(columns):,} columns; accepted: 1 to {MOST_COLUMNS:,}.")
    seen: set[str] = set()
    for column in columns:
        name = column.name.lower()
        if not 0 < len(name) <= LONGEST_NAME or UNPRINTABLE.search(name) or name == layout.HEALPIX_COLUMN:
            raise BadParameter(f"{column.name[:80]!r} can't be the name of a column.", "Choose another name.")
        if name in seen:
            raise BadParameter(f"Two columns are named {column.name[:80]!r} (case does not count in ADQL).")
        seen.add(name)


def column_of(element: ET.Element) -> Column:
    """Give a column; BadParameter where its datatype is none that a table may have."""
    name = text(element, "name", 2 * LONGEST_NAME)
    kind = next(children(element, "dataType"), None)
    word = ((kind.text if kind is not None else "") or "").strip()
    datatype = KINDS.get(word.lower())
    if kind is None or datatype is None:
        raise BadParameter(f"The column {name[:80]!r} has the datatype {word[:40]!r}.", ACCEPTED)
    if datatype not in TEXTS and kind.get("arraysize", "1") != "1":
        raise BadParameter(f"The column {name[:80]!r} has arrays, which can't be kept.", ACCEPTED)
    said = kind.get("extendedType") or ("timestamp" if word.lower() == "timestamp" else "")
    return Column(
        name=name[1:-1] if len(name) > 2 and name[0] == name[-1] == '"' else name,
        datatype=datatype,
        arraysize="*" if datatype in TEXTS else None,
        unit=text(element, "unit", WORDS["unit"]) or None,
        ucd=text(element, "ucd", WORDS["ucd"]) or None,
        xtype=said[: WORDS["xtype"]] or None,
        description=text(element, "description", WORDS["description"]),
        nulls=0,
        principal=any((flag.text or "").strip() == "principal" for flag in children(element, "flag")),
    )


def children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Give the children of a name, in whatever namespace."""
    return (each for each in element if short(each.tag) == name)


def text(element: ET.Element, name: str, most: int) -> str:
    """Give the text of a child, empty where there is none; of a longer one its beginning."""
    found = next(children(element, name), None)
    return " ".join(((found.text if found is not None else "") or "").split())[:most]


def short(tag: str) -> str:
    """Give the name of an element without its namespace."""
    return tag.rpartition("}")[2]
