"""The social security table on a PostgreSQL server of the test run's own."""

from __future__ import annotations

import psycopg
import pytest

from jingwei.sample import make
from jingwei.sample.errors import PostgresRefused
from jingwei.testing.servers import PASSWORD, Server, postgres_server  # noqa: F401


@pytest.mark.server
def test_the_table_holds_what_the_file_holds_and_is_replaced_whole(
    tmp_path,
    postgres_server: Server,  # noqa: F811
    monkeypatch,
):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    url = postgres_server.url("postgres", user="postgres")
    for _ in range(2):
        report = make(tmp_path / "sample", 500, seed=5, postgres=url)
    with psycopg.connect(url) as con:
        count, numbers = con.execute(
            'SELECT count(*), count("社会保障号码") FROM social_security.insured'
        ).fetchone()
    assert count == report.rows["social.insured"]
    assert 0 < numbers <= count


@pytest.mark.server
def test_an_account_without_rights_is_told_so_and_leaves_nothing(
    tmp_path,
    postgres_server: Server,  # noqa: F811
    monkeypatch,
):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with pytest.raises(PostgresRefused) as refused:
        make(tmp_path / "sample", 500, postgres=postgres_server.url("postgres"))
    assert "permission denied" in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_there_leaves_no_sample(tmp_path):
    with pytest.raises(PostgresRefused) as refused:
        make(tmp_path / "sample", 500, postgres="postgresql://127.0.0.1:1/none")
    assert "PostgreSQL" in str(refused.value)
    assert not list(tmp_path.iterdir())
