"""A service with a clock on its CPU: `python -m bench.profiled SERVICE PORT FILE`; in production there is none of it.

Each time that it has used up some CPU, the layer is counted that it is in. SIGUSR1 has the counts written into the
file and begun anew.
"""

import json
import signal
import sys
from pathlib import Path
from types import FrameType

import uvicorn

from bench.attribution import Stacks
from keyaccount.worker import LOOPBACK, UVICORN

EVERY_SECONDS = 0.001
"""Of CPU; the system may look less often."""


class Profile:
    """Counts the layers of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stacks = Stacks()

    def begin(self) -> None:
        """Set the clock."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.signal(signal.SIGUSR1, self._tell)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        self._stacks.count(frame)

    def _tell(self, _: int, __: FrameType | None) -> None:
        counts, self._stacks = self._stacks.counts, Stacks()
        written = self._path.with_suffix(".new")
        written.write_text(json.dumps(counts))
        written.replace(self._path)


def main() -> None:
    """Serve until told to stop."""
    _, service, port, path = sys.argv
    Profile(Path(path)).begin()
    config = uvicorn.Config(
        f"services.{service}.app:create_app",
        factory=True,
        host=LOOPBACK,
        port=int(port),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        **UVICORN,  # type: ignore[arg-type]
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
