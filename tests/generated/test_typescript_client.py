"""A client for TypeScript, generated as any user would: its types are strict, and the first walk works with them."""

import json
import tempfile
from pathlib import Path

import pytest

from tests.generated import first_walk
from tests.node import run, with_packages
from tests.system.instance import living_in

SOURCE = Path(__file__).parent / "typescript"


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_first_walk_in_typescript() -> None:
    with tempfile.TemporaryDirectory(prefix="keyaccount-") as folder:
        Path(folder).chmod(0o755)
        client = with_packages(SOURCE, Path(folder) / "client")
        with living_in(Path(folder) / "home") as instance:
            instance.up()
            with instance.http() as http:
                (client / "openapi.json").write_text(json.dumps(first_walk.document_at(http)))
            run(client, "openapi-typescript", "openapi.json", "--output", "api.d.ts", "--default-non-nullable=false")
            run(client, "tsc", "--project", ".", seconds=300)
            told = run(client, "node", "built/walk.js", given=json.dumps(first_walk.given_to(instance)))
        first_walk.check(json.loads(told))
        misspelt = (client / "walk.ts").read_text().replace("legal_name:", "legalName:")
        (client / "walk.ts").write_text(misspelt)
        with pytest.raises(AssertionError, match="legalName"):
            run(client, "tsc", "--project", ".", "--noEmit", seconds=300)
