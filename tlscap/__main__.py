"""`python -m tlscap` is the program `tlscap`."""

from tlscap.cli import main

main()
