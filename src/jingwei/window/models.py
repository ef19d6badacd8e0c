"""Cases: one resident's or company's matter, from the first draft to the handed-in form."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from jingwei.kernel.models import Account


class Case(models.Model):
    """`values` is `{field: {value, origin, organization, as_of, choice, deposited, why}}`; `origin` is `register` for
    what the house held, `stated` for what was said at the window, `deposited` what became of that in its register. While a draft, `typed` keeps the texts as they
    stand on the clerk's screen, faulty ones too, and is empty afterwards."""

    DRAFT, SUBMITTED = "draft", "submitted"
    STATES = [(DRAFT, "暂存"), (SUBMITTED, "已受理")]

    number = models.CharField(primary_key=True, max_length=24)
    item = models.CharField(max_length=60)
    register = models.CharField(max_length=64)
    entity_id = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=STATES, default=DRAFT)
    values = models.JSONField(default=dict)
    typed = models.JSONField(default=dict)
    spared = models.IntegerField(default=0)
    asked = models.IntegerField(default=0)
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now)
    submitted = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-updated"]
        indexes = [
            models.Index(fields=["register", "entity_id"]),
            models.Index(fields=["created_by", "-updated"]),
        ]

    def __str__(self) -> str:
        return self.number
