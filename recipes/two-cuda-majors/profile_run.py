"""Marks a stretch of the training loop for NVIDIA's profiler."""

import ctypes
import sysconfig

library = ctypes.CDLL(f"{sysconfig.get_path('purelib')}/nvidia/nvtx/lib/libnvToolsExt.so.1")
library.nvtxMarkA(b"epoch 1")
print("marked")
