"""Science in a notebook: catalogs, instruments and pools of a Uraniborg platform."""
