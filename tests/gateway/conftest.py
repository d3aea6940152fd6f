from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.gateway.stand_ins import Running, StandIn, gateway_before, json_answer
from tests.gateway.tokens import Signer

SERVICES = ("customer", "opportunity", "forecast", "team")
KEYS = "/v1/sign-in/keys"


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer("first")


@pytest.fixture(scope="session")
async def standing(signer: Signer) -> AsyncIterator[dict[str, StandIn]]:
    services = {name: StandIn(name) for name in SERVICES}
    for service in services.values():
        await service.start()
    yield services
    for service in services.values():
        await service.stop()


@pytest.fixture
def services(standing: dict[str, StandIn], signer: Signer) -> Iterator[dict[str, StandIn]]:
    """The four services, with nothing remembered and nothing special to answer."""
    for service in standing.values():
        service.seen.clear()
        service.answers.clear()
    standing["team"].answers[KEYS] = json_answer({"keys": [signer.jwk]})
    yield standing
    for service in standing.values():
        service.answers.clear()
    standing["team"].answers[KEYS] = json_answer({"keys": [signer.jwk]})


@pytest.fixture(scope="session")
async def gateway(
    standing: dict[str, StandIn], signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    standing["team"].answers[KEYS] = json_answer({"keys": [signer.jwk]})
    log = tmp_path_factory.mktemp("gateway") / "log"
    async with gateway_before({name: service.url for name, service in standing.items()}, log) as running:
        yield running


@pytest.fixture(scope="session")
async def impatient(
    standing: dict[str, StandIn], signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """A gateway that waits half a second where others wait thirty."""
    standing["team"].answers[KEYS] = json_answer({"keys": [signer.jwk]})
    log = tmp_path_factory.mktemp("impatient") / "log"
    urls = {name: service.url for name, service in standing.items()}
    async with gateway_before(urls, log, KEYACCOUNT_GATEWAY_PATIENCE="0.5") as running:
        yield running


@pytest.fixture
def authorization(signer: Signer) -> dict[str, str]:
    return {"Authorization": f"Bearer {signer.token()}"}


@pytest.fixture
async def client(gateway: Running, services: dict[str, StandIn], signer: Signer) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is signed in."""
    headers = {"Authorization": f"Bearer {signer.token()}"}
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
async def stranger(gateway: Running, services: dict[str, StandIn]) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30) as client:
        yield client


@pytest.fixture
def log_of(gateway: Running) -> Path:
    return gateway.log
