"""No stranger gets at anything: every operation is tried unsigned, by a peer and by a superior elsewhere."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import Template
from tests.house import Client, open_house
from tests.system.asking import Sent, operations, present_version, send
from tests.system.scene import STRANGERS, Scene, open_scene
from tests.system.strangers import TABLE, Ask, Fate

CASES = [(service, name) for service, operations in TABLE.items() for name in operations]
CASE_IDS = [f"{service}-{name}" for service, name in CASES]


@pytest.fixture(scope="module")
async def scene(template: Template) -> AsyncIterator[Scene]:
    _, urls = await template.clone()
    async with open_house(urls, template.secrets) as opened:
        yield await open_scene(opened)


def secrets_named(scene: Scene, sent: Sent) -> tuple[str, ...]:
    """Return which of the seller's ids a request has named."""
    return tuple(name for name in sent.named if name in scene.private)


def check_nothing_told(scene: Scene, sent: Sent) -> None:
    """Refuse an answer that holds an id or a word of the seller's that the request did not."""
    text = sent.answer.text
    for name, value in scene.private.items():
        assert value in sent.named.values() or value not in text, f"tells {name}: {text}"
    asked = f"{sent.answer.request.url} {sent.answer.request.content.decode()}"
    assert scene.mark in asked or scene.mark not in text, f"tells {scene.mark}: {text}"


def test_the_table_holds_every_operation(scene: Scene) -> None:
    for service in TABLE:
        assert set(TABLE[service]) == set(operations(scene.house, service)), service


def test_what_is_open_says_why() -> None:
    for service, name, ask in every_ask():
        if ask.fate in {Fate.OPEN, Fate.PUBLIC, Fate.REFUSED, Fate.TAKEN}:
            assert ask.why, f"{service} {name}"


def every_ask() -> Iterator[tuple[str, str, Ask]]:
    for service, name in CASES:
        for ask in TABLE[service][name]:
            yield service, name, ask


@pytest.mark.parametrize(("service", "name"), CASES, ids=CASE_IDS)
async def test_nobody_unsigned_gets_in(scene: Scene, service: str, name: str) -> None:
    forged = Client(scene.house, None, scene.seller.token[:-8] + "AAAAAAAA" if scene.seller.token else None)
    expired = scene.house.sign_in(scene.seller.id, lifetime_seconds=-3600)
    for ask in TABLE[service][name]:
        public = ask.fate is Fate.PUBLIC
        assert operations(scene.house, service)[name].is_public == public
        for client in (scene.house.stranger(), forged, expired):
            sent = await send(scene, client, service, name, ask)
            assert sent.answer.status_code in (ask.served if public else (401,)), sent.answer.text
            check_nothing_told(scene, sent)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize(("service", "name"), CASES, ids=CASE_IDS)
async def test_strangers_get_what_the_table_says(scene: Scene, service: str, name: str, who: str) -> None:
    for ask in TABLE[service][name]:
        sent = await send(scene, scene.people[who], service, name, ask)
        check_nothing_told(scene, sent)
        answer = sent.answer
        match ask.fate:
            case Fate.PUBLIC:
                assert answer.status_code in ask.served, answer.text
            case Fate.OPEN:
                assert answer.is_success, answer.text
            case Fate.FILTERED:
                assert answer.is_success or answer.status_code in {403, 404}, answer.text
                assert answer.json().get("total") in {None, "0"}
            case Fate.REJECTED:
                assert answer.is_success, answer.text
                assert {item["outcome"] for item in answer.json()["items"]} == {"rejected"}
            case Fate.REFUSED:
                assert answer.status_code in {403, 404, 422}, answer.text
            case Fate.TAKEN:
                assert answer.status_code in {403, 404, 409}, answer.text
            case Fate.HIDDEN:
                assert answer.status_code in {404, 422}, answer.text


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize(("service", "name"), CASES, ids=CASE_IDS)
async def test_what_is_hidden_answers_like_what_is_not_there(scene: Scene, service: str, name: str, who: str) -> None:
    for ask in TABLE[service][name]:
        if ask.fate in {Fate.OPEN, Fate.PUBLIC}:
            continue
        real = await send(scene, scene.people[who], service, name, ask)
        names = secrets_named(scene, real)
        for ghosts in {names, *((each,) for each in names)}:
            ghost = await send(scene, scene.people[who], service, name, ask, ghosts=ghosts)
            assert ghost.told() == real.told(), ghosts


@pytest.mark.parametrize(("service", "name"), CASES, ids=CASE_IDS)
async def test_a_machine_client_without_scopes_may_nothing(scene: Scene, service: str, name: str) -> None:
    for ask in TABLE[service][name]:
        if ask.fate is Fate.PUBLIC:
            continue
        sent = await send(scene, scene.people["powerless"], service, name, ask)
        problem = sent.answer.json()
        assert (sent.answer.status_code, problem["code"]) == (403, "scope_missing"), sent.answer.text
        assert problem["scope"] in problem["detail"]
        check_nothing_told(scene, sent)


async def test_those_who_rightly_ask_are_served(scene: Scene) -> None:
    for service, name, ask in every_ask():
        client = scene.people[ask.by]
        version = await present_version(scene, client, service, name, ask)
        sent = await send(scene, client, service, name, ask, version=version)
        assert sent.answer.status_code in ask.served, f"{service} {name}: {sent.answer.status_code} {sent.answer.text}"
        if ask.fate is Fate.REJECTED:
            assert "rejected" not in {item["outcome"] for item in sent.answer.json()["items"]}, sent.answer.text
        if ask.shows:
            assert scene.ids[ask.shows] in sent.answer.text, f"{service} {name} {ask.query}"


async def test_an_erp_may_read_plans_and_answer_them_and_nothing_else(scene: Scene) -> None:
    """Its two scopes open operations of plans alone; whatever else is refused, and names the scope that it needs."""
    erp, opened = scene.people["erp"], {}
    for service, name in CASES:
        operation = operations(scene.house, service)[name]
        if operation.is_public:
            continue
        if operation.scope in {"demand_plans:read", "demand_plans:acknowledge"}:
            opened[name] = operation.path
            continue
        sent = await send(scene, erp, service, name, TABLE[service][name][0])
        assert sent.answer.status_code == 403, f"{name}: {sent.answer.text}"
        assert (sent.answer.json()["code"], sent.answer.json()["scope"]) == ("scope_missing", operation.scope)
        check_nothing_told(scene, sent)
    assert opened.keys() >= {"get_demand_plan", "acknowledge_demand_plan", "answer_demand_plan_lines"}
    assert not [path for path in opened.values() if not path.startswith("/v1/demand-plan")]
