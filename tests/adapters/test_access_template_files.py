"""Templates of the access pack: what they make parses back, and a broken one is told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from include import bootstrap
from include.adapters.access_template_files import AccessTemplateFiles
from include.domain.errors import Terminal
from include.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = bootstrap.access_templates(Settings())


def facts(**changes: Any) -> dict[str, Any]:
    """What the service tells a template."""
    known = {
        "env": "prod",
        "database": "travel",
        "glue_database": "data_eng_uploader_prod_travel",
        "project_id": "data_uploader_travel",
        "today": "2026-01-31",
        "review_date": "2027-01-31",
        "first_uploader": "analyst@example.org",
        "first_published_on": "2026-01-31",
        "owners": ["analyst@example.org"],
        "tables": [
            {
                "name": "trips",
                "athena_reference": "data_eng_uploader_prod_travel.trips",
                "owner": "analyst@example.org",
                "partitions": 3,
                "last_published_on": "2026-01-31",
            }
        ],
        "documents": [
            {
                "kind": "Data movement form",
                "reference": "DMF-7",
                "classification": "OFFICIAL",
                "tables": ["trips"],
                "uploads": 3,
            }
        ],
    }
    return {**known, **changes}


def test_the_project_file_has_the_fields_that_access_is_given_by() -> None:
    document = yaml.safe_load(SHIPPED.render("project", facts()))
    assert set(document) == {
        "project_id",
        "review_date",
        "approver_position",
        "approver_email",
        "alternative_approver_emails",
        "resources",
        "users",
        "business_case",
    }
    assert document["approver_position"].startswith(">=G7 ")
    assert document["resources"] == ["data_eng_uploader_prod_travel/full"]
    assert document["review_date"].isoformat() == "2027-01-31"
    assert document["users"] == ["<alpha username of analyst@example.org>"]


def test_the_readme_asks_for_provenance_and_governance_and_tells_what_is_known() -> None:
    text = SHIPPED.render("readme", facts())
    assert "## Provenance" in text
    assert "## Governance" in text
    assert r"first by analyst@example\.org on 2026-01-31" in text
    assert r"| Data movement form | DMF\-7 | OFFICIAL | trips | 3 |" in text


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(text=TEXT)
@pytest.mark.parametrize("which", ["project", "database"])
def test_whatever_an_address_looks_like_the_yaml_parses_back_to_it(which: str, text: str) -> None:
    table = {**facts()["tables"][0], "name": text}
    known = facts(owners=[text, "plain@example.org"], glue_database=text, project_id=text, tables=[table])
    document = yaml.safe_load(SHIPPED.render(which, known))
    if which == "project":
        assert document["users"] == [f"<alpha username of {text}>", "<alpha username of plain@example.org>"]
        assert (document["project_id"], document["resources"]) == (text, [f"{text}/full"])
        assert document["business_case"] == f"<what the users need the data of {text} for>"
    else:
        assert (document["name"], document["owners"]) == (text, [text, "plain@example.org"])
        assert document["tables"] == [text]


@given(text=TEXT)
def test_no_address_or_reference_adds_a_line_or_a_cell_to_the_readme(text: str) -> None:
    documents = [{**facts()["documents"][0], "reference": text}]
    known = facts(first_uploader=text, owners=[text], documents=documents)
    plain = SHIPPED.render("readme", facts())
    made = SHIPPED.render("readme", known)
    assert len(made.splitlines()) == len(plain.splitlines())
    (row,) = [line for line in made.splitlines() if line.startswith("| Data movement form |")]
    assert row.replace(r"\|", "").count("|") == 6


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{% for table in tables %}", "Unexpected end of template"),
        ("a: {{ 'b: c' }}: [", "could not|mapping values|expected"),
        ("{{ ().__class__.__base__.__subclasses__() }}", "access to attribute '__class__'"),
        ("{{ 1 // 0 }}", "ZeroDivisionError"),
        ("{{ owners[0] | nothing }}", "No filter named 'nothing'"),
        ("{{ owners + 1 }}", "TypeError"),
        ("{% include '/etc/hostname' %}", "no loader|TypeError"),
    ],
)
def test_a_broken_template_is_named_with_what_is_wrong(tmp_path: Path, template: str, why: str) -> None:
    path = tmp_path / "project.yaml.jinja"
    path.write_text(template)
    with pytest.raises(Terminal, match=why) as broken:
        AccessTemplateFiles({"project": path}).render("project", facts())
    assert broken.value.code == "access_template_broken"
    assert str(path) in broken.value.detail


def test_a_template_that_is_not_there_is_broken_and_a_new_one_counts_at_once(tmp_path: Path) -> None:
    templates = AccessTemplateFiles({"readme": tmp_path / "README.md"})
    with pytest.raises(Terminal):
        templates.render("readme", facts())
    (tmp_path / "README.md").write_bytes(b"\xff")
    with pytest.raises(Terminal):
        templates.render("readme", facts())
    (tmp_path / "README.md").write_text("{{ database }}: not YAML: {{ env }}\n")
    assert templates.render("readme", facts()) == "travel: not YAML: prod\n"
