"""`oidc-provider` as a process of its own, which can be started again with other keys, clocks and audiences."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.provider.browser import PublicClient
from tests.system.instance import free_ports, until
from tests.tokens.issuers import Signer

AUDIENCE = "keyaccount"
BACK = "http://127.0.0.1:9/back"


@dataclass
class RealProvider:
    """Its configuration, and the process while it runs."""

    folder: Path
    keys: list[Signer]
    people: dict[str, dict[str, Any]]
    port: int = field(default_factory=lambda: free_ports(1))
    process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, clock: int = 0, seconds: int = 300) -> None:
        """Start it, again if need be; the first key signs, its algorithm is that of all tokens."""
        self.stop()
        given = {
            "port": self.port,
            "keys": [each.jwk | each.key.as_dict(private=True) for each in self.keys],
            "algorithm": self.keys[0].algorithm,
            "audience": AUDIENCE,
            "clients": [{"id": name, "redirect_uri": BACK} for name in ("portal", AUDIENCE)],
            "people": self.people,
            "seconds": seconds,
            "clock": clock,
        }
        said = (self.folder / f"provider-{self.port}.log").open("w")
        with said:
            self.process = subprocess.Popen(
                ["node", "provider.mjs"], cwd=self.folder, stdin=subprocess.PIPE, stdout=said, stderr=said, text=True
            )
        assert self.process.stdin
        with self.process.stdin as standard_input:
            standard_input.write(json.dumps(given))
        until(self._answers, f"see {said.name}")

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, (self.folder / f"provider-{self.port}.log").read_text()
        try:
            return httpx.get(f"{self.issuer}/jwks").is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def sign_in(self, login: str, client_id: str = "portal", **changes: str) -> dict[str, str]:
        """Sign somebody in by the code flow and return their tokens."""
        return PublicClient(self.issuer, client_id, BACK).sign_in(login, **changes)


@contextmanager
def provider_in(folder: Path, keys: list[Signer], people: dict[str, dict[str, Any]]) -> Iterator[RealProvider]:
    """Yield a provider that runs, and leave nothing of it behind."""
    provider = RealProvider(folder, keys, people)
    try:
        provider.start()
        yield provider
    finally:
        provider.stop()
