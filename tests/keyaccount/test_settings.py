from pathlib import Path

import pytest

from keyaccount.problems import Unable
from keyaccount.settings import settings_from, unknown_variables


def test_with_nothing_set_everything_has_a_default() -> None:
    settings = settings_from({})

    assert settings.home == Path(".data").resolve()
    assert settings.base_url == "http://127.0.0.1:8080"
    assert [settings.port_of(name) for name in ("gateway", "customer", "opportunity", "forecast", "team")] == [
        8080,
        8081,
        8082,
        8083,
        8084,
    ]
    assert settings.database_port == 8085
    assert settings.demo
    assert settings.needs_embedded
    assert (settings.time_zone, settings.reporting_currency) == ("UTC", "USD")


def test_one_own_server_or_one_for_each_service_needs_no_embedded_one() -> None:
    one = {"KEYACCOUNT_DATABASE_URL": "postgresql://a:b@c/d"}
    each = {
        f"KEYACCOUNT_{name}_DATABASE_URL": "postgresql://a:b@c/d"
        for name in ("CUSTOMER", "OPPORTUNITY", "FORECAST", "TEAM")
    }

    assert not settings_from(one).needs_embedded
    assert not settings_from(each).needs_embedded
    assert settings_from({"KEYACCOUNT_TEAM_DATABASE_URL": "postgresql://a:b@c/d"}).needs_embedded


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEYACCOUNT_PORT", "eighty"),
        ("KEYACCOUNT_PORT", "0"),
        ("KEYACCOUNT_PORT", "65533"),
        ("KEYACCOUNT_PORT", "８０８０"),
        ("KEYACCOUNT_DATABASE_URL", "mysql://root:secret@host/x"),
        ("KEYACCOUNT_TEAM_DATABASE_URL", "secret"),
        ("KEYACCOUNT_DEMO", "maybe"),
        ("KEYACCOUNT_TIME_ZONE", "Shanghai"),
        ("KEYACCOUNT_TIME_ZONE", "../etc/passwd"),
        ("KEYACCOUNT_REPORTING_CURRENCY", "usd"),
        ("KEYACCOUNT_UNCLASSIFIED", "refuse"),
        ("KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES", "10.0.0.1/8"),
        ("KEYACCOUNT_WEBHOOK_PRIVATE_ADDRESSES", "on"),
        ("KEYACCOUNT_WORKERS", "0"),
        ("KEYACCOUNT_WORKERS", "33"),
        ("KEYACCOUNT_WORKERS", "two"),
        ("KEYACCOUNT_WORKERS", "2,3"),
        ("KEYACCOUNT_WORKERS", "opportunity=2,team"),
        ("KEYACCOUNT_WORKERS", "team=1,team=2"),
        ("KEYACCOUNT_WORKERS", "gateway=2"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_name_and_without_its_password(name: str, value: str) -> None:
    with pytest.raises(Unable, match=name) as refusal:
        settings_from({name: value})

    assert "secret" not in str(refusal.value)


def test_an_empty_variable_counts_as_unset() -> None:
    assert settings_from({"KEYACCOUNT_PORT": "", "KEYACCOUNT_DEMO": ""}) == settings_from({})


@pytest.mark.parametrize(
    ("value", "customer", "team"),
    [
        ("1", {"customer": 8081}, {"team": 8084}),
        ("2", {"customer": 8091, "customer-2": 8101}, {"team": 8094, "team-2": 8104}),
        (" team = 2 ", {"customer": 8081}, {"team": 8094, "team-2": 8104}),
        ("customer=2,team=1", {"customer": 8091, "customer-2": 8101}, {"team": 8084}),
    ],
)
def test_each_of_several_processes_alone_answers_at_a_port(
    value: str, customer: dict[str, int], team: dict[str, int]
) -> None:
    settings = settings_from({"KEYACCOUNT_WORKERS": value})

    assert (settings.processes_of("customer"), settings.processes_of("team")) == (customer, team)
    assert settings.processes_of("gateway") == {"gateway": 8080}
    ports = [port for _, port in settings.ports()]
    assert len(set(ports)) == len(ports)
    assert {*customer.values(), *team.values(), 8080, 8081, 8082, 8083, 8084} <= set(ports)


def test_processes_for_which_there_are_no_ports_are_refused() -> None:
    with pytest.raises(Unable, match="KEYACCOUNT_WORKERS=3 needs ports up to 65544"):
        settings_from({"KEYACCOUNT_PORT": "65510", "KEYACCOUNT_WORKERS": "3"})


def test_misspelt_variables_are_found() -> None:
    assert unknown_variables({"KEYACCOUNT_PROT": "1", "KEYACCOUNT_PORT": "1", "HOME": "x"}) == ["KEYACCOUNT_PROT"]
