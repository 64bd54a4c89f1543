"""Writes wheels/torch-2.13.0+cpu: an empty stand-in for the CPU build."""

import zipfile
from pathlib import Path

NAME = "torch-2.13.0+cpu"

Path("wheels").mkdir(exist_ok=True)
with zipfile.ZipFile(f"wheels/{NAME}-py3-none-any.whl", "w") as wheel:
    wheel.writestr("torch/__init__.py", "")
    wheel.writestr(f"{NAME}.dist-info/METADATA", "Metadata-Version: 2.4\nName: torch\nVersion: 2.13.0+cpu\n")
    wheel.writestr(f"{NAME}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: stand-in\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{NAME}.dist-info/RECORD", "")
