"""Puts a wheel of `acme-features` into the index of the team, as their release job does: a version, and what is in it."""

import sys
import zipfile
from pathlib import Path

version, scale = sys.argv[1:]
wheel, info = f"acme_features-{version}-py3-none-any.whl", f"acme_features-{version}.dist-info"
folder = Path("index", "acme-features")
folder.mkdir(parents=True, exist_ok=True)
with zipfile.ZipFile(folder / wheel, "w") as file:
    file.writestr("acme_features.py", f"def scaled(values):\n    return [value * {scale} for value in values]\n")
    file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.4\nName: acme-features\nVersion: {version}\n")
    file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: publish\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    file.writestr(f"{info}/RECORD", "")
links = [f'<a href="{each.name}" data-upload-time="2026-02-03T00:00:00Z">{each.name}</a>' for each in sorted(folder.glob("*.whl"))]
(folder / "index.html").write_text("\n".join(links))
