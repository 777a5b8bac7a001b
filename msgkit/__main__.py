"""``python -m msgkit``: the same as the command ``msgkit``."""

import sys

from msgkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
