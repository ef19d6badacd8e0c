"""`jingwei init | serve | worker | demo`: a node and its server."""

from __future__ import annotations

import multiprocessing
import os

import click
from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

from jingwei.audit import jobs as audit_jobs
from jingwei.cli import demonstration
from jingwei.cli.frame import HomeUnwritable, Output, command, refuse_file, refuse_newer
from jingwei.collection import queue, schedules
from jingwei.engines import lake
from jingwei.inbox import jobs as inbox_jobs
from jingwei.kernel.home import home, make
from jingwei.kernel.ledger import schedule as sealing
from jingwei.kernel.ports import require_free
from jingwei.kernel.scratch import Scratch
from jingwei.kernel.text import Text
from jingwei.operations import weekly
from jingwei.operations.deployment import refuse_unsafe
from jingwei.sample import LEAST, MOST
from jingwei.settings import options, secret


def initialise() -> bool:
    """Makes or brings up to date the three stores of the home; says whether the home is new."""
    refuse_file()
    fresh = not (home() / "lake").is_dir()
    try:
        make(home())
        if not options.SECRET_KEY.value:
            settings.SECRET_KEY = secret.keep(home(), settings.SECRET_KEY)
    except OSError as exc:
        raise HomeUnwritable(path=home(), why=exc.strerror) from exc
    if not fresh:
        refuse_newer()
    call_command("migrate", verbosity=0, interactive=False)
    lake().prepare()
    return fresh


def add_to(group: click.Group) -> None:
    @command(group, needs_home=False)
    def init(out: Output) -> None:
        """Make the home: operational store, lake, files. Safe to repeat after an upgrade."""
        fresh = initialise()
        out.say(
            Text("{home} 已建好。", "{home} is ready.").fill(home=home())
            if fresh
            else Text("{home} 已是最新。", "{home} is up to date.").fill(home=home())
        )
        out.result({"home": str(home()), "new": fresh})

    @command(group)
    @click.option(
        "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is all of them."
    )
    @click.option(
        "--port", default=8000, show_default=True, help="Port to listen on.", type=click.IntRange(1, 65535)
    )
    @click.option(
        "--workers", default=2, show_default=True, help="Server processes.", type=click.IntRange(1, 64)
    )
    def serve(out: Output, host: str, port: int, workers: int) -> None:
        """Serve the pages until interrupted; what was recorded is sealed at the end."""
        refuse_unsafe(host)
        require_free(host, port)
        # The server's processes count together, if this is set before anything that counts is imported.
        counting = Scratch(home() / "tmp")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counting.path)
        out.say(f"http://{host}:{port}/")
        out.result({"address": f"http://{host}:{port}/"})
        os.environ["JINGWEI_HOME"] = str(home())
        Granian(
            "jingwei.settings.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=2,
            log_access=False,
            # A terminal interrupts workers and server at once; a worker told twice may hang.
            workers_kill_timeout=2,
        ).serve()
        sealing.seal()

    @command(group)
    def worker(out: Output) -> None:
        """Run queued and scheduled jobs until interrupted: collections by their plan, the sealing of the ledger."""
        schedules.prepare()
        sealing.prepare()
        inbox_jobs.prepare()
        audit_jobs.prepare()
        weekly.prepare()
        with queue.as_worker():
            call_command("qcluster", verbosity=0)
            # The command returns as soon as the cluster runs; a worker is one as long as that lives.
            for child in multiprocessing.active_children():
                child.join()

    @command(group, needs_home=False)
    @click.option(
        "--residents",
        default=70_000,
        show_default=True,
        help="How many people.",
        type=click.IntRange(LEAST, MOST),
    )
    @click.option(
        "--seed", default=20261120, show_default=True, help="The same seed gives the same district."
    )
    @click.option(
        "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is all of them."
    )
    @click.option(
        "--port", default=8000, show_default=True, help="Port to listen on.", type=click.IntRange(1, 65535)
    )
    @click.option("--no-serve", is_flag=True, help="Prepare everything, but start no server.")
    def demo(out: Output, residents: int, seed: int, host: str, port: int, no_serve: bool) -> int:
        """A sample district from nothing to the window page, served until interrupted."""
        if not no_serve:
            require_free(host, port)
        initialise()
        demonstration.prepare(out, residents, seed)
        return demonstration.serve(out, host, port) if not no_serve else 0
