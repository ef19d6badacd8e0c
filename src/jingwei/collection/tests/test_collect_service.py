"""A contract whose source is a service, through the whole run: read, read on, broken off, read again."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from jingwei.collection import schedules, service
from jingwei.collection.models import Run
from jingwei.engines import lake
from jingwei.kernel.errors import JingweiError
from jingwei.packs.errors import PackFaulty

pytestmark = pytest.mark.django_db

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: trial.person
name: 人员
version: 1.0.0
status: active
servers:
  - server: town
    type: api
    location: URL
    customProperties:
      - property: rest
        value:
          path: people
          records: data.list
          total: data.total
          paging: {kind: page, PARAMETER: page, sizeParameter: size, size: 10}
          auth: {kind: bearer}
          since: {parameter: since}
          attempts: 1
          patience: 0
schema:
  - name: person
    properties:
      - {name: number, physicalName: id, logicalType: string, primaryKey: true}
      - {name: name, physicalName: name, logicalType: string, required: true}
      - {name: road, physicalName: address.road, logicalType: string}
      - {name: changed, physicalName: changed, logicalType: timestamp}
slaProperties: [{property: frequency, value: 1, unit: d, schedule: '0 2 * * *', scheduler: cron}]
customProperties:
  - {property: organization, value: 区医保局}
  - {property: refresh, value: REFRESH}
  - {property: cursor, value: {column: changed}}
"""


class Town:
    def __init__(self):
        self.people = [self.person(n) for n in range(1, 26)]
        self.breaks_at = 0
        self.asked = []
        town = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                query = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
                town.asked.append((query, self.headers["Authorization"]))
                page = int(query["page"])
                if page == town.breaks_at:
                    self.connection.close()
                    return
                found = [one for one in town.people if one["changed"] >= query.get("since", "")]
                content = {"data": {"list": found[(page - 1) * 10 : page * 10], "total": len(found)}}
                text = json.dumps(content, ensure_ascii=False).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def person(n, name="沈云禾", day=1):
        return {
            "id": n,
            "name": name,
            "address": {"road": f"松间路{n}号"},
            "changed": f"2026-11-{day:02} 08:00:00",
        }


@pytest.fixture
def town(pack, home, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("JINGWEI_SECRET_TOWN", "sesame")
    found = Town()

    def declare(refresh="full", parameter="parameter"):
        text = CONTRACT.replace("URL", found.url).replace("REFRESH", refresh).replace("PARAMETER", parameter)
        pack("trial", {"contracts/person.yaml": text})

    found.declare = declare
    declare()
    yield found
    found.server.shutdown()
    found.server.server_close()


def collect():
    return service.collect("trial.person")


def rows():
    with lake().read() as con:
        return con.execute(
            'SELECT number, name, road FROM lake.standard."trial.person" ORDER BY number'
        ).fetchall()


def test_a_service_is_collected_page_by_page_and_counted_by_its_own_total(town):
    run = collect()
    assert (run.state, run.declared, run.read, run.accepted) == (Run.DONE, 25, 25, 25)
    assert ("7", "沈云禾", "松间路7号") in rows()
    assert {asked[1] for asked in town.asked} == {"Bearer sesame"}
    assert run.facts["pages"] == 3 and "sesame" not in str(run.facts) + run.location
    assert collect().unchanged == 25


def test_a_service_that_breaks_off_changes_nothing_and_is_tried_again_by_the_plan(town):
    collect()
    town.people.append(town.person(26))
    town.breaks_at = 2
    with pytest.raises(JingweiError):
        collect()
    failed = service.runs(1)[0]
    assert failed.state == Run.FAILED and failed.error["retry_helps"] and len(rows()) == 25
    assert schedules.retry_at(failed) is not None
    town.breaks_at = 0
    run = collect()
    assert (run.new, run.unchanged) == (1, 25)


def test_only_what_is_newer_is_asked_of_a_service_that_can_say_so(town):
    town.declare(refresh="incremental")
    first = collect()
    assert first.accepted == 25
    town.people[2] = town.person(3, name="许可心", day=5)
    town.people.append(town.person(26, day=6))
    town.asked.clear()
    run = collect()
    assert run.kind == Run.INCREMENTAL and run.new == 1 and run.changed == 1
    assert all("since" in query for query, _ in town.asked)
    assert len(rows()) == 26 and ("3", "许可心", "松间路3号") in rows()


def test_a_misspelt_part_of_rest_is_found_with_the_pack(town):
    town.declare(parameter="paramter")
    with pytest.raises(PackFaulty) as refused:
        service.resources()
    said = str(refused.value)
    assert "rest.paging.paramter" in said and "parameter" in said
