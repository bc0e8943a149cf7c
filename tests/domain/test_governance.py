from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.domain.errors import Refused
from include.domain.governance import Classification, Document, Governance, confirm, not_recorded

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def outcome(document: str, classification: str, env: str, reference: str = "DPIA-7") -> str:
    """`accepted`, or the code of the refusal."""
    try:
        confirm(
            document=document,
            reference=reference,
            classification=classification,
            by="ann@example.org",
            at=AT,
            env=env,
        )
    except Refused as refusal:
        return refusal.code
    return "accepted"


REFERENCES = {"dpia": "DPIA-7", "movement_form": "DMF/7", "none": ""}
# document, classification → dev, preprod, prod
RULES = {
    ("dpia", "test"): ("accepted", "accepted", "accepted"),
    ("dpia", "official"): ("accepted", "accepted", "accepted"),
    ("dpia", "official_sensitive"): ("governance_not_here", "governance_not_here", "accepted"),
    ("movement_form", "test"): ("accepted", "accepted", "accepted"),
    ("movement_form", "official"): ("accepted", "accepted", "accepted"),
    ("movement_form", "official_sensitive"): ("governance_not_here", "governance_not_here", "accepted"),
    ("none", "test"): ("accepted", "accepted", "accepted"),
    ("none", "official"): ("governance_needed",) * 3,
    ("none", "official_sensitive"): ("governance_needed",) * 3,
}


def test_the_table_of_rules_names_every_combination() -> None:
    assert set(RULES) == set(itertools.product(map(str, Document), map(str, Classification)))


@pytest.mark.parametrize(("choice", "expected"), RULES.items(), ids="-".join)
def test_what_was_confirmed_decides_what_may_be_uploaded_where(
    choice: tuple[str, str], expected: tuple[str, ...]
) -> None:
    assert tuple(outcome(*choice, env, REFERENCES[choice[0]]) for env in ("dev", "preprod", "prod")) == expected


@pytest.mark.parametrize(
    ("document", "classification", "reference", "code"),
    [
        ("", "test", "x", "governance_document"),
        ("DPIA", "test", "x", "governance_document"),
        ("dpia", "", "x", "governance_classification"),
        ("dpia", "secret", "x", "governance_classification"),
        ("dpia", "top_secret", "x", "governance_classification"),
        ("dpia", "official", "", "governance_reference"),
        ("movement_form", "official", " \t ", "governance_reference"),
        ("dpia", "official", "x" * 201, "governance_reference_characters"),
        ("dpia", "official", "a\nb", "governance_reference_characters"),
        ("dpia", "official", "a\0b", "governance_reference_characters"),
        ("dpia", "official", ".", "governance_reference_characters"),
        ("movement_form", "test", "-/ ?", "governance_reference_characters"),
        ("none", "test", "DPIA-7", "governance_reference_of_none"),
        ("none", "test", "  ", "accepted"),
        ("none", "test", "", "accepted"),
        ("dpia", "official", " " + "x" * 200 + " ", "accepted"),
        ("dpia", "official", "Überprüfung 7", "accepted"),
    ],
)
def test_each_answer_is_checked(document: str, classification: str, reference: str, code: str) -> None:
    assert outcome(document, classification, "prod", reference) == code


def test_what_was_confirmed_is_kept_with_who_and_when() -> None:
    kept = confirm(
        document="dpia", reference=" DPIA-7 ", classification="official", by="ann@example.org", at=AT, env="dev"
    )
    assert kept.as_dict() == {
        "document": "dpia",
        "reference": "DPIA-7",
        "classification": "official",
        "confirmed_by": "ann@example.org",
        "confirmed_at": "2026-01-31T12:00:00+00:00",
    }


@pytest.mark.parametrize("env", ["dev", "preprod"])
def test_a_file_dropped_by_hand_may_come_without_governance_outside_prod(env: str) -> None:
    kept = not_recorded(by="landing", at=AT, env=env)
    assert (kept.document, kept.classification, kept.confirmed_by) == (None, None, "landing")


def test_a_file_dropped_by_hand_needs_governance_in_prod() -> None:
    with pytest.raises(Refused) as refusal:
        not_recorded(by="landing", at=AT, env="prod")
    assert refusal.value.code == "governance_not_recorded"


@settings(deadline=None)
@given(
    st.builds(
        Governance,
        document=st.none() | st.sampled_from(Document),
        reference=st.text(),
        classification=st.none() | st.sampled_from(Classification),
        confirmed_by=st.text(),
        confirmed_at=st.datetimes(timezones=st.just(UTC)),
    )
)
def test_governance_comes_back_from_json(governance: Governance) -> None:
    assert Governance.from_dict(json.loads(json.dumps(governance.as_dict()))) == governance
