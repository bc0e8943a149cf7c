from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from include.adapters.users_file import UsersFile
from include.domain.errors import Terminal

if TYPE_CHECKING:
    from pathlib import Path

TWO = "users:\n  - email: ann@example.org\n  - email: Bob@Example.org\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "users.yaml"
    path.write_text(TWO)
    return path


@pytest.mark.parametrize("email", ["ann@example.org", "ANN@EXAMPLE.ORG", "bob@example.org", "BoB@eXample.org"])
def test_people_on_the_list_are_known_in_any_case(path: Path, email: str) -> None:
    assert UsersFile(path).knows(email)


@pytest.mark.parametrize(
    "email", ["", "eve@example.org", "ann", "ann@example.org ", "ann@example.org\n", "ann@example.org,eve@example.org"]
)
def test_nobody_else_is_known(path: Path, email: str) -> None:
    assert not UsersFile(path).knows(email)


def test_a_letter_that_only_looks_the_same_in_lower_case_is_another_address(path: Path) -> None:
    path.write_text("users: [{email: kit@example.org}]")
    kelvin = "\N{KELVIN SIGN}it@example.org"
    assert kelvin.lower() == "kit@example.org"
    assert not UsersFile(path).knows(kelvin)


def test_a_changed_file_counts_at_once(path: Path) -> None:
    users = UsersFile(path)
    assert not users.knows("eve@example.org")
    path.write_text(TWO + "  - email: eve@example.org\n")
    assert users.knows("eve@example.org")
    path.write_text("users: [{email: eve@example.org}]")
    assert not users.knows("ann@example.org")


def test_a_file_replaced_by_another_of_the_same_size_and_time_counts_at_once(path: Path, tmp_path: Path) -> None:
    users = UsersFile(path)
    assert users.knows("ann@example.org")
    before = path.stat()
    new = tmp_path / "new.yaml"
    new.write_text(TWO.replace("ann", "eve"))
    os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
    new.replace(path)
    assert users.knows("eve@example.org")
    assert not users.knows("ann@example.org")


def test_an_unchanged_file_is_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    users = UsersFile(path)
    assert users.knows("ann@example.org")
    monkeypatch.setattr(type(path), "read_text", lambda *_, **__: pytest.fail("read again"))
    assert users.knows("bob@example.org")


@pytest.mark.parametrize("email", ["mary.o'brien@example.org", "a+b@example.org", "x_y-z@sub.example.org", "1@b.c"])
def test_addresses_as_people_have_them_are_accepted(path: Path, email: str) -> None:
    path.write_text(f'users: [{{email: "{email}"}}]')
    assert UsersFile(path).knows(email)


def test_an_empty_list_knows_nobody(path: Path) -> None:
    path.write_text("users: []")
    assert not UsersFile(path).knows("ann@example.org")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "must have one key, `users`"),
        ("- ann@example.org", "must have one key, `users`"),
        ("users: []\nadmins: []", "must have one key, `users`"),
        ("users:", "`users` must be a list"),
        ("users: {email: ann@example.org}", "`users` must be a list"),
        ("users: [ann@example.org]", "entry 1 of `users` must be"),
        ("users: [{email: a@b.c}, {name: Ann}]", "entry 2 of `users` must be"),
        ("users: [{email: a@b.c, role: admin}]", "entry 1 of `users` must be"),
        ("users: [{email: ann}]", "entry 1 of `users` has no e-mail address: 'ann'"),
        ("users: [{email: 7}]", "has no e-mail address: 7"),
        ("users: [{email: null}]", "has no e-mail address: None"),
        ("users: [{email: '@b.c'}]", "has no e-mail address"),
        ("users: [{email: 'a@'}]", "has no e-mail address"),
        ("users: [{email: 'a@b@c'}]", "has no e-mail address"),
        ("users: [{email: 'a@b.c, d@e.f'}]", "has no e-mail address"),
        ('users: [{email: "a@b.c\\n"}]', "has no e-mail address"),
        ("users: [{email: ünal@b.c}]", "has no e-mail address"),
        ("users:\n  - email: ann@example.org\n  - [", "it is not YAML at line 3"),
        ("users: [{email: !!python/object/apply:os.getcwd []}]", "it is not YAML at line 1"),
    ],
)
def test_a_file_that_breaks_the_rules_is_said_plainly(path: Path, content: str, said: str) -> None:
    path.write_text(content)
    with pytest.raises(Terminal, match="users file") as fault:
        UsersFile(path).knows("ann@example.org")
    assert fault.value.code == "users_file_invalid"
    assert said in fault.value.detail


def test_a_file_that_is_no_text_is_said_plainly(path: Path) -> None:
    path.write_bytes(b"users: [\xff]")
    with pytest.raises(Terminal, match="it is not YAML"):
        UsersFile(path).knows("ann@example.org")


def test_a_missing_file_is_an_error_and_not_an_empty_list(tmp_path: Path) -> None:
    with pytest.raises(Terminal, match="cannot be read"):
        UsersFile(tmp_path / "none.yaml").knows("ann@example.org")


@pytest.mark.parametrize("broken", ["users: [", "users: [{email: eve}]", "", None])
def test_a_file_broken_while_running_leaves_the_list_before_it_good_and_is_told_in_the_log(
    path: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    users = UsersFile(path)
    assert users.knows("ann@example.org")
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken)
    for _ in range(20):
        assert users.knows("ann@example.org")
    assert not users.knows("eve@example.org")
    [said] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "users file" in said.getMessage()
    assert "stays good" in said.getMessage()


def test_a_mended_file_counts_at_once(path: Path) -> None:
    users = UsersFile(path)
    assert users.knows("ann@example.org")
    path.write_text("users: [")
    assert users.knows("ann@example.org")
    path.write_text("users: [{email: eve@example.org}]")
    assert users.knows("eve@example.org")
    assert not users.knows("ann@example.org")


def test_a_file_that_stays_broken_is_told_again(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    users, minutes = UsersFile(path), [0]
    monkeypatch.setattr("include.adapters.users_file.time.monotonic", lambda: minutes[0] * 60)
    users.knows("ann@example.org")
    path.write_text("users: [")
    for _ in range(11):
        users.knows("ann@example.org")
        minutes[0] += 1
    assert len(caplog.records) == 3


def test_a_process_that_starts_with_a_broken_file_lets_nobody_in(path: Path) -> None:
    path.write_text("users: [")
    with pytest.raises(Terminal):
        UsersFile(path).knows("ann@example.org")


def test_a_folder_that_is_swapped_by_a_link_counts_at_once(tmp_path: Path) -> None:
    """As a volume of Kubernetes and a checkout that is kept in step do."""
    for name, email in (("one", "ann@example.org"), ("two", "eve@example.org")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "users.yaml").write_text(f"users: [{{email: {email}}}]")
    link = tmp_path / "now"
    link.symlink_to("one")
    users = UsersFile(link / "users.yaml")
    assert users.knows("ann@example.org")
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(link)
    assert users.knows("eve@example.org")
    assert not users.knows("ann@example.org")
