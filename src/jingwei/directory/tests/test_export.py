"""The catalog for others: DCAT-AP 3 holds its profile, CKAN's clients work, and nobody hears more than he may."""

from pathlib import Path

import ckanapi
import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from jingwei.packs.service import shipped

PROFILE = Path(__file__).with_name("profile.ttl")
RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
ODD = '=cmd|"/c calc"!A1 <script>alert(1)</script> 㛃𬀩·\u202e'
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: {id}
version: 1.0.0
status: active
description:
  purpose: '{purpose}'
schema:
  - name: t
    properties:
      - {{name: number, physicalName: 编号, logicalType: string, required: true, primaryKey: true, customProperties: [{{property: element, value: {element}}}]}}
slaProperties:
  - {{property: frequency, value: {days}, unit: d}}
customProperties:
  - {{property: organization, value: {organization}}}
  - {{property: title, value: {{zh: {title}, en: {id}}}}}
  - {{property: theme, value: {theme}}}
  - {{property: sharing, value: {sharing}}}
  - {{property: sharingReason, value: 某法第一条}}
"""


def contract(name, title, organization, theme, sharing, element="plain_text", days=1, purpose="一个一行"):
    return CONTRACT.format(
        id=name, title=title, organization=organization, theme=theme, sharing=sharing, element=element,
        days=days, purpose=purpose,
    )  # fmt: skip


@pytest.fixture
def resources(db, pack):
    """An open one with an odd purpose, one on conditions, one that is not shared."""
    pack(
        "trial",
        {
            "contracts/a.yaml": contract("place.area", "片区", "区城运中心", "geography", "unconditional", days=30, purpose=ODD.replace("'", "''")),
            "contracts/b.yaml": contract("police.person", "人员", "区公安分局", "population", "conditional", "resident_id"),
            "contracts/c.yaml": contract("health.note", "健康", "区卫健局", "health", "not_shared", "resident_id"),
        },
    )  # fmt: skip


def read(client, address="/catalog.ttl", format="turtle", **headers):
    answer = client.get(address, **headers)
    assert answer.status_code == 200
    return Graph().parse(data=answer.content.decode(), format=format)


def named(graph):
    return sorted(str(name) for name in graph.objects(None, DCTERMS.identifier))


def conforms(graph):
    good, _, told = validate(graph, shacl_graph=Graph().parse(PROFILE), inference="none", advanced=False)
    return good or told


def test_the_export_holds_the_profile(resources, account, client):
    assert conforms(read(client)) is True
    client.force_login(account("analyst"))
    assert conforms(read(client)) is True


def test_the_profile_finds_what_is_missing(resources, client):
    """A test of the test: shapes that never object would prove nothing."""
    graph = read(client)
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    for path in (DCTERMS.title, DCTERMS.publisher, DCAT.contactPoint, DCTERMS.accrualPeriodicity):
        less = Graph()
        for triple in graph:
            less.add(triple)
        less.remove((dataset, path, None))
        assert conforms(less) is not True, path


def test_the_districts_own_catalog_holds_the_profile(db, home, account, client):
    (home / "packs").mkdir(exist_ok=True)
    (home / "packs" / "district").symlink_to(shipped() / "district")
    client.force_login(account("analyst"))
    graph = read(client)
    assert conforms(graph) is True
    assert len(named(graph)) == len(list((shipped() / "district" / "contracts").glob("*.yaml")))


def test_both_formats_and_what_a_reader_prefers_say_the_same(resources, client):
    turtle = read(client)
    assert read(client, "/catalog.jsonld", "json-ld").isomorphic(turtle)
    assert read(client, "/catalog/", "turtle", HTTP_ACCEPT="text/turtle").isomorphic(turtle)
    assert read(client, "/catalog/", "json-ld", HTTP_ACCEPT="application/ld+json").isomorphic(turtle)
    assert "/sign-in/" in client.get("/catalog/", HTTP_ACCEPT="text/html,*/*;q=0.8")["Location"]


def test_access_rights_follow_the_sharing_type(resources, account, client):
    client.force_login(account("analyst"))
    graph = read(client)
    rights = {
        str(graph.value(one, DCTERMS.identifier)): graph.value(one, DCTERMS.accessRights)
        for one in graph.subjects(RDF.type, DCAT.Dataset)
    }
    assert rights == {
        "place.area": URIRef(RIGHTS + "PUBLIC"),
        "police.person": URIRef(RIGHTS + "RESTRICTED"),
        "health.note": URIRef(RIGHTS + "NON_PUBLIC"),
    }


@pytest.mark.parametrize(
    ("roles", "known"), [((), 1), (("auditor",), 1), (("resident",), 1), (("officer",), 3)]
)
def test_who_may_not_read_the_catalog_hears_of_open_resources_alone(resources, account, client, roles, known):
    if roles:
        client.force_login(account(*roles))
    assert len(named(read(client))) == known
    assert len(client.get("/api/3/action/package_list").json()["result"]) == known
    hidden = client.get("/api/3/action/package_show", {"id": "police-person"})
    assert hidden.status_code == (200 if known == 3 else 404)
    by_title = client.get("/api/3/action/package_search", {"q": "人员"}).json()["result"]
    assert by_title["count"] == (1 if known == 3 else 0)


def test_the_contract_of_an_open_resource_can_be_had_by_all_and_no_other(resources, client):
    found = client.get("/catalog/resources/place.area/contract.yaml")
    assert found.status_code == 200 and b"servers" not in found.content
    for name in ("police.person", "no.such"):
        assert "/sign-in/" in client.get(f"/catalog/resources/{name}/contract.yaml")["Location"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("get_only", [False, True])
def test_ckans_own_client_works(resources, live_server, get_only):
    with ckanapi.RemoteCKAN(live_server.url, get_only=get_only) as remote:
        ask = remote.action
        assert ask.site_read() is True
        assert ask.status_show()["site_url"] == live_server.url
        assert ask.package_list() == ["place-area"]
        package = ask.package_show(id="place-area")
        assert package["notes"] == ODD and package["organization"]["title"] == "区城运中心"
        assert ask.package_show(id=package["id"])["name"] == "place-area"
        assert ask.resource_show(id=package["resources"][0]["id"])["package_id"] == package["id"]
        found = ask.package_search(q="片区", fq="groups:geography", rows=5)
        assert (found["count"], found["results"][0]["name"]) == (1, "place-area")
        assert ask.package_search(q="*:*", fq="groups:health")["count"] == 0
        (organization,) = ask.organization_list()
        assert ask.organization_show(id=organization)["package_count"] == 1
        assert ask.group_list() == ["geography"] and ask.group_show(id="geography")["title"] == "地理空间"
        assert ask.tag_list() == ["plain_text"]
        with pytest.raises(ckanapi.NotFound):
            ask.package_show(id="police-person")
        with pytest.raises(ckanapi.ValidationError):
            ask.package_show()
        with pytest.raises(ckanapi.ValidationError):
            ask.package_search(rows="many")
        with pytest.raises(ckanapi.errors.SearchQueryError):
            ask.package_search(fq="password:x")
        with pytest.raises(ckanapi.CKANAPIError):
            ask.package_delete(id="place-area")


def test_facets_count_what_was_found(resources, account, client):
    client.force_login(account("analyst"))
    given = {"facet.field": '["sharing", "organization"]', "rows": "0"}
    found = client.get("/api/3/action/package_search", given).json()["result"]
    assert found["results"] == [] and found["count"] == 3
    assert found["facets"]["sharing"] == {"unconditional": 1, "conditional": 1, "not_shared": 1}
    titles = {item["display_name"] for item in found["search_facets"]["organization"]["items"]}
    assert titles == {"区城运中心", "区公安分局", "区卫健局"}


@pytest.mark.parametrize("body", ["[1]", "{", '"x"', "[" * 50_000, "\0"])
def test_a_body_that_is_no_mapping_is_refused_in_ckans_shape(resources, client, body):
    answer = client.post("/api/3/action/package_list", body, content_type="application/json")
    assert answer.status_code == 409
    assert answer.json()["success"] is False and answer.json()["error"]["__type"] == "Validation Error"
