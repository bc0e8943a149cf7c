"""The composition root: which adapter stands behind which port."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from include.settings import MailTransport, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.config import Config

    from include.ports import AccessTemplates, AuditTrail, IdentityProvider, Mailer, UploadLedger
    from include.services.context import FrontContext, HousekeepingContext, PipelineContext, PromotionContext

    ClientFactory = Callable[[str], Any]


def front(settings: Settings | None = None) -> FrontContext:
    """The context of pages and API, on the front's own AWS credentials."""
    from include.adapters.aws_clients import client_config, signing_config
    from include.adapters.catalogue_glue import GlueCatalogue
    from include.adapters.clock import SystemClock
    from include.adapters.ledger.engine import make_engine
    from include.adapters.ledger.identity import SqlIdentityLedger
    from include.adapters.ledger.publications import SqlPublicationLedger
    from include.adapters.ledger.uploads import SqlUploadLedger
    from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
    from include.adapters.multipart_s3 import S3MultipartUploads
    from include.adapters.object_store_s3 import S3ObjectStore
    from include.adapters.parquet_rows import ParquetRows
    from include.adapters.reading_options_file import ReadingOptionsFile
    from include.adapters.table_owners_file import TableOwnersFile
    from include.adapters.users_file import UsersFile
    from include.services.context import FrontContext

    settings = settings or Settings()
    clock = SystemClock()
    engine = make_engine(settings.ledger_url.get_secret_value(), pooled=True)  # made after a server has forked
    clients = _own_clients(settings, settings.aws_endpoint_url, client_config())
    public = _own_clients(settings, settings.public_endpoint_url, signing_config(settings.public_endpoint_url))
    return FrontContext(
        settings=settings,
        clock=clock,
        new_id=lambda: uuid.uuid4().hex,
        ledger=SqlUploadLedger(engine, clock=clock),
        withdrawals=SqlWithdrawalLedger(engine, clock=clock),
        publications=SqlPublicationLedger(engine),
        identity=SqlIdentityLedger(engine, clock=clock),
        users=UsersFile(settings.users_file),
        objects=S3ObjectStore(clients("s3")),
        multipart=S3MultipartUploads(clients("s3"), signing=public("s3")),
        catalogue=GlueCatalogue(clients("glue")),
        rows=ParquetRows(),
        mailer=_mailer(settings, clients),
        reviewed_options=ReadingOptionsFile(settings.reading_options_file),
        reviewed_owners=TableOwnersFile(settings.table_owners_file),
        access_templates=access_templates(settings),
        provider=_provider(settings),
    )


def pipeline(uploader: ClientFactory, *, settings: Settings) -> PipelineContext:
    """The context of the ingestion; `uploader` makes a boto3 client of a service in the service's own account."""
    from include.services.context import PipelineContext

    return PipelineContext(**_pipeline_ports(uploader, settings))


def promotion(uploader: ClientFactory, *, analytical_platform: ClientFactory, settings: Settings) -> PromotionContext:
    """The context of the promotion; `analytical_platform` makes clients in that account."""
    from include.services.context import PromotionContext

    return PromotionContext(**_promotion_ports(uploader, analytical_platform, settings))


def promotion_from_profiles(
    *, profile: str | None, analytical_platform_profile: str | None, settings: Settings
) -> PromotionContext:
    """The context of the promotion outside of Airflow, by profiles of an AWS configuration; None is its default."""
    from include.adapters.aws_clients import client_config

    config = client_config()
    uploader = _own_clients(settings, settings.aws_endpoint_url, config, profile=profile)
    platform = _own_clients(settings, settings.aws_endpoint_url, config, profile=analytical_platform_profile)
    return promotion(uploader, analytical_platform=platform, settings=settings)


def promotion_from_keys(
    *, uploader: Mapping[str, str], analytical_platform: Mapping[str, str], settings: Settings
) -> PromotionContext:
    """The same by a pair of keys for each account, `aws_access_key_id` and `aws_secret_access_key`."""
    from include.adapters.aws_clients import client_config

    own, platform = (
        _own_clients(settings, settings.aws_endpoint_url, client_config(), **keys)
        for keys in (uploader, analytical_platform)
    )
    return promotion(own, analytical_platform=platform, settings=settings)


def housekeeping(
    uploader: ClientFactory, *, analytical_platform: ClientFactory, settings: Settings
) -> HousekeepingContext:
    """The context of housekeeping. It signs no part of an upload, so it has no client for that."""
    from include.adapters.clock import SystemClock
    from include.adapters.ledger.engine import make_engine
    from include.adapters.ledger.identity import SqlIdentityLedger
    from include.adapters.multipart_s3 import S3MultipartUploads
    from include.services.context import HousekeepingContext

    ours, theirs = uploader("s3"), analytical_platform("s3")
    return HousekeepingContext(
        **_promotion_ports(uploader, analytical_platform, settings),
        multipart=S3MultipartUploads(ours, signing=ours),
        ap_multipart=S3MultipartUploads(theirs, signing=theirs),
        identity=SqlIdentityLedger(make_engine(settings.ledger_url.get_secret_value()), clock=SystemClock()),
    )


def _promotion_ports(uploader: ClientFactory, analytical_platform: ClientFactory, settings: Settings) -> dict[str, Any]:
    from include.adapters.catalogue_glue import GlueCatalogue
    from include.adapters.ledger.engine import make_engine
    from include.adapters.ledger.nights import SqlNightLedger
    from include.adapters.object_store_s3 import S3ObjectStore

    return {
        **_pipeline_ports(uploader, settings),
        "ap_objects": S3ObjectStore(analytical_platform("s3")),
        "ap_catalogue": GlueCatalogue(analytical_platform("glue")),
        "nights": SqlNightLedger(make_engine(settings.ledger_url.get_secret_value())),
    }


def _pipeline_ports(uploader: ClientFactory, settings: Settings) -> dict[str, Any]:
    from include.adapters.catalogue_glue import GlueCatalogue
    from include.adapters.clock import SystemClock
    from include.adapters.ledger.engine import make_engine
    from include.adapters.ledger.withdrawals import SqlWithdrawalLedger
    from include.adapters.object_store_s3 import S3ObjectStore
    from include.adapters.reading_options_file import ReadingOptionsFile
    from include.adapters.table_owners_file import TableOwnersFile
    from include.adapters.validation_gx import SuiteValidation

    return {
        "settings": settings,
        "clock": SystemClock(),
        "ledger": ledger(settings),
        "withdrawals": SqlWithdrawalLedger(make_engine(settings.ledger_url.get_secret_value()), clock=SystemClock()),
        "objects": S3ObjectStore(uploader("s3")),
        "catalogue": GlueCatalogue(uploader("glue")),
        "mailer": _mailer(settings, uploader),
        "validation": SuiteValidation(),
        "reviewed_options": ReadingOptionsFile(settings.reading_options_file),
        "reviewed_owners": TableOwnersFile(settings.table_owners_file),
    }


def access_templates(settings: Settings) -> AccessTemplates:
    """The templates of the access pack."""
    from include.adapters.access_template_files import AccessTemplateFiles

    return AccessTemplateFiles(
        {
            "project": settings.access_project_template,
            "database": settings.access_database_template,
            "readme": settings.access_readme_template,
        }
    )


def ledger(settings: Settings) -> UploadLedger:
    """The ledger alone."""
    from include.adapters.clock import SystemClock
    from include.adapters.ledger.engine import make_engine
    from include.adapters.ledger.uploads import SqlUploadLedger

    return SqlUploadLedger(make_engine(settings.ledger_url.get_secret_value()), clock=SystemClock())


def audit_trail(settings: Settings) -> AuditTrail:
    """The audit trail, to read."""
    from include.adapters.ledger.audit import SqlAuditTrail
    from include.adapters.ledger.engine import make_engine

    return SqlAuditTrail(make_engine(settings.ledger_url.get_secret_value()))


def migrate(settings: Settings | None = None) -> None:
    """Bring the ledger's tables to the newest version; harmless when they are."""
    from include.adapters.ledger.migrate import migrate as bring_up

    bring_up((settings or Settings()).ledger_url.get_secret_value())


def _own_clients(
    settings: Settings, endpoint_url: str | None, config: Config, *, profile: str | None = None, **keys: Any
) -> ClientFactory:
    import boto3

    session: Any = boto3.session.Session(region_name=settings.aws_region, profile_name=profile, **keys)
    return lambda service: session.client(service, endpoint_url=endpoint_url, config=config)


def _provider(settings: Settings) -> IdentityProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    from include.adapters.clock import SystemClock
    from include.adapters.oidc import OidcProvider

    return OidcProvider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None,
        clock=SystemClock(),
        scopes=settings.oidc_scopes,
        algorithms=settings.oidc_algorithms,
        discovery_url=settings.oidc_discovery_url,
        groups_claim=settings.oidc_groups_claim,
        skew_seconds=settings.oidc_clock_skew_seconds,
        timeout_seconds=settings.oidc_timeout_seconds,
    )


def _mailer(settings: Settings, clients: ClientFactory) -> Mailer:
    match settings.mail_transport:
        case MailTransport.FOLDER:
            from include.adapters.mail_folder import FolderMailer

            return FolderMailer(settings.mail_dir, sender=settings.mail_from)
        case MailTransport.SMTP:
            from include.adapters.mail_smtp import SmtpMailer

            return SmtpMailer(
                host=settings.smtp_host,
                port=settings.smtp_port,
                sender=settings.mail_from,
                username=settings.smtp_username,
                password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
                starttls=settings.smtp_starttls,
            )
        case MailTransport.SES:
            from include.adapters.mail_ses import SesMailer

            return SesMailer(clients("ses"), sender=settings.mail_from)
