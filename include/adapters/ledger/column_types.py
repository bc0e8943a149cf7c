"""Column types: how the domain's values are written into SQL and read back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, String
from sqlalchemy.types import TypeDecorator

from include.domain.findings import Finding
from include.domain.governance import Governance
from include.domain.reading_options import ReadingOptions

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlalchemy.engine import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC; SQLite keeps it as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware to UTC; a naive one is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the ledger takes aware datetimes only")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """What was stored, aware and in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[Any]):
    """A value of one StrEnum, stored as its word."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """The word itself; one that is not of the enum is a ValueError."""
        del dialect
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """The enum's member."""
        del dialect
        return None if value is None else self.words(value)


class AnyText(TypeDecorator[str]):
    """Text that may come from outside, of any length (names that will be refused are recorded too).

    What a database cannot hold (NUL, lone surrogates) is stored, and looked for, as U+FFFD.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as a database can hold it."""
        del dialect
        if value is None:
            return None
        return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in value)


# JSON, not JSONB, below: examples in findings may hold NUL, which JSONB refuses.


class GovernanceJson(TypeDecorator[Governance]):
    """What the uploader confirmed."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Governance | None, dialect: Dialect) -> dict[str, str | None] | None:
        """As the manifest has it."""
        del dialect
        return None if value is None else value.as_dict()

    def process_result_value(self, value: dict[str, str | None] | None, dialect: Dialect) -> Governance | None:
        """Read back."""
        del dialect
        return None if value is None else Governance.from_dict(value)


class ColumnsJson(TypeDecorator[tuple[tuple[str, str], ...]]):
    """Pairs of column name and type."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[tuple[str, str], ...] | None, dialect: Dialect) -> list[list[str]] | None:
        """A list of pairs."""
        del dialect
        return None if value is None else [[name, kind] for name, kind in value]

    def process_result_value(
        self, value: list[list[str]] | None, dialect: Dialect
    ) -> tuple[tuple[str, str], ...] | None:
        """Read back."""
        del dialect
        return None if value is None else tuple((name, kind) for name, kind in value)


class ReadingOptionsJson(TypeDecorator[ReadingOptions]):
    """How a file is read; a row from before there were options has none, which is the default."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: ReadingOptions | None, dialect: Dialect) -> dict[str, Any] | None:
        """As the manifest has it."""
        del dialect
        return None if value is None else value.to_json()

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> ReadingOptions:
        """Read back."""
        del dialect
        return ReadingOptions.from_json(value or {})


class FindingsJson(TypeDecorator[tuple[Finding, ...]]):
    """The report on a file."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[Finding, ...] | None, dialect: Dialect) -> list[dict[str, Any]] | None:
        """A list of objects, as the API shows them."""
        del dialect
        return None if value is None else [finding.as_dict() for finding in value]

    def process_result_value(self, value: list[dict[str, Any]] | None, dialect: Dialect) -> tuple[Finding, ...] | None:
        """Read back."""
        del dialect
        return None if value is None else tuple(Finding.from_dict(item) for item in value)
