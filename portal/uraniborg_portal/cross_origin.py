"""What scripts of other sites' pages may read: what anyone may, as nobody."""

from __future__ import annotations

FROM_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""Header of such an answer (Fetch standard, CORS protocol): where it is `*`, a browser sends no credential."""
