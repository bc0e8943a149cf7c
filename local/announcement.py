"""What a person is told when the local service is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.description import DEMO_EMAIL
from local.environment import AIRFLOW_USER

if TYPE_CHECKING:
    from local.places import Places
    from local.secret_keys import SecretKeys


def announcement(places: Places, secret_keys: SecretKeys, *, seconds: float) -> str:
    """Addresses and sign-ins, in the order a person needs them."""
    return f"""
Ready after {seconds:.0f} seconds.

  Data Uploader   {places.uploader_url}
                  Sign in as {DEMO_EMAIL}. The code arrives as a file in {places.mail}
  Airflow         {places.airflow_url}
                  Sign in as {AIRFLOW_USER} with the password {secret_keys.airflow_password}
  Local AWS       {places.aws_url} (S3, Glue, Athena, SES)
  For tools       {places.description} holds these and an API token

Press Ctrl-C to stop. What was uploaded is kept in {places.run}
"""
