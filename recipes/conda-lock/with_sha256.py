"""Prints the rendered list of a platform with the SHA-256 of each package in place of its MD5."""

import sys
from pathlib import Path

import yaml

lock = yaml.safe_load(Path("conda-lock.yml").read_text())
digests = {package["url"]: package["hash"]["sha256"] for package in lock["package"]}
for line in Path(sys.argv[1]).read_text().splitlines():
    url = line.partition("#")[0]
    print(f"{url}#sha256:{digests[url]}" if url in digests else line)
