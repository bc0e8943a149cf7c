from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tracemalloc
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.conversion import LocalFile, check
from include.conversion.containers import Limits
from tests.conversion.files import InMemory, checked, converted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = b"id,name\n1,x\n2,y\n"
SMALL = Limits(unpacked_bytes=10_000_000, ratio=100, free_bytes=1_000_000)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def codes(data: bytes, filename: str, *, limits: Limits = SMALL) -> list[str]:
    report = check(InMemory(data), filename=filename, limits=limits)
    assert report.sha256 == hashlib.sha256(data).hexdigest()
    assert report.size == len(data)
    return [finding.code for finding in report.findings]


# --- gzip ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "text", "inner"),
    [
        ("data.csv.gz", TEXT, "csv"),
        ("DATA.CSV.GZ", TEXT, "csv"),
        ("data.json.gz", b'[{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]', "json"),
        ("data.json.gz", b'{"id": 1, "name": "x"}\n{"id": 2, "name": "y"}\n', "jsonl"),
        ("data.ndjson.gz", b'{"id": 1, "name": "x"}\n{"id": 2, "name": "y"}\n', "jsonl"),
    ],
)
def test_a_gzip_file_is_read_as_the_text_in_it(filename: str, text: bytes, inner: str) -> None:
    packed = gzip.compress(text)
    result = converted(packed, filename=filename)
    assert result.rows == [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]
    assert result.lines == converted(text, filename=filename.lower().removesuffix(".gz")).lines
    assert result.report.format == inner
    assert result.report.sha256 == hashlib.sha256(packed).hexdigest()
    assert result.report.size == len(packed)
    assert result.report.container is not None
    assert (result.report.container.format, result.report.container.size) == ("gz", len(text))


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.integers(0, 9))
def test_several_members_are_one_text(pieces: list[bytes], zeros: int) -> None:
    pieces = [b"a", *pieces]  # no text that looks like another archive
    packed = b"".join(map(gzip.compress, pieces)) + b"\0" * zeros
    text = b"".join(pieces)
    plain, inside = (check(InMemory(data), filename=name) for data, name in ((text, "a.csv"), (packed, "a.csv.gz")))
    assert plain.findings == inside.findings
    assert (plain.rows, plain.ranges) == (inside.rows, inside.ranges)


def test_a_finding_of_the_text_in_it_has_the_line_of_the_text() -> None:
    (finding,) = checked(gzip.compress(b"a,b\n1,2\n3\n"), filename="a.csv.gz").findings
    assert (finding.code, finding.lines) == ("ragged_rows", (3,))


def test_a_cut_off_gzip_file_is_refused_with_the_offset_wherever_it_is_cut() -> None:
    packed = gzip.compress(TEXT * 100)
    for length in range(2, len(packed)):
        (finding,) = check(InMemory(packed[:length]), filename="a.csv.gz").findings
        assert (finding.code, finding.details["byte_offset"]) == ("damaged_file", length)


def test_a_gzip_file_with_a_changed_byte_is_refused() -> None:
    packed = bytearray(gzip.compress(TEXT, mtime=0))
    packed[-8] ^= 1  # the checksum
    (finding,) = check(InMemory(bytes(packed)), filename="a.csv.gz").findings
    assert finding.code == "damaged_file"
    assert "checksum" in finding.message


def test_what_follows_the_compressed_data_is_named_with_its_offset() -> None:
    packed = gzip.compress(TEXT)
    (finding,) = check(InMemory(packed + b"\0\0id,name\n"), filename="a.csv.gz").findings
    assert (finding.code, finding.details["byte_offset"]) == ("damaged_file", len(packed) + 2)


def test_a_gzip_file_that_is_none_or_empty_or_of_nothing_is_refused() -> None:
    assert codes(TEXT, "a.csv.gz") == ["damaged_file"]
    assert codes(b"", "a.csv.gz") == ["empty_file"]
    assert codes(gzip.compress(b""), "a.csv.gz") == ["empty_file"]


def test_a_gzip_file_must_say_what_is_in_it() -> None:
    assert codes(gzip.compress(TEXT), "data.gz") == ["compressed_name"]
    assert codes(gzip.compress(TEXT), "data.tar.gz") == ["compressed_name"]
    assert codes(gzip.compress(gzip.compress(TEXT)), "data.csv.gz") == ["nested_archive"]


def test_a_column_may_be_called_like_the_mark_of_another_format() -> None:
    for name in ("PAR1", "BZh9", "PK"):
        report = check(InMemory(gzip.compress(f"{name},b\n1,2\n".encode())), filename="data.csv.gz")
        assert report.columns == (name.lower(), "b")


# --- ZIP -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_of_one_file_is_read_as_that_file(method: int) -> None:
    packed = zipped(("folder/", b""), ("folder/Data.CSV", TEXT), ("__MACOSX/._Data.CSV", b"x"), method=method)
    result = converted(packed, filename="anything.zip")
    assert result.rows == [{"id": 1, "name": "x"}, {"id": 2, "name": "y"}]
    assert result.report.container is not None
    assert result.report.container.member == "folder/Data.CSV"
    assert result.report.format == "csv"


def test_a_zip_of_several_files_or_none_is_refused_and_what_it_holds_listed() -> None:
    (finding,) = check(InMemory(zipped(("a.csv", TEXT), ("b.csv", TEXT))), filename="a.zip").findings
    assert finding.code == "zip_not_one_file"
    assert finding.details == {"count": 2, "names": ["a.csv", "b.csv"]}
    assert "a.csv, b.csv" in finding.message
    assert codes(zipped(), "a.zip") == ["zip_not_one_file"]
    assert codes(zipped(("only/", b"")), "a.zip") == ["zip_not_one_file"]


def test_a_zip_of_the_wrong_thing_is_refused() -> None:
    assert codes(zipped(("a.zip", zipped(("a.csv", TEXT)))), "a.zip") == ["nested_archive"]
    assert codes(zipped(("a.csv", zipped(("a.csv", TEXT)))), "a.zip") == ["nested_archive"]
    assert codes(zipped(("a.pdf", b"x")), "a.zip") == ["zip_content"]
    assert codes(zipped(("a.csv", TEXT), method=zipfile.ZIP_LZMA), "a.zip") == ["zip_compression"]
    assert codes(TEXT, "a.zip") == ["damaged_file"]


def test_a_name_that_leads_out_of_the_folder_writes_nothing_there(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    packed = zipped(("../../escaped.csv", TEXT), method=zipfile.ZIP_STORED)
    report = check(InMemory(packed), filename="a.zip", into=inside)
    assert report.rows == 2
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["in", "in/plain"]


def test_an_encrypted_zip_is_refused_as_such() -> None:
    packed = bytearray(zipped(("a.csv", TEXT)))
    directory = packed.rindex(b"PK\x01\x02")
    packed[6] |= 1
    packed[directory + 8] |= 1
    assert codes(bytes(packed), "a.zip") == ["encrypted_file"]


def test_a_damaged_zip_is_refused_wherever_it_is_cut() -> None:
    packed = zipped(("a.csv", TEXT))
    for length in range(1, len(packed)):
        assert codes(packed[:length], "a.zip") == ["damaged_file"]
    broken = bytearray(packed)
    broken[packed.index(b"a.csv") + 5] ^= 0xFF
    assert codes(bytes(broken), "a.zip") == ["damaged_file"]


def test_a_directory_too_large_for_the_memory_is_never_read() -> None:
    packed = bytearray(zipped(("a.csv", TEXT)))
    struct.pack_into("<I", packed, len(packed) - 10, 200 * 1024**2)
    (finding,) = check(InMemory(bytes(packed)), filename="a.zip").findings
    assert "more files" in finding.message


# --- bombs -----------------------------------------------------------------------------------------------------------


def bomb(size: int, *, block: bytes = b"0" * 1_000_000) -> bytes:
    """gzip of a block over and over, made without ever having it whole."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def pieces() -> Iterator[bytes]:
        for _ in range(size // len(block)):
            yield deflate.compress(block)
        yield deflate.flush()

    return b"".join(pieces())


def test_what_unpacks_to_far_more_than_its_size_is_refused_before_it_is_written(tmp_path: Path) -> None:
    packed = bomb(30_000_000)
    report = check(InMemory(packed), filename="a.csv.gz", into=tmp_path, limits=SMALL)
    (finding,) = report.findings
    assert (finding.code, finding.details["ratio"]) == ("unpacks_too_large", SMALL.ratio)
    assert (tmp_path / "plain").stat().st_size <= SMALL.ratio * len(packed)
    assert codes(zipped(("a.csv", b"0" * 30_000_000)), "a.zip") == ["unpacks_too_large"]


def test_a_small_file_may_unpack_to_any_multiple_and_a_large_one_to_no_more_than_the_limit() -> None:
    assert "unpacks_too_large" not in codes(gzip.compress(b"a\n" + b"1\n" * 400_000), "a.csv.gz")
    assert "unpacks_too_large" in codes(bomb(11_000_000), "a.csv.gz", limits=Limits(10_000_000, ratio=10**9))


@dataclass(frozen=True)
class Watched(InMemory):
    """A source that is on no disk; it tells what is in the scratch folder whenever it is opened or read from."""

    folder: Path
    most: list[int]

    def open(self) -> BinaryIO:
        outer = self

        class Stream(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                outer.most.append(sum(path.stat().st_size for path in outer.folder.iterdir()))
                return super().read(size)

        return Stream(self.data)


def test_a_gzip_file_takes_no_scratch_space_but_for_its_text(tmp_path: Path) -> None:
    text = b"".join(hashlib.sha256(b"%d" % at).hexdigest().encode() for at in range(100_000))
    packed = gzip.compress(b"a\n" + text, 1)
    source = Watched(packed, tmp_path, [])
    report = check(source, filename="a.csv.gz", into=tmp_path)
    assert (report.rows, report.sha256, report.size) == (1, hashlib.sha256(packed).hexdigest(), len(packed))
    assert len(source.most) > 3
    assert max(source.most) <= len(text) + 2
    assert [path.name for path in tmp_path.iterdir()] == ["plain"]


@pytest.mark.parametrize("filename", ["a.zip", "a.xlsx", "a.parquet"])
def test_a_file_larger_than_what_may_come_out_of_it_is_refused_before_it_is_copied(
    tmp_path: Path, filename: str
) -> None:
    packed = zipped(("a.csv", b"a\n1\n"), ("other.bin", bytes(200_000)), method=zipfile.ZIP_STORED)
    source = Watched(packed, tmp_path, [])
    report = check(source, filename=filename, into=tmp_path, limits=Limits(100_000))
    (finding,) = report.findings
    assert (finding.code, finding.details) == (
        "unpacks_too_large",
        {"limit": 100_000, "packed": len(packed), "ratio": None},
    )
    assert (report.sha256, report.size) == (hashlib.sha256(packed).hexdigest(), len(packed))
    assert max(source.most) == 0


def test_unpacking_takes_the_same_memory_whatever_the_file_holds(tmp_path: Path) -> None:
    peaks = []
    for size in (10_000_000, 100_000_000):
        path = tmp_path / "a.csv.gz"
        path.write_bytes(bomb(size, block=b"column\n" + b"0123456789012345678\n" * 50_000))
        tracemalloc.start()
        report = check(LocalFile(path), filename=path.name, into=tmp_path, block_bytes=1_000_000)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert report.rows > size / 30
    assert peaks[1] < 1.2 * peaks[0]
