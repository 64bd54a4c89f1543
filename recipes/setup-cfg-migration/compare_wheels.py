"""Compare two wheels: `python compare_wheels.py BEFORE.whl AFTER.whl`. Exit 0: same; 1: different, one line per difference.

Compared are the names and bytes of all files, and every field of METADATA and WHEEL. Some fields are spelled otherwise when they
come from `pyproject.toml`; both wheels are brought to that spelling first, and each respelling is printed.
"""

import argparse
import sys
from collections import Counter
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

Files = dict[str, bytes]
Fields = Counter[tuple[str, str]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare two wheels.")
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    paths = parser.parse_args()
    (files, fields), (files_after, fields_after) = read(paths.before), read(paths.after)
    fields, fields_after = respelled(fields), respelled(fields_after)

    found = [f"only before: file {name}" for name in sorted(files.keys() - files_after.keys())]
    found += [f"only after: file {name}" for name in sorted(files_after.keys() - files.keys())]
    found += [f"changed: file {name}" for name in sorted(files.keys() & files_after.keys()) if files[name] != files_after[name]]
    found += [f"only before: {field}: {value}" for field, value in sorted((fields - fields_after).elements())]
    found += [f"only after: {field}: {value}" for field, value in sorted((fields_after - fields).elements())]
    print("\n".join(found) if found else f"same: {len(files)} files, {fields.total()} fields")
    return 1 if found else 0


def read(wheel: Path) -> tuple[Files, Fields]:
    """The files of a wheel, and the fields of its METADATA and WHEEL; the description counts as a field."""
    files: Files = {}
    fields: Fields = Counter()
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name.endswith((".dist-info/METADATA", ".dist-info/WHEEL")):
                message = message_from_bytes(data)
                fields.update((field, str(value)) for field, value in message.items())
                if body := message.get_payload(decode=True).strip():
                    fields["Description", body.decode()] += 1
            elif not name.endswith(".dist-info/RECORD"):  # only lists the others
                files[name] = data
    if not files or not fields:
        sys.exit(f"{wheel} holds no files or no metadata")
    return files, fields


# --8<-- [start:respelled]
def respelled(fields: Fields) -> Fields:
    """The same fields as `pyproject.toml` would spell them."""
    value = dict(fields.keys())  # of a field that occurs once
    moves = []
    if "Home-page" in value:
        moves.append((["Home-page"], "Project-URL", f"Homepage, {value['Home-page']}"))
    if "Author" in value and "Author-email" in value:
        moves.append((["Author", "Author-email"], "Author-email", f"{value['Author']} <{value['Author-email']}>"))
    if "License" in value:
        moves.append((["License"], "License-Expression", value["License"]))
        fields = Counter({key: n for key, n in fields.items() if not key[1].startswith("License :: ")})
    for old, field, new in moves:
        print(f"respelled: {' + '.join(old)} -> {field}: {new}")
        fields = Counter({key: n for key, n in fields.items() if key[0] not in old})
        fields[field, new] += 1
    return fields
    # --8<-- [end:respelled]


if __name__ == "__main__":
    sys.exit(main())
