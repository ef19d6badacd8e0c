"""Words of the European Publications Office that DCAT-AP wants: referred to by their addresses, never fetched."""

from __future__ import annotations

from datetime import timedelta

from jingwei.catalog.sharing import CONDITIONAL, NOT_SHARED, UNCONDITIONAL
from jingwei.kernel.text import Text

AUTHORITY = "http://publications.europa.eu/resource/authority/"
THEMES = AUTHORITY + "data-theme"
ADMS = "http://purl.org/adms/publishertype/"

RIGHTS = {UNCONDITIONAL: "PUBLIC", CONDITIONAL: "RESTRICTED", NOT_SHARED: "NON_PUBLIC"}
"""access-right by sharing type."""

THEME = {
    "population": "SOCI",
    "civil_affairs": "SOCI",
    "employment": "SOCI",
    "health": "HEAL",
    "education": "EDUC",
    "housing": "SOCI",
    "market": "ECON",
    "credit": "ECON",
    "licence": "GOVE",
    "finance": "ECON",
    "geography": "REGI",
    "statistics": "ECON",
    "city": "REGI",
    "environment": "ENVI",
    "transport": "TRAN",
    "agriculture": "AGRI",
    "culture": "EDUC",
    "safety": "JUST",
    "justice": "JUST",
    "governance": "GOVE",
}
"""data-theme of a theme of ours; a theme a pack adds has none and is exported as its own concept alone."""

THEME_TITLE = {
    "AGRI": Text("农业、渔业、林业和食品", "Agriculture, fisheries, forestry and food"),
    "ECON": Text("经济和金融", "Economy and finance"),
    "EDUC": Text("教育、文化和体育", "Education, culture and sport"),
    "ENVI": Text("环境", "Environment"),
    "GOVE": Text("政府和公共部门", "Government and public sector"),
    "HEAL": Text("卫生", "Health"),
    "JUST": Text("司法和公共安全", "Justice, legal system and public safety"),
    "REGI": Text("区域和城市", "Regions and cities"),
    "SOCI": Text("人口和社会", "Population and society"),
    "TRAN": Text("交通", "Transport"),
}

FREQUENCIES = (
    (timedelta(minutes=5), "CONT"),
    (timedelta(hours=1), "HOURLY"),
    (timedelta(days=1), "DAILY"),
    (timedelta(days=2), "OTHER"),
    (timedelta(days=7), "WEEKLY"),
    (timedelta(days=16), "BIWEEKLY"),
    (timedelta(days=31), "MONTHLY"),
    (timedelta(days=92), "QUARTERLY"),
    (timedelta(days=184), "ANNUAL_2"),
    (timedelta(days=367), "ANNUAL"),
)


def frequency(cycle: timedelta | None) -> str:
    """The frequency whose length holds the promised cycle; a table without promise is UNKNOWN."""
    if cycle is None:
        return "UNKNOWN"
    return next((name for length, name in FREQUENCIES if cycle <= length), "IRREG")
