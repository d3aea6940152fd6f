"""Stands in for the programs that an instance starts: `stand_in.py up` runs `keyaccount up` with them.

What a program shall do is read from files in the data folder, so that a test can change it while the instance runs.
"""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOME = Path(os.environ.get("KEYACCOUNT_HOME", ""))


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.7)
        content = json.dumps({"pid": os.getpid(), "environment": dict(os.environ)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def serve(name: str, port: int) -> None:
    if (HOME / f"{name}.broken").exists():
        sys.exit(f"{name} lacks a thing")
    if (HOME / f"{name}.stubborn").exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = ThreadingHTTPServer(("127.0.0.1", port), Answering)
    server.daemon_threads = False
    server.serve_forever()


def up() -> None:
    from keyaccount import supervisor  # noqa: PLC0415 - the stand-ins themselves start faster without
    from keyaccount.main import application  # noqa: PLC0415

    supervisor.python = lambda *arguments: (sys.executable, __file__, *arguments)
    supervisor._DRAIN_SECONDS = 1.5
    application(["up"], prog_name="keyaccount")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["up"]:
            up()
        case ["-m", "uvicorn", application, *options]:
            serve(application.split(".")[1], int(options[options.index("--port") + 1]))
        case ["-m", "gateway"]:
            serve("gateway", int(os.environ["KEYACCOUNT_PORT"]))
        case ["-m", "keyaccount.fork_server"]:
            from keyaccount import fork_server  # noqa: PLC0415 - as above

            fork_server.main(())
        case ["-m", "keyaccount.migrating", secrets]:
            (HOME / "migrated").write_text((Path(secrets) / "database.json").read_text())
        case ["-m", "keyaccount.demonstration", base_url, _]:
            with (HOME / "demonstrated").open("a") as file:
                file.write(f"{base_url}\n")
            sys.exit(1 if (HOME / "demonstration.broken").exists() else 0)
        case ["-m", "keyaccount", "report"]:
            sys.stdout.write("a report\n")
        case _:
            sys.exit(f"nobody stands in for {arguments}")


if __name__ == "__main__":
    main(sys.argv[1:])
