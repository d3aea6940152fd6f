"""What the world was like while a request was under way.

Changes go one after the other. From when one is sent until it has reached every service, the world is as before or as
after; each request is judged by every state that held at some instant between its start and its end.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.scope.rule import World


@dataclass
class Change:
    """A change that is under way; `done` is set when it is known whether it was carried out."""

    done: asyncio.Event = field(default_factory=asyncio.Event)


class Timeline:
    """The states of the world, the latest last."""

    def __init__(self, world: World) -> None:
        self.states = [world]
        self.settled = 0
        self.pending: Change | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def now(self) -> World:
        """The latest state that is known."""
        return self.states[-1]

    def since(self, start: int) -> Sequence[World]:
        """Return the states from the one that was settled at a start on."""
        return self.states[start:]

    async def change(
        self, send: Callable[[World], Awaitable[World | None]], settle: Callable[[], Awaitable[None]]
    ) -> None:
        """Run a change: `send` is given the world as it is and returns what it has become, None where it stays."""
        async with self._one_at_a_time:
            self.pending = change = Change()
            try:
                after = await send(self.now)
                if after is not None:
                    self.states.append(after)
            finally:
                self.pending = None
                change.done.set()
            if after is not None:
                await settle()
                self.settled = len(self.states) - 1
