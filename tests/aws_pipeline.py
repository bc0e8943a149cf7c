"""The pipeline on the real adapters and the strict AWS, with an account of ours and one of the Analytical Platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from include.adapters.aws_clients import client_config
from include.adapters.catalogue_glue import GlueCatalogue
from include.adapters.ledger.engine import make_engine
from include.adapters.ledger.migrate import migrate
from include.adapters.ledger.nights import SqlNightLedger
from include.adapters.ledger.uploads import SqlUploadLedger
from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
from include.adapters.object_store_s3 import S3ObjectStore
from include.adapters.s3_uri import bucket_and_key
from include.services.context import PromotionContext
from include.settings import Settings
from tests.fakes.clock import FixedClock
from tests.fakes.mailer import MemoryMailer
from tests.fakes.reviewed import ReviewedPeople, ReviewedTables
from tests.pipeline import Pipeline, SuiteOf
from tests.strict_aws.server import OWN_ACCOUNT, REGION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.strict_aws.server import StrictAws

AP_ACCOUNT = "222222222222"


def make_aws_pipeline(aws: StrictAws, folder: Path, *, ledger_url: str | None = None) -> Pipeline:
    """A pipeline with nothing in it; its ledger is a SQLite file in `folder` unless a URL is given.

    A partition superseded stays where it is, as on AWS.
    """
    url = ledger_url or f"sqlite:///{folder / 'ledger.db'}"
    settings = Settings(ledger_url=SecretStr(url), work_dir=folder)
    migrate(url)
    make_buckets(aws, settings)
    clock, mailer, suite = FixedClock(), MemoryMailer(), SuiteOf()
    reviewed, owners = ReviewedTables(), ReviewedPeople()
    ours, theirs = OWN_ACCOUNT, AP_ACCOUNT
    context = PromotionContext(
        settings=settings,
        clock=clock,
        ledger=SqlUploadLedger(make_engine(url), clock=clock),
        withdrawals=SqlWithdrawalLedger(make_engine(url), clock=clock),
        objects=S3ObjectStore(aws.client("s3", account=ours, config=client_config())),
        catalogue=GlueCatalogue(aws.client("glue", account=ours, config=client_config())),
        mailer=mailer,
        validation=suite,
        reviewed_options=reviewed,
        reviewed_owners=owners,
        ap_objects=S3ObjectStore(aws.client("s3", account=theirs, config=client_config())),
        ap_catalogue=GlueCatalogue(aws.client("glue", account=theirs, config=client_config())),
        nights=SqlNightLedger(make_engine(url)),
    )
    return Pipeline(context=context, mailer=mailer, clock=clock, suite=suite, reviewed=reviewed, owners=owners)


def make_buckets(aws: StrictAws, settings: Settings) -> None:
    """The buckets of all areas, each in the account that owns it."""
    ours = {
        settings.landing_uri,
        settings.raw_history_uri,
        settings.fail_uri,
        settings.staging_uri,
        settings.curated_uri,
    }
    for account, uris in ((OWN_ACCOUNT, ours), (AP_ACCOUNT, {settings.analytical_platform_uri})):
        client = aws.client("s3", account=account)
        for bucket in sorted({bucket_and_key(uri)[0] for uri in uris}):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
