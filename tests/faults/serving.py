"""Starts a process of an instance as production does, with what a test wants around it.

`python -m tests.faults.serving <name> <command of production…>`: the environment's `FAULTS_PLAN` names a file that
says which proxies lie between, and which fault is planted. Nothing of this is in the product.
"""

import importlib
import json
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

PLAN = "FAULTS_PLAN"


def main() -> None:
    """Prepare, then become what production starts."""
    name, flag, module, *arguments = sys.argv[1:]
    assert flag == "-m", sys.argv
    plan_file = Path(os.environ[PLAN])
    plan = json.loads(plan_file.read_text())
    os.environ |= _urls(plan, name)
    if name != "gateway":
        _wrap(plan_file.parent, name, plan["planted"])
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _urls(plan: Mapping[str, Any], name: str) -> dict[str, str]:
    """Let the gateway reach the services through proxies, and services their database."""
    if name == "gateway":
        ports = plan["services"]
        return {f"KEYACCOUNT_{service.upper()}_URL": f"http://127.0.0.1:{port}" for service, port in ports.items()}
    port = plan["databases"].get(name)
    return {} if port is None else {"KEYACCOUNT_LOGIN_URL": _through(os.environ["KEYACCOUNT_LOGIN_URL"], port)}


def _through(url: str, port: int) -> str:
    """Return a database's URL by way of a port on this machine instead of its socket."""
    parts = urlsplit(url)
    user = f"{parts.username}:{quote(parts.password or '', safe='')}"
    return f"postgresql://{user}@127.0.0.1:{port}{parts.path}"


def _wrap(folder: Path, name: str, fault: str | None) -> None:
    from fastapi import FastAPI  # noqa: PLC0415 (the gateway needs none of this)

    from servicekit.web import application  # noqa: PLC0415
    from tests.faults import planted  # noqa: PLC0415
    from tests.faults.points import DiesAfterAnswer, Points, put  # noqa: PLC0415

    points = Points(folder, name)
    points.install()
    if fault:
        planted.plant(fault)
    assemble = application.assemble

    def assembled(*given: Any) -> FastAPI:
        app = assemble(*given)
        app.add_middleware(DiesAfterAnswer, points=points)
        return app

    put(importlib.import_module(f"services.{name}.app"), "assemble", assembled)


if __name__ == "__main__":
    main()
