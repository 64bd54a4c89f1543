"""Say whether the running Python is the one that .python-version asks for."""

import platform
import sys
from pathlib import Path

asked = Path(__file__).with_name(".python-version").read_text().strip()
running = platform.python_version()
if not f"{running}.".startswith(f"{asked}."):
    sys.exit(f".python-version asks for {asked}, this is {running}: delete .venv and make it again")
print(f"asked for {asked}, running {running}")
