"""Fixtures for every test that needs an AWS: the strict layer in front of moto, empty at the start of each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

    from tests.strict_aws.server import StrictAws


@pytest.fixture(scope="session")
def aws_server() -> Iterator[StrictAws]:
    """The one server of the session; use `aws`."""
    # moto and its server take seconds to import, which tests without an AWS should not pay.
    from tests.strict_aws.server import strict_aws

    with strict_aws() as server:
        yield server


@pytest.fixture
def aws(aws_server: StrictAws) -> StrictAws:
    """An empty AWS: `endpoint_url`, `client(service, account=…)`, `requests` counted, `faults` on order."""
    aws_server.reset()
    return aws_server


@pytest.fixture
def s3(aws: StrictAws) -> S3Client:
    """A client of S3, configured as the service's own."""
    from include.adapters.aws_clients import client_config

    client: S3Client = aws.client("s3", config=client_config())
    return client


@pytest.fixture
def glue(aws: StrictAws) -> GlueClient:
    """A client of Glue, configured as the service's own."""
    from include.adapters.aws_clients import client_config

    client: GlueClient = aws.client("glue", config=client_config())
    return client
