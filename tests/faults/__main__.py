"""Runs the harness by hand: `python -m tests.faults --seed 7 --writes 20000 --kills 12`; a seed repeats a run."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from tests.faults.planted import Planted
from tests.faults.report import told
from tests.faults.running import Plan, Result, run
from tests.faults.schedule import Schedule


async def _run(plan: Plan, history: Path | None) -> Result:
    """Run; SIGTERM ends it in order, so that nothing of the instance is left behind."""
    running = asyncio.ensure_future(run(plan, history))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


def main() -> None:
    """Run, print figures, and fail if something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writes", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--rates", type=int, default=250, help="exchange rates after each batch")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between batches")
    parser.add_argument("--most-seconds", type=float, default=100.0)
    parser.add_argument("--planted", choices=[each.value for each in Planted])
    parser.add_argument("--history", type=Path, default=None, help="where to keep the history, a line of JSON each")
    given = parser.parse_args()
    plan = Plan(
        seed=given.seed,
        writes=given.writes,
        workers=given.workers,
        batch=given.batch,
        rates=given.rates,
        batch_pause=given.pause,
        schedule=Schedule(given.kills),
        planted=Planted(given.planted) if given.planted else None,
        most_seconds=given.most_seconds,
    )
    result = uvloop.run(_run(plan, given.history))
    sys.stdout.write(told(result))
    sys.exit(1 if result.verdicts else 0)


if __name__ == "__main__":
    main()
