"""Our own expectations: about the column names of the file, as the domain's rules have them.

Imported only where a suite is run: Great Expectations takes seconds to import.
"""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from include.domain.header import MAX_NAME_LENGTH, RESERVED_NAMES, has_special_characters, repeated_names, stored_name


class _HeaderExpectation(BatchExpectation):
    """Something about the names in `header`: the raw ones, since a reader may have repaired those it stores."""

    header: list[str]

    metric_dependencies: ClassVar[tuple[str, ...]] = ()
    success_keys: ClassVar[tuple[str, ...]] = ("header",)

    def wrong_names(self) -> list[str]:
        """The names that are not as expected."""
        raise NotImplementedError

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: dict[str, Any] | None = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        del metrics, runtime_configuration, execution_engine  # the header is all it takes
        wrong = self.wrong_names()
        return {"success": not wrong, "result": {"observed_value": wrong}}


class ExpectColumnNamesToBePlain(_HeaderExpectation):
    """Letters A to Z, digits and underscores; not empty, not too long."""

    def wrong_names(self) -> list[str]:
        """The names with anything else."""
        return [name for name in self.header if not name or has_special_characters(name) or len(name) > MAX_NAME_LENGTH]


class ExpectColumnNamesToBeUniqueWithoutCase(_HeaderExpectation):
    """Glue and every engine fold case."""

    def wrong_names(self) -> list[str]:
        """The names, in lower case, that occur more than once."""
        return list(repeated_names(self.header))


class ExpectColumnNamesNotToBeReserved(_HeaderExpectation):
    """The partition key would hide the column."""

    def wrong_names(self) -> list[str]:
        """The names that the service needs for itself."""
        return [name for name in self.header if stored_name(name) in RESERVED_NAMES]
