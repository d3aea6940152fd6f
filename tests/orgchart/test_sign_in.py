"""Sign-in: the token says who asks, the chart says what they may; nothing else is believed."""

import time
from datetime import timedelta

import pytest

from orgchart.sign_in import OnBehalfOfMalformed, SignInInvalid, SignInMissing, StandInNotValid
from servicekit.peers.tokens import ISSUER as INSTANCE
from servicekit.peers.tokens import ServiceTokens
from servicekit.values.ids import new_id
from tests.orgchart.conftest import TODAY, Copy, chart_person, difference, edge, stand_in

TOMORROW = TODAY + timedelta(days=1)


async def test_who_asks_is_who_the_chart_says(copy: Copy) -> None:
    top, seller = new_id(), new_id()
    people = [chart_person(top), chart_person(seller, roles=("finance",))]
    await copy.apply(difference(1, *people, edges=[edge(seller, top, TODAY)]))
    viewer = await copy.viewer(copy.token(seller, roles=["admin"]))
    assert (viewer.person_id, viewer.roles, viewer.path) == (seller, frozenset({"finance"}), f"{top.hex}.{seller.hex}")
    assert (viewer.sees_all, viewer.is_service, viewer.reads_events) == (False, False, False)


async def test_who_has_left_is_not_signed_in_any_more(copy: Copy) -> None:
    seller = new_id()
    await copy.apply(difference(1, chart_person(seller)))
    sign_in = copy.sign_in()
    token = copy.token(seller)
    assert (await copy.viewer(token, sign_in)).person_id == seller
    copy.team.answer = difference(2, chart_person(seller, active=False))
    with pytest.raises(SignInInvalid):
        await copy.viewer(token, sign_in, org_chart_version="2")


async def test_a_token_that_was_valid_ends(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    seller = new_id()
    await copy.apply(difference(1, chart_person(seller)))
    sign_in = copy.sign_in()
    token = copy.token(seller)
    await copy.viewer(token, sign_in)
    ends = time.time() + 66
    monkeypatch.setattr(time, "time", lambda: ends)
    with pytest.raises(SignInInvalid):
        await copy.viewer(token, sign_in)


async def test_a_token_of_the_wrong_key_issuer_or_audience_is_refused(copy: Copy) -> None:
    seller = new_id()
    await copy.apply(difference(1, chart_person(seller)))
    act = {"sub": "service:team"}
    forged = [
        copy.token(seller, key="instance"),  # a service signs as the issuer
        copy.token(seller, iss=INSTANCE, aud="service:customer", act=act),  # the issuer signs as a service
        copy.token(seller, aud="service:customer"),
        copy.token(seller, typ="ID"),
        copy.token(seller, at_hash="x"),
        copy.token(seller, iss="elsewhere"),
        copy.token(seller, exp=int(time.time()) - 6),
        copy.token(seller, iat=int(time.time()) + 600),
        copy.token(seller, key="instance", iss=INSTANCE, aud="service:forecast", act=act),  # for another callee
        copy.token(seller, key="instance", iss=INSTANCE, aud="service:customer"),  # names no caller
        copy.token("forecast", key="instance", iss=INSTANCE, aud="service:customer", act=act),  # neither of the two
        copy.token("~", key="instance", iss=INSTANCE, aud="service:customer", act=act),
        copy.token("admin"),
        "a.b.c",
        "e30.e30.",
        "." * 20,
        "ÿ",
        "[" * 30_000,
    ]
    for token in forged:
        with pytest.raises(SignInInvalid):
            await copy.viewer(token)


async def test_an_unsigned_token_is_refused(copy: Copy) -> None:
    seller = new_id()
    await copy.apply(difference(1, chart_person(seller)))
    _, content, signature = copy.token(seller).split(".")
    for header in ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"):  # none, HS256
        for end in ("", signature):
            with pytest.raises(SignInInvalid):
                await copy.viewer(f"{header}.{content}.{end}")


@pytest.mark.parametrize("authorization", ["", "Basic YTpi", "Bearer", "Bearer "])
async def test_without_a_token_nobody_is_signed_in(copy: Copy, authorization: str) -> None:
    with pytest.raises(SignInMissing):
        await copy.viewer("x", authorization=authorization)


async def test_a_stand_in_acts_within_the_dates_and_is_no_admin(copy: Copy) -> None:
    chief, deputy, third = (new_id() for _ in range(3))
    people = [chart_person(chief, roles=("admin", "finance")), chart_person(deputy, roles=("auditor",))]
    spans = [stand_in(chief, deputy, TODAY, TOMORROW), stand_in(deputy, third, TODAY - timedelta(days=9), TODAY)]
    await copy.apply(difference(1, *people, chart_person(third), stand_ins=spans))
    viewer = await copy.viewer(copy.token(deputy), on_behalf_of=str(chief))
    assert (viewer.person_id, viewer.on_behalf_of, viewer.acts_as) == (deputy, chief, chief)
    assert (viewer.roles, viewer.path) == (frozenset({"finance"}), chief.hex)
    for person, represented in ((third, chief), (third, deputy), (chief, deputy), (deputy, new_id())):
        with pytest.raises(StandInNotValid):
            await copy.viewer(copy.token(person), on_behalf_of=str(represented))
    with pytest.raises(OnBehalfOfMalformed):
        await copy.viewer(copy.token(deputy), on_behalf_of="chief")


async def test_a_service_passes_on_who_asks_and_cannot_widen_it(copy: Copy) -> None:
    chief, deputy = new_id(), new_id()
    spans = [stand_in(chief, deputy, TODAY, TOMORROW)]
    await copy.apply(difference(1, chart_person(chief), chart_person(deputy), stand_ins=spans))
    forecast = ServiceTokens("forecast", copy.key("instance"))
    passed_on = await copy.viewer(forecast.make("customer", f"{deputy}~{chief}"))
    assert (passed_on.person_id, passed_on.on_behalf_of, passed_on.service) == (deputy, chief, "forecast")
    assert passed_on.subject == f"{deputy}~{chief}"
    with pytest.raises(StandInNotValid):
        await copy.viewer(forecast.make("customer", f"{chief}~{deputy}"))
    itself = await copy.viewer(forecast.make("customer", "forecast"))
    assert (itself.is_service, itself.person_id, itself.subject) == (True, None, "forecast")
    assert itself.roles == frozenset()
