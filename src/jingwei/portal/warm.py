"""A fresh server process opens its stores before the first clerk has to wait for it."""

from __future__ import annotations

import logging
import threading

from django.db import connection
from django.db.utils import DatabaseError

from jingwei.directory import service as directory
from jingwei.engines import lake
from jingwei.kernel.errors import JingweiError
from jingwei.packs.service import installed, trust_for
from jingwei.registers import service
from jingwei.registers.models import ServingState

log = logging.getLogger("jingwei.portal")


def in_background() -> None:
    trust_for(2)
    threading.Thread(target=warm, name="warm", daemon=True).start()


def warm() -> None:
    """Reads the packs, opens the lake and asks each served register once. A store that cannot be
    opened is told by the first page that needs it; here it is only noted."""
    try:
        installed()
        directory.make_ready()
        for state in ServingState.objects.all():
            service.search([state.register], "warm")
        with lake().read() as con:
            con.execute("SELECT 1")
    except (JingweiError, DatabaseError) as exc:
        log.info("not warmed: %s", exc)
    finally:
        connection.close()
