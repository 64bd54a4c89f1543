"""`python -m evalset` prints what is kept."""

from evalset import main

main()
