"""Whether a file must be refused, and what its records are: read the plain way, one character after the other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.corpus.readers import read_csv

_NAME = re.compile(r"[A-Za-z0-9_]{1,255}")
_DATUM = re.compile(r"[-+0-9.,eE%/:TZ ]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_DEPTH = 40


@dataclass
class Structure:
    """The records below the header of a file with two columns."""

    rows: int = 0
    ragged: list[tuple[int, int]] = field(default_factory=list)
    after_quote_lines: list[int] = field(default_factory=list)
    unclosed_line: int | None = None


def read_structure(text: str) -> Structure:  # noqa: C901, PLR0912 - a machine reads best in one piece
    """Records by a machine of three states: at the start of a field, in a plain one, in a quoted one."""
    stop = _terminator(text)
    result = Structure()
    records: list[tuple[int, int]] = []
    at, line, begun, fields, state, opened, empty = 0, 1, 1, 1, "start", 1, True
    while at < len(text):
        character = text[at]
        pair = stop == "\n" and text[at : at + 2] == "\r\n"
        if state == "quoted" and character == '"':
            if text[at + 1 : at + 2] == '"':
                at += 1
            else:
                state = "plain"
                after = text[at + 1 : at + 2]
                if after not in ("", ",", stop) and not (stop == "\n" and text[at + 1 : at + 3] == "\r\n"):
                    result.after_quote_lines.append(line)
        elif state == "quoted":
            pass
        elif character == stop or pair:
            at += pair
            character = stop
            records.append((begun, 0 if empty else fields))
            fields, state, empty = 1, "start", True
        elif character == '"' and state == "start":
            state, opened, empty = "quoted", line, False
        elif character == ",":
            fields, state, empty = fields + 1, "start", False
        else:
            state, empty = "plain", False
        line += character == stop or (stop == "\r" and character == "\n" and text[at - 1 : at] != "\r")
        at += 1
        if empty and state == "start":
            begun = line
    if not empty:
        records.append((begun, fields))
    if state == "quoted":
        result.unclosed_line = opened
    while len(records) > 1 and records[-1][1] == 0:
        records.pop()
    result.rows = sum(count > 0 for _, count in records[1:])
    result.ragged = [(where, count) for where, count in records[1:] if count != records[0][1]]
    return result


def _terminator(text: str) -> str:
    quoted = False
    for character in text:
        quoted ^= character == '"'
        if character == "\n" and not quoted:
            return "\n"
    return "\r" if "\r" in text.replace("\r\n", "") else "\n"


def why_csv_is_refused(data: bytes) -> str | None:
    """The first reason for which the check must refuse a CSV file; None when it must take it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "not UTF-8"
    if "\x00" in text or not text:
        return "NUL, or nothing"
    try:
        table = read_csv(data)
    except ValueError as error:
        return f"records: {error}"
    names = [name.lower() for name in table.header]
    if not all(_NAME.fullmatch(name) for name in table.header) or len(set(names)) < len(names):
        return "names"
    if "extraction_timestamp" in names or all(_DATUM.fullmatch(name) and name[-1:].isdigit() for name in names):
        return "names"
    return None if table.rows else "no rows"


class _Refused(ValueError):
    pass


def why_json_is_refused(data: bytes, *, lines: bool) -> str | None:
    """The same of a JSON file; `lines` is what the check took it for."""
    try:
        text = data.decode("utf-8-sig")
        pieces = [each for each in re.split(r"\n", text) if each.strip(" \t\r")] if lines else [text]
        if not "".join(pieces).strip(" \t\r\n"):
            return "empty"
        documents = [json.loads(each, object_pairs_hook=_unique, parse_constant=_no_constant) for each in pieces]
    except (ValueError, RecursionError) as error:
        return str(error)
    rows = documents[0] if not lines and isinstance(documents[0], list) else documents
    faults = {
        "no rows": not rows,
        "rows that are no objects": not all(isinstance(row, dict) for row in rows),
        "half of a surrogate pair": bool(_SURROGATE.search(json.dumps(rows, ensure_ascii=False))),
        "names": not all(_NAME.fullmatch(key) and key.lower() != "extraction_timestamp" for key in _keys(rows)),
        "too deep": _depth(rows) > _MAX_DEPTH + 1,
    }
    return next((fault for fault, found in faults.items() if found), None)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key.lower() for key, _ in pairs}) < len(pairs):
        raise _Refused("the same key twice")
    return dict(pairs)


def _no_constant(text: str) -> Any:
    raise _Refused(text)


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    return [key for inner in value for key in _keys(inner)] if isinstance(value, list) else []


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, dict | list) else 0
