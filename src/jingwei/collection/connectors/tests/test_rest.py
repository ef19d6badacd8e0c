"""Services, on a real HTTP server: every way of turning pages, of signing in, and of going wrong."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jingwei.catalog.rest_properties import SinceShape
from jingwei.collection.connectors import errors, for_format
from jingwei.collection.connectors.base import Part, Source
from jingwei.collection.connectors.resolve import open_source, resolve
from jingwei.collection.connectors.rest import errors as rest_errors
from jingwei.collection.connectors.rest.connector import shape_of, written

SECRET = "sesame-1234"
HEADERS = (("id",), ("name",), ("address.road", "road"))
Route = Callable[["Asked"], Any]


def people(count: int) -> list[dict[str, Any]]:
    return [
        {"id": n, "name": f"沈云禾{n}", "address": {"road": f"松间路{n}号", "tags": ["a", n]}, "area": 1.10}
        for n in range(1, count + 1)
    ]


class Asked:
    """One request, and the means to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler, town: Town) -> None:
        parts = urlsplit(handler.path)
        self.path = parts.path
        self.query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        length = int(handler.headers.get("Content-Length") or 0)
        self.body = handler.rfile.read(length).decode() if length else ""
        self.headers = handler.headers
        self.method = handler.command
        self.town = town
        self.handler = handler

    def number(self, name: str, default: int) -> int:
        return int(self.query.get(name, default))


class Town:
    """A server with routes; each gives JSON, or (status, headers, bytes), or None to hang up."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[Asked] = []
        self.times: list[float] = []
        town = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked = Asked(self, town)
                town.asked.append(asked)
                town.times.append(time.monotonic())
                route = town.routes.get(asked.path)
                made = route(asked) if route else (404, {}, b"nothing here")
                if made is None:
                    self.close_connection = True
                    self.connection.close()
                    return
                if not isinstance(made, tuple):
                    text = json.dumps(made, ensure_ascii=False)
                    made = (200, {"Content-Type": "application/json"}, text.encode())
                status, headers, content = made
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *arguments: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def town(home, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("JINGWEI_SECRET_TOWN", SECRET)
    found = Town()
    yield found
    found.server.shutdown()
    found.server.server_close()


def source(town: Town, path: str = "/people", part: Part | None = None, **rest: Any) -> Source:
    quick = {"patience": 0.05, "attempts": 3, "timeout": 5}
    options = {"rest": {"path": path, **quick, **rest}, "server": "town"}
    return resolve(town.url, "rest", None, HEADERS, options, part)


def read(town: Town, path: str = "/people", part: Part | None = None, **rest: Any):
    """Column → values, and the reader."""
    with open_source(source(town, path, part, **rest)) as reader:
        tables = [batch.rows for batch in reader.batches()]
        rejects = [one for batch in reader.batches() for one in batch.rejects] if not tables else []
    columns = {
        name: [value for table in tables for value in table.column(name).to_pylist()]
        for name in reader.columns
    }
    return columns, reader, rejects


def ids(columns) -> list[int]:
    return [int(one) for one in columns["id"]]


def page_by_number(records, size=10, first=1, **more) -> Route:
    def route(asked):
        page = asked.number("page", first) - first
        return {"data": {"list": records[page * size : (page + 1) * size], "total": len(records), **more}}

    return route


BY_PAGE = {"kind": "page", "parameter": "page"}


def test_one_answer_without_pages(town):
    town.routes["/people"] = lambda asked: people(3)
    columns, reader, _ = read(town)
    assert ids(columns) == [1, 2, 3] and reader.facts["paging"] == "none"


def test_nested_objects_are_flattened_lists_stay_json_and_numbers_keep_their_digits(town):
    text = '[{"id": 990102198604081221, "name": null, "address": {"road": "松间路", "no": {"a": 1.10}}, "tags": ["x", 2]}]'
    town.routes["/people"] = lambda asked: (200, {"Content-Type": "application/json"}, text.encode())
    columns, _, _ = read(town)
    assert columns == {
        "id": ["990102198604081221"],
        "name": [None],
        "address.road": ["松间路"],
        "address.no.a": ["1.10"],
        "tags": ['["x", 2]'],
    }


@pytest.mark.parametrize("total", [None, "data.total"])
def test_pages_by_number_until_the_total_or_an_empty_page(town, total):
    town.routes["/people"] = page_by_number(people(25))
    columns, reader, _ = read(town, paging={**BY_PAGE, "sizeParameter": "size", "size": 10}, total=total)
    assert ids(columns) == list(range(1, 26))
    assert reader.declared == (25 if total else None)
    assert len(town.asked) == (3 if total else 4) and town.asked[0].query == {"page": "1", "size": "10"}


def test_pages_that_count_from_nought(town):
    town.routes["/people"] = page_by_number(people(25), first=0)
    assert ids(read(town, paging={**BY_PAGE, "first": 0})[0]) == list(range(1, 26))


def test_a_service_that_gives_its_last_page_again_is_at_its_end(town):
    records = people(25)

    def reasonable(asked):
        page = min(asked.number("page", 1), 3) - 1
        return {"rows": records[page * 10 : page * 10 + 10]}

    town.routes["/people"] = reasonable
    columns, reader, _ = read(town, paging=BY_PAGE)
    assert ids(columns) == list(range(1, 26)) and reader.facts["last_page_repeated"]


def test_an_offset_moves_by_what_came_where_the_service_caps_its_pages(town):
    records = people(25)

    def capped(asked):
        start = asked.number("offset", 0)
        return {"items": records[start : start + min(7, asked.number("limit", 100))], "total": 25}

    town.routes["/people"] = capped
    paging = {"kind": "offset", "parameter": "offset", "sizeParameter": "limit", "size": 10}
    assert ids(read(town, paging=paging, total="total")[0]) == list(range(1, 26))


@pytest.mark.parametrize("end", [None, "", 0])
def test_a_cursor_in_the_body(town, end):
    records = people(25)

    def route(asked):
        start = int(asked.query.get("after", 0))
        more = start + 10 < len(records)
        return {"data": records[start : start + 10], "meta": {"next": str(start + 10) if more else end}}

    town.routes["/people"] = route
    paging = {"kind": "cursor", "path": "meta.next", "parameter": "after"}
    assert ids(read(town, paging=paging)[0]) == list(range(1, 26))


def test_pages_asked_for_in_the_body_of_a_post(town):
    records = people(25)

    def route(asked):
        page = json.loads(asked.body)["page"]
        assert json.loads(asked.body)["dept"] == "01"
        return {"data": records[(page - 1) * 10 : page * 10]}

    town.routes["/people"] = route
    columns, _, _ = read(town, method="POST", body={"dept": "01"}, paging={**BY_PAGE, "place": "body"})
    assert ids(columns) == list(range(1, 26))


def linked(records, how):
    def route(asked):
        start = asked.number("start", 0)
        more = start + 10 < len(records)
        address = (
            f"{asked.town.url}/people?start={start + 10}"
            if how != "relative"
            else f"/people?start={start + 10}"
        )
        content = {"data": records[start : start + 10]}
        headers = {"Content-Type": "application/json"}
        if how == "header" and more:
            headers["Link"] = f'<{address}>; rel="next"'
        elif how != "header":
            content["links"] = {"next": address if more else None}
        return 200, headers, json.dumps(content).encode()

    return route


@pytest.mark.parametrize("how", ["header", "body", "relative"])
@pytest.mark.parametrize("declared", [True, False])
def test_links_to_the_next_page_declared_or_found_out(town, how, declared):
    town.routes["/people"] = linked(people(25), how)
    paging = {"kind": "link"} if how == "header" else {"kind": "next", "path": "links.next"}
    columns, reader, _ = read(town, **({"paging": paging} if declared else {}))
    assert ids(columns) == list(range(1, 26)) and reader.facts["paging"] == paging["kind"]


@pytest.mark.parametrize("first", [0, 1])
def test_page_numbers_are_found_out_where_the_answer_says_which_page_it_is(town, first):
    records = people(25)

    def route(asked):
        page = asked.number("pageNum", first)
        start = (page - first) * 10
        return {"code": 200, "data": {"list": records[start : start + 10], "pageNum": page, "total": 25}}

    town.routes["/people"] = route
    assert ids(read(town)[0]) == list(range(1, 26))


def test_pages_nobody_can_turn_are_refused_instead_of_read_in_part(town):
    town.routes["/people"] = lambda asked: {"data": people(10), "total": 25}
    with pytest.raises(rest_errors.PagingUnknown) as refused:
        read(town)
    assert "total = 25" in refused.value.what.zh


def test_a_page_number_that_is_not_obeyed_is_refused(town):
    town.routes["/people"] = lambda asked: {"data": people(10), "page": 1, "total": 25}
    with pytest.raises(rest_errors.PagingUnknown):
        read(town)


def test_a_cursor_that_turns_in_circles_ends_with_an_error(town):
    def route(asked):
        return {"data": people(3), "next_token": "b" if asked.query.get("t") == "a" else "a"}

    town.routes["/people"] = route
    with pytest.raises(rest_errors.PagingLoops):
        read(town, paging={"kind": "cursor", "path": "next_token", "parameter": "t"})


def test_the_next_page_on_another_host_is_not_given_the_secret(town):
    other = Town()
    town.routes["/people"] = lambda asked: {"data": people(3), "next": f"{other.url}/people"}
    with pytest.raises(rest_errors.PagingLeaves):
        read(town, auth={"kind": "bearer"})
    assert other.asked == []
    other.server.shutdown()


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        ({"kind": "bearer"}, ("Authorization", f"Bearer {SECRET}")),
        ({"kind": "key", "name": "X-API-Key"}, ("X-API-Key", SECRET)),
        (
            {"kind": "basic", "user": "许"},
            ("Authorization", "Basic " + base64.b64encode(f"许:{SECRET}".encode()).decode()),
        ),
    ],
)
def test_the_secret_goes_with_every_page(town, auth, sent):
    town.routes["/people"] = page_by_number(people(25))
    read(town, auth=auth, paging=BY_PAGE, total="data.total")
    assert [asked.headers[sent[0]] for asked in town.asked] == [sent[1]] * 3


def test_a_key_in_the_address_goes_with_every_page_and_stands_in_no_fact_and_no_error(town):
    town.routes["/people"] = linked(people(25), "body")
    _, reader, _ = read(town, auth={"kind": "key", "name": "token", "place": "query"})
    assert [asked.query["token"] for asked in town.asked] == [SECRET] * 3
    assert SECRET not in str(reader.facts)
    town.routes["/people"] = lambda asked: (400, {}, f"bad {asked.query}".encode())
    with pytest.raises(rest_errors.RequestRefused) as refused:
        read(town, auth={"kind": "key", "name": "token", "place": "query"})
    assert SECRET not in str(refused.value)


def test_a_token_is_fetched_with_the_client_secret_and_again_when_it_is_forgotten(town):
    tokens = iter(["first", "second"])

    def token(asked):
        form = {name: values[0] for name, values in parse_qs(asked.body).items()}
        assert form == {
            "client_id": "jw",
            "client_secret": SECRET,
            "grant_type": "client_credentials",
            "scope": "read",
        }
        return {"access_token": next(tokens), "expires_in": 3600}

    pages = page_by_number(people(25))

    def route(asked):
        wanted = "Bearer first" if asked.query["page"] == "1" else "Bearer second"
        return pages(asked) if asked.headers["Authorization"] == wanted else (401, {}, b"")

    town.routes |= {"/token": token, "/people": route}
    auth = {"kind": "oauth2", "client": "jw", "url": f"{town.url}/token", "scope": "read"}
    assert ids(read(town, auth=auth, paging=BY_PAGE, total="data.total")[0]) == list(range(1, 26))


def test_a_refused_client_is_told_apart_from_a_broken_service(town):
    auth = {"kind": "oauth2", "client": "jw", "url": f"{town.url}/token"}
    for status, error in ((401, errors.CredentialsRefused), (503, errors.SourceUnreachable)):
        town.routes["/token"] = lambda asked, status=status: (status, {}, b"")
        with pytest.raises(error):
            read(town, auth=auth)


def test_a_secret_that_is_not_set_names_its_variable(town, monkeypatch):
    monkeypatch.delenv("JINGWEI_SECRET_TOWN")
    with pytest.raises(rest_errors.SecretMissing) as refused:
        read(town, auth={"kind": "bearer"})
    assert "JINGWEI_SECRET_TOWN" in refused.value.what.en


STATUSES = [
    (401, errors.CredentialsRefused, False),
    (403, errors.CredentialsRefused, False),
    (404, rest_errors.EndpointMissing, False),
    (400, rest_errors.RequestRefused, False),
    (302, rest_errors.ServiceMoved, False),
    (429, rest_errors.ServiceBusy, True),
    (503, errors.SourceUnreachable, True),
]


@pytest.mark.parametrize(("status", "error", "again"), STATUSES)
def test_a_status_says_what_is_wrong_and_whether_trying_again_helps(town, status, error, again):
    town.routes["/people"] = lambda asked: (status, {"Location": "/login?x=1"}, b"<html>no</html>")
    with pytest.raises(error) as refused:
        read(town)
    assert refused.value.retry_helps is again
    assert len(town.asked) == (3 if again else 1)


def test_passing_faults_are_sat_out(town):
    pages, faults = page_by_number(people(25)), iter([503, 429, None, 500])

    def route(asked):
        status = next(faults, 200)
        if status is None:
            return None
        return pages(asked) if status == 200 else (status, {"Retry-After": "0"}, b"busy")

    town.routes["/people"] = route
    assert ids(read(town, paging=BY_PAGE, total="data.total", attempts=5)[0]) == list(range(1, 26))


def test_retry_after_is_waited_for(town):
    answers = iter([(429, {"Retry-After": "1"}, b""), people(1)])
    town.routes["/people"] = lambda asked: next(answers)
    read(town, patience=5)
    assert town.times[1] - town.times[0] >= 1


def test_no_more_requests_a_second_than_declared(town):
    town.routes["/people"] = page_by_number(people(50))
    read(town, paging=BY_PAGE, total="data.total", perSecond=20)
    assert town.times[-1] - town.times[0] >= 4 / 20 * 0.95


def test_a_service_that_breaks_off_in_the_middle_leaves_nothing_behind(town, home):
    pages = page_by_number(people(25))
    town.routes["/people"] = lambda asked: pages(asked) if asked.query["page"] == "1" else None
    with pytest.raises(errors.SourceWentAway) as refused:
        read(town, paging=BY_PAGE)
    assert refused.value.retry_helps and "10" in refused.value.what.en
    assert list((home / "tmp").glob("scratch-*")) == []


def test_an_answer_that_is_cut_off_is_a_passing_fault(town):
    town.routes["/people"] = lambda asked: (200, {"Content-Type": "application/json"}, b'[{"id": 1}, {"id"')
    with pytest.raises(errors.SourceUnreachable):
        read(town)


def test_nobody_there_is_a_passing_fault(town):
    town.server.shutdown()
    town.server.server_close()
    with pytest.raises(errors.SourceUnreachable) as refused:
        read(town)
    assert refused.value.retry_helps


def test_a_service_that_never_answers_is_given_up(town):
    def route(asked):
        time.sleep(0.6)
        return []

    town.routes["/people"] = route
    with pytest.raises(errors.SourceUnreachable) as refused:
        read(town, timeout=0.2, attempts=2)
    assert "timeout" in refused.value.what.en


@pytest.mark.parametrize(
    "content", [b"<!DOCTYPE html><p>please sign in</p>", b"id,name\n1,x\n", "登录".encode()]
)
def test_an_answer_that_is_no_json_is_refused_with_200_too(town, content):
    town.routes["/people"] = lambda asked: (200, {"Content-Type": "text/html"}, content)
    with pytest.raises(rest_errors.AnswerNotJson):
        read(town)


@pytest.mark.parametrize(
    "answer", [{"code": 500, "msg": "系统忙", "data": None}, {"code": 401, "message": "系统忙"}]
)
def test_an_error_reported_with_200_is_an_error_and_told_in_the_services_words(town, answer):
    town.routes["/people"] = lambda asked: answer
    with pytest.raises(rest_errors.ServiceError) as refused:
        read(town)
    assert "系统忙" in refused.value.what.zh


def test_an_error_on_a_later_page_is_no_end(town):
    pages = page_by_number(people(25))
    town.routes["/people"] = lambda asked: (
        pages(asked) if asked.query["page"] != "2" else {"code": 1, "msg": "x"}
    )
    with pytest.raises(rest_errors.ServiceError):
        read(town, paging=BY_PAGE)


def test_declared_success_is_held_to(town):
    town.routes["/people"] = lambda asked: {"success": False, "data": people(2)}
    with pytest.raises(rest_errors.ServiceError):
        read(town, success={"path": "success", "values": True})
    town.routes["/people"] = lambda asked: {"success": True, "data": people(2)}
    assert ids(read(town, success={"path": "success", "values": True})[0]) == [1, 2]


def test_an_answer_without_records_names_what_it_has(town):
    town.routes["/people"] = lambda asked: {"count": 3, "person": {"id": 1}}
    with pytest.raises(rest_errors.RecordsMissing) as refused:
        read(town)
    assert "count, person" in refused.value.what.en


def test_fewer_records_than_the_service_says_are_an_error(town):
    records = people(25)
    town.routes["/people"] = lambda asked: {
        "data": records[:20] if asked.query["page"] == "1" else [],
        "total": 25,
    }
    with pytest.raises(errors.SourceIncomplete) as refused:
        read(town, paging=BY_PAGE, total="total")
    assert refused.value.retry_helps and "20" in refused.value.what.zh


def shifting(change, times):
    """Pages of ten over records that `change` alters after the first page, in the first `times` readings."""
    left = [times]
    records = people(25)

    def route(asked):
        page = asked.number("page", 1)
        content = {"data": records[(page - 1) * 10 : page * 10], "total": len(records)}
        if page == 1 and left[0]:
            left[0] -= 1
            change(records)
        return content

    return route, records


CAME = [lambda records: records.insert(0, {"id": 100 + len(records), "name": "新"})]
WENT = [lambda records: records.pop(0)]


@pytest.mark.parametrize("change", CAME + WENT)
@pytest.mark.parametrize("total", [None, "total"])
def test_records_that_come_or_go_between_pages_have_the_pages_read_anew(town, change, total):
    if total is None and change in WENT:
        pytest.skip("without a total a record that went shows nowhere")
    town.routes["/people"], records = shifting(change, times=1)
    columns, _, _ = read(town, paging=BY_PAGE, total=total)
    assert ids(columns) == [one["id"] for one in records]


def test_records_that_come_and_go_all_the_time_are_not_taken_for_a_table(town):
    town.routes["/people"], _ = shifting(CAME[0], times=99)
    with pytest.raises(rest_errors.PagesShifted) as refused:
        read(town, paging=BY_PAGE, total="total")
    assert refused.value.retry_helps


def test_records_added_at_the_end_while_reading_are_just_read(town):
    town.routes["/people"], _ = shifting(lambda records: records.append({"id": 26, "name": "新"}), times=1)
    columns, reader, _ = read(town, paging=BY_PAGE, total="total")
    assert ids(columns) == list(range(1, 27)) and reader.declared == 26


def test_equal_records_on_both_sides_of_a_page_are_no_shift(town):
    records = people(9) + [{"id": 10, "name": "同"}] * 2 + people(5)
    town.routes["/people"] = page_by_number(records)
    assert ids(read(town, paging=BY_PAGE, total="data.total")[0]) == [one["id"] for one in records]


@pytest.mark.parametrize(
    ("codec", "head", "option"),
    [
        ("utf-8", "application/json", None),
        ("utf-8-sig", "application/json", None),
        ("gbk", "application/json; charset=GBK", None),
        ("gb18030", "application/json", None),
        ("utf-8", "application/json; charset=ISO-8859-1", None),
        ("big5", "application/json", "big5"),
    ],
)
def test_text_in_whatever_encoding_it_comes(town, codec, head, option):
    content = '[{"id": 1, "name": "許可心", "address": {"road": "松間路"}}]'.encode(codec)
    town.routes["/people"] = lambda asked: (200, {"Content-Type": head}, content)
    made = source(town)
    if option:
        made.options["encoding"] = option
    with open_source(made) as reader:
        [batch] = list(reader.batches())
    assert batch.rows.column("name").to_pylist() == ["許可心"]


def test_what_is_no_record_among_records_is_set_aside_with_its_text(town):
    text = '[{"id": 1, "name": "a"}, "stray", {"id": 2, "id": 3, "name": "b"}, {"id": 4, "name": "c"}]'
    town.routes["/people"] = lambda asked: (200, {"Content-Type": "application/json"}, text.encode())
    with open_source(source(town)) as reader:
        batches = list(reader.batches())
    assert [row for batch in batches for row in batch.rows.column("id").to_pylist()] == ["1", "4"]
    assert [(one.row, one.code) for batch in batches for one in batch.rejects] == [
        (2, "not-object"),
        (3, "repeated-key"),
    ]


def test_only_what_is_newer_is_asked_for(town):
    town.routes["/people"] = lambda asked: (
        [{"id": 9}] if asked.query == {"since": "2026-11-20T08:30:00"} else people(3)
    )
    part = Part(cursor="updated", since="2026-11-20 08:30:00")
    columns, _, _ = read(town, part=part, since={"parameter": "since", "format": "%Y-%m-%dT%H:%M:%S"})
    assert columns == {"id": ["9"], "name": [None], "address.road": [None]}


def test_nothing_newer_is_no_row_and_no_error(town):
    town.routes["/people"] = lambda asked: {"data": [], "total": 0}
    part = Part(cursor="updated", since="2026-11-20")
    columns, reader, _ = read(town, part=part, since={"parameter": "since"}, total="total")
    assert columns == {"id": [], "name": [], "address.road": []} and reader.declared == 0


def test_a_service_that_cannot_be_asked_for_what_is_newer_is_a_fault_of_the_contract(town):
    with pytest.raises(errors.OptionWrong):
        read(town, part=Part(cursor="updated", since="2026-11-20"))


@pytest.mark.parametrize(
    ("since", "pattern", "sent"),
    [
        ("2026-11-20 08:30:00", None, "2026-11-20 08:30:00"),
        ("2026-11-20 08:30:00", "epoch", "1795134600"),
        ("2026-11-20 08:30:00", "epoch-ms", "1795134600000"),
        ("2026-11-20", "%Y%m%d", "20261120"),
        ("4711", "epoch", "4711"),
    ],
)
def test_a_cursor_is_written_as_the_service_wants_it(since, pattern, sent):
    assert written(since, SinceShape(parameter="x", format=pattern)) == sent


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ({"pagging": {}}, "pagging"),
        ({"paging": {"kind": "pages"}}, "kind"),
        ({"paging": {"kind": "offset", "parameter": "o"}}, "sizeParameter, size"),
        ({"auth": {"kind": "key"}}, "name"),
        ({"headers": {"Authorization": "x"}}, "Authorization"),
        ({"body": {"a": 1}}, "POST"),
        ({"perSecond": 0}, "perSecond"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(rest, said):
    with pytest.raises(rest_errors.RestWrong) as refused:
        shape_of(Source("http://127.0.0.1", "rest", options={"rest": rest}))
    assert said in refused.value.what.en


def steps(town, **rest):
    made = source(town, **rest)
    connector = for_format("rest")
    return {one.step: one.ok for one in connector.check(made)}, list(connector.check(made))


def test_a_check_asks_for_one_page_and_says_what_is_in_order(town):
    town.routes["/people"] = page_by_number(people(25))
    found, _ = steps(town, paging=BY_PAGE, auth={"kind": "bearer"})
    assert found == {"reachable": True, "signed-in": True, "table": True, "columns": True, "clock": True}
    assert len(town.asked) == 2


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ((401, {}, b""), "signed-in"),
        ((404, {}, b""), "table"),
        ((503, {}, b""), "reachable"),
        ((200, {}, b"<html>"), "open"),
        ({"code": 1, "msg": "no"}, "table"),
    ],
)
def test_a_check_ends_at_the_step_that_is_wrong_with_what_to_do(town, answer, wrong):
    town.routes["/people"] = lambda asked: answer
    found, findings = steps(town)
    assert [step for step, ok in found.items() if ok is False] == [wrong]
    assert findings[-1].step == wrong and findings[-1].do


def test_a_check_misses_columns_without_condemning_them_and_sees_a_clock_that_is_off(town, monkeypatch):
    town.routes["/people"] = lambda asked: [{"id": 1}]
    found, findings = steps(town)
    assert found["columns"] is None and "name" in findings[-2].said.zh
    monkeypatch.setattr("jingwei.collection.connectors.rest.connector.CLOCK", -1)
    assert steps(town)[0]["clock"] is False


def test_a_missing_secret_is_found_before_anybody_is_asked(town, monkeypatch):
    monkeypatch.delenv("JINGWEI_SECRET_TOWN")
    found, _ = steps(town, auth={"kind": "bearer"})
    assert found == {"signed-in": False} and town.asked == []


def test_whoever_reads_no_service_does_not_wait_for_the_client():
    code = (
        "import django; django.setup(); import sys, jingwei.collection.service; print('dlt' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
