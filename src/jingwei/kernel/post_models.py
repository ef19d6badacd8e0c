"""Who holds which post where, who stands in for whom, what became of an organization, and what waits for a second person.

An account may do what its posts of today allow (`standing`). The account's own `roles`, `organization` and `post`
are a projection of its main post, kept for everything that shows or filters by them.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class OrganizationChange(models.Model):
    """One event in the life of an organization; `before` and `after` hold the facts that changed."""

    MADE, EDITED, RENAMED, MOVED, MERGED, CLOSED = "made", "edited", "renamed", "moved", "merged", "closed"

    organization = models.ForeignKey("kernel.Organization", on_delete=models.CASCADE, related_name="changes")
    on = models.DateField(default=timezone.localdate)
    kind = models.CharField(max_length=12)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.kind} {self.on}"


class Post(models.Model):
    """A post that somebody holds from a day until a day; its roles hold within `scope`, or where it stands.

    A post without an organization belongs to the node itself and holds everywhere.
    """

    account = models.ForeignKey("kernel.Account", on_delete=models.CASCADE, related_name="posts")
    title = models.CharField(max_length=60, blank=True)
    organization = models.ForeignKey(
        "kernel.Organization", null=True, blank=True, on_delete=models.PROTECT, related_name="posts"
    )
    scope = models.ForeignKey(
        "kernel.Organization", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    roles = models.JSONField(default=list)
    main = models.BooleanField(default=False)
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True)
    """The last day; empty while no end is known."""

    class Meta:
        ordering = ["-main", "-since", "-id"]

    def __str__(self) -> str:
        return f"{self.account_id} {self.title}"


class Deputy(models.Model):
    """`deputy` does the work of `absent` from a day until a day, both included."""

    absent = models.ForeignKey("kernel.Account", on_delete=models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey("kernel.Account", on_delete=models.CASCADE, related_name="stands_in_for")
    since = models.DateField()
    until = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-until", "-id"]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.absent_id}"


class Proposal(models.Model):
    """Something one person wants done and another must agree to; never the same person."""

    OPEN, DONE, REFUSED, WITHDRAWN = "open", "done", "refused", "withdrawn"

    action = models.CharField(max_length=60, db_index=True)
    object = models.CharField(max_length=200)
    zh = models.CharField(max_length=300)
    en = models.CharField(max_length=300)
    payload = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    scope = models.ForeignKey("kernel.Organization", null=True, on_delete=models.PROTECT, related_name="+")
    """The organization the second person must have the action within."""
    state = models.CharField(max_length=12, default=OPEN, db_index=True)
    by = models.CharField(max_length=60)
    at = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.object} {self.state}"
