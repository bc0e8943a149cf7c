"""One streamed pass over a JSON or JSON Lines file: where its records are, and whether they are JSON."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from include.conversion.checked import Checked
from include.conversion.encoding import BOM, invalid_utf8, is_utf8, wide_encoding
from include.conversion.json_objects import Objects
from include.conversion.json_scan import BLANK, document_end, line_starts, scan_elements, trimmed
from include.conversion.json_shreds import COMMA, Walk, walk
from include.conversion.json_text import Fault
from include.conversion.report import Range, Reading
from include.domain import file_findings
from include.domain.csv_findings import MAX_RECORD_BYTES
from include.domain.json_findings import JsonFacts, invalid_json, json_findings
from include.domain.remarks import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from include.domain.findings import Finding

RANGE_BYTES = 4 * 1024**2
"""About as much as a range has at most; the memory of a conversion grows with it."""

_AHEAD = 2  # buffers that are walked over at the same time


def check_json_lines(blocks: Iterable[bytes], *, reading: Reading, named_json: bool = False) -> Checked:
    """Check a JSON Lines file given in blocks, which are read to their end whatever is found.

    Args:
        blocks: the bytes.
        reading: what ends a line.
        named_json: the file's name ends in .json, which is worth a finding.
    """
    state = _Check(reading)
    terminator = reading.terminator.encode()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for data, final in _buffers(blocks, state):
            end = len(data) if final else data.rfind(terminator) + 1
            state.carry = data[end:]
            state.walking.append((data, end, pool.submit(_walk_lines, data, end, terminator)))
            state.settle_walks(ahead=0 if final else _AHEAD)
    return state.result(named_json=named_json)


def check_json(blocks: Iterable[bytes], *, reading: Reading) -> Checked | None:
    """Check a file, given in blocks, that holds a JSON array of objects or one object.

    Returns:
        What was found, or None when a second object follows the first: that is JSON Lines, to be checked as such.
    """
    state = _Check(reading)
    for data, final in _buffers(blocks, state):
        state.take_document(data, final=final)
    return None if state.several else state.result()


def _walk_lines(data: bytes, end: int, terminator: bytes) -> Walk | None:
    """What is in the lines up to an offset as far as they are plain, or None if they are no UTF-8."""
    lines = memoryview(data)[:end]
    return walk(lines, separator=terminator) if is_utf8(lines) else None


def _buffers(blocks: Iterable[bytes], state: _Check) -> Iterator[tuple[bytes, bool]]:
    """Each piece of a block behind what was left before it, then a last, final one; none once the check stopped."""
    for block in _pieces(blocks):
        if not state.going:
            continue  # read to the end all the same: the caller hashes what passes
        if (data := state.begin(state.carry + block, final=False)) is not None:
            yield data, False
        if len(state.carry) > MAX_RECORD_BYTES:
            state.settle_walks(ahead=0)
            if state.going:
                state.stop(file_findings.record_too_long(line=state.line, limit=MAX_RECORD_BYTES))
    if state.going and (data := state.begin(state.carry, final=True)) is not None:
        yield data, True


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    for block in blocks:
        for at in range(0, len(block), RANGE_BYTES):
            yield block[at : at + RANGE_BYTES]


class _Check:
    def __init__(self, reading: Reading) -> None:
        self.going = True
        self.several = False  # objects in a document of one
        self.carry = b""
        self.walking: deque[tuple[bytes, int, Future[Walk | None]]] = deque()  # lines up to an offset of a buffer
        self.line = 1  # the physical line at the start of the next buffer
        self._reading = reading
        self._terminator = reading.terminator.encode()
        self._offset = 0  # in the file, of the next buffer
        self._in_line = 0  # characters before it in its line
        self._started = False
        self._place = "before"  # of the next buffer in a JSON document: before, in_array, after
        self._objects = Objects()
        self._ranges: list[Range] = []
        self._blank = Lines()
        self._stopped_by: Finding | None = None

    def begin(self, data: bytes, *, final: bool) -> bytes | None:
        """The buffer without a byte-order mark; None while there is too little to tell, or when it is no UTF-8."""
        if self._started:
            return data
        if len(data) <= len(BOM) and not final:
            self.carry = data
            return None
        self._started = True
        wide = wide_encoding(data)
        if wide is not None or not data.removeprefix(BOM):
            self.stop(wide or file_findings.empty_file())
            return None
        if data.startswith(BOM):
            self._offset = len(BOM)
        return data.removeprefix(BOM)

    def stop(self, finding: Finding) -> None:
        """Give up: nothing after this can be read."""
        self.going = False
        self.carry = b""
        self._stopped_by = self._stopped_by or finding

    def _skip(self, data: bytes, end: int | None = None, *, past: int = 0, lines: int = 0) -> None:
        """Go past bytes that were dealt with.

        Args:
            data: the buffer.
            end: after the last of them; None: all are.
            past: how many of the first of them have had their line breaks counted.
            lines: how many line breaks those have.
        """
        end = len(data) if end is None else end
        self.line += lines + data.count(self._terminator, past, end)
        self._in_line = self._characters_before(data, end)
        self._offset += end

    def _characters_before(self, data: bytes, at: int) -> int:
        """How many characters stand before an offset in its line."""
        last = data.rfind(self._terminator, 0, at)
        return len(data[last + 1 : at].decode("utf-8", "replace")) + (self._in_line if last < 0 else 0)

    def _is_text(self, data: bytes) -> bool:
        finding = invalid_utf8(data, offset=self._offset, line=self.line, terminator=self._reading.terminator)
        if finding is not None:
            self.stop(finding)
        return finding is None

    def _stop_at(self, data: bytes, at: int, reason: str) -> None:
        self._skip(data, at)
        self.stop(invalid_json(line=self.line, character=self._in_line + 1, offset=self._offset, reason=reason))

    def _take(self, data: bytes, start: int, end: int, *, line: int) -> bool:
        """Read one record; False when it is not JSON, after which nothing is read."""
        try:
            self._objects.take(data[start:end], line=line)
        except Fault as fault:
            before = data[start:end].decode()[: fault.position]
            self._stop_at(data, start + len(before.encode()), fault.reason)
        return self.going

    def settle_walks(self, *, ahead: int) -> None:
        """Take the lines that walks were sent ahead over, until no more than so many are left."""
        while len(self.walking) > ahead:
            data, end, walking = self.walking.popleft()
            walked = walking.result()
            if not self.going or not end:
                continue
            if walked is not None and walked.finished and not walked.has_refused_keys:
                self._take_walk(walked, line=self.line)
                self._add_range(0, end, line=self.line, rows=walked.rows)
                self._offset += end
                self.line += walked.lines
                self._in_line = 0
            else:
                self._take_lines(data[:end])

    def _take_walk(self, walked: Walk, *, line: int) -> None:
        self._objects.take_walk(walked)
        self._blank.add([line + each for each in walked.blank_lines], total=walked.blanks)

    def _take_lines(self, data: bytes) -> None:
        """Take whole lines, each a record or blank, some of which are not plain."""
        if not self._is_text(data):
            return
        rows, line, at, plainly = self._objects.rows, self.line, 0, 1
        while at < len(data):
            walked = walk(memoryview(data)[at:], separator=self._terminator)
            if not walked.has_refused_keys:
                self._take_walk(walked, line=line)
                line, at = line + walked.lines, at + walked.end
            for _ in range(plainly):
                if at >= len(data):
                    break
                end = data.find(self._terminator, at)
                end = len(data) if end < 0 else end
                if not data[at:end].strip(BLANK):
                    self._blank.add([line], total=1)
                elif not self._take(data, at, end, line=line):
                    return
                line, at = line + 1, end + 1
            plainly *= 2  # where one record is not plain, others may not be either
        self._add_range(0, len(data), line=self.line, rows=self._objects.rows - rows)
        self._skip(data)

    def _add_range(self, start: int, end: int, *, line: int, rows: int) -> None:
        if rows:
            self._ranges.append(Range(self._offset + start, self._offset + end, line, rows))

    def take_document(self, data: bytes, *, final: bool) -> None:
        """Take what is complete of an array, or the one object there is."""
        if self._place == "before":
            rest = data.lstrip(BLANK)
            self._skip(data, len(data) - len(rest))
            data = rest
            if data.startswith(b"["):
                self._skip(b"[")
                data, self._place = data[1:], "in_array"
        if self._place == "before":
            self._take_object(data, final=final)
        elif self._place == "in_array":
            self._take_elements(data, final=final)
        else:
            self._take_nothing(data)

    def _take_object(self, data: bytes, *, final: bool) -> None:
        end = document_end(data) if data.startswith(b"{") else None
        if end is None and not final:
            self.carry = data
            return
        text = (data if end is None else data[:end]).rstrip(BLANK)
        if not text:
            self.stop(file_findings.empty_file())
            return
        rest = data[len(text) :].lstrip(BLANK)
        if not rest and not final:
            self.carry = data  # another object may follow
            return
        if rest.startswith(b"{"):
            self.several, self.going = True, False
            return
        if not self._is_text(text) or not self._take(data, 0, len(text), line=self.line):
            return
        self._place = "after"
        self._add_range(0, len(text), line=self.line, rows=1)
        self._skip(text)
        self._take_nothing(data[len(text) :])

    def _take_elements(self, data: bytes, *, final: bool) -> None:
        walked = walk(data, separator=COMMA)
        plain, plain_lines = (0, 0) if walked.has_refused_keys else (walked.end, walked.lines)
        found = scan_elements(data[plain:]).moved(plain)
        if not is_utf8(memoryview(data)[: found.carry]) and not self._is_text(data[: found.carry]):
            return
        rows = self._objects.rows
        start, end = trimmed(data, 0, plain - 1)
        if plain:
            self._objects.take_walk(walked)
        spans = list(zip(found.starts, found.ends, strict=True))
        if found.end is not None and not self._objects.rows and len(spans) == 1 and spans[0][0] == spans[0][1]:
            spans = []  # an array without elements
        line = self.line + plain_lines
        lines = (line_starts(data[plain:], [each - plain for each in found.starts]) + line).tolist()
        for (first, last), line in zip(spans, lines, strict=False):
            if not self._take(data, first, last, line=line):
                return
        if spans:
            start, end = start if plain else spans[0][0], spans[-1][1]
        if plain or spans:
            line = self.line + data.count(b"\n", 0, start)
            self._add_range(start, end, line=line, rows=self._objects.rows - rows)
        if found.end is None:
            self._skip(data, found.carry, past=plain, lines=plain_lines)
            self._wait_for_rest(data[found.carry :], final=final)
        elif data[found.end : found.end + 1] != b"]":
            self._stop_at(data, found.end, "Expecting ',' delimiter or the end of the array")
        else:
            self._place = "after"
            self._skip(data, found.end + 1, past=plain, lines=plain_lines)
            self._take_nothing(data[found.end + 1 :])

    def _wait_for_rest(self, data: bytes, *, final: bool) -> None:
        self.carry = data
        if not final:
            return
        # The file ends within the array. The fault may be in the last element, or be the end itself.
        rest = self.carry.rstrip(BLANK)
        start = len(rest) - len(rest.lstrip(BLANK))
        line = self.line + rest[:start].count(b"\n")
        if not self._is_text(rest) or (start < len(rest) and not self._take(rest, start, len(rest), line=line)):
            return
        self._stop_at(rest, len(rest), "The file ends before the array does")

    def _take_nothing(self, data: bytes) -> None:
        """Only blank space may follow the document."""
        self.carry = b""
        rest = data.lstrip(BLANK)
        if rest:
            self._stop_at(data, len(data) - len(rest), "Extra data")
        else:
            self._skip(data)

    def result(self, *, named_json: bool = False) -> Checked:
        """Everything found, once all blocks were fed."""
        objects = self._objects
        facts = JsonFacts(
            rows=objects.rows,
            column_count=len(objects.columns),
            stopped_by=self._stopped_by,
            refused_keys=list(objects.refused.values()),
            duplicates=objects.duplicates,
            duplicate_key=objects.duplicate_key or "",
            not_objects=objects.not_objects,
            blank_lines=self._blank,
            named_json=named_json,
        )
        return Checked(
            rows=self._objects.rows,
            columns=tuple(self._objects.columns),
            ranges=tuple(self._ranges),
            findings=json_findings(facts),
            reading=self._reading,
        )
