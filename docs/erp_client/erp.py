r"""A small ERP that takes demand plans in: it verifies what it is told, reads the plan, keeps it, and answers by line.

Generate the client first (docs/erp-client.md), then:

    KEYACCOUNT_URL=https://keyaccount.example.com CLIENT_ID=erp CLIENT_SECRET=kas_… WEBHOOK_SECRET=whsec_… \\
    STORE=erp.db PORT=8443 python erp.py

The store is a SQLite file with the items that the ERP knows (`item`) and the demand that it plans by (`demand`).
"""

import json
import os
import queue
import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from httpx import HTTPError
from keyaccount_client import AuthenticatedClient, Client
from keyaccount_client.api.demand_plans import get_demand_plan
from keyaccount_client.api.plan_handovers import answer_demand_plan_lines, list_demand_plan_handovers
from keyaccount_client.api.sign_in import create_token
from keyaccount_client.models import (
    DemandPlanAnswer,
    DemandPlanLineAnswer,
    LineAnswerInput,
    LineAnswersInput,
    PageOfPlanHandoverAnswer,
    PlanAnswersTaken,
    RejectionReason,
    TokenAnswer,
    TokenForm,
    TokenFormGrantType,
    Verdict,
)
from standardwebhooks import Webhook, WebhookVerificationError

AT_ONCE = 500
AGAIN_AFTER_SECONDS = 30.0
Work = queue.Queue[UUID | None]
"""Plans to be taken in; None: whatever waits for an answer."""

TOLD_OF = {"demand_plan.published", "demand_plan.told_again"}
TABLES = """
CREATE TABLE IF NOT EXISTS item (code TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS demand (
    key TEXT PRIMARY KEY, version INTEGER NOT NULL, quantity TEXT NOT NULL, document TEXT NOT NULL
);
"""
KEEP = """
INSERT INTO demand (key, version, quantity, document) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET version = excluded.version, quantity = excluded.quantity, document = excluded.document
WHERE excluded.version >= demand.version
"""
"""The same plan twice changes nothing, and an older version that arrives late never replaces a newer one."""


class Refused(RuntimeError):
    """The house answered with a problem, or with nothing that can be read."""


class Store:
    """What the ERP plans by."""

    def __init__(self, path: str) -> None:
        self._path = path
        with self._open() as database:
            database.executescript(TABLES)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=30)
        try:
            with database:  # commits all of a plan, or nothing of it
                yield database
        finally:
            database.close()

    def take_in(self, plan: DemandPlanAnswer) -> list[LineAnswerInput]:
        """Keep every line whose item is known, and return what is to be answered of each line."""
        document = f"{plan.cycle_name} v{plan.version}"
        with self._open() as database:
            known = {row[0] for row in database.execute("SELECT code FROM item")}
            taken = [line for line in plan.lines if line.product_code in known]
            rows = [(key_of(plan, line), plan.version, line.quantity, document) for line in taken]
            database.executemany(KEEP, rows)
        return [answer_to(line, document if line.product_code in known else None) for line in plan.lines]


def key_of(plan: DemandPlanAnswer, line: DemandPlanLineAnswer) -> str:
    """Return what the same demand is called in every version of a plan: cycle, item, unit, time and place."""
    days = (line.month.isoformat(), line.week.isoformat() if line.week else "")
    return json.dumps([str(plan.cycle_id), line.product_code, line.unit, *days, line.place])


def answer_to(line: DemandPlanLineAnswer, document: str | None) -> LineAnswerInput:
    """Say that a line stands in a document of ours, or why it does not."""
    if document is not None:
        return LineAnswerInput(line.id, Verdict.ACKNOWLEDGED, reference=document)
    reason = f"There is no item {line.product_code}." if line.product_code else "Only products can be planned."
    code = RejectionReason.UNKNOWN_ITEM if line.product_code else RejectionReason.NOT_PLANNED
    return LineAnswerInput(line.id, Verdict.REJECTED, reason_code=code, reason=reason)


class House:
    """Keyaccount, as the ERP asks it: signed in anew for each piece of work, for a token lasts an hour."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self._url = url
        self._form = TokenForm(TokenFormGrantType.CLIENT_CREDENTIALS, client_id=client_id, client_secret=client_secret)

    def sign_in(self) -> AuthenticatedClient:
        """Return a client that is signed in."""
        token = create_token.sync(client=Client(self._url), body=self._form)
        if not isinstance(token, TokenAnswer):
            raise Refused(token)
        return AuthenticatedClient(self._url, token.access_token)

    def take_over(self, plan_id: UUID, store: Store) -> None:
        """Read a plan, take it in and answer its lines: doing so again changes nothing, here or there."""
        client = self.sign_in()
        plan = get_demand_plan.sync(plan_id, client=client)
        if not isinstance(plan, DemandPlanAnswer):
            raise Refused(plan)
        answers = store.take_in(plan)
        for start in range(0, len(answers), AT_ONCE):
            body = LineAnswersInput(answers[start : start + AT_ONCE])
            taken = answer_demand_plan_lines.sync(plan_id, client=client, body=body)
            if not isinstance(taken, PlanAnswersTaken):
                raise Refused(taken)

    def waiting(self) -> Iterator[UUID]:
        """Yield the plans that wait for an answer of ours."""
        client, cursor = self.sign_in(), None
        while True:
            page = list_demand_plan_handovers.sync(client=client, is_waiting=True, cursor=cursor)
            if not isinstance(page, PageOfPlanHandoverAnswer):
                raise Refused(page)
            yield from [each.plan_id for each in page.items]
            cursor = page.next_
            if cursor is None:
                return


def plan_told_of(event: Mapping[str, Any]) -> UUID | None:
    """Return the plan that an event is about, if it is to be taken in."""
    return UUID(event["data"]["id"]) if event["type"] in TOLD_OF else None


def receiver(secret: str, work: Work) -> type[BaseHTTPRequestHandler]:
    """Return a handler that verifies each event and puts its plan into the queue, so that it answers at once."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            try:
                Webhook(secret).verify(body, dict(self.headers), json_parse=False)
            except WebhookVerificationError:
                return self.answer(401)
            plan_id = plan_told_of(json.loads(body))
            if plan_id is not None:
                work.put(plan_id)
            return self.answer(204)

        def answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Receiver


def main() -> None:
    """Catch up with what was missed, then take in what the webhook tells of, until stopped."""
    settings = os.environ
    house = House(settings["KEYACCOUNT_URL"], settings["CLIENT_ID"], settings["CLIENT_SECRET"])
    store, work = Store(settings["STORE"]), Work()
    server = ThreadingHTTPServer(("127.0.0.1", int(settings["PORT"])), receiver(settings["WEBHOOK_SECRET"], work))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    work.put(None)
    while True:
        plan_id = work.get()
        try:
            for each in [plan_id] if plan_id else list(house.waiting()):
                house.take_over(each, store)
        except (Refused, HTTPError) as error:
            sys.stderr.write(f"{plan_id or 'catching up'} waits: {error}\n")
            threading.Timer(AGAIN_AFTER_SECONDS, work.put, [plan_id]).start()


if __name__ == "__main__":
    main()
