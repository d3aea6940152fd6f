"""Whether an answer is what the document declares, and a refusal what `docs/errors.md` promises."""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.bad_input.requests import Operation

DOCUMENT = "urn:keyaccount:document"
CODES = Path(__file__).parents[2] / "docs" / "errors.md"
CODE_ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \|", re.MULTILINE)
POINTER = re.compile(r"(/.*)?|(query|path|header):.*", re.DOTALL)
PROBLEM = "application/problem+json"
METHOD_NOT_ALLOWED = 405
NAMES_A_FIELD = {400}
WORDS_OF_OURS = ("Traceback", "asyncpg", "SELECT ", "site-packages", "servicekit/", "services/")


@dataclass(frozen=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    is_to_http: bool = True
    """Whether the request was HTTP: of one that is not, nobody can say which field is wrong."""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip()

    def json(self) -> Any:
        return json.loads(self.content)


class Conforming:
    """Judges answers by a document; each schema is compiled once."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        strict = _closed(document)
        self._registry: Registry[Any] = Registry().with_resource(DOCUMENT, DRAFT202012.create_resource(strict))
        self._validators: dict[str, Validator] = {}
        self._paths = strict["paths"]
        self._codes = {(code, int(status)) for code, status in CODE_ROW.findall(CODES.read_text(encoding="utf-8"))}

    def faults(self, operation: Operation, method: str, answer: Answer) -> list[str]:
        """Return what is wrong with an answer."""
        if answer.status >= 500:
            return [f"{answer.status}: {answer.content[:300]!r}"]
        if method != operation.method:
            return [*self._other_method(answer), *self._problem_faults(answer)]
        declared = self._paths[operation.path][operation.method.lower()]["responses"].get(str(answer.status))
        if declared is None:
            return [f"undeclared status {answer.status}: {answer.content[:300]!r}"]
        faults = list(self._shape_faults(operation, answer, declared))
        missing = [name for name in declared.get("headers", {}) if name not in answer.headers]
        faults += [f"declared header {name} is not there" for name in missing]
        if answer.status >= 400 and not _is_refused_otherwise(answer, declared):
            faults += self._problem_faults(answer)
        return faults

    def _shape_faults(self, operation: Operation, answer: Answer, declared: Mapping[str, Any]) -> Iterator[str]:
        content = declared.get("content", {})
        if not content:
            if answer.content:
                yield f"undeclared content: {answer.content[:200]!r}"
            return
        if answer.media_type not in content:
            yield f"undeclared media type {answer.media_type!r}, {answer.status}"
        elif answer.media_type.endswith("json"):
            schema = _pointer(
                "paths", operation.path, operation.method.lower(), "responses", str(answer.status), "content",
                answer.media_type, "schema",
            )  # fmt: skip
            yield from self._invalid(schema, answer)

    def _invalid(self, schema: str, answer: Answer) -> Iterator[str]:
        try:
            value = answer.json()
        except ValueError as error:
            yield f"no JSON: {error}"
            return
        if schema not in self._validators:
            self._validators[schema] = Draft202012Validator(
                {"$ref": f"{DOCUMENT}#{schema}"},
                registry=self._registry,
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
        for found in self._validators[schema].iter_errors(value):
            yield f"undeclared shape at {found.json_path}: {found.message[:300]}"

    def _problem_faults(self, answer: Answer) -> Iterator[str]:
        """Beside its declared shape: the status it says, a documented code, the field it is about, nothing of ours."""
        if answer.media_type != PROBLEM:
            yield f"no problem: {answer.media_type!r}"
            return
        problem = answer.json()
        if problem.get("status") != answer.status:
            yield f"says {problem.get('status')} and is {answer.status}"
        if (problem.get("code"), answer.status) not in self._codes:
            yield f"docs/errors.md does not know {problem.get('code')!r} with {answer.status}"
        if not problem.get("detail") or not problem.get("trace_id"):
            yield "no detail or trace"
        if answer.status in NAMES_A_FIELD and answer.is_to_http and not problem.get("errors"):
            yield f"names no field: {problem}"
        for fault in problem.get("errors", ()):
            if not POINTER.fullmatch(fault.get("pointer", "?")) or not fault.get("message"):
                yield f"no pointer: {fault}"
        told = answer.content.decode("utf-8", "replace")
        yield from (f"tells of its inside: {word}" for word in WORDS_OF_OURS if word in told)

    def _other_method(self, answer: Answer) -> Iterator[str]:
        if answer.status == METHOD_NOT_ALLOWED and not answer.headers.get("allow"):
            yield "405 without Allow"
        if answer.status < 400:
            yield f"a method that is not in the document was served: {answer.status}"


def _is_refused_otherwise(answer: Answer, declared: Mapping[str, Any]) -> bool:
    """Whether the operation declares another form for the refusal: a page for people, JSON for OAuth libraries."""
    return answer.media_type != PROBLEM and answer.media_type in declared.get("content", {})


def _pointer(*steps: str) -> str:
    return "".join(
        "/" + step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for step in steps
    )


def _closed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with nothing allowed in an answer that it does not name, problems aside."""
    closed: dict[str, Any] = deepcopy(dict(document))
    for name, schema in closed["components"]["schemas"].items():
        if name != "Problem" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return closed
