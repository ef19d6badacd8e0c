from django.urls import path

from jingwei.audit import (
    resident_pages,
    responsibility_pages,
    search_pages,
    suppression_pages,
    unusual_pages,
)

app_name = "audit"
urlpatterns = [
    path("ledger/", search_pages.start, name="start"),
    path("ledger/find/", search_pages.find, name="find"),
    path("ledger/export/", search_pages.export, name="export"),
    path("ledger/entries/<int:number>/", search_pages.entry, name="entry"),
    path("ledger/entries/<int:number>/proof/", search_pages.entry_proof, name="entry-proof"),
    path("ledger/unusual/", unusual_pages.start, name="unusual"),
    path("ledger/unusual/look/", unusual_pages.look, name="look"),
    path("ledger/unusual/<int:number>/", unusual_pages.finding, name="finding"),
    path("ledger/responsibilities/", responsibility_pages.table, name="responsibilities"),
    path("ledger/suppressions/", suppression_pages.start, name="suppressions"),
    path("ledger/suppressions/<int:number>/", suppression_pages.decide, name="suppression"),
    path("asked-of-me/<int:number>/", unusual_pages.mine, name="asked-of-me"),
    path("my-data/", resident_pages.start, name="own"),
    path("my-data/<int:number>/proof/", resident_pages.take_proof, name="own-proof"),
    path("my-data/<int:number>/ask/", resident_pages.ask, name="ask"),
]

NEEDS = {
    "start": "ledger.read",
    "find": "ledger.read",
    "export": "ledger.read",
    "entry": "ledger.read",
    "entry-proof": "ledger.read",
    "unusual": "ledger.read",
    "look": "ledger.read",
    "finding": "ledger.read",
    "responsibilities": "ledger.read",
    "suppressions": "ledger.suppress",
    "suppression": "ledger.suppress",
    "asked-of-me": "todo.read",
    "own": "trace.own",
    "own-proof": "trace.own",
    "ask": "trace.own",
}
"""Which action opens which page; `tests/test_authorization.py` holds every page to it."""
