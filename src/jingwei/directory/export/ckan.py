"""Our resources as CKAN says them: packages of organizations and groups, found by `q`, `fq`, facets.

    package = resource of a contract · organization = department · group = theme · tag = element
    resource (CKAN's) = the contract file, and nothing else: rows are not given out here

Names are CKAN's: lower case letters, digits, - and _. A department's name is Chinese, so its name here is the
hexadecimal beginning of its digest; both its name and its title find it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.urls import reverse

from jingwei.catalog import sharing
from jingwei.directory import listing
from jingwei.directory.resources import Resource
from jingwei.kernel.text import Text


class CkanError(Exception):
    """An error in CKAN's shape: `kind` is its `__type`, `status` the answer's."""

    def __init__(
        self, kind: str, status: int, message: str = "", fields: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.kind, self.status, self.message, self.fields = kind, status, message, fields or {}

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {"__type": self.kind, **self.fields}
        return {**told, "message": self.message} if self.message else told


def not_found(what: str) -> CkanError:
    return CkanError("Not Found Error", 404, f"Not found: {what}")


def wrong(**fields: str) -> CkanError:
    return CkanError("Validation Error", 409, fields={name: [said] for name, said in fields.items()})


def identifier(kind: str, name: str) -> str:
    """A UUID that is always the same for the same thing, as CKAN's ids are."""
    return str(uuid5(NAMESPACE_URL, f"jingwei:{kind}:{name}"))


def organization_name(title: str) -> str:
    return "org-" + hashlib.sha256(title.encode()).hexdigest()[:12]


class Answers:
    """What a reader may know, and the actions over it. `given` is what the caller sent: strings or JSON."""

    def __init__(self, known: Mapping[str, Resource], read: Mapping[str, datetime], site: str) -> None:
        self.known, self.read, self.site = known, read, site

    # -- packages

    def package(self, one: Resource) -> dict[str, Any]:
        contract, page = one.contract, self.site + reverse("directory:resource", args=[one.id])
        read = self.read.get(one.id)
        resource = self.resource(one)
        return {
            "id": identifier("package", one.id),
            "name": one.id.replace(".", "-"),
            "title": one.title.zh,
            "title_translated": {"zh": one.title.zh, "en": one.title.en},
            "notes": contract.purpose,
            "url": page,
            "version": contract.version,
            "state": "active",
            "type": "dataset",
            "private": False,
            "isopen": contract.sharing == sharing.UNCONDITIONAL,
            "metadata_modified": read.isoformat(timespec="seconds") if read else None,
            "organization": self.organization(contract.organization),
            "owner_org": identifier("organization", contract.organization),
            "groups": [self.group(contract.theme, one.theme)] if contract.theme else [],
            "tags": self.tags(one),
            "num_tags": len(self.tags(one)),
            "resources": [resource],
            "num_resources": 1,
            "extras": [
                {"key": key, "value": value}
                for key, value in (
                    ("identifier", one.id),
                    ("sharing", contract.sharing),
                    ("level", str(one.level)),
                    ("frequency", contract.promised),
                )
            ],
        }

    def resource(self, one: Resource) -> dict[str, Any]:
        return {
            "id": identifier("resource", one.id),
            "package_id": identifier("package", one.id),
            "name": "数据契约 Data contract",
            "description": one.contract.purpose,
            "url": self.site + reverse("directory:contract", args=[one.id]),
            "format": "ODCS",
            "mimetype": "application/yaml",
            "state": "active",
            "position": 0,
        }

    def tags(self, one: Resource) -> list[dict[str, str]]:
        used = {f.element: e for f in one.contract.fields if f.element and (e := one.element(f))}
        return [
            {"id": identifier("tag", name), "name": name, "display_name": e.title.zh, "state": "active"}
            for name, e in sorted(used.items())
        ]

    def organization(self, title: str) -> dict[str, Any]:
        return {
            "id": identifier("organization", title),
            "name": organization_name(title),
            "title": title,
            "display_name": title,
            "type": "organization",
            "is_organization": True,
            "state": "active",
        }

    def group(self, code: str, title: Text) -> dict[str, Any]:
        return {
            "id": identifier("group", code),
            "name": code.replace(".", "-"),
            "title": title.zh,
            "display_name": title.zh,
            "type": "group",
            "is_organization": False,
            "state": "active",
        }

    def of_organization(self, title: str) -> list[Resource]:
        return [one for one in self.known.values() if one.contract.organization == title]

    def titles(self) -> list[str]:
        return sorted({one.contract.organization for one in self.known.values()})

    def themes(self) -> dict[str, Text]:
        return {one.contract.theme: one.theme for one in self.known.values() if one.contract.theme}

    def named(self, asked: str) -> Resource:
        for one in self.known.values():
            if asked in (one.id, one.id.replace(".", "-"), identifier("package", one.id)):
                return one
        raise not_found("package")

    # -- the search

    def search(self, given: Mapping[str, Any]) -> dict[str, Any]:
        rows = number(given, "rows", 10, 1000)
        start = number(given, "start", 0, 10**6)
        found = self.filtered(self.matching(str(given.get("q") or "")), given)
        facets = self.facets(found, given.get("facet.field"), number(given, "facet.limit", 50, 10**6, -1))
        return {
            "count": len(found),
            "results": [self.package(one) for one in found[start : start + rows]],
            "sort": "score desc",
            "facets": {name: {e["name"]: e["count"] for e in f["items"]} for name, f in facets.items()},
            "search_facets": facets,
        }

    def matching(self, asked: str) -> list[Resource]:
        asked = asked.strip()
        if asked in ("", "*", "*:*"):
            return list(self.known.values())
        name, _, value = asked.partition(":")
        if name in TERMS and value:
            return self.narrowed(list(self.known.values()), asked)
        # ranked over all resources, then only what this reader may know: nothing of the rest shows, not even a count
        return [one for one in listing.listing(asked, {}).found if one.id in self.known]

    def filtered(self, found: list[Resource], given: Mapping[str, Any]) -> list[Resource]:
        said = given.get("fq_list") or [given.get("fq") or ""]
        if not isinstance(said, list):
            raise wrong(fq_list="Not a list")
        for one in said:
            found = self.narrowed(found, str(one))
        return found

    def narrowed(self, found: list[Resource], query: str) -> list[Resource]:
        """Terms `name:value`, all of which must hold; `+` before one and quotes around a value change nothing."""
        for term in _terms(query):
            name, colon, value = term.removeprefix("+").partition(":")
            if not colon or name not in TERMS:
                raise CkanError("Search Query Error", 400, f"Unknown search term: {term[:100]}")
            value = value.strip('"()')
            if value != "*":
                found = [one for one in found if value in TERMS[name](one)]
        return found

    def facets(self, found: list[Resource], asked: Any, most: int) -> dict[str, Any]:
        names = _listed(asked)
        told = {}
        for name in names:
            if name not in TERMS:
                continue
            counts = Counter(value for one in found for value in dict.fromkeys(SHOWN[name](one)))
            ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            items = [{"name": v, "display_name": self.display(name, v), "count": n} for v, n in ordered]
            told[name] = {"title": name, "items": items if most < 0 else items[:most]}
        return told

    def display(self, facet: str, value: str) -> str:
        if facet == "organization":
            return next((title for title in self.titles() if organization_name(title) == value), value)
        if facet == "groups":
            return self.themes().get(value, Text(value, value)).zh
        return value

    # -- the actions

    def site_read(self, given: Mapping[str, Any]) -> bool:
        return True

    def status_show(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "ckan_version": "2.11",
            "site_url": self.site,
            "site_title": "经纬 Jingwei",
            "site_description": "",
            "locale_default": "zh_Hans_CN",
            "extensions": [],
        }

    def package_list(self, given: Mapping[str, Any]) -> list[str]:
        return page(sorted(one.id.replace(".", "-") for one in self.known.values()), given)

    def package_show(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return self.package(self.named(needed(given, "id")))

    def package_search(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return self.search(given)

    def resource_show(self, given: Mapping[str, Any]) -> dict[str, Any]:
        asked = needed(given, "id")
        for one in self.known.values():
            if asked == identifier("resource", one.id):
                return self.resource(one)
        raise not_found("resource")

    def organization_list(self, given: Mapping[str, Any]) -> list[Any]:
        shown = [
            {**self.organization(t), "package_count": len(self.of_organization(t))} for t in self.titles()
        ]
        return page(shown if yes(given, "all_fields") else [one["name"] for one in shown], given)

    def organization_show(self, given: Mapping[str, Any]) -> dict[str, Any]:
        asked = needed(given, "id")
        for title in self.titles():
            if asked in (title, organization_name(title), identifier("organization", title)):
                return self._shown(self.organization(title), self.of_organization(title), given)
        raise not_found("organization")

    def group_list(self, given: Mapping[str, Any]) -> list[Any]:
        themes = sorted(self.themes().items())
        shown = [
            {**self.group(code, title), "package_count": len(self._themed(code))} for code, title in themes
        ]
        return page(shown if yes(given, "all_fields") else [one["name"] for one in shown], given)

    def group_show(self, given: Mapping[str, Any]) -> dict[str, Any]:
        asked = needed(given, "id")
        for code, title in self.themes().items():
            if asked in (code, identifier("group", code)):
                return self._shown(self.group(code, title), self._themed(code), given)
        raise not_found("group")

    def tag_list(self, given: Mapping[str, Any]) -> list[Any]:
        found = {tag["name"]: tag for one in self.known.values() for tag in self.tags(one)}
        asked = str(given.get("query") or "").casefold()
        kept = [t for n, t in sorted(found.items()) if asked in n or asked in t["display_name"].casefold()]
        return kept if yes(given, "all_fields") else [tag["name"] for tag in kept]

    def _themed(self, code: str) -> list[Resource]:
        return [one for one in self.known.values() if one.contract.theme == code]

    def _shown(self, what: dict[str, Any], own: list[Resource], given: Mapping[str, Any]) -> dict[str, Any]:
        packages = {"packages": [self.package(one) for one in own]} if yes(given, "include_datasets") else {}
        return {**what, "package_count": len(own), **packages}


TERMS: dict[str, Callable[[Resource], Iterable[str]]] = {
    "organization": lambda r: (organization_name(r.contract.organization), r.contract.organization),
    "groups": lambda r: (r.contract.theme,),
    "tags": lambda r: {f.element for f in r.contract.fields if f.element},
    "res_format": lambda r: ("ODCS",),
    "name": lambda r: (r.id.replace(".", "-"), r.id),
    "sharing": lambda r: (r.contract.sharing,),
    "level": lambda r: (str(r.level),),
}
"""What `fq` may narrow by: the values of a package."""
SHOWN: dict[str, Callable[[Resource], Iterable[str]]] = {
    **TERMS,
    "organization": lambda r: (organization_name(r.contract.organization),),
    "name": lambda r: (r.id.replace(".", "-"),),
    "groups": lambda r: (r.contract.theme,) if r.contract.theme else (),
}
ACTIONS = (
    "site_read", "status_show", "package_list", "package_show", "package_search", "organization_list",
    "organization_show", "group_list", "group_show", "tag_list", "resource_show",
)  # fmt: skip


def _terms(query: str) -> list[str]:
    """The query cut at blanks that stand in no quotes; AND is what a blank means."""
    found, quoted, term = [], False, ""
    for sign in query:
        quoted ^= sign == '"'
        if sign.isspace() and not quoted:
            found.append(term)
            term = ""
        else:
            term += sign
    return [one for one in (*found, term) if one and one != "AND"]


def _listed(value: Any) -> list[str]:
    """`["organization"]` as JSON or as CKAN's clients write it in an address."""
    if isinstance(value, str):
        value = value.strip('[] "').replace('"', "").replace("'", "").split(",")
    return [str(one).strip() for one in value or []]


def needed(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not value or not isinstance(value, str):
        raise wrong(**{name: "Missing value"})
    return value


def number(given: Mapping[str, Any], name: str, usual: int, most: int, least: int = 0) -> int:
    value = given.get(name)
    if value in (None, ""):
        return usual
    try:
        found = int(str(value))
    except ValueError:
        raise wrong(**{name: "Invalid integer"}) from None
    if found < least:
        raise wrong(**{name: "Must be a natural number"})
    return min(found, most)


def yes(given: Mapping[str, Any], name: str) -> bool:
    return str(given.get(name, "")).lower() in ("true", "1", "yes", "on")


def page(found: list[Any], given: Mapping[str, Any]) -> list[Any]:
    start = number(given, "offset", 0, 10**6)
    limit = number(given, "limit", len(found), 10**6)
    return found[start : start + limit]
