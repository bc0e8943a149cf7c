"""Names: what a database, a table, a file and an object key may be called, and why not."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath
from typing import TYPE_CHECKING

from include.domain.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DATABASE_MAX = 63  # characters with the prefix: the limit the service sets itself
TABLE_MAX = 255  # characters: Glue's limit
KEY_MAX = 1024  # bytes of UTF-8: S3's limit on a whole key
FILENAME_MAX = 1024  # characters of the name a person's file has; longer ones are no file system's
SAFE_FILENAME_MAX = 120  # characters of the form used in keys
TEXT_ENDINGS = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}
COMPRESSED = ("gz", "zip")
_SPELLED = {"parquet": "Parquet"}
SPREADSHEETS = ("xls", "xlsm", "xlsb", "ods")  # that are not read, and can be saved as what is

_OURS = "data_eng_uploader_"  # begins the full name of each database, in whichever deployment
_ALLOWED = re.compile(r"[a-z0-9_]+")
_NOT_ALLOWED = re.compile(r"[^a-z0-9_]")
# They turn the writing around, so that a name reads as another: `fdp.csv` as `csv.pdf`.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def database_prefix(env: str) -> str:
    """The part of a Glue database name that says which deployment it belongs to."""
    return f"{_OURS}{env}_"


def without_prefix(database: str, *, env: str) -> str:
    """The short name of a database, of which perhaps the full one was given."""
    return database.removeprefix(database_prefix(env)).removeprefix(_OURS)


def full_database_name(database: str, *, env: str) -> str:
    """The Glue name of a database, from its short name."""
    return database_prefix(env) + database


def athena_reference(database: str, table: str, *, env: str) -> str:
    """What a person types after FROM, unquoted."""
    return f"{full_database_name(database, env=env)}.{table}"


def suggest_name(name: str, *, longest: int = TABLE_MAX) -> str:
    """A permitted name of at most `longest` characters close to this one; empty when nothing of it is usable."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"_+", "_", _NOT_ALLOWED.sub("_", plain)).strip("_")[:longest].rstrip("_")


def check_database_name(database: str, *, env: str) -> str:
    """Return the short database name, or raise Refused (field `database`) saying which rule it breaks."""
    longest = DATABASE_MAX - len(database_prefix(env))
    _check_name(database, what="database", longest=longest)
    if len(database) > longest:
        raise Refused(
            f"The database name must be {longest} characters or fewer: with the prefix {database_prefix(env)} it may "
            f"have {DATABASE_MAX} in all, and this has {len(full_database_name(database, env=env))}.",
            code="database_name_too_long",
            title="Database name is too long",
            field="database",
        )
    return database


def check_new_database_name(database: str, *, env: str) -> str:
    """As `check_database_name`, of a database to be created: a full name would get its prefix twice."""
    if database.startswith(_OURS):
        short = suggest_name(without_prefix(database, env=env), longest=DATABASE_MAX - len(database_prefix(env)))
        hint = f" For example: {short}." if short else ""
        raise Refused(
            f"Leave out the prefix: the service puts {database_prefix(env)} before the database's name itself.{hint}",
            code="database_name_prefix",
            title="Database name has the prefix already",
            field="database",
        )
    return check_database_name(database, env=env)


def check_table_name(table: str) -> str:
    """Return the table name, or raise Refused (field `table`) saying which rule it breaks."""
    _check_name(table, what="table", longest=TABLE_MAX)
    if len(table) > TABLE_MAX:
        raise Refused(
            f"The table name must be {TABLE_MAX} characters or fewer; this has {len(table)}.",
            code="table_name_too_long",
            title="Table name is too long",
            field="table",
        )
    return table


def check_key(key: str) -> str:
    """Return an object key, or raise Refused (field `table`) if it is longer than S3 allows."""
    length = len(key.encode())
    if length > KEY_MAX:
        raise Refused(
            f"Database, table and file name together are too long: the path in S3 would have {length} bytes and may "
            f"have {KEY_MAX}. Choose a shorter table name or file name.",
            code="key_too_long",
            title="Names are too long together",
            field="table",
        )
    return key


def _check_name(name: str, *, what: str, longest: int) -> None:
    # Leading digits are accepted: the prefix leads a database, and every query we show quotes its identifiers.
    # The same holds for SQL's reserved words.
    suggestion = suggest_name(name, longest=longest)
    hint = f" For example: {suggestion}." if suggestion and suggestion != name else ""
    title = f"{what.capitalize()} name is not permitted"
    if not name:
        raise Refused(
            f"Enter a {what} name.",
            code=f"{what}_name_missing",
            title=f"{what.capitalize()} name is missing",
            field=what,
        )
    if not _ALLOWED.fullmatch(name):
        bad = ", ".join(repr(char) for char in dict.fromkeys(_NOT_ALLOWED.findall(name)))
        raise Refused(
            f"The {what} name may only have lower case letters, digits and underscores; it has {bad}.{hint}",
            code=f"{what}_name_characters",
            title=title,
            field=what,
        )
    if name.startswith("_"):
        raise Refused(
            f"The {what} name must not start with an underscore: query engines hide such folders.{hint}",
            code=f"{what}_name_leading_underscore",
            title=title,
            field=what,
        )
    if name.endswith("_") or "__" in name:
        raise Refused(
            f"The {what} name must not end with an underscore or have two in a row: it is hard to read, and it cannot "
            f"be changed later.{hint}",
            code=f"{what}_name_underscores",
            title=title,
            field=what,
        )


def original_filename(name: str) -> str:
    """The file's own name without the folders some browsers send, or Refused (field `file`)."""
    base = re.split(r"[/\\]", name)[-1]
    if not base.strip() or base in {".", ".."}:
        raise Refused(
            "Select a file that has a name.", code="filename_missing", title="File name is missing", field="file"
        )
    if any(char in _TURNING or unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in base):
        raise Refused(
            "The file's name has characters that cannot be shown (control characters, line breaks or marks that turn "
            "the writing around). Rename it and try again.",
            code="filename_characters",
            title="File name is not permitted",
            field="file",
        )
    if len(base) > FILENAME_MAX:
        raise Refused(
            f"The file's name must be {FILENAME_MAX} characters or fewer; this has {len(base)}.",
            code="filename_too_long",
            title="File name is too long",
            field="file",
        )
    return base


def safe_filename(name: str) -> str:
    """The form of a file's name used in keys: `[a-z0-9._-]`, never hidden, at most 120 characters, suffix kept.

    The manifest keeps the original. Different originals may share a safe form; the partition tells them apart.
    """
    base = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFKD", base).encode("ascii", "ignore").decode().lower()
    stem, dot, suffix = plain.rpartition(".")
    if not dot:
        stem, suffix = plain, ""
    suffix = re.sub(r"[^a-z0-9]", "", suffix)[:16]
    inner = PurePath(stem).suffix
    if suffix == "gz" and inner in TEXT_ENDINGS:  # what is compressed is told by the name
        stem, suffix = stem.removesuffix(inner), f"{inner[1:]}.gz"
    stem = re.sub(r"_+", "_", re.sub(r"[^a-z0-9-]", "_", stem)).strip("_-") or "file"
    room = SAFE_FILENAME_MAX - (len(suffix) + 1 if suffix else 0)
    stem = stem[:room].rstrip("_-")
    return f"{stem}.{suffix}" if suffix else stem


def file_format(name: str) -> str:
    """The file's extension in lower case without its dot; `jsonl` for `.ndjson`; empty when there is none.

    A compressed text (`data.csv.gz`) is `gz`.
    """
    stem, dot, suffix = re.split(r"[/\\]", name)[-1].rpartition(".")
    suffix = suffix.lower() if dot and stem else ""
    return "jsonl" if suffix == "ndjson" else suffix


def is_taken(name: str, formats: Sequence[str]) -> bool:
    """Whether a file of this name is of one of the formats; a `.gz` must tell one of them by the ending before it."""
    wanted = file_format(name)
    if wanted not in formats:
        return False
    if wanted != "gz":
        return True
    inner = file_format(re.split(r"[/\\]", name)[-1][: -len(".gz")])
    return inner in formats and inner in TEXT_ENDINGS.values()


def format_words(formats: Sequence[str]) -> str:
    """The formats as alternatives: `CSV, JSON or XLSX, or a text compressed as GZ or ZIP`."""
    plain = [_SPELLED.get(word, word.upper()) for word in formats if word not in COMPRESSED]
    packed = [word.upper() for word in formats if word in COMPRESSED]
    if not plain:
        return either(packed)
    return either(plain) + (f", or a text compressed as {either(packed)}" if packed else "")


def format_refusals(formats: Sequence[str]) -> dict[str, str]:
    """What to say of a file that is of none of the formats, by the format that its name tells; "" is any other."""
    kinds = ("", *SPREADSHEETS, "gz")
    return {
        kind: f"The selected file must be a {format_words(formats)}. {format_advice(kind, formats)}" for kind in kinds
    }


def format_refusal(name: str, formats: Sequence[str]) -> str:
    """What to say of a file that is of none of the formats by its name."""
    said = format_refusals(formats)
    return said.get(file_format(name), said[""])


def format_advice(kind: str, formats: Sequence[str]) -> str:
    """What to do with a file whose name tells this format, which is none of those that are taken."""
    if kind in SPREADSHEETS and "xlsx" in formats:
        return "Save this one as an Excel workbook (.xlsx) or as CSV."
    if kind == "gz" and "gz" in formats:
        return "Name a compressed text like data.csv.gz, so that the name says what is inside."
    return "Save the data in one of these formats and upload that file."


def either(words: Iterable[str]) -> str:
    """Words as alternatives: `CSV, JSON or JSONL`."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
