"""What the ledger keeps in the operational store; `kernel.ledger` says how it is written, sealed and proved."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class LedgerEntry(models.Model):
    """One look or deed: who, for what, on whose record, which fields, with what outcome.

    Entries are appended in the transaction of what they record (`kernel.ledger.record`) and never changed.
    `position` is its place in the sealed ledger, None until it is sealed: order and wholeness come from
    sealing, because numbers of rows have gaps wherever a transaction was taken back.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    account = models.CharField(max_length=60)
    organization = models.CharField(max_length=120, blank=True)
    post = models.CharField(max_length=60, blank=True)
    action = models.CharField(max_length=60)
    object = models.CharField(max_length=200)
    door = models.CharField(max_length=20, blank=True)
    case = models.CharField(max_length=60, blank=True)
    grant = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    fields = models.JSONField(default=list)
    subjects = models.JSONField(default=list)
    subject_digest = models.CharField(max_length=64, blank=True)
    subject_count = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=20, default="done")
    nonce = models.CharField(max_length=16, blank=True)
    mark = models.CharField(max_length=32, blank=True)
    position = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "at"], name="ledger_by_account"),
            models.Index(fields=["id"], name="ledger_unsealed", condition=models.Q(position__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["position"], name="ledger_position", condition=models.Q(position__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.account} {self.action} {self.object}"


class LedgerSet(models.Model):
    """Whom a bulk use was about: pseudonyms of ten bytes, sorted, under the digest that its entry carries."""

    digest = models.CharField(max_length=64, primary_key=True)
    key = models.PositiveIntegerField()
    members = models.BinaryField()

    def __str__(self) -> str:
        return self.digest


class LedgerHead(models.Model):
    """The signed head of a sealed segment, as the segment's file has it."""

    number = models.BigIntegerField(primary_key=True)
    first = models.BigIntegerField()
    after = models.BigIntegerField()
    text = models.TextField()
    signature = models.CharField(max_length=128)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"


class LedgerSubject(models.Model):
    """Where a pseudonym, or the digest of a set, stands in the sealed ledger."""

    pk = models.CompositePrimaryKey("term", "position")
    term = models.CharField(max_length=64)
    position = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.term} {self.position}"
