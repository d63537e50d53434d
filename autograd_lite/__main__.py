"""`python -m autograd_lite` is the command `autograd-lite`."""

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main())
