"""Which browser clients may be registered."""

import pytest

from keyaccount.sign_in_checks import sign_in_findings
from servicekit.run.sign_in import SignInSettings, clients_in
from servicekit.tokens.browser_clients import registration_faults


@pytest.mark.parametrize(
    "text",
    [
        "portal=https://portal.example.com/back",
        "portal=https://portal.example.com/back?x=1,http://127.0.0.1:5173/; other=http://localhost/back",
        "a.b-c_1=https://[2001:db8::1]:8443/",
    ],
)
def test_clients_that_may_be_registered(text: str) -> None:
    assert list(registration_faults(clients_in(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "portal",
        "portal=",
        "=https://portal.example.com/back",
        "keyaccount=https://portal.example.com/back",
        "por tal=https://portal.example.com/back",
        "portal=http://portal.example.com/back",
        "portal=https://portal.example.com/back#part",
        "portal=https://*.example.com/back",
        "portal=https://user@portal.example.com/back",
        "portal=https://portal.example.com\\@evil.example/",
        "portal=com.example.app:/back",
        "portal=https:///back",
        "portal=/back",
    ],
)
def test_the_doctor_names_what_may_not(text: str) -> None:
    found = [what for name, what, _ in sign_in_findings({"KEYACCOUNT_BROWSER_CLIENTS": text}) if "BROWSER" in name]
    assert len(found) == 1
    settings = SignInSettings.from_environment({"KEYACCOUNT_BROWSER_CLIENTS": text})
    assert len(list(registration_faults(settings.clients))) == 1


def test_the_doctor_names_what_is_no_origin() -> None:
    found = [what for name, what, _ in sign_in_findings({"KEYACCOUNT_ALLOWED_ORIGINS": "https://a.example, *"})]
    assert "'*' is no origin" in found
