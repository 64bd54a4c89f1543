import numpy as np

gone = [name for name in ("in1d", "trapz", "row_stack") if not hasattr(np, name)]
print(f"NumPy {np.__version__}: gone are {gone}")
