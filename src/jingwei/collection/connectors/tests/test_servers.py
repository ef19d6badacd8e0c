"""PostgreSQL and MariaDB tables, read from real servers that are started for these tests."""

from __future__ import annotations

import pytest

from jingwei.collection.connectors import errors, open_source, resolve
from jingwei.collection.connectors.tests.conftest import read
from jingwei.testing.servers import PASSWORD, Server

pytestmark = pytest.mark.server

LARGE = 300_000


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("MYSQL_PWD", PASSWORD)


@pytest.fixture(scope="module")
def postgres(postgres_server: Server) -> Server:
    postgres_server.run("CREATE DATABASE civil")
    postgres_server.run(
        """
        CREATE SCHEMA registry;
        CREATE TABLE registry."低保" (id varchar(18), "姓名" text, amount numeric(10,2), since date, paid boolean,
            note text, photo bytea, ratio double precision, at timestamp);
        INSERT INTO registry."低保" VALUES
            ('990101199001011234', '张伟', 1200.50, '2026-01-05', true, E'tab\\there\\nline \\\\N', '\\xffd8', 0.1,
             '2026-11-01 08:30:00'),
            ('990101198502023456', '李娜', NULL, NULL, false, '', NULL, 1e300, NULL),
            ('007', '', 0.10, '0044-03-15 BC', NULL, NULL, '', 'NaN', 'infinity');
        CREATE TABLE secret (x int);
        CREATE TABLE large AS SELECT n AS id, repeat('坪山', 20) AS text FROM generate_series(1, LARGE) n;
        CREATE TABLE changing AS SELECT n AS id FROM generate_series(1, 1000) n;
        GRANT USAGE ON SCHEMA registry TO reader;
        GRANT SELECT ON registry."低保", large, changing TO reader;
        """.replace("LARGE", str(LARGE)),
        "civil",
    )
    postgres_server.run("CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0")
    postgres_server.run(
        "CREATE TABLE t (id int, name text); INSERT INTO t VALUES (1, 'plain'), "
        "(2, convert_from('\\xcdf5b7bc', 'SQL_ASCII')), (3, 'x'); GRANT SELECT ON t TO reader;",
        "old",
    )
    return postgres_server


@pytest.fixture(scope="module")
def mariadb(mariadb_server: Server) -> Server:
    mariadb_server.run(
        "CREATE DATABASE civil CHARACTER SET utf8mb4; GRANT SELECT ON civil.* TO reader@'%'; CREATE DATABASE hidden;"
    )
    mariadb_server.run(
        """
        CREATE TABLE `低保` (id varchar(18), `姓名` text CHARACTER SET gbk, amount decimal(10,2), since date, n bigint unsigned,
            note text, photo blob, at datetime);
        INSERT INTO `低保` VALUES
            ('990101199001011234', '张伟', 1200.50, '2026-01-05', 18446744073709551615, 'tab\\there\\nline', x'ffd8',
             '2026-11-01 08:30:00'),
            ('990101198502023456', '李娜', NULL, NULL, 0, '', NULL, NULL);
        CREATE TABLE large AS SELECT seq AS id, repeat('坪山', 20) AS text FROM seq_1_to_LARGE;
        CREATE TABLE changing AS SELECT seq AS id FROM seq_1_to_1000;
        """.replace("LARGE", str(LARGE)),
        "civil",
    )
    return mariadb_server


def test_postgres_values_are_the_text_postgres_prints(postgres):
    found = read(postgres.url("civil"), table="低保")
    assert found.columns == ("id", "姓名", "amount", "since", "paid", "note", "photo", "ratio", "at")
    assert found.rows == [
        ("990101199001011234", "张伟", "1200.50", "2026-01-05", "true", "tab\there\nline \\N", "\\xffd8", "0.1",
         "2026-11-01 08:30:00"),
        ("990101198502023456", "李娜", None, None, "false", "", None, "1e+300", None),
        ("007", "", "0.10", "0044-03-15 BC", None, None, "\\x", "NaN", "infinity"),
    ]  # fmt: skip
    assert (found.declared, found.numbers, found.facts["table"]) == (3, [1, 2, 3], "registry.低保")


@pytest.mark.parametrize(
    ("table", "options"), [("registry.低保", {}), ("低保", {"schema": "registry"}), ("REGISTRY.低保", {})]
)
def test_a_postgres_table_with_its_schema(postgres, table, options):
    assert len(read(postgres.url("civil"), table=table, **options).rows) == 3
    assert len(read(postgres.url("civil") + "?schema=registry", table="低保").rows) == 3


def test_mariadb_values_are_the_text_mariadb_prints(mariadb):
    found = read(mariadb.url("civil"), table="低保")
    assert found.rows == [
        ("990101199001011234", "张伟", "1200.50", "2026-01-05", "18446744073709551615", "tab\there\nline", "x'FFD8'",
         "2026-11-01 08:30:00"),
        ("990101198502023456", "李娜", None, None, "0", "", None, None),
    ]  # fmt: skip
    assert (found.declared, found.numbers) == (2, [1, 2])


def test_gbk_bytes_in_an_old_postgres_cost_their_row_only(postgres):
    found = read(postgres.url("old"), table="t")
    assert (found.rows, found.codes) == ([("1", "plain"), ("3", "x")], [(2, "undecodable")])


@pytest.fixture(params=["postgres", "mariadb"])
def server(request) -> Server:
    return request.getfixturevalue(request.param)


def test_a_large_table_comes_whole_and_in_batches_and_nothing_is_printed(server, capfd):
    with open_source(resolve(server.url("civil"), table="large")) as reader:
        sizes, ids = [], set()
        for batch in reader.batches():
            sizes.append(batch.rows.num_rows)
            ids.update(batch.rows.column("id").to_pylist())
    assert len(ids) == sum(sizes) == reader.declared == LARGE
    assert max(sizes) <= 100_000
    assert capfd.readouterr() == ("", "")


def test_what_others_write_meanwhile_is_not_seen(server):
    with open_source(resolve(server.url("civil"), table="large")) as reader:
        batches = reader.batches()
        rows = next(batches).rows.num_rows
        server.run("INSERT INTO large VALUES (0, 'late')", "civil")
        rows += sum(batch.rows.num_rows for batch in batches)
    server.run("DELETE FROM large WHERE id = 0", "civil")
    assert rows == reader.declared == LARGE


def test_a_server_that_goes_away_midway_fails_and_says_try_again(server):
    with open_source(resolve(server.url("civil"), table="large")) as reader:
        batches = reader.batches()
        next(batches)
        if server.scheme == "postgresql":
            server.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'", "civil"
            )
        else:
            server.run("KILL USER reader")
        with pytest.raises(errors.SourceWentAway) as failure:
            list(batches)
    assert failure.value.retry_helps
    assert PASSWORD not in str(failure.value)


def test_a_wrong_password_names_the_variable_and_not_the_password(server, monkeypatch):
    monkeypatch.setenv("JINGWEI_SECRET_CIVIL", "not the word")
    with pytest.raises(errors.CredentialsRefused) as refusal:
        read(server.url("civil"), table="large", server="civil")
    assert "JINGWEI_SECRET_CIVIL" in str(refusal.value)
    assert "not the word" not in str(refusal.value)


def test_a_missing_table_is_named_with_those_there_are(server):
    with pytest.raises(errors.TableMissing) as refusal:
        read(server.url("civil"), table="居民")
    assert "低保" in str(refusal.value)


def test_a_missing_or_forbidden_database_or_table(server):
    with pytest.raises((errors.DatabaseMissing, errors.TableMissing)):
        read(server.url("nowhere"), table="t")
    if server.scheme == "postgresql":
        with pytest.raises(errors.TableRefused):
            read(server.url("civil"), table="secret")
    else:
        with pytest.raises(errors.DatabaseMissing):
            read(server.url("hidden"), table="t")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_does_not_answer(scheme):
    with pytest.raises(errors.SourceUnreachable) as failure:
        read(f"{scheme}://reader@127.0.0.1:1/civil", table="t")
    assert failure.value.retry_helps


def test_the_address_in_the_facts_shows_no_password(server):
    location = server.url("civil").replace("reader@", "reader:sesame%20open@")
    assert "sesame" not in str(read(location, table="changing").facts)
