"""Notices (something to know), to-dos (something to do, with a deadline), the calendar deadlines are counted in,
and where messages about them go.

Organizations and accounts are named, not pointed at: a to-do outlives both, and a contract may name a provider
that has no account here yet.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from jingwei.kernel.text import Text


class Notice(models.Model):
    """To an organization (its name), or to a role where no organization is meant (`role`)."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    organization = models.CharField(max_length=120, blank=True, db_index=True)
    role = models.CharField(max_length=40, blank=True, db_index=True)
    about = models.CharField(max_length=120)
    """Resource, run or work order the notice is about."""
    kind = models.CharField(max_length=40)
    zh = models.TextField()
    en = models.TextField()
    link = models.CharField(max_length=200, blank=True)
    read_by = models.CharField(max_length=60, blank=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"


class ToDo(models.Model):
    """Something somebody has to do. Put here by the room it belongs to under a `key` of that room's, and taken
    away by it; meant for exactly one of an organization, a role or an account, and held by whoever took it."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40, db_index=True)
    about = models.CharField(max_length=160)
    """The resource, run or register it is about, never a person."""
    zh = models.TextField()
    en = models.TextField()
    link = models.CharField(max_length=300, blank=True)
    organization = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=40, blank=True)
    account = models.CharField(max_length=60, blank=True)
    holder = models.CharField(max_length=60, blank=True)
    taken = models.DateTimeField(null=True)
    due = models.DateField(null=True)
    created = models.DateTimeField(default=timezone.now)
    done = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=60, blank=True)
    escalated = models.DateTimeField(null=True)
    above_organization = models.CharField(max_length=120, blank=True)
    """Whom it was escalated to: an organization, or (`above_role`) a role."""
    above_role = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["due", "created"]
        indexes = [
            models.Index(fields=["done", "organization"]),
            models.Index(fields=["done", "role"]),
            models.Index(fields=["done", "account"]),
            models.Index(fields=["done", "holder"]),
            models.Index(fields=["done", "due"]),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def title(self) -> Text:
        return Text(self.zh, self.en)


class Step(models.Model):
    """Who had a to-do when: asked, taken, handed over with a note, escalated, done, asked again."""

    ASKED, TAKEN, HANDED, ESCALATED, DONE = "asked", "taken", "handed", "escalated", "done"

    todo = models.ForeignKey(ToDo, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=10)
    by = models.CharField(max_length=60, blank=True)
    """Empty where a room or the clock did it."""
    to = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.what} {self.to}"


class CalendarDay(models.Model):
    """A day that differs from its day of the week: a public holiday, or a weekend day that is worked."""

    WORKDAY, HOLIDAY = "workday", "holiday"

    day = models.DateField(primary_key=True)
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=60, blank=True)
    imported = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class Visit(models.Model):
    """When somebody was last on the home page, and when before that: what has changed since is told there."""

    account = models.CharField(max_length=60, primary_key=True)
    seen = models.DateTimeField()
    before = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.account


class Address(models.Model):
    """Where messages go besides the page: of one account or of one organization. The address itself is kept
    sealed and never shown again; `shown` is what may be seen of it."""

    MAIL, HOOK = "mail", "hook"
    NOW, DAILY, NONE = "now", "daily", "none"

    account = models.CharField(max_length=60, blank=True, db_index=True)
    organization = models.CharField(max_length=120, blank=True, db_index=True)
    kind = models.CharField(max_length=8)
    sealed = models.TextField()
    shown = models.CharField(max_length=120)
    language = models.CharField(max_length=2, default="zh")
    digest = models.CharField(max_length=8, default=NOW)
    hour = models.IntegerField(default=9)
    quiet_from = models.IntegerField(null=True)
    quiet_until = models.IntegerField(null=True)
    created = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=60)

    told_step = models.BigIntegerField(default=0)
    """The newest step and notice that a message was about, or that were there before the address."""
    told_notice = models.BigIntegerField(default=0)
    last_day = models.DateField(null=True)
    last_sent = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    broken = models.DateTimeField(null=True)
    """Since when nothing is sent there any more, because it failed too often."""

    class Meta:
        ordering = ["organization", "id"]

    def __str__(self) -> str:
        return self.shown
