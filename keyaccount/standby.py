"""A process that has read in what every service needs, and waits to be told which of our programs it becomes.

`python -m keyaccount.standby` says `ready` when it is warm. Reading in takes most of a service's start: who takes the
place of a killed one is there in a third of the time. When its starter goes, it ends.
"""

import asyncio
import contextlib
import importlib
import json
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

READ_IN = (
    "aiohttp",
    "asyncpg",
    "fastapi",
    "httptools",
    "orgchart.following",
    "orgchart.sign_in",
    "servicekit.web.application",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)
READY = b"ready\n"
_END_SECONDS = 5.0


class Standby:
    """Keeps one such process waiting, and starts the next when it was taken."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder = folder
        self._log = log
        self._waiting: asyncio.subprocess.Process | None = None
        self._is_warm = False

    async def warm(self) -> None:
        """Start one, unless one waits, and let it read in; one that cannot be had is done without."""
        if self._waiting is not None and self._waiting.returncode is None:
            return
        self._is_warm = False
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o600)) as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "keyaccount.standby",
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for its starter
            )
        self._waiting = process
        assert process.stdout is not None  # noqa: S101 (narrowing: it is a pipe)
        self._is_warm = await process.stdout.readline() == READY

    async def become(
        self, command: tuple[str, ...], environment: Mapping[str, str], log: Path
    ) -> asyncio.subprocess.Process | None:
        """Let the one that waits run a command of ours (`python -m …`); None where none is warm."""
        process = self._waiting
        if process is None or process.stdin is None or not self._is_warm or process.returncode is not None:
            return None
        _, _, module, *arguments = command
        told = {"module": module, "arguments": arguments, "environment": dict(environment), "log": str(log)}
        self._waiting, self._is_warm = None, False
        try:
            process.stdin.write(json.dumps(told).encode() + b"\n")
            await process.stdin.drain()
        except OSError:
            return None
        process.stdin.close()
        return process

    async def close(self) -> None:
        """End the one that waits."""
        process, self._waiting = self._waiting, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    with contextlib.suppress(RuntimeError):  # whoever warms it reads already, to the same end
                        await process.communicate()
                    await process.wait()


def main() -> None:
    """Read in, wait, and become what is asked for."""
    for module in READ_IN:
        importlib.import_module(module)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    line = sys.stdin.buffer.readline()
    if not line:
        return
    told = json.loads(line)
    _write_into(Path(told["log"]))
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.argv = [told["module"], *told["arguments"]]
    runpy.run_module(told["module"], run_name="__main__", alter_sys=True)


def _write_into(log: Path) -> None:
    """Let go of the starter's pipes: what is said from here on goes into the log."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)


if __name__ == "__main__":
    main()
