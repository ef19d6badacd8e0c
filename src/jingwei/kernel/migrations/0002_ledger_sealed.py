"""The ledger's entries get post, door, case and grant, pseudonyms in the place of entity numbers, and their mark."""

import secrets

from django.db import migrations, models

from jingwei.kernel.ledger.appending import named
from jingwei.kernel.ledger.entry import CONTENT, content
from jingwei.kernel.ledger.keys import ENTITY, mark_of, pseudonym

COLUMNS = ["object", "subjects", "subject_digest", "subject_count", "nonce", "mark"]


def name_and_mark(apps, schema_editor):
    """Entries of earlier versions hold entity numbers: from here on they hold pseudonyms like all others."""
    entries = apps.get_model("kernel", "LedgerEntry").objects
    sets = apps.get_model("kernel", "LedgerSet").objects
    some = []
    for entry in entries.order_by("id").iterator(chunk_size=1000):
        about = dict.fromkeys([*entry.subjects, *ENTITY.findall(entry.object)])
        entry.object = ENTITY.sub(lambda found: pseudonym(found[0]), entry.object)[:200]
        for column, value in named(list(about), sets).items():
            setattr(entry, column, value)
        entry.nonce = secrets.token_hex(8)
        entry.mark = mark_of(content({name: getattr(entry, name) for name in CONTENT}))
        some.append(entry)
        if len(some) == 1000:
            entries.bulk_update(some, COLUMNS)
            some = []
    entries.bulk_update(some, COLUMNS)


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerHead",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first", models.BigIntegerField()),
                ("after", models.BigIntegerField()),
                ("text", models.TextField()),
                ("signature", models.CharField(max_length=128)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerSet",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("key", models.PositiveIntegerField()),
                ("members", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="LedgerSubject",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "term", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("term", models.CharField(max_length=64)),
                ("position", models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="case",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="door",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="grant",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="mark",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="nonce",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="position",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="post",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="subject_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="subject_digest",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.RunPython(name_and_mark, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["account", "at"], name="ledger_by_account"),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(
                condition=models.Q(("position__isnull", True)), fields=["id"], name="ledger_unsealed"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("position__isnull", False)), fields=("position",), name="ledger_position"
            ),
        ),
    ]
