"""Who works here, and what they looked at."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from jingwei.kernel.ledger_models import LedgerEntry, LedgerHead, LedgerSet, LedgerSubject
from jingwei.kernel.post_models import Deputy, OrganizationChange, Post, Proposal

__all__ = [
    "Account",
    "Accounts",
    "Deputy",
    "LedgerEntry",
    "LedgerHead",
    "LedgerSet",
    "LedgerSubject",
    "Organization",
    "OrganizationChange",
    "Post",
    "Proposal",
]


class Organization(models.Model):
    """A department, street office or community; a tree with four levels. What becomes of it is in
    `OrganizationChange`."""

    LEVELS = [("city", "市"), ("district", "区"), ("street", "街道"), ("community", "社区")]

    code = models.CharField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=12, choices=LEVELS)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    grids = models.JSONField(default=list)
    """Identifiers or codes of the grids it serves."""
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    """Its last day; empty while it exists."""
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    """What it was merged into."""

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name_zh


class Accounts(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **facts: object) -> Account:
        account = self.model(username=username, **facts)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person who signs in. What they may do follows from their posts (see `standing`); `roles`, `organization` and
    `post` are those of the main one."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    post = models.CharField(max_length=60, blank=True)
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT)
    roles = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    must_change = models.BooleanField(default=False)
    """The password was given by somebody else and is good for one thing: choosing another."""

    USERNAME_FIELD = "username"
    objects = Accounts()

    def __str__(self) -> str:
        return self.username

    def refresh_from_db(self, *args: Any, **options: Any) -> None:
        self.__dict__.pop("_standings", None)
        self.__dict__.pop("_names", None)
        super().refresh_from_db(*args, **options)
