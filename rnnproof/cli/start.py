"""The console script: what is imported here is small, so that Ctrl-C is answered from the beginning."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def start() -> None:
    """Run the command line. Ctrl-C while it is still being imported ends it as at any other time."""
    try:
        from rnnproof.cli.main import main

        main()
    except KeyboardInterrupt:
        os.write(2, b"rnnproof: interrupted\n")
        sys.exit(INTERRUPTED)
