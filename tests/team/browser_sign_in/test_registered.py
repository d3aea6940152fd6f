"""The service does not start with a browser client that is none."""

from dataclasses import replace

import pytest

from servicekit.run.sign_in import SignInSettings
from services.team.browser_sign_in.registered import BrowserClientsInvalid, check_browser_clients
from tests.house import House


async def test_a_start_with_a_wrong_address_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    service = house.service("team")
    await check_browser_clients(service)
    wrong = SignInSettings(browser_clients={"portal": ("http://portal.example.com/back",)})
    monkeypatch.setattr(service, "settings", replace(service.settings, sign_in=wrong))

    with pytest.raises(BrowserClientsInvalid, match="KEYACCOUNT_BROWSER_CLIENTS: portal: http://portal"):
        await check_browser_clients(service)
