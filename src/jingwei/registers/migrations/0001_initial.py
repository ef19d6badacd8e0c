"""The serving copy's tables.

Written in each database's own words where Django has none: SQLite keeps the search keys in one
tree (WITHOUT ROWID) instead of a table and an index, PostgreSQL orders them by bytes (COLLATE "C"),
because a prefix is a range only in byte order.
"""

from django.db import migrations, models

SQLITE = [
    """CREATE TABLE registers_entity (
        register varchar(64) NOT NULL, entity_id varchar(32) NOT NULL, line text NOT NULL, golden text NOT NULL,
        digest bigint NOT NULL, updated datetime NOT NULL,
        PRIMARY KEY (register, entity_id)) WITHOUT ROWID""",
    """CREATE TABLE registers_searchkey (
        register varchar(64) NOT NULL, kind varchar(1) NOT NULL, key varchar(200) NOT NULL,
        rank smallint NOT NULL, entity_id varchar(32) NOT NULL,
        PRIMARY KEY (register, kind, key, rank, entity_id)) WITHOUT ROWID""",
]
POSTGRESQL = [
    """CREATE TABLE registers_entity (
        register varchar(64) NOT NULL, entity_id varchar(32) NOT NULL, line text NOT NULL, golden text NOT NULL,
        digest bigint NOT NULL, updated timestamptz NOT NULL,
        PRIMARY KEY (register, entity_id))""",
    """CREATE TABLE registers_searchkey (
        register varchar(64) NOT NULL, kind varchar(1) NOT NULL, key varchar(200) COLLATE "C" NOT NULL,
        rank smallint NOT NULL, entity_id varchar(32) NOT NULL,
        PRIMARY KEY (register, kind, key, rank, entity_id))""",
]


def create(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for table in ("registers_searchkey", "registers_entity"):
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, drop)],
            state_operations=[
                migrations.CreateModel(
                    name="Entity",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "register",
                                "entity_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("register", models.CharField(max_length=64)),
                        ("entity_id", models.CharField(max_length=32)),
                        ("line", models.TextField()),
                        ("golden", models.TextField()),
                        ("digest", models.BigIntegerField()),
                        ("updated", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="SearchKey",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "register",
                                "kind",
                                "key",
                                "rank",
                                "entity_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("register", models.CharField(max_length=64)),
                        ("kind", models.CharField(max_length=1)),
                        ("key", models.CharField(max_length=200)),
                        ("rank", models.SmallIntegerField()),
                        ("entity_id", models.CharField(max_length=32)),
                    ],
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServingState",
            fields=[
                ("register", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("build", models.CharField(max_length=64)),
                ("snapshot", models.BigIntegerField()),
                ("sources", models.JSONField(default=list)),
                ("keys_version", models.CharField(max_length=64)),
                ("entities", models.IntegerField(default=0)),
                ("updated", models.DateTimeField()),
            ],
        ),
    ]
