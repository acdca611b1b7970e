"""User-defined functions: one decorated function each, which also fills the service's capabilities."""

from uraniborg_portal.adql.udf import healpix, motion, objects, photometry, systems, texts
from uraniborg_portal.adql.udf.registry import USER_FUNCTIONS, Asked, UserFunction, choose

__all__ = [
    "USER_FUNCTIONS",
    "Asked",
    "UserFunction",
    "choose",
    "healpix",
    "motion",
    "objects",
    "photometry",
    "systems",
    "texts",
]
