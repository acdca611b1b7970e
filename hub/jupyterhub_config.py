"""JupyterHub's configuration file: read the settings, call `configure`. Everything else is in `uraniborg_hub`."""

from uraniborg_hub.auth.service_tokens import forget_service_tokens
from uraniborg_hub.configure import configure
from uraniborg_hub.names import database
from uraniborg_hub.settings import HubSettings

settings = HubSettings()
if settings.hub.database is None:
    database(settings.home).parent.mkdir(parents=True, exist_ok=True)
forget_service_tokens(settings.database_url)
# JupyterHub runs this file with its configuration object as the global `c`.
configure(globals()["c"], settings)
