"""What the composed stack needs before its components start; safe to do again at every start and upgrade."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from include import bootstrap
from include.settings import Settings
from local import airflow_database
from local.aws_areas import make_areas
from local.private_files import write_private


def main() -> None:
    """Migrate both databases, make the connections, and the areas if AWS is a local one; set Airflow's password."""
    settings = Settings()
    bootstrap.migrate()
    airflow_database.main()
    if settings.aws_endpoint_url is not None:
        make_areas(settings)
    passwords = Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    write_private(passwords, {"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]})
    sys.stdout.write("Ready: ledger, Airflow's database and connections, areas, Airflow's password.\n")


if __name__ == "__main__":
    main()
