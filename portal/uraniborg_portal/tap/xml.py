"""XML documents of the Virtual Observatory: element trees with the usual prefixes."""

from __future__ import annotations

from xml.etree import ElementTree as ET

MEDIA_TYPE = "application/xml"
NAMESPACES = {
    "uws": "http://www.ivoa.net/xml/UWS/v1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "vosi": "http://www.ivoa.net/xml/VOSICapabilities/v1.0",
    "avail": "http://www.ivoa.net/xml/VOSIAvailability/v1.0",
    "vtm": "http://www.ivoa.net/xml/VOSITables/v1.0",
    "vs": "http://www.ivoa.net/xml/VODataService/v1.1",
    "vr": "http://www.ivoa.net/xml/VOResource/v1.0",
    "tr": "http://www.ivoa.net/xml/TAPRegExt/v1.0",
    "ri": "http://www.ivoa.net/xml/RegistryInterface/v1.0",
    "cs": "http://www.ivoa.net/xml/ConeSearch/v1.0",
}


def root(name: str, *prefixes: str) -> ET.Element:
    """Give a root element `prefix:name` that declares its own prefix, `xsi` and these."""
    declared = {f"xmlns:{prefix}": NAMESPACES[prefix] for prefix in (name.partition(":")[0], "xsi", *prefixes)}
    return ET.Element(name, declared)


def add(parent: ET.Element, name: str, text: object = None, **attributes: str) -> ET.Element:
    """Add an element; `xsi_type` among the attributes is `xsi:type`, and `_` in others is `-`."""
    named = {"xsi:type" if key == "xsi_type" else key.replace("_", "-"): value for key, value in attributes.items()}
    element = ET.SubElement(parent, name, named)
    if text is not None:
        element.text = clean(str(text))
    return element


def clean(text: str) -> str:
    """Give the text without characters that XML 1.0 forbids."""
    return "".join(
        c if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "?" for c in text
    )


def document(element: ET.Element) -> bytes:
    """Give the document as bytes, with its XML declaration."""
    body: bytes = ET.tostring(element, encoding="utf-8", xml_declaration=True)
    return body
