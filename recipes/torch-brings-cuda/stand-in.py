"""Writes wheels/torch-2.13.0+cpu: an empty stand-in for the CPU build, with what that build declares and none of its code."""

import zipfile
from pathlib import Path

NAME = "torch-2.13.0+cpu"
METADATA = """\
Metadata-Version: 2.4
Name: torch
Version: 2.13.0+cpu
Requires-Dist: filelock
Requires-Dist: typing-extensions>=4.10.0
Requires-Dist: sympy>=1.13.3
Requires-Dist: networkx>=2.5.1
Requires-Dist: jinja2
Requires-Dist: fsspec>=0.8.5
Requires-Dist: setuptools
"""

Path("wheels").mkdir(exist_ok=True)
with zipfile.ZipFile(f"wheels/{NAME}-py3-none-any.whl", "w") as wheel:
    wheel.writestr("torch/__init__.py", "")
    wheel.writestr(f"{NAME}.dist-info/METADATA", METADATA)
    wheel.writestr(f"{NAME}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: stand-in\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{NAME}.dist-info/RECORD", "")
