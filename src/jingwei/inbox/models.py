"""Notices: something an organization has to know, with the page where it is to be seen."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


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
