"""Ends with an error where the CPU build came. For PyTorch, look at torch.version.cuda."""

import sys

import tinygpu

if not tinygpu.BUILD.startswith("cuda"):
    sys.exit(f"the {tinygpu.BUILD} build of tinygpu is installed, a CUDA build was wanted")
print(f"{tinygpu.BUILD} build, as wanted")
