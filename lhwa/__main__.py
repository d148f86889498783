"""`python -m lhwa`: the same as the `lhwa` command."""

from __future__ import annotations

import sys

from lhwa.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
