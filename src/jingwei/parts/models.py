"""What somebody keeps of a table: its filters, order and columns under a name of their own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class SavedView(models.Model):
    """`query` is the address of the table without its path: it holds no personal data, because tables take
    none into their addresses."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=80)
    title = models.CharField(max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["account", "table", "title"], name="one_view_of_a_title"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.title}"
