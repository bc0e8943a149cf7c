from __future__ import annotations

import copy
import pickle

import pytest

from include.domain import errors
from include.domain.errors import UploaderError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, UploaderError)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_survives_pickling_with_its_kind_and_fields(kind: type[UploaderError], protocol: int) -> None:
    error = kind("Enter a name.", code="name_missing", title="Name", field="database")
    again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert (str(again), again.args, again.status) == (str(error), error.args, error.status)


def test_an_error_survives_copying() -> None:
    error = errors.Conflict("Taken.", code="partition_taken")
    assert vars(copy.copy(error)) == vars(copy.deepcopy(error)) == vars(error)


def test_a_title_follows_from_the_code_when_none_is_given() -> None:
    assert errors.Refused("…", code="bad_key").title == "Bad key"


@pytest.mark.parametrize(
    ("kind", "status", "parent"),
    [
        (errors.Refused, 422, UploaderError),
        (errors.NotFound, 404, errors.Refused),
        (errors.Forbidden, 403, errors.Refused),
        (errors.Conflict, 409, errors.Refused),
        (errors.TooLarge, 413, errors.Refused),
        (errors.Transient, 503, UploaderError),
        (errors.Terminal, 500, UploaderError),
    ],
)
def test_each_kind_has_its_status(kind: type[UploaderError], status: int, parent: type[UploaderError]) -> None:
    assert kind.status == status
    assert kind.__bases__ == (parent,)
