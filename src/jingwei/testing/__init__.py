"""A pytest plugin: tests never touch the home of the person who runs them.

Loaded with `-p jingwei.testing` so that the environment is set before Django reads it.
"""

from __future__ import annotations

import os
import tempfile

os.environ["JINGWEI_HOME"] = tempfile.mkdtemp(prefix="jingwei-test-")
os.environ["DJANGO_SETTINGS_MODULE"] = "jingwei.settings"
os.environ.setdefault("JINGWEI_MEMORY", "500MB")
for name in ("JINGWEI_SOURCES", "JINGWEI_DATABASE_URL", "JINGWEI_LAKE_CATALOG"):
    os.environ.pop(name, None)
