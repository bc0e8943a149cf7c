"""`python -m local.run` with the strict layer before the local AWS; everything else is what people start."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from local import components, run

if TYPE_CHECKING:
    from local.places import Places
    from local.supervisor import Component

_plain = components.local_aws


def strict_local_aws(places: Places) -> Component:
    """The component of the local AWS, as the strict layer with it behind."""
    plain = _plain(places)
    return replace(
        plain,
        command=components.python("tests.strict_aws.local_server"),
        environment={**plain.environment, "LOCAL_AWS_PYTHON": str(places.local_aws_python)},
    )


if __name__ == "__main__":
    components.local_aws = strict_local_aws
    sys.exit(run.main())
