"""The serving copy of the registers, and what persons and the window said about them.

`Entity` holds one compact golden record, `SearchKey` what a clerk may type to find it, and
`ServingState` which build of the lake the copy shows, so that a crash between the two stores is
seen and mended by the next link. Rows are written in bulk by `serving`, never by hand.
"""

from __future__ import annotations

from django.db import models


class Entity(models.Model):
    """`golden` is `{field: [value, source number, day as of, differs]}`, see `packing.unpack`; `line` the few
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


class Forwarding(models.Model):
    """An identifier that was given out once and now belongs to another entity (`to`), or to none (`''`)."""

    pk = models.CompositePrimaryKey("register", "entity_id")
    register = models.CharField(max_length=64)
    entity_id = models.CharField(max_length=32)
    to = models.CharField(max_length=32, blank=True)
    build = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        app_label = "registers"

    def __str__(self) -> str:
        return f"{self.register} {self.entity_id} → {self.to or '—'}"


class Verdict(models.Model):
    """A person's word that two records are one entity, or that they are not. It is a statement like any
    other: every linking heeds those that were not taken back."""

    SAME, DIFFERENT = "same", "different"

    register = models.CharField(max_length=64)
    left_resource = models.CharField(max_length=200)
    left_key = models.CharField(max_length=400)
    right_resource = models.CharField(max_length=200)
    right_key = models.CharField(max_length=400)
    verdict = models.CharField(max_length=9)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "registers"
        indexes = [models.Index(fields=["register", "undone_at"], name="verdict_standing")]

    def __str__(self) -> str:
        return f"{self.register}: {self.left_key} {self.verdict} {self.right_key}"


class Label(models.Model):
    """Whether a pair of records is one entity, as a steward labelled it: for evaluation only, never applied."""

    register = models.CharField(max_length=64)
    left_resource = models.CharField(max_length=200)
    left_key = models.CharField(max_length=400)
    right_resource = models.CharField(max_length=200)
    right_key = models.CharField(max_length=400)
    same = models.BooleanField(null=True)
    weight = models.FloatField(null=True)
    stratum = models.CharField(max_length=32, blank=True)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        app_label = "registers"
        indexes = [models.Index(fields=["register", "same"], name="label_open")]

    def __str__(self) -> str:
        return f"{self.register}: {self.left_key} / {self.right_key}"


class Statement(models.Model):
    """What the window or the grid learnt: one row of a source system that is this platform itself.

    `values` holds the resource's fields as text; the newest statement of a `record_key` counts."""

    resource = models.CharField(max_length=200)
    record_key = models.CharField(max_length=400)
    register = models.CharField(max_length=64)
    entity_id = models.CharField(max_length=32)
    values = models.JSONField()
    as_of = models.DateField()
    by = models.CharField(max_length=150)
    case = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        app_label = "registers"
        indexes = [
            models.Index(fields=["resource", "id"], name="statement_order"),
            models.Index(fields=["register", "entity_id"], name="statement_entity"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.record_key}"
