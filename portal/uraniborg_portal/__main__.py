"""The portal as a service of the hub: `python -m uraniborg_portal`."""

import logging
import os

from uraniborg_portal.errors import PortalError
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.serve import serve
from uraniborg_portal.settings import Settings

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        serve(Settings(), HubService.from_environment(os.environ))
    except PortalError as error:
        logging.critical("%s %s", error.message, error.remedy)
        raise SystemExit(1) from None
