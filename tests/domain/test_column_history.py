"""When columns appeared and changed, as uploads came and went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from include.domain.append_findings import Changes, tell
from include.domain.column_history import ColumnChange, Publication, column_history, credit, suspects
from include.domain.column_types import BigInt, String

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
History = dict[str, tuple[ColumnChange, ...]]


def published(minute: int, *, gone: int | None = None, **columns: str) -> Publication:
    at = NOON + timedelta(minutes=minute)
    return Publication(
        upload_id=f"{minute:032x}",
        extraction_timestamp=f"{at:%Y%m%dT%H%M%SZ}",
        uploader=f"person{minute}@example.org",
        published_at=at,
        columns=tuple(columns.items()),
        digest=str(sorted(columns.items())),
        gone_at=None if gone is None else NOON + timedelta(minutes=gone),
    )


def told(history: History, column: str) -> list[tuple[str | None, str, int | None]]:
    """What a column was, what it became, and the minute of the upload."""
    return [
        (change.was, change.type, int(change.by.upload_id, 16) if change.by else None) for change in history[column]
    ]


def test_a_column_appears_with_the_first_upload_that_has_it_and_changes_with_the_first_of_another_type() -> None:
    uploads = [
        published(1, id="bigint"),
        published(2, id="bigint", name="string"),
        published(3, id="double"),
        published(4, id="double", name="string"),
        published(5, id="string", name="string"),
    ]
    history = column_history(uploads, {"id": "string", "name": "string"})
    assert told(history, "id") == [(None, "bigint", 1), ("bigint", "double", 3), ("double", "string", 5)]
    assert told(history, "name") == [(None, "string", 2)]


def test_the_order_is_that_of_publication_not_of_partitions() -> None:
    late, early = published(9, a="bigint"), published(2, a="bigint", b="date")
    assert told(column_history([late, early], {"a": "bigint"}), "a") == [(None, "bigint", 2)]


def test_a_column_without_values_gets_its_type_later() -> None:
    uploads = [published(1, a="null"), published(2, a="date"), published(3, a="null")]
    assert told(column_history(uploads, {"a": "date"}), "a") == [(None, "null", 1), ("null", "date", 2)]


def test_a_new_field_of_a_nested_column_is_a_change_of_its_type() -> None:
    uploads = [published(1, a="struct<x:date>"), published(2, a="struct<x:date,y:date>")]
    history = column_history(uploads, {"a": "struct<x:date,y:date>"})
    assert told(history, "a")[1] == ("struct<x:date>", "struct<x:date,y:date>", 2)


def test_an_upload_withdrawn_since_still_brought_what_others_have_too() -> None:
    uploads = [published(1, gone=5, a="bigint"), published(2, a="bigint"), published(3, gone=6, a="string")]
    history = column_history(uploads, {"a": "string"})
    assert told(history, "a") == [(None, "bigint", 1), ("bigint", "string", 3)]
    assert history["a"][1].by == uploads[2]


def test_a_column_that_left_with_a_withdrawn_upload_begins_anew_when_it_comes_again() -> None:
    uploads = [published(1, a="date"), published(2, gone=3, a="date", b="bigint"), published(4, a="date", b="string")]
    history = column_history(uploads, {"a": "date", "b": "string"})
    assert told(history, "b") == [(None, "string", 4)]
    assert told(history, "a") == [(None, "date", 1)]


def test_a_table_whose_last_upload_was_withdrawn_begins_anew() -> None:
    uploads = [published(1, gone=2, a="string"), published(3, a="date")]
    assert told(column_history(uploads, {"a": "date"}), "a") == [(None, "date", 3)]


def test_types_that_were_taken_back_are_narrower_by_nobodys_upload() -> None:
    uploads = [published(1, a="bigint"), published(2, gone=3, a="string")]
    (*_, last) = column_history(uploads, {"a": "bigint"})["a"]
    assert (last.was, last.type, last.by, last.narrower) == ("string", "bigint", None, True)


def test_an_upload_after_a_table_was_made_again_shows_it_narrower() -> None:
    uploads = [published(1, a="bigint"), published(2, gone=3, a="string"), published(4, a="bigint")]
    (*_, last) = column_history(uploads, {"a": "bigint"})["a"]
    assert (last.was, last.type, last.by, last.narrower) == ("string", "bigint", uploads[2], True)


def test_a_column_that_no_upload_tells_of_has_no_known_beginning() -> None:
    uploads = [published(1), published(2, gone=3, a="date")]
    history = column_history(uploads, {"a": "date", "b": "string"})
    assert told(history, "b") == [(None, "string", None)]
    assert told(history, "a") == [(None, "date", 2)]  # the first upload may have it too: nothing says that it left


def test_a_widening_that_took_several_along_is_credited_to_who_asked_for_it() -> None:
    uploads = [published(1, a="bigint"), published(2, a="string"), published(3, a="string")]
    history = column_history(uploads, {"a": "string"})
    assert suspects(history, uploads) == {uploads[1].upload_id, uploads[2].upload_id}
    asked = tell(Changes(widened={"a": (BigInt(), String())}), {})
    credited = credit(history, uploads, {uploads[2].upload_id: asked})
    assert told(credited, "a") == [(None, "bigint", 1), ("bigint", "string", 3)]
    assert told(credit(history, uploads, {}), "a") == told(history, "a")


def test_twenty_thousand_uploads_of_a_thousand_columns_take_no_time_of_note() -> None:
    kinds = [{f"column_{number}": kind for number in range(1000)} for kind in ("bigint", "string")]
    sets = [(tuple(each.items()), str(index)) for index, each in enumerate(kinds)]
    first = published(0)
    uploads = [
        Publication(
            upload_id=f"{number:032x}",
            extraction_timestamp="",
            uploader="",
            published_at=first.published_at + timedelta(seconds=number),
            columns=sets[number >= 10_000][0],
            digest=sets[number >= 10_000][1],
        )
        for number in range(20_000)
    ]
    history = column_history(uploads, kinds[1])
    assert {len(changes) for changes in history.values()} == {2}
    assert len(suspects(history, uploads)) == 20


def test_what_no_upload_tells_is_the_doing_of_one_under_way_that_has_the_column_unless_it_is_narrower() -> None:
    uploads = [published(1, a="bigint", b="bigint", c="string", d="bigint")]
    present = {"a": "double", "b": "double", "c": "date", "d": "bigint", "e": "date"}
    history = column_history(uploads, present, under_way={"a", "c", "d", "e"})
    assert {name: changes[-1].under_way for name, changes in history.items()} == {
        "a": True,
        "b": False,
        "c": False,
        "d": False,
        "e": True,
    }
    assert told(history, "a") == [(None, "bigint", 1), ("bigint", "double", None)]
    assert told(history, "e") == [(None, "date", None)]
