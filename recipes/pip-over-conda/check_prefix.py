"""Compares a conda environment with what conda wrote down of it. Needs nothing but Python: python check_prefix.py PREFIX"""

import hashlib
import json
import sys
from pathlib import Path


def state(file, digest):
    if not file.exists() and not file.is_symlink():
        return "gone"
    same = not digest or file.is_symlink() or hashlib.sha256(file.read_bytes()).hexdigest() == digest
    return "same" if same else "altered"


def findings(prefix):
    python = {}
    for path in sorted(prefix.glob("lib/python3*/site-packages/*.dist-info/METADATA")):
        name, version = path.parent.name.removesuffix(".dist-info").split("-")
        python.setdefault(name.lower().replace("_", "-"), []).append(version)
    for path in sorted(prefix.glob("conda-meta/*.json")):
        record = json.loads(path.read_text())
        entries = record["paths_data"]["paths"]
        states = [state(prefix / each["_path"], each.get("sha256_in_prefix") or each.get("sha256")) for each in entries]
        altered, gone = states.count("altered"), states.count("gone")
        if altered or gone:
            yield f"{record['name']}: of {len(entries)} files of conda's {altered} are altered, {gone} are gone"
        if record["version"] not in python.get(record["name"], [record["version"]]):
            yield f"{record['name']}: conda has {record['version']}, Python sees {' and '.join(python[record['name']])}"
    yield from (f"{name}: {len(found)} versions, {' and '.join(found)}" for name, found in python.items() if len(found) > 1)


found = list(findings(Path(sys.argv[1])))
print("\n".join(found) or "every file is as conda installed it")
sys.exit(bool(found))
