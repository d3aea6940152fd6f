"""At the start: whoever is registered as a browser client must be so beyond doubt."""

from servicekit.tokens.browser_clients import registration_faults
from servicekit.web.service import Service


class BrowserClientsInvalid(RuntimeError):
    """KEYACCOUNT_BROWSER_CLIENTS cannot be used; the message says what is wrong."""


async def check_browser_clients(service: Service) -> None:
    """Refuse to start with a client or redirect address that is none.

    Raises:
        BrowserClientsInvalid: `keyaccount doctor` says the same.
    """
    wrong = "; ".join(f"{client}: {fault}" for client, fault in registration_faults(service.settings.sign_in.clients))
    if wrong:
        raise BrowserClientsInvalid(f"KEYACCOUNT_BROWSER_CLIENTS: {wrong}")
