"""YAML that remembers where everything stands, so that each complaint can name line and column."""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from keyaccount.importing.problems import MappingInvalid, Place

_BOOLEAN = re.compile(r"^(?:true|false)$")
_INTEGER = re.compile(r"^-?(?:0|[1-9][0-9]*)$")
_NULL = re.compile(r"^(?:null|~|)$")


class _PlainLoader(yaml.SafeLoader):
    """YAML's core types only: `NO` stays Norway, `2011-05-31` and `1.50` stay the text they are."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's way

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build a mapping; a key given twice is an error, not a silent choice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key.value}' is given twice in one place", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEAN, list("tf"))
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", _INTEGER, list("-0123456789"))
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["~", "n", ""])


@dataclass(frozen=True)
class Document:
    """A parsed YAML file with the place of each of its parts."""

    file: str
    root: yaml.Node
    data: Any

    def place(self, path: Sequence[str | int]) -> Place:
        """Return where `path` stands, or the innermost part of it that exists."""
        mark = self.root.start_mark
        node: yaml.Node | None = self.root
        for step in path:
            found = _child(node, step)
            if found is not None:  # steps that are not in the file (names of alternatives) are passed over
                mark, node = found
        return Place(mark.line + 1, mark.column + 1)

    def invalid(self, path: Sequence[str | int], message: str) -> MappingInvalid:
        """Return the complaint `message` about the part at `path`."""
        return MappingInvalid(self.file, self.place(path), message)


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in _pairs(node) if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    yield from ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))


def parse_document(text: str, file: str) -> Document:
    """Parse `text`; `file` is only its name in complaints."""
    loader = _PlainLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise MappingInvalid(file, Place(1, 1), "the file is empty; docs/importing.md says how to begin")
        return Document(file, root, loader.construct_document(root))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        raise MappingInvalid(file, place, f"this is not valid YAML: {error.problem or error}") from error
    except yaml.YAMLError as error:
        raise MappingInvalid(file, Place(1, 1), f"this is not valid YAML: {error}") from error
    finally:
        loader.dispose()
