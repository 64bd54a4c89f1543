"""Load NVIDIA's sparse library as torch does, and tell which libnvJitLink came with it."""

import ctypes
import re
from importlib.metadata import files
from pathlib import Path

library = next(str(path.locate()) for path in files("nvidia-cusparse-cu12") if path.name == "libcusparse.so.12")
ctypes.CDLL(library)
loaded = sorted(set(re.findall(r"/\S*libnvJitLink\S*", Path("/proc/self/maps").read_text())))
print("loaded with", *loaded)
