"""The two sides that must say the same of a file: the page's modules under Node, and the check and the conversion."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.conversion import Wanted, convert_group, first_misfits, plan_groups, settle
from include.domain.append_findings import changes_of, tell
from include.domain.findings import Finding
from include.domain.option_words import in_words
from include.domain.preview import foresee
from include.domain.reading_options import DEFAULT_OPTIONS
from include.domain.table_schema import TableSchema
from plugins.front.api.preview import gathered
from plugins.front.api.preview_models import PreviewIn
from tests.conversion.files import InMemory, checked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from include.domain.evidence import Evidence
    from include.domain.reading_options import ReadingOptions

NODE_MODULE = Path(__file__).parent / "gather.mjs"
NO_TABLE = TableSchema()
EIGHT_MIB = 8 * 1024**2


@dataclass(frozen=True)
class Said:
    """What one side says of a file."""

    findings: tuple[Finding, ...]
    columns: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    types: tuple[tuple[str, str], ...] = ()


class Page:
    """The page's modules in a process of Node."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def gather(
        self, data: bytes, *, options: ReadingOptions, blocks: Sequence[int], file_format: str
    ) -> list[dict[str, Any]]:
        """What it gathers of the bytes, read in blocks of each of these sizes."""
        reading = in_words(options)
        encoded = base64.b64encode(data).decode()
        answers: list[dict[str, Any]] = self._ask(
            data=encoded, format=file_format, reading=reading, blocks=list(blocks)
        )
        return answers

    def says(self, gathered_facts: dict[str, Any], *, options: ReadingOptions, table: TableSchema = NO_TABLE) -> Said:
        """What the page shows once the server has answered to these facts."""
        sent = json.loads(json.dumps({"facts": gathered_facts["facts"]}))
        facts = gathered(PreviewIn(**sent).facts, options)
        foreseen = foresee(facts, table, options=options)
        answered = [finding.as_dict() for finding in foreseen.findings]
        widened = [{"name": name, "step": each.step, "depth": each.depth} for name, each in foreseen.widenings.items()]
        findings = self._ask(findings=answered, gathered=gathered_facts, widened=widened)
        return Said(
            findings=tuple(Finding.from_dict(finding) for finding in findings),
            columns=() if foreseen.refused else tuple(facts.columns),
            evidence=() if foreseen.refused else tuple(each.evidence for each in facts.columns.values()),
            types=tuple((name, str(kind)) for name, kind in foreseen.types.items()),
        )

    def _ask(self, **question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "Node ended; its error is above"
        return json.loads(answer)


@contextmanager
def page() -> Iterator[Page]:
    """A page that answers until the block ends."""
    command = ["node", str(NODE_MODULE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Page(process)
        process.kill()


def service_says(
    data: bytes,
    *,
    options: ReadingOptions,
    table: TableSchema = NO_TABLE,
    block_bytes: int,
    filename: str = "data.csv",
) -> Said:
    """What check and conversion say of the bytes."""
    report = checked(data, filename=filename, options=options, block_bytes=block_bytes)
    if report.refused:
        return Said(report.findings)
    with tempfile.TemporaryDirectory() as folder:
        source, wanted = InMemory(data), Wanted(table)
        (group,) = plan_groups(report, group_bytes=sys.maxsize)
        result = convert_group(source, report, group, wanted=wanted, hint=TableSchema(), out=Path(folder), threads=1)
        conversion = settle(report, [result], wanted=wanted).conversion
        findings = (*report.findings, *conversion.findings)
        if conversion.refused:
            return Said(findings)
        changes = changes_of(table, conversion.schema)
        misfits = first_misfits(source, report, result.parts, table=table, columns=changes.widened, parts_read=99)
    after = table.union(conversion.schema).types()
    return Said(
        findings=(*findings, *tell(changes, misfits)),
        columns=report.columns,
        evidence=tuple(conversion.schema.evidence().values()),
        types=tuple((name, str(after[name])) for name in report.columns),
    )


def assert_same(
    browser: Page,
    data: bytes,
    *,
    filename: str = "data.csv",
    options: ReadingOptions = DEFAULT_OPTIONS,
    table: TableSchema = NO_TABLE,
    blocks: Sequence[int] = (EIGHT_MIB,),
) -> None:
    """Both sides read the bytes in blocks of the same sizes and say the same."""
    answers = browser.gather(data, options=options, blocks=blocks, file_format=filename.split(".")[1])
    for size, facts in zip(blocks, answers, strict=True):
        expected = service_says(data, options=options, table=table, block_bytes=size, filename=filename)
        assert comparable(browser.says(facts, options=options, table=table)) == comparable(expected), size


def comparable(said: Said) -> tuple[list[str], Said]:
    """With findings in a form that tells more when they differ."""
    findings = [json.dumps(each.as_dict(), sort_keys=True) for each in said.findings]
    return findings, replace(said, findings=())
