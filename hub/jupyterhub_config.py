"""JupyterHub's configuration file: read the settings, call `configure`. Everything else is in `uraniborg_hub`."""

from uraniborg_hub.auth.service_tokens import forget_service_tokens
from uraniborg_hub.configure import configure
from uraniborg_hub.settings import HubSettings

settings = HubSettings()
forget_service_tokens(settings.home)
# JupyterHub runs this file with its configuration object as the global `c`.
configure(globals()["c"], settings)
