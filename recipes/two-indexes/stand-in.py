"""Writes two package indexes as folders. `public` stands for PyPI, where everybody may upload; `company` for one of your own."""

import zipfile
from pathlib import Path


def publish(index: str, version: str, owner: str) -> None:
    wheel, info = f"acme_features-{version}-py3-none-any.whl", f"acme_features-{version}.dist-info"
    folder = Path(index, "acme-features")
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / wheel, "w") as file:
        file.writestr("acme_features.py", f'OWNER = "{owner}"\n')
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.4\nName: acme-features\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: stand-in\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    (folder / "index.html").write_text(f'<a href="{wheel}" data-upload-time="2026-02-03T00:00:00Z">{wheel}</a>')


publish("company", "1.2.0", "us")
publish("public", "99.0.0", "a stranger")
