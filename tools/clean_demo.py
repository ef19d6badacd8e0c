"""Removes a demo's home. Refuses any folder that is not one: real data is never removed by a make target."""

import shutil
import sys
from pathlib import Path

home = Path(sys.argv[1]).expanduser().resolve()
if not home.exists():
    print(f"{home}: nothing to remove")
elif not (home / "demo.json").is_file():
    sys.exit(f"{home} is not the home of a demo (it has no demo.json); nothing was removed")
else:
    shutil.rmtree(home)
    print(f"{home} removed")
