"""Errors: the rules or the machine said no. A bad file is not an error but a report of findings."""

from __future__ import annotations


class UploaderError(Exception):
    """Base of all errors the service raises on purpose.

    Attributes:
        code: stable identifier, snake_case; the API's problem `type` ends in it.
        title: a short heading for a person.
        detail: what happened and what to do.
        field: the input it is about (`database`, `table`, `file`, …), or None.
    """

    status = 500

    def __init__(self, detail: str, *, code: str, title: str = "", field: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.title = title or code.replace("_", " ").capitalize()
        self.detail = detail
        self.field = field

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling; Airflow moves exceptions between processes.
        return (_rebuild, (type(self), self.detail, self.code, self.title, self.field))


def _rebuild(kind: type[UploaderError], detail: str, code: str, title: str, field: str | None) -> UploaderError:
    return kind(detail, code=code, title=title, field=field)


class Refused(UploaderError):
    """The request breaks a rule; asking again changes nothing (HTTP 422)."""

    status = 422


class NotFound(Refused):
    """There is no such thing, or not for this person (HTTP 404)."""

    status = 404


class Forbidden(Refused):
    """The person may not do this (HTTP 403)."""

    status = 403


class Conflict(Refused):
    """The thing is in another state than the request needs (HTTP 409)."""

    status = 409


class TooLarge(Refused):
    """More bytes than the service takes (HTTP 413)."""

    status = 413


class TooMany(Refused):
    """The person asks for this too often; later they may again (HTTP 429)."""

    status = 429


class Transient(UploaderError):
    """The outside failed in a way that passes: try again (HTTP 503)."""

    status = 503


class Terminal(UploaderError):
    """The machine failed in a way that trying again does not mend (HTTP 500)."""

    status = 500
