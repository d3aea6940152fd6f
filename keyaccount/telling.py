"""What an instance tells on the terminal: one line per event, and once where everything is."""

import json
from contextlib import suppress
from datetime import datetime

from rich.console import Console

from keyaccount.secrets import FIRST_SIGN_INS
from keyaccount.settings import Settings


class Teller:
    """Writes to one console, whole lines only: they are read by people and by `grep`."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, who: str, what: str) -> None:
        """Tell one event."""
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        self._line(f"[dim]{now}[/dim]  {who:<12}", what)

    def show_addresses(self, settings: Settings, seconds: float) -> None:
        """Tell where the API, its reference and the sign-ins are."""
        self._line("", "")
        self._line("[bold]Keyaccount is up[/bold]", f"after {seconds:.1f} s. Ctrl-C stops it.")
        self._line("  API        ", f"{settings.base_url}/v1/")
        self._line("  Reference  ", f"{settings.base_url}/docs")
        self._line("  Sign-ins   ", str(settings.secrets / FIRST_SIGN_INS))
        self._line("  Logs       ", str(settings.logs))
        self._line("", "")

    def show_first_sign_ins(self, settings: Settings) -> None:
        """Show the first secrets, once; afterwards they are in their file only."""
        made = json.loads((settings.secrets / FIRST_SIGN_INS).read_text(encoding="utf-8"))
        admin, client = made["admin"], made["import_client"]
        self._line("First sign-ins", "(shown once)")
        self._line("  administrator ", f"{admin['username']}  {admin['password']}")
        self._line("  import client ", f"{client['client_id']}  {client['client_secret']}")
        self._line("", "")

    def _line(self, marked_up: str, plain: str) -> None:
        with suppress(OSError, SystemExit):  # a terminal that has gone is no reason to stop (rich would exit)
            self.console.print(marked_up, end=" ", highlight=False, soft_wrap=True)
            self.console.print(plain, highlight=False, soft_wrap=True, markup=False)
