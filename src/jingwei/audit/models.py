"""What the auditor's pages keep beside the ledger: findings, suppressions, and whose record an account's is.

The ledger itself is never written here but through `kernel.ledger`, and never changed.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from jingwei.kernel.models import Account


class Holder(models.Model):
    """An account and the resident it belongs to, as somebody has checked. Residents see their own traces by
    it; for staff it tells looks at one's own record from looks at a namesake's."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="held_by")
    register = models.CharField(max_length=64)
    entity_id = models.CharField(max_length=32)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "audit"

    def __str__(self) -> str:
        return f"{self.account_id} = {self.register}/{self.entity_id}"


class Finding(models.Model):
    """An event that somebody should explain: what a detector came upon, or what a resident asked about.

    `figures` are what its explanation says, `entries` the first numbers of what it rests on. It is about an
    event on a day, never a mark on a person: a closed one stays closed.
    """

    OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
    STATES = [(OPEN, "待解释"), (ANSWERED, "已说明"), (CLOSED, "已了结")]

    kind = models.CharField(max_length=32)
    account = models.CharField(max_length=60, db_index=True)
    organization = models.CharField(max_length=120, blank=True)
    day = models.DateField(db_index=True)
    about = models.CharField(max_length=64, blank=True)
    """What tells two findings of a kind on the same day apart; empty where there is one a day."""
    figures = models.JSONField(default=dict)
    entries = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=STATES, default=OPEN)
    found = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="questions"
    )
    """The resident who asked, where it was no detector."""
    answer = models.TextField(blank=True)
    answered = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    closed_by = models.CharField(max_length=60, blank=True)
    closed = models.DateTimeField(null=True)

    class Meta:
        app_label = "audit"
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "account", "day", "about"], name="one_finding_an_event")
        ]
        indexes = [models.Index(fields=["state", "-day"], name="finding_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.account} {self.day}"


class Suppression(models.Model):
    """Looks that a resident is told of later because the law says so: proposed by one, approved by another,
    over by itself at the end of `until`."""

    PROPOSED, APPROVED, REFUSED, LIFTED = "proposed", "approved", "refused", "lifted"
    STATES = [(PROPOSED, "待批准"), (APPROVED, "已批准"), (REFUSED, "未批准"), (LIFTED, "已提前解除")]

    law = models.CharField(max_length=40)
    register = models.CharField(max_length=64)
    entity_id = models.CharField(max_length=32)
    case = models.CharField(max_length=64, blank=True)
    """Only looks for this case; empty: all of `organization`, or all."""
    organization = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=200)
    starts = models.DateField()
    until = models.DateField()
    """The first day on which the resident sees the looks."""
    state = models.CharField(max_length=10, choices=STATES, default=PROPOSED)
    proposed_by = models.CharField(max_length=60)
    proposed = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=60, blank=True)
    decided = models.DateTimeField(null=True)
    lifted = models.DateTimeField(null=True)

    class Meta:
        app_label = "audit"
        ordering = ["-id"]
        indexes = [models.Index(fields=["register", "entity_id", "state"], name="suppression_entity")]

    def __str__(self) -> str:
        return f"{self.law} {self.register}/{self.entity_id} {self.starts}–{self.until}"
