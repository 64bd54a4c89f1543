"""`python -m provenv` is the command `provenv`."""

import sys

from provenv.cli import main

sys.exit(main())
