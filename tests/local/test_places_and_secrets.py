from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from local.airflow_database import moved_extra
from local.environment import front_environment, service_environment
from local.places import PROJECT_ROOT, BadPort, Places
from local.private_files import write_private
from local.secret_keys import SecretKeys


def test_the_ports_follow_from_one() -> None:
    places = Places.of({"PORT": "18000"})
    assert (places.port, places.aws_port) == (18000, 18001)
    assert places.uploader_url == "http://127.0.0.1:18000/uploader/"
    assert places.run == PROJECT_ROOT / ".run"


def test_every_place_can_be_chosen(tmp_path: Path) -> None:
    places = Places.of({"PORT": "18000", "AWS_PORT": "19000", "DATA_UPLOADER_RUN_DIR": str(tmp_path)})
    assert (places.aws_port, places.run) == (19000, tmp_path)


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80", "٨٠"])
def test_a_port_that_is_none_is_refused_by_name(port: str) -> None:
    with pytest.raises(BadPort, match="PORT is "):
        Places.of({"PORT": port})


def test_one_port_cannot_be_two() -> None:
    with pytest.raises(BadPort, match="different numbers"):
        Places.of({"PORT": "18000", "AWS_PORT": "18000"})


def test_secrets_are_made_once_and_kept_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = SecretKeys.kept_in(path)
    assert SecretKeys.kept_in(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first.uploader_secret_key) >= 32
    assert len(base64.urlsafe_b64decode(first.airflow_fernet_key)) == 32
    assert SecretKeys.made() != first


def test_a_secret_that_a_newer_version_needs_is_added_to_the_kept_ones(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    write_private(path, {"airflow_password": "kept"})
    assert SecretKeys.kept_in(path).airflow_password == "kept"
    assert len(json.loads(path.read_text())) == 5


def test_a_persons_own_aws_credentials_and_airflow_reach_no_component(tmp_path: Path) -> None:
    places = Places(run=tmp_path, port=18000, aws_port=18001)
    persons = {"AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "AKIA", "AIRFLOW_HOME": "/home/me/airflow", "PATH": "/bin"}
    service = service_environment(places, SecretKeys.made(), persons)
    assert "AWS_PROFILE" not in service
    assert "AWS_ACCESS_KEY_ID" not in service
    assert not Path(service["AWS_SHARED_CREDENTIALS_FILE"]).exists()
    assert service["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert service["PATH"] == "/bin"
    assert front_environment(service)["AWS_ACCESS_KEY_ID"] == "test"


def test_a_persons_choices_win_over_what_suits_one_machine(tmp_path: Path) -> None:
    places = Places(run=tmp_path, port=18000, aws_port=18001)
    chosen = {"DATA_UPLOADER_MAIL_TRANSPORT": "smtp", "DATA_UPLOADER_MAX_BYTES": "1000"}
    service = service_environment(places, SecretKeys.made(), chosen)
    assert service["DATA_UPLOADER_MAIL_TRANSPORT"] == "smtp"
    assert service["DATA_UPLOADER_MAX_BYTES"] == "1000"


WANTED = {"endpoint_url": "http://127.0.0.1:19001", "region_name": "eu-west-1"}


def test_a_connection_follows_the_local_port() -> None:
    current = {"endpoint_url": "http://localhost:18001", "region_name": "eu-west-2", "role_arn": "r"}
    assert moved_extra(current, WANTED) == {**current, "endpoint_url": "http://127.0.0.1:19001"}


@pytest.mark.parametrize(
    "current", [WANTED, {"endpoint_url": "https://s3.eu-west-1.amazonaws.com"}, {"region_name": "eu-west-1"}, {}]
)
def test_a_connection_that_a_person_pointed_elsewhere_is_left_alone(current: dict[str, str]) -> None:
    assert moved_extra(current, WANTED) is None
