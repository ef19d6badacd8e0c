"""The catalog as DCAT-AP 3.

    Resource ──▶ dcat:Dataset (publisher, theme, accessRights, accrualPeriodicity, contactPoint, conformsTo)
                   ├─▶ dcat:Distribution: the contract as ODCS, for all who see the resource
                        (rows leave through grants, never through the catalog)
    departments ─▶ foaf:Agent · themes ─▶ skos:Concept of two schemes, ours and data-theme

Addresses are those of the pages, so that a name that is followed leads to what it means. Everything a
constraint of the profile looks at (class of a publisher, title of a scheme) stands in the graph itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from django.urls import reverse
from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef

from jingwei.directory.export import vocabulary
from jingwei.directory.resources import Resource
from jingwei.kernel.text import Text

ADMS = Namespace("http://www.w3.org/ns/adms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
VERSION = URIRef(f"{DCAT}version")
"""Of DCAT 3; the library's list ends with DCAT 2."""
PREFIXES = {"dcat": DCAT, "dct": DCTERMS, "foaf": FOAF, "skos": SKOS, "adms": ADMS, "vcard": VCARD}
TITLE = Text("信息资源目录", "Catalog of information resources")
ABOUT = Text(
    "本节点的信息资源：谁提供、多久更新、怎样共享。", "This node's resources: who provides them, how often, on what terms."
)  # fmt: skip
PUBLISHER = Text("本区数据主管部门", "The district's data authority")
ODCS = "https://bitol-io.github.io/open-data-contract-standard/v3.1.0/"
MEDIA = "https://www.iana.org/assignments/media-types/application/yaml"
LANGUAGES = ("ZHO", "ENG")


def graph(
    known: Mapping[str, Resource], site: str, issued: Mapping[str, datetime], themes: Mapping[str, Text]
) -> Graph:
    """`site` is the address of this node without a slash at its end; `issued` says when each was last read."""
    made = _Making(site, issued, themes)
    made.catalog(known)
    return made.graph


class _Making:
    def __init__(self, site: str, read: Mapping[str, datetime], themes: Mapping[str, Text]) -> None:
        self.site, self.read, self.themes = site, read, themes
        self.graph = Graph()
        for prefix, namespace in PREFIXES.items():
            self.graph.bind(prefix, namespace)
        self.home = self.at("directory:start")
        self.scheme = URIRef(f"{self.home}themes")

    def at(self, name: str, *arguments: str) -> URIRef:
        return URIRef(self.site + reverse(name, args=arguments))

    def say(self, subject: URIRef | BNode, predicate: URIRef, text: Text) -> None:
        """Both languages; one where they are the same."""
        self.graph.add((subject, predicate, Literal(text.zh, lang="zh")))
        if text.en != text.zh:
            self.graph.add((subject, predicate, Literal(text.en, lang="en")))

    def authority(self, table: str, code: str, kind: URIRef) -> URIRef:
        found = URIRef(f"{vocabulary.AUTHORITY}{table}/{code}")
        self.graph.add((found, RDF.type, kind))
        return found

    def catalog(self, known: Mapping[str, Resource]) -> None:
        add, home = self.graph.add, self.home
        add((home, RDF.type, DCAT.Catalog))
        self.say(home, DCTERMS.title, TITLE)
        self.say(home, DCTERMS.description, ABOUT)
        add((home, DCTERMS.publisher, self.agent("", PUBLISHER)))
        add((home, FOAF.homepage, self.typed(f"{self.site}/", FOAF.Document)))
        for code in LANGUAGES:
            add((home, DCTERMS.language, self.authority("language", code, DCTERMS.LinguisticSystem)))
        add(
            (
                home,
                DCAT.themeTaxonomy,
                self.taxonomy(self.scheme, Text("信息资源主题", "Themes of resources")),
            )
        )
        add(
            (
                home,
                DCAT.themeTaxonomy,
                self.taxonomy(URIRef(vocabulary.THEMES), Text("数据主题", "Data theme")),
            )
        )
        moments = [self.read[name] for name in known if name in self.read]
        if moments:
            add((home, DCTERMS.modified, self.moment(max(moments))))
        for one in known.values():
            add((home, DCAT.dataset, self.dataset(one)))

    def taxonomy(self, scheme: URIRef, title: Text) -> URIRef:
        self.graph.add((scheme, RDF.type, SKOS.ConceptScheme))
        self.say(scheme, DCTERMS.title, title)
        return scheme

    def dataset(self, one: Resource) -> URIRef:
        add, contract = self.graph.add, one.contract
        page = self.at("directory:resource", one.id)
        found = URIRef(f"{page}#resource")
        add((found, RDF.type, DCAT.Dataset))
        self.say(found, DCTERMS.title, one.title)
        about = contract.purpose or one.title.zh
        add((found, DCTERMS.description, Literal(about, lang="zh")))
        add((found, DCTERMS.identifier, Literal(one.id)))
        add((found, VERSION, Literal(contract.version)))
        add((found, DCAT.landingPage, self.typed(page, FOAF.Document)))
        agent = self.agent(contract.organization, Text(contract.organization, contract.organization))
        add((found, DCTERMS.publisher, agent))
        add((found, DCAT.contactPoint, self.contact(one, page)))
        rights = vocabulary.RIGHTS[contract.sharing]
        add((found, DCTERMS.accessRights, self.authority("access-right", rights, DCTERMS.RightsStatement)))
        often = vocabulary.frequency(contract.cycle)
        add((found, DCTERMS.accrualPeriodicity, self.authority("frequency", often, DCTERMS.Frequency)))
        for theme in self.theme(contract.theme):
            add((found, DCAT.theme, theme))
        for element in {
            f.element: e for f in contract.fields if f.element and (e := one.element(f))
        }.values():
            self.say(found, DCAT.keyword, element.title.text())
        add((found, DCTERMS.conformsTo, self.standard()))
        if one.id in self.read:
            add((found, DCTERMS.modified, self.moment(self.read[one.id])))
        add((found, DCAT.distribution, self.distribution(one)))
        return found

    def distribution(self, one: Resource) -> URIRef:
        add = self.graph.add
        found = self.at("directory:contract", one.id)
        add((found, RDF.type, DCAT.Distribution))
        self.say(found, DCTERMS.title, Text("数据契约（ODCS）", "Data contract (ODCS)"))
        add((found, DCAT.accessURL, found))
        add((found, DCAT.downloadURL, found))
        add((found, DCAT.mediaType, self.typed(MEDIA, DCTERMS.MediaType)))
        add((found, DCTERMS.conformsTo, self.standard()))
        return found

    def standard(self) -> URIRef:
        found = self.typed(ODCS, DCTERMS.Standard)
        self.say(found, DCTERMS.title, Text("开放数据契约标准 3.1", "Open Data Contract Standard 3.1"))
        return found

    def typed(self, address: str, kind: URIRef) -> URIRef:
        found = URIRef(address)
        self.graph.add((found, RDF.type, kind))
        return found

    def agent(self, name: str, title: Text) -> URIRef:
        found = URIRef(
            f"{self.home}?organization={quote(name)}#organization" if name else f"{self.home}#publisher"
        )
        self.graph.add((found, RDF.type, FOAF.Agent))
        self.say(found, FOAF.name, title if title.zh else PUBLISHER)
        return found

    def contact(self, one: Resource, page: URIRef) -> BNode:
        """The department, reached by the resource's page: people's addresses do not leave the node."""
        found = BNode()
        name = one.contract.organization or PUBLISHER.zh
        self.graph.add((found, RDF.type, VCARD.Organization))
        self.graph.add((found, RDF.type, VCARD.Kind))
        self.graph.add((found, VCARD.fn, Literal(name, lang="zh")))
        self.graph.add((found, VCARD.hasURL, page))
        return found

    def theme(self, code: str) -> list[URIRef]:
        """Our concept, and the European one it falls under."""
        if not code:
            return []
        own = URIRef(f"{self.home}?theme={quote(code)}#theme")
        found = [own]
        self.concept(own, self.scheme, self.themes.get(code, Text(code, code)), code)
        broader = vocabulary.THEME.get(code)
        if broader:
            european = URIRef(f"{vocabulary.THEMES}/{broader}")
            self.concept(european, URIRef(vocabulary.THEMES), vocabulary.THEME_TITLE[broader], broader)
            self.graph.add((own, SKOS.broadMatch, european))
            found.append(european)
        return found

    def concept(self, concept: URIRef, scheme: URIRef, title: Text, code: str) -> None:
        self.graph.add((concept, RDF.type, SKOS.Concept))
        self.say(concept, SKOS.prefLabel, title)
        self.graph.add((concept, SKOS.inScheme, scheme))
        self.graph.add((concept, SKOS.notation, Literal(code)))

    @staticmethod
    def moment(at: datetime) -> Literal:
        return Literal(at.isoformat(timespec="seconds"), datatype=XSD.dateTime)
