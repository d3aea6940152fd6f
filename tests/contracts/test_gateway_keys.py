"""The gateway verifies tokens by the keys that `team` itself gives it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from gateway.errors import ServiceDown, SignInRefused
from gateway.settings import Settings
from gateway.sign_in import SignIn
from gateway.signing_keys import keys_from
from gateway.upstreams import Upstream
from servicekit.run.sign_in import BUILT_IN
from servicekit.tokens.verifying import TrustedIssuer
from tests.gateway.stand_ins import free_port
from tests.gateway.tokens import Signer
from tests.house import House
from tests.make import Make


@asynccontextmanager
async def serving(house: House) -> AsyncIterator[int]:
    """Serve `team` as it runs in the house; yields the port."""
    server = uvicorn.Server(uvicorn.Config(house.apps["team"], lifespan="off", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as door:
        task = asyncio.create_task(server._serve([door]))
        yield door.getsockname()[1]
        server.should_exit = True
        await task


@asynccontextmanager
async def sign_in_by(port: int) -> AsyncIterator[SignIn]:
    """Open the gateway's sign-in before the `team` at a port."""
    url = f"http://127.0.0.1:{port}"
    upstream = Upstream("team", url, Settings({"team": url}))
    keys = keys_from(upstream)
    yield SignIn([TrustedIssuer("keyaccount", BUILT_IN, keys)])
    await keys.close()
    await upstream.close()


async def test_whom_team_has_signed_in_is_let_in_and_nobody_else(house: House, make: Make) -> None:
    seller = await make.seller()
    async with serving(house) as port, sign_in_by(port) as sign_in:
        verified = await sign_in.verify(f"Bearer {seller.token}".encode())
        assert verified.subject == seller.id
        key_id = verified.key.kid
        for thief in (Signer(key_id), Signer("made-up")):
            with pytest.raises(SignInRefused):
                await sign_in.verify(f"Bearer {thief.token()}".encode())


async def test_without_team_a_key_that_is_not_known_names_it(house: House, make: Make) -> None:
    seller = await make.seller()
    async with sign_in_by(free_port()) as sign_in:
        with pytest.raises(ServiceDown):
            await sign_in.verify(f"Bearer {seller.token}".encode())
