import numpy
from setuptools import setup

# What it is compiled against is what it needs when it runs.
setup(
    name="pool-ops",
    version="0.3.0",
    py_modules=["pool_ops"],
    install_requires=[f"numpy=={numpy.__version__}"],
)
