"""The list of ASVS requirements is whole, and every test that it names exists."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

TESTS = Path(__file__).parent.parent
LIST: dict[str, list[Any]] = yaml.safe_load((Path(__file__).parent / "asvs.yaml").read_text())
FOLDERS = {"P": "plugins", "S": "security", "V": "services"}
COUNTS = {"V3": 31, "V4": 16, "V5": 13, "V6": 47, "V7": 19, "V8": 13}


def test_every_requirement_of_the_chapters_is_answered() -> None:
    assert Counter(number.partition(".")[0] for number in LIST) == COUNTS
    assert all(
        level in {1, 2, 3} and answer.keys() <= {"tests", "document", "not", "open"}
        for level, _, answer in LIST.values()
    )


def test_every_named_test_and_document_exists() -> None:
    missing = []
    for number, (_, _, answer) in LIST.items():
        for named in answer.get("tests", []):
            file, _, name = named.partition("::")
            folder, _, rest = file.partition("/")
            path = TESTS / FOLDERS.get(folder, folder) / rest
            if not path.exists() or name not in _tests_of(path):
                missing.append(f"{number}: {named}")
        document = answer.get("document")
        if document and not (TESTS.parent / document).exists():
            missing.append(f"{number}: {document}")
    assert missing == []


def _tests_of(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
