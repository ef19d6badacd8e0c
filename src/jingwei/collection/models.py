"""What collection keeps in the operational store: runs, work orders, uploads, scores, profiles.

Rows themselves never stand here: they are in the lake (raw, standard, quarantine).
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


def storable(value: Any) -> Any:
    """The value with signs a database refuses made visible: NUL, and bytes of file names that are no text."""
    if isinstance(value, str):
        return value.replace("\0", "␀").encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


class Run(models.Model):
    """`read = accepted + quarantined + repeated + deletions` and `accepted = new + changed + unchanged`.

    A run is made before the source is opened and ends as done, held or failed; one that still
    says running while nobody holds the resource's lock was killed and is settled by `recover`.
    """

    RUNNING, DONE, HELD, FAILED = "running", "done", "held", "failed"
    STATES = [(RUNNING, "进行中"), (DONE, "完成"), (HELD, "扣住"), (FAILED, "失败")]
    FULL, INCREMENTAL, CHANGES, REPAIR = "full", "incremental", "changes", "repair"

    id = models.CharField(primary_key=True, max_length=20)
    resource = models.CharField(max_length=120, db_index=True)
    state = models.CharField(max_length=8, choices=STATES, default=RUNNING)
    location = models.CharField(max_length=500)
    contract_version = models.CharField(max_length=20)
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=60)

    declared = models.BigIntegerField(null=True)
    read = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    removed = models.BigIntegerField(default=0)
    voided = models.BigIntegerField(default=0)
    deletions = models.BigIntegerField(default=0)
    """Rows of a change table that say a key is gone."""
    superseded = models.BigIntegerField(default=0)
    """Of the repeated: rows of a change table that a later row of the same key replaced."""

    kind = models.CharField(max_length=12, default=FULL)
    attempt = models.IntegerField(default=1)
    planned = models.DateTimeField(null=True)
    """When the plan wanted it, for a run the plan started."""
    verified_through = models.CharField(max_length=64, blank=True)
    """Up to where (source time, or the cursor's value) the lake is known to hold what the source holds."""

    snapshot_before = models.BigIntegerField(null=True)
    snapshot = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    error = models.JSONField(null=True)

    class Meta:
        ordering = ["-started", "-id"]

    def __str__(self) -> str:
        return self.id

    def save(self, *args: Any, **options: Any) -> None:
        self.location = storable(self.location)[:500]
        self.facts, self.reasons, self.error = map(storable, (self.facts, self.reasons, self.error))
        super().save(*args, **options)

    @property
    def balances(self) -> bool:
        return (
            self.read == self.accepted + self.quarantined + self.repeated + self.deletions
            and self.accepted == self.new + self.changed + self.unchanged
            and self.declared in (None, self.read)
        )

    @property
    def seconds(self) -> float | None:
        return (self.ended - self.started).total_seconds() if self.ended else None


class WorkOrder(models.Model):
    """Something wrong, who must put it right, by when.

    A quality order stands for the rows of `resource` that run `run` was the first to find wrong (in the lake,
    `quarantine.rows.since`); a dispute for one value of one row. It is closed when nothing of it is open.
    """

    QUALITY, DISPUTE = "quality", "dispute"
    OPEN, CLOSED = "open", "closed"

    id = models.CharField(primary_key=True, max_length=20)
    kind = models.CharField(max_length=8, default=QUALITY)
    resource = models.CharField(max_length=120, db_index=True)
    organization = models.CharField(max_length=120, db_index=True)
    run = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=8, default=OPEN)
    opened = models.DateTimeField(default=timezone.now)
    opened_by = models.CharField(max_length=60)
    due = models.DateField()
    closed = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True)
    rows = models.BigIntegerField(default=0)
    """Rows it began with."""
    remaining = models.BigIntegerField(default=0)
    """Rows of it that are open still, as of the last run."""
    key = models.CharField(max_length=400, blank=True)
    field = models.CharField(max_length=120, blank=True)
    said = models.TextField(blank=True)
    """Of a dispute: what is held to be right, and why."""
    value = models.TextField(blank=True)
    """Of a dispute: the value as it stood."""
    subject = models.CharField(max_length=120, blank=True)
    """Of a dispute: where it was seen, `register/entity`."""
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["due", "-opened"]
        indexes = [models.Index(fields=["resource", "state"]), models.Index(fields=["resource", "key"])]

    def __str__(self) -> str:
        return self.id

    @property
    def late(self) -> bool:
        return self.state == self.OPEN and timezone.localdate() > self.due


class RowNote(models.Model):
    """What the provider's officers wrote about one row of a work order: cells typed and not yet handed in, or
    that the row is right as it stands, and what the steward replied."""

    order = models.CharField(max_length=20, db_index=True)
    row = models.CharField(max_length=32)
    """MD5 of the row as it came."""
    values = models.JSONField(default=dict)
    right = models.TextField(blank=True)
    reply = models.TextField(blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "row"], name="one_note_a_row")]

    def __str__(self) -> str:
        return f"{self.order} {self.row}"


class Upload(models.Model):
    """A file somebody handed in through the page: kept in `files/`, corrected cell by cell, then collected."""

    OPEN, SUBMITTED, DROPPED = "open", "submitted", "dropped"

    id = models.CharField(primary_key=True, max_length=20)
    resource = models.CharField(max_length=120, db_index=True)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=400)
    by = models.CharField(max_length=60)
    organization = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, default=OPEN)
    corrections = models.JSONField(default=dict)
    """`row: {field: text}`, over what the file says."""
    run = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.id


class Score(models.Model):
    """Quality of a resource after a run: the share of judged rows without a fault, per field and dimension
    (0 to 1, GB/T 36344). `field` and `dimension` are empty for all of them together."""

    resource = models.CharField(max_length=120)
    organization = models.CharField(max_length=120)
    run = models.CharField(max_length=20)
    at = models.DateTimeField()
    field = models.CharField(max_length=120, blank=True)
    dimension = models.CharField(max_length=20, blank=True)
    judged = models.BigIntegerField()
    failed = models.BigIntegerField()

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["resource", "at"]), models.Index(fields=["organization", "at"])]
        constraints = [models.UniqueConstraint(fields=["run", "field", "dimension"], name="one_score_a_run")]

    def __str__(self) -> str:
        return f"{self.resource} {self.field} {self.dimension} {self.score:.4f}"

    @property
    def score(self) -> float:
        return 1 - self.failed / self.judged if self.judged else 1.0


class Profile(models.Model):
    """What the values of a resource look like after a run: per field counts, distribution, patterns."""

    resource = models.CharField(max_length=120)
    run = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()
    rows = models.BigIntegerField()
    fields = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["resource", "at"])]

    def __str__(self) -> str:
        return f"{self.resource} {self.run}"
