"""Say in one sentence whether this container can compute on a GPU; exit code 1 if it can't."""

import ctypes
import sys
from importlib.metadata import distributions

NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE


def build() -> tuple[int, ...]:
    """The CUDA version of NVIDIA's runtime that pip installed."""
    found = [d.version for d in distributions() if d.name.startswith("nvidia-cuda-runtime")]
    return tuple(int(part) for part in found[0].split(".")[:2]) if found else ()


def check() -> tuple[bool, str]:
    """Whether a GPU can be used, and what to tell a person."""
    if not build():
        return False, "no CUDA build: pip installed no runtime of NVIDIA's, so this image computes on the CPU only"
    built = ".".join(map(str, build()))
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False, f"no driver: the packages are built for CUDA {built}, but there is no libcuda.so.1; start with --gpus all, on a host with a GPU"
    version = ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(version))
    newest = version.value // 1000, version.value % 1000 // 10
    told = f"the driver knows CUDA up to {newest[0]}.{newest[1]}, the packages are built for CUDA {built}"
    if newest[0] < build()[0]:
        return False, f"driver too old: {told}; upgrade the host's driver, or install packages for CUDA {newest[0]}"
    error = driver.cuInit(0)
    if error:
        return False, f"no GPU: {told}, " + ("but no device is visible" if error == NO_DEVICE else f"but cuInit failed with error {error}")
    device, name = ctypes.c_int(), ctypes.create_string_buffer(100)
    driver.cuDeviceGet(ctypes.byref(device), 0)
    driver.cuDeviceGetName(name, 100, device)
    return True, f"{name.value.decode()}: {told}"


def main() -> None:
    """Print the sentence; end with 1 where there is no GPU, so that a deployment stops here and not in its first request."""
    usable, sentence = check()
    print(sentence)
    sys.exit(0 if usable else 1)


if __name__ == "__main__":
    main()
