from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from include.domain import names
from include.domain.errors import Refused

ENVS = ("dev", "preprod", "prod")
NAMES = st.text(string.ascii_lowercase + string.digits + "_", max_size=300)
ANYTHING = st.one_of(st.text(max_size=400), NAMES, st.text(string.printable, max_size=80))


def rule_broken(name: str, *, what: str = "table", env: str = "dev") -> Refused | None:
    """The refusal of a name, or None when it is accepted."""
    try:
        kept = names.check_table_name(name) if what == "table" else names.check_database_name(name, env=env)
    except Refused as refusal:
        return refusal
    assert kept == name
    return None


@settings(deadline=None)
@given(ANYTHING, st.sampled_from(["database", "table"]), st.sampled_from(ENVS))
@example("a" * 255, "table", "dev")
@example("a" * 256, "table", "dev")
@example("a\n", "table", "dev")
@example("\u0661", "table", "dev")
def test_every_accepted_name_obeys_the_rules_and_every_other_is_refused(name: str, what: str, env: str) -> None:
    refusal = rule_broken(name, what=what, env=env)
    longest = 255 if what == "table" else 63 - len(f"data_eng_uploader_{env}_")
    obeys = re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name, re.ASCII) is not None and len(name) <= longest
    assert (refusal is None) == obeys
    if refusal is not None:
        assert (refusal.field, refusal.code.startswith(what), refusal.status) == (what, True, 422)


@settings(deadline=None)
@given(ANYTHING, st.sampled_from(["database", "table"]), st.sampled_from(ENVS))
def test_a_refused_name_comes_with_one_that_is_accepted_or_with_none(name: str, what: str, env: str) -> None:
    refusal = rule_broken(name, what=what, env=env)
    if refusal is None:
        assert names.suggest_name(name) == name
    elif offered := re.search(r"For example: (.*)\.$", refusal.detail, re.DOTALL):
        assert rule_broken(offered[1], what=what, env=env) is None


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("Sample Number", "sample_number"),
        ("Café-Größe (m²)", "cafe_groe_m2"),
        ("__a__b__", "a_b"),
        ("2026 prisons", "2026_prisons"),
        ("データ", ""),
        ("___", ""),
        ("", ""),
    ],
)
def test_a_suggestion_is_what_a_person_would_write(name: str, suggestion: str) -> None:
    assert names.suggest_name(name) == suggestion


def test_a_suggestion_is_cut_to_the_length_allowed_and_not_at_an_underscore() -> None:
    assert names.suggest_name("Abc def", longest=4) == "abc"
    refusal = rule_broken("X" * 100, what="database")
    assert refusal is not None
    assert refusal.detail.endswith(f"For example: {'x' * 41}.")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("", "table_name_missing", "Enter a table name"),
        ("Prisons", "table_name_characters", "it has 'P'. For example: prisons."),
        ("a b-c d", "table_name_characters", "it has ' ', '-'. For example: a_b_c_d."),
        ("../etc", "table_name_characters", "it has '.', '/'. For example: etc."),
        ("a/b", "table_name_characters", "it has '/'"),
        ("naïve", "table_name_characters", "it has 'ï'. For example: naive."),
        ("_a", "table_name_leading_underscore", "must not start with an underscore"),
        ("a_", "table_name_underscores", "must not end with an underscore or have two in a row"),
        ("a__b", "table_name_underscores", "For example: a_b."),
        ("a" * 256, "table_name_too_long", "must be 255 characters or fewer; this has 256"),
    ],
)
def test_each_rule_has_its_own_message(name: str, code: str, said: str) -> None:
    refusal = rule_broken(name)
    assert refusal is not None
    assert refusal.code == code
    assert said in refusal.detail


@pytest.mark.parametrize("name", ["a", "0", "2026_prisons", "select", "table", "order", "from", "a_1_b", "null"])
def test_leading_digits_and_reserved_words_are_accepted_since_every_query_is_quoted(name: str) -> None:
    assert names.check_table_name(name) == name
    assert names.check_database_name(name, env="prod") == name


@pytest.mark.parametrize(("env", "longest"), [("dev", 41), ("preprod", 37), ("prod", 40)])
def test_a_database_has_63_characters_with_its_prefix(env: str, longest: int) -> None:
    accepted = names.check_database_name("d" * longest, env=env)
    assert len(names.full_database_name(accepted, env=env)) == 63
    refusal = rule_broken("d" * (longest + 1), what="database", env=env)
    assert refusal is not None
    assert refusal.code == "database_name_too_long"
    assert f"must be {longest} characters or fewer" in refusal.detail
    assert "this has 64" in refusal.detail


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("data_eng_uploader_dev_sample", " For example: sample."),
        ("data_eng_uploader_sample", " For example: sample."),
        ("data_eng_uploader_dev_Prison visits", " For example: prison_visits."),
        ("data_eng_uploader_", ""),
    ],
)
def test_a_new_database_that_has_the_prefix_already_is_refused_with_the_name_without(given: str, hint: str) -> None:
    with pytest.raises(Refused) as refused:
        names.check_new_database_name(given, env="dev")

    assert (refused.value.code, refused.value.field) == ("database_name_prefix", "database")
    assert refused.value.detail.startswith("Leave out the prefix: the service puts data_eng_uploader_dev_ before")
    assert refused.value.detail.endswith(f"itself.{hint}")
    assert names.check_new_database_name("data_eng", env="dev") == "data_eng"


def test_a_key_has_1024_bytes_and_not_characters() -> None:
    assert names.check_key("k" * 1024)
    assert names.check_key("é" * 512)
    for key in ("k" * 1025, "é" * 513):
        with pytest.raises(Refused, match=r"may\s+have 1024") as refusal:
            names.check_key(key)
        assert (refusal.value.code, refusal.value.field) == ("key_too_long", "table")


def test_the_glue_name_and_the_athena_reference_carry_the_deployment() -> None:
    assert names.full_database_name("prisons", env="prod") == "data_eng_uploader_prod_prisons"
    assert names.athena_reference("prisons", "survey", env="dev") == "data_eng_uploader_dev_prisons.survey"


FILENAMES = st.one_of(
    st.text(max_size=400),
    st.builds("{}.{}".format, st.text(max_size=200), st.text(string.ascii_letters + string.digits, max_size=30)),
    st.text("a_-.é/\\ ", max_size=160),
)


@settings(deadline=None, max_examples=500)
@given(FILENAMES)
@example("é" * 150 + ".csv")  # 300 bytes and more
@example("a" * 115 + "_b.csv")
@example("../../etc/passwd")
@example("..")
@example(".csv")
@example("")
@example("_manifest.json")
def test_a_safe_file_name_is_safe_and_stays_what_it_is(name: str) -> None:
    safe = names.safe_filename(name)
    assert re.fullmatch(r"[a-z0-9._-]{1,120}", safe, re.ASCII)
    assert safe[0] not in "._-"
    assert ".." not in safe
    assert names.safe_filename(safe) == safe


@settings(deadline=None)
@given(st.text(max_size=300), st.text(string.ascii_letters + string.digits, min_size=1, max_size=16))
def test_a_safe_file_name_keeps_the_suffix(stem: str, suffix: str) -> None:
    assert names.safe_filename(f"{stem}.{suffix}").endswith(f".{suffix.lower()}")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Prison population (2026).CSV", "prison_population_2026.csv"),
        ("Bevölkerung.jsonl", "bevolkerung.jsonl"),
        ("データ.csv", "file.csv"),
        ("C:\\Users\\ann\\report.v2.csv", "report_v2.csv"),
        ("a/b/../c.json", "c.json"),
        ("_manifest.json", "manifest.json"),
        (".hidden.csv", "hidden.csv"),
        ("no suffix", "no_suffix"),
        ("My data.v2.CSV.gz", "my_data_v2.csv.gz"),
        ("data.tar.gz", "data_tar.gz"),
        (".csv.gz", "csv.gz"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_safe_file_names_are_what_a_person_would_write(name: str, safe: str) -> None:
    assert names.safe_filename(name) == safe


@settings(deadline=None)
@given(FILENAMES)
def test_an_accepted_original_name_is_one_segment_that_can_be_shown(name: str) -> None:
    try:
        kept = names.original_filename(name)
    except Refused:
        return
    assert kept.strip()
    assert len(kept) <= 1024
    assert not set(kept) & set("/\\\0\r\n\t\u2028\u2029\x85")
    assert kept not in {".", ".."}
    assert kept.encode()  # no lone surrogates


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("My file.csv", "My file.csv"),
        ("C:\\Users\\ann\\Ünïcode 🙂.csv", "Ünïcode 🙂.csv"),
        ("/home/ann/../x.csv", "x.csv"),
        ("é" * 150, "é" * 150),
        ("...csv", "...csv"),
    ],
)
def test_the_original_name_is_kept_as_the_person_wrote_it(name: str, kept: str) -> None:
    assert names.original_filename(name) == kept


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "filename_missing"),
        ("  ", "filename_missing"),
        ("..", "filename_missing"),
        ("a/..", "filename_missing"),
        ("folder/", "filename_missing"),
        ("a\0.csv", "filename_characters"),
        ("a\r\nBcc: eve.csv", "filename_characters"),
        ("a\u2028b.csv", "filename_characters"),
        ("\ud800.csv", "filename_characters"),
        ("pay\u202evsc.exe.csv", "filename_characters"),
        ("\u2067a\u2069.csv", "filename_characters"),
        ("a\u200e.csv", "filename_characters"),
        ("a" * 1025, "filename_too_long"),
    ],
)
def test_a_file_name_that_cannot_be_shown_or_kept_is_refused(name: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        names.original_filename(name)
    assert (refusal.value.code, refusal.value.field) == (code, "file")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("A.CSV", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.jsonl", "jsonl"),
        ("a.csv.gz", "gz"),
        ("a", ""),
        (".csv", ""),
        ("a.", ""),
        ("folder.csv/a", ""),
    ],
)
def test_the_format_follows_from_the_suffix(name: str, kind: str) -> None:
    assert names.file_format(name) == kind


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a.csv", True),
        ("a.ndjson", True),
        ("a.xlsx", False),
        ("a", False),
        ("a.csv.gz", True),
        ("A.NDJSON.GZ", True),
        ("a.gz", False),
        ("a.json.gz", False),
        ("a.zip.gz", False),
        ("folder.csv/a.gz", False),
        ("a.csv.zip", True),
    ],
)
def test_a_file_is_taken_by_its_ending_and_a_compressed_one_by_the_ending_before_it(name: str, *, taken: bool) -> None:
    assert names.is_taken(name, ("csv", "jsonl", "gz", "zip")) is taken


def test_formats_are_said_in_words() -> None:
    assert names.format_words(("csv", "json", "jsonl")) == "CSV, JSON or JSONL"
    assert names.format_words(("csv", "parquet", "gz")) == "CSV or Parquet, or a text compressed as GZ"
    assert names.format_words(("zip",)) == "ZIP"


@pytest.mark.parametrize(
    ("name", "formats", "said"),
    [
        (
            "a.docx",
            ("csv", "xlsx"),
            "The selected file must be a CSV or XLSX. Save the data in one of these formats and upload that file.",
        ),
        ("a.XLS", ("csv", "xlsx"), "Save this one as an Excel workbook (.xlsx) or as CSV."),
        ("a.xls", ("csv",), "must be a CSV. Save the data in one of these formats and upload that file."),
        ("a.gz", ("csv", "gz"), "Name a compressed text like data.csv.gz, so that the name says what is inside."),
    ],
)
def test_a_file_that_is_not_taken_is_told_what_would_be(name: str, formats: tuple[str, ...], said: str) -> None:
    assert names.format_refusal(name, formats).endswith(said)


@settings(deadline=None)
@given(FILENAMES, NAMES, NAMES)
def test_no_name_leads_out_of_its_folder(filename: str, database: str, table: str) -> None:
    path = Path("/area") / f"database_name={database}" / f"table_name={table}" / names.safe_filename(filename)
    assert path.resolve() == path
