"""Reports with the module `clash`, which two packages bring."""

import clash

print(f"scores by {clash.OWNER}")
