"""Signing in by a provider: the token names somebody, the chart says who that is and what they may."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from orgchart.chart import Chart
from orgchart.sign_in import SignIn, SignInInvalid, SignInUnknown
from servicekit.run.sign_in import ProviderSettings, SignInSettings
from servicekit.values.errors import PeerUnavailable
from servicekit.values.ids import new_id
from tests.orgchart.conftest import Copy, chart_person, difference
from tests.tokens.issuers import StandInProvider


@pytest.fixture
async def provider() -> AsyncIterator[StandInProvider]:
    started = StandInProvider()
    await started.start()
    yield started
    await started.stop()


def sign_in(copy: Copy, provider: StandInProvider, **given: str) -> SignIn:
    settings = SignInSettings(provider=ProviderSettings(provider.url, "keyaccount", **given), passwords=False)
    copy.service.settings = replace(copy.service.settings, sign_in=settings)
    return SignIn(copy.service, Chart(copy.service))


async def test_an_address_names_who_is_there(copy: Copy, provider: StandInProvider) -> None:
    seller, left, twin, other_twin = (new_id() for _ in range(4))
    people = [
        chart_person(seller, roles=("finance",)).model_copy(update={"email": "Wang.Fang@example.com"}),
        chart_person(left, active=False).model_copy(update={"email": "left@example.com"}),
        *(chart_person(one).model_copy(update={"email": "twin@example.com"}) for one in (twin, other_twin)),
    ]
    await copy.apply(difference(1, *people))
    copy.team.answer = difference(1, *people)
    signing = sign_in(copy, provider)

    viewer = await copy.viewer(provider.token(email="wang.fang@EXAMPLE.com", roles=["admin"]), signing)

    assert (viewer.person_id, viewer.roles, viewer.scopes) == (seller, frozenset({"finance"}), None)
    for email in ("left@example.com", "twin@example.com", "nobody@example.com", "", None):
        with pytest.raises((SignInUnknown, SignInInvalid)):
            await copy.viewer(provider.token(email=email), signing)
    with pytest.raises(SignInInvalid):
        await copy.viewer(provider.token(email="wang.fang@example.com", email_verified=False), signing)
    with pytest.raises(SignInInvalid):
        await copy.viewer(provider.token(sub=str(seller)), signing)


async def test_who_takes_over_an_address_is_who_it_names(copy: Copy, provider: StandInProvider) -> None:
    first, second = new_id(), new_id()
    given = {"email": "sales@example.com"}
    await copy.apply(difference(1, chart_person(first).model_copy(update=given)))
    signing, token = sign_in(copy, provider), provider.token(email="sales@example.com")
    assert (await copy.viewer(token, signing)).person_id == first

    copy.team.answer = difference(2, chart_person(first), chart_person(second).model_copy(update=given))

    assert (await copy.viewer(token, signing, org_chart_version="2")).person_id == second


async def test_a_reference_names_people_and_machines(copy: Copy, provider: StandInProvider) -> None:
    person, machine = new_id(), new_id()
    of_directory = {"external_system": "directory", "external_id": "oid-1"}
    people = [
        chart_person(person).model_copy(update=of_directory),
        chart_person(machine, kind="machine").model_copy(
            update={"external_system": "directory", "external_id": "app-1", "scopes": ["import"]}
        ),
    ]
    await copy.apply(difference(1, *people))
    signing = sign_in(copy, provider, claim="oid", reference_system="directory")

    assert (await copy.viewer(provider.token(oid="oid-1", scope="openid profile"), signing)).scopes is None
    scopes = (await copy.viewer(provider.token(oid="app-1", scope="openid customer:read"), signing)).scopes
    assert scopes == frozenset({"customer:read"})
    unnarrowed = (await copy.viewer(provider.token(oid="app-1", scope="openid"), signing)).scopes
    assert unnarrowed is not None
    assert {"import", "team:write"} <= unnarrowed


async def test_the_built_in_issuer_goes_on_for_machines(copy: Copy, provider: StandInProvider) -> None:
    machine = new_id()
    await copy.apply(difference(1, chart_person(machine, kind="machine")))

    assert (await copy.viewer(copy.token(machine), sign_in(copy, provider))).person_id == machine


async def test_a_provider_that_is_away_is_said_to_be_away(copy: Copy, provider: StandInProvider) -> None:
    (copy.service.settings.secrets / "provider-keys.json").unlink(missing_ok=True)
    provider.down = True
    with pytest.raises(PeerUnavailable):
        await copy.viewer(provider.token(email="a@example.com"), sign_in(copy, provider))
