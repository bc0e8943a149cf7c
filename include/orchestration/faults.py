"""Our own faults as Airflow should take them: what trying again does not mend is not tried again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def faults() -> Iterator[None]:
    """Refused and Terminal end the task for good; anything else is tried again."""
    from airflow.sdk.exceptions import AirflowFailException

    from include.domain.errors import Refused, Terminal

    try:
        yield
    except (Refused, Terminal) as error:
        raise AirflowFailException(f"{error.code}: {error.detail}") from error
