"""Pins every dependency with its hashes: requirements/run.txt and requirements/dev.txt.

Needs `uv` on the PATH or in the virtual environment. The files name no index.
"""

import shutil
import subprocess
import sys
from pathlib import Path

here = Path(__file__).resolve().parents[1]
uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
build = here / "requirements" / "build.in"
for name, extra in (("run", []), ("dev", ["--extra", "dev"])):
    command = [
        uv, "pip", "compile", "-q", "pyproject.toml", str(build), *extra, "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate",
        "-o", f"requirements/{name}.txt",
    ]  # fmt: skip
    subprocess.run(command, cwd=here, check=True)
