"""The serving copy of the registers: the lake's golden records, indexed for the window.

`Entity` holds one compact golden record, `SearchKey` what a clerk may type to find it, and
`ServingState` which build of the lake the copy shows, so that a crash between the two stores is
seen and mended by the next link. Rows are written in bulk by `serving`, never by hand.
"""

from __future__ import annotations

from django.db import models


class Entity(models.Model):
    """`golden` is `{field: [value, source number, day as of, differs]}`, see `serving.unpack`; `line` the few
    values of the register's card as a JSON list, which is all that a candidate under the search box needs."""

    pk = models.CompositePrimaryKey("register", "entity_id")
    register = models.CharField(max_length=64)
    entity_id = models.CharField(max_length=32)
    line = models.TextField()
    golden = models.TextField()
    digest = models.BigIntegerField()
    updated = models.DateTimeField()

    class Meta:
        app_label = "registers"

    def __str__(self) -> str:
        return f"{self.register} {self.entity_id}"


class SearchKey(models.Model):
    """One way to find an entity. The primary key is the index that prefix queries walk in order."""

    pk = models.CompositePrimaryKey("register", "kind", "key", "rank", "entity_id")
    register = models.CharField(max_length=64)
    kind = models.CharField(max_length=1)
    key = models.CharField(max_length=200)
    rank = models.SmallIntegerField()
    entity_id = models.CharField(max_length=32)

    class Meta:
        app_label = "registers"

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


class ServingState(models.Model):
    """Which build of a register the serving copy shows; `sources` numbers the resources in golden JSON."""

    register = models.CharField(max_length=64, primary_key=True)
    build = models.CharField(max_length=64)
    snapshot = models.BigIntegerField()
    sources = models.JSONField(default=list)
    keys_version = models.CharField(max_length=64)
    entities = models.IntegerField(default=0)
    updated = models.DateTimeField()

    class Meta:
        app_label = "registers"

    def __str__(self) -> str:
        return f"{self.register} @ {self.snapshot}"
