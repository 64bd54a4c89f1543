"""Says whether files hold an address with a password in it, without showing it; asterisks are none. Ends with 1 if one does."""

import re
import sys
from pathlib import Path

ADDRESS = re.compile(r"https?://[^/\s:@]+:[^/\s@*]+@")

found = [name for name in sys.argv[1:] if ADDRESS.search(Path(name).read_text(encoding="utf-8"))]
for name in found:
    print(f"{name}: an address with a password")
sys.exit(bool(found))
