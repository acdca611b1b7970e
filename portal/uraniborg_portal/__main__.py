"""The portal as a service of the hub: `python -m uraniborg_portal`."""

import logging
import os

from uraniborg_portal.identity.models import HubService
from uraniborg_portal.serve import serve
from uraniborg_portal.settings import Settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    serve(Settings(), HubService.from_environment(os.environ))
