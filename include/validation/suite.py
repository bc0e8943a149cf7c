"""A suite as a file: what may be written in it, and which files make up the suite of a table."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from include.domain.errors import Terminal
from include.validation.rules import HEADER_RULES, RULES

SUITES = Path(__file__).resolve().parent / "suites"
DEFAULT = "default.yaml"

# What Great Expectations would take, and what the service decides itself or has not been shown to work.
_NOT_HERE = frozenset({"catch_exceptions", "condition_parser", "header", "result_format", "row_condition", "windows"})
_COLUMN_KEYS = ("column", "column_A", "column_B")
_NAME = re.compile(r"[a-z0-9_]+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """The suite author's own words for the finding, in place of the general ones."""

    title: str | None = None
    advice: str | None = None


class Expectation(_Strict):
    """One expectation, as in Great Expectations' own files."""

    type: str
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["critical", "warning", "info"] = "critical"
    notes: str | None = None
    meta: Words = Words()

    @field_validator("type")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in RULES:
            near = get_close_matches(value, RULES, n=3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise ValueError(f"{value} is not an expectation that runs here{hint} The list is in rules.py.")
        return value

    @field_validator("kwargs")
    @classmethod
    def _has_arguments_that_work(cls, value: dict[str, Any]) -> dict[str, Any]:
        if refused := sorted(_NOT_HERE & value.keys()):
            raise ValueError(f"not permitted here: {', '.join(refused)}")
        for key in _COLUMN_KEYS:
            if key in value and value[key] != str(value[key]).lower():
                raise ValueError(f"{key}: column names are stored in lower case")
        if "regex" in value:
            _check_regex(value["regex"])
        return value

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is about."""
        named = [self.kwargs[key] for key in _COLUMN_KEYS if key in self.kwargs]
        return (*named, *self.kwargs.get("column_list", ()))

    @property
    def is_about_header(self) -> bool:
        """Whether it is one of our own, about the names in the file."""
        return self.type in HEADER_RULES


class Suite(_Strict):
    """A file below `suites/`."""

    name: str
    notes: str | None = None
    expectations: tuple[Expectation, ...]


def read_suite(path: Path) -> Suite:
    """One file, checked; Terminal (code `bad_suite`) says where it is wrong."""
    try:
        return Suite.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise _bad(path, places) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _bad(path, f"it is not YAML ({error})") from error


def suite_of(database: str, table: str, *, suites: Path = SUITES) -> Suite:
    """The default suite and, if the table has a file `<database>/<table>.yaml`, what that adds."""
    default = read_suite(suites / DEFAULT)
    own = suites / database / f"{table}.yaml"
    if not _NAME.fullmatch(database) or not _NAME.fullmatch(table) or not own.is_file():
        return default
    added = read_suite(own)
    return Suite(name=added.name, notes=added.notes, expectations=default.expectations + added.expectations)


def _check_regex(regex: object) -> None:
    """Compile with the engine that will run it: RE2, which has no look-around and no back-references."""
    import duckdb

    if not isinstance(regex, str):
        raise ValueError("regex: must be text")  # noqa: TRY004 - pydantic reports ValueErrors
    try:
        duckdb.connect().execute("SELECT regexp_matches('', ?)", [regex]).fetchall()
    except duckdb.Error as error:
        raise ValueError(f"regex: {error}") from error


def _bad(path: Path, what: str) -> Terminal:
    return Terminal(f"The suite {path.parent.name}/{path.name} is wrong: {what}", code="bad_suite", title="Bad suite")
