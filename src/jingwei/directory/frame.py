"""What the catalog's pages have in common: who may look, and the ways between them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from jingwei.kernel import permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

PAGES = (
    ("resources", "directory:start", Text("资源", "Resources")),
    ("tree", "directory:tree", Text("目录树", "Tree")),
    ("map", "directory:map", Text("数据云图", "Map")),
    ("encyclopedia", "directory:encyclopedia", Text("数据百科", "Encyclopedia")),
)


def account_of(request: HttpRequest, about: str = "") -> Account:
    """Who looks, once they may read the catalog."""
    account = request.user
    assert isinstance(account, Account)
    permissions.require(account, "catalog.read", about)
    return account


def frame(account: Account, here: str) -> dict[str, Any]:
    return {
        "pages": PAGES,
        "page_here": here,
        "may_runs": permissions.allowed(account, "run.read"),
        "may_registers": permissions.allowed(account, "register.read"),
    }
