"""Runs: one collection of one resource, with its balance."""

from __future__ import annotations

from typing import Any

from django.db import models


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
    """`read = accepted + quarantined + repeated` and `accepted = new + changed + unchanged`.

    A run is made before the source is opened and ends as done, held or failed; one that still
    says running while nobody holds the resource's lock was killed and is settled by `recover`.
    """

    RUNNING, DONE, HELD, FAILED = "running", "done", "held", "failed"
    STATES = [(RUNNING, "进行中"), (DONE, "完成"), (HELD, "扣住"), (FAILED, "失败")]

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
            self.read == self.accepted + self.quarantined + self.repeated
            and self.accepted == self.new + self.changed + self.unchanged
            and self.declared in (None, self.read)
        )

    @property
    def seconds(self) -> float | None:
        return (self.ended - self.started).total_seconds() if self.ended else None
