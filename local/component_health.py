"""Health checks of the composed stack's containers, asked of the API server: no Airflow is imported for them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from local import health

QUIET = timedelta(seconds=60)  # longer than this without a heartbeat is not well


def is_well(component: str, base_url: str) -> bool:
    """Whether the front answers, or a component of Airflow has given a sign of life of late."""
    if component == "front":
        return health.status_of(f"{base_url}/uploader/") == health.OK
    return health.is_alive(f"{base_url}/", component, since=datetime.now(UTC) - QUIET)


def main() -> int:
    """`python -m local.component_health COMPONENT URL`: 0 if it is well."""
    component, base_url = sys.argv[1:]
    return 0 if is_well(component, base_url) else 1


if __name__ == "__main__":
    raise SystemExit(main())
