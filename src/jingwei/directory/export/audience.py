"""For whom the catalog is exported: everybody hears of what is shared unconditionally, staff of all of it.

What may not be known here does not exist in the answer: a name that is asked for and not open is "not found",
the same as one that was never there.
"""

from __future__ import annotations

from django.http import HttpRequest

from jingwei.catalog.sharing import UNCONDITIONAL
from jingwei.directory.resources import Resource, resources
from jingwei.kernel import permissions
from jingwei.kernel.models import Account

OPEN, STAFF = "open", "staff"


def audience(request: HttpRequest) -> str:
    """`staff` for the signed-in who may read the catalog, else `open`."""
    account = request.user
    known = isinstance(account, Account) and permissions.allowed(account, "catalog.read")
    return STAFF if known else OPEN


def visible(to: str) -> dict[str, Resource]:
    return {
        name: one for name, one in resources().items() if to == STAFF or one.contract.sharing == UNCONDITIONAL
    }
