"""Fails unless the paths that this Python tells to whoever builds against it lie in its own folder."""

import sys
import sysconfig

told = sysconfig.get_config_var("LIBDIR")
if not told.startswith(f"{sys.prefix}/"):
    sys.exit(f"LIBDIR is in another place than {sys.prefix}")
print(f"LIBDIR is {told}")
