"""Whether the process in this container is ready: `python -m keyaccount.probe` exits with 0 or 1.

It reads in next to nothing, for it is run every few seconds.
"""

import os
import sys

from keyaccount.answers import answers

if __name__ == "__main__":
    sys.exit(0 if answers(int(os.environ.get("KEYACCOUNT_PORT", "8080"))) else 1)
