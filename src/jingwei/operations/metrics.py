"""Figures for Prometheus: counted as requests pass, and read from the stores when they are asked for.

    request ─ middleware ─▶ counters: one file a server process, summed when asked (several granian workers)
    /metrics ─▶ those + states of runs, orders, jobs, ledger, disk at this moment

Labels are names out of the code (view, status, state), so that their number is bounded and nobody is named.
`serve` sets PROMETHEUS_MULTIPROC_DIR before its workers import this; without it figures are this process's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from django.db.models import Count, Sum
from django.utils import timezone
from django_q.models import Failure, OrmQ
from prometheus_client import REGISTRY as OWN
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from jingwei.collection.models import Run, WorkOrder
from jingwei.kernel import ledger
from jingwei.kernel.home import home

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = ("GET", "HEAD", "POST")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)

# django-q2 brings the library in with Django's settings, before `serve` can say that several processes count.
values.ValueClass = values.get_value_class()

REQUESTS = Counter("jingwei_requests", "Requests answered", ["view", "method", "status"])
SECONDS = Histogram("jingwei_request_seconds", "Time a request took at the server", ["view"], buckets=BUCKETS)
LOOKUPS = Counter("jingwei_lookups", "Searches in registers that were answered")
SEARCHES = frozenset({"window:search", "registers:search"})


def count(view: str, method: str, status: int, seconds: float) -> None:
    REQUESTS.labels(view, method if method in METHODS else "other", str(status)).inc()
    SECONDS.labels(view).observe(seconds)
    if view in SEARCHES and status == 200:
        LOOKUPS.inc()


def text() -> bytes:
    """All figures in Prometheus' own text."""
    registry = CollectorRegistry()
    registry.register(States())
    if os.environ.get(FOLDER):
        MultiProcessCollector(registry)
        return bytes(generate_latest(registry))
    return bytes(generate_latest(registry)) + bytes(generate_latest(OWN))


class States(Collector):
    """What the stores say at this moment; in SQL counts over indexed or small tables."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        yield self._runs()
        quarantined = Run.objects.aggregate(rows=Sum("quarantined"))["rows"] or 0
        yield CounterMetricFamily("jingwei_rows_quarantined", "Rows runs put into quarantine", quarantined)
        yield self._orders()
        yield GaugeMetricFamily(
            "jingwei_jobs_waiting", "Jobs the worker has still to do", OrmQ.objects.count()
        )
        yield GaugeMetricFamily("jingwei_jobs_failed", "Jobs that ended in a fault", Failure.objects.count())
        yield GaugeMetricFamily(
            "jingwei_ledger_unsealed",
            "Entries of the ledger that wait for their seal",
            ledger.status().unsealed,
        )
        disk = shutil.disk_usage(home())
        yield GaugeMetricFamily("jingwei_disk_free_bytes", "Bytes free on the home's disk", disk.free)
        yield GaugeMetricFamily("jingwei_disk_bytes", "Size of the home's disk", disk.total)

    def _runs(self) -> Metric:
        runs = GaugeMetricFamily("jingwei_runs", "Runs by state", labels=["state"])
        counted = dict(Run.objects.order_by().values_list("state").annotate(n=Count("*")))
        for state, _ in Run.STATES:
            runs.add_metric([state], counted.get(state, 0))
        return runs

    def _orders(self) -> Metric:
        orders = GaugeMetricFamily(
            "jingwei_orders", "Work orders that are open, and those that are late", labels=["state"]
        )
        still = WorkOrder.objects.filter(state=WorkOrder.OPEN)
        orders.add_metric(["open"], still.count())
        orders.add_metric(["late"], still.filter(due__lt=timezone.localdate()).count())
        return orders
