"""Every finding about compressed files: those that are damaged, locked, too large inside, or hold the wrong thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from include.domain.file_findings import MAX_LISTED, count_of
from include.domain.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT_FORMATS = "CSV, JSON or JSON Lines"


def damaged_file(*, kind: str, reason: str, offset: int | None = None) -> Finding:
    """Bytes that are not what the name says, or not all of it.

    Args:
        kind: what the file was to be, with its article: `a gzip file`.
        reason: a clause: `its data ends early`.
        offset: of the first wrong byte in the file as it was sent, where that is known.
    """
    where = "" if offset is None else f" (at byte {offset:,} of the file)"
    return Finding(
        code="damaged_file",
        title="The selected file is damaged or is not what its name says",
        severity=Severity.ERROR,
        message=f"By its name the file is {kind}, but {reason}{where}. Check that it was saved and copied completely, "
        "and upload it again.",
        details={"reason": reason, "byte_offset": offset},
    )


def unpacks_too_large(*, limit: int, packed: int, ratio: int | None = None) -> Finding:
    """A file that holds more than is unpacked: too much in all, or too much for its size.

    Args:
        limit: bytes after which unpacking stopped.
        packed: bytes of the file as it was sent.
        ratio: how many times its own size a file may unpack to, if that was what stopped it.
    """
    what = f"more than {ratio:,} times its own size" if ratio else f"more than {limit:,} bytes"
    return Finding(
        code="unpacks_too_large",
        title="The selected file unpacks to too much",
        severity=Severity.ERROR,
        message=f"The file has {packed:,} bytes and unpacks to {what}. What is so large is not unpacked, because it "
        "could fill the service's disk. Upload the data uncompressed, or in several files.",
        details={"limit": limit, "packed": packed, "ratio": ratio},
    )


def packed_too_large(*, limit: int, packed: int) -> Finding:
    """A file that has to be copied whole before anything can be read of it, and is larger than what may come out of it.

    Args:
        limit: bytes that a file may unpack to.
        packed: bytes of the file as it was sent.
    """
    return Finding(
        code="unpacks_too_large",
        title="The selected file is too large for its format",
        severity=Severity.ERROR,
        message=f"The file has {packed:,} bytes. A ZIP, workbook or Parquet file may unpack to {limit:,} bytes and may "
        "itself have no more. Upload the data uncompressed or compressed with gzip, or in several files.",
        details={"limit": limit, "packed": packed, "ratio": None},
    )


def unnamed_gzip(inner_ending: str) -> Finding:
    """A .gz whose name does not tell what is in it, or tells something that is no text."""
    named = f"ends in {inner_ending}.gz" if inner_ending else "does not say what is inside"
    return Finding(
        code="compressed_name",
        title="The name must say what is compressed",
        severity=Severity.ERROR,
        message=f"The file's name {named}. Only {TEXT_FORMATS} may be compressed: name the file like data.csv.gz, "
        "data.json.gz or data.jsonl.gz.",
        details={"ending": inner_ending},
    )


def not_one_file(names: Sequence[str], *, total: int) -> Finding:
    """A .zip with no file, or with several; `names` are the first of them."""
    listed = tuple(names[:MAX_LISTED])
    holds = "no file" if not total else f"{count_of(total, 'file')}: {', '.join(listed)}"
    return Finding(
        code="zip_not_one_file",
        title="A ZIP must hold exactly one file",
        severity=Severity.ERROR,
        message=f"The ZIP holds {holds}{' and so on' if total > len(listed) else ''}. Each upload is one file: put one "
        f"{TEXT_FORMATS} file into the ZIP, or upload the files one by one.",
        examples=listed,
        details={"count": total, "names": list(listed)},
    )


def encrypted_file(kind: str) -> Finding:
    """A file that needs a password or a key; `kind` is `ZIP`, `workbook` or `Parquet file`."""
    return Finding(
        code="encrypted_file",
        title="The selected file is protected by a password",
        severity=Severity.ERROR,
        message=f"The {kind} is encrypted and cannot be read. Save it without a password or key and upload that file. "
        "It travels encrypted, and only people with access to the table can read it.",
        details={"kind": kind},
    )


def compression_method(method: int) -> Finding:
    """A way to compress in a .zip that is not read; `method` is its number in the ZIP format."""
    known = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}
    return Finding(
        code="zip_compression",
        title="The ZIP is compressed in an unusual way",
        severity=Severity.ERROR,
        message=f"The file in the ZIP is compressed by {known.get(method, f'method {method}')}. Use the usual method, "
        "Deflate, or compress the file with gzip (.gz). Windows takes Deflate64 for files above 2 GB.",
        details={"method": method},
    )


def nested_archive(name: str) -> Finding:
    """A compressed file within a compressed file."""
    return Finding(
        code="nested_archive",
        title="A compressed file holds another one",
        severity=Severity.ERROR,
        message=f"What is compressed is itself a compressed file, a workbook or a Parquet file ({name}). Upload that "
        "file itself.",
        examples=(name,),
        details={"name": name},
    )


def not_text_inside(name: str) -> Finding:
    """A .zip whose one file is no text by its name."""
    return Finding(
        code="zip_content",
        title=f"A ZIP must hold a {TEXT_FORMATS} file",
        severity=Severity.ERROR,
        message=f"The file in the ZIP is called {name}. Put a file into it whose name ends in .csv, .json, .jsonl or "
        ".ndjson.",
        examples=(name,),
        details={"name": name},
    )
