"""Settings: every choice a deployment makes, read from `DATA_UPLOADER_*` environment variables."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent

MIB = 1024 * 1024


class Environment(StrEnum):
    """Which deployment this is; it prefixes databases and decides the governance rules."""

    DEV = "dev"
    PREPROD = "preprod"
    PROD = "prod"


class MailTransport(StrEnum):
    """How mail leaves the service."""

    FOLDER = "folder"
    SMTP = "smtp"
    SES = "ses"


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
SIGNATURES = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class Settings(BaseSettings):
    """One deployment's choices. The defaults suit one machine; each area is a URI `s3://bucket/prefix`."""

    # A composed stack cannot leave a variable out, only empty.
    model_config = SettingsConfigDict(env_prefix="DATA_UPLOADER_", env_ignore_empty=True, extra="ignore", frozen=True)

    env: Environment = Environment.DEV
    base_url: str = Field("http://127.0.0.1:8080/uploader/", description="where people reach the front; used in mail")
    other_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="hosts, with ports, besides the base URL's for which parts of a file are signed, comma separated",
    )
    airflow_url: str = Field("http://127.0.0.1:8080/", description="where data engineers reach Airflow")

    ledger_url: SecretStr = Field(
        SecretStr(f"sqlite:///{PROJECT_ROOT / '.run' / 'ledger.db'}"), description="any SQLAlchemy URL"
    )

    landing_uri: str = "s3://data-uploader-landing/landing"
    raw_history_uri: str = "s3://data-uploader-raw-history/raw_history"
    fail_uri: str = "s3://data-uploader-fail/fail"
    staging_uri: str = "s3://data-uploader-staging/staging"
    curated_uri: str = "s3://data-uploader-curated/curated"
    analytical_platform_uri: str = "s3://analytical-platform/uploader"

    aws_region: str = "eu-west-1"
    aws_endpoint_url: str | None = Field(None, description="the front's S3, Glue and SES endpoint; None is AWS itself")
    aws_public_endpoint_url: str | None = Field(
        None, description="the S3 endpoint as browsers reach it, in presigned URLs; None is aws_endpoint_url"
    )
    uploader_connection: str = Field("aws_uploader", description="Airflow connection to the service's own AWS account")
    analytical_platform_connection: str = Field(
        "aws_analytical_platform", description="Airflow connection to the Analytical Platform's AWS account"
    )

    max_bytes: int = Field(5 * 1024**4, gt=0, description="the largest file taken, in bytes")
    formats: Annotated[tuple[str, ...], NoDecode] = Field(
        ("csv", "json", "jsonl", "xlsx", "parquet", "gz", "zip"),
        description="file formats taken, by extension, comma separated; gz and zip are compressed texts",
    )
    max_unpacked_bytes: int = Field(
        50 * 1024**3, gt=0, description="most bytes of text taken out of a compressed file, workbook or Parquet file"
    )
    max_unpacked_ratio: int = Field(
        1000, gt=0, description="how many times its own size a file may unpack to, once that is more than 100 MB"
    )
    max_workbook_text_bytes: int = Field(
        1024**3, gt=0, description="most bytes of a workbook's shared texts, which are held in memory"
    )
    part_size: int = Field(16 * MIB, ge=5 * MIB, le=5 * 1024 * MIB, description="smallest upload part, in bytes")
    presign_seconds: int = Field(3600, gt=0, le=12 * 3600, description="how long a presigned part URL is good for")
    claim_seconds: int = Field(60, gt=0, description="after this a claimed landing object with no run is offered again")

    hand_drops_may_create: bool = Field(
        default=False, description="may a file dropped into landing by hand create its table"
    )
    team_email: str = Field(
        "data-uploader-team@example.org", description="gets the mail for files dropped by hand, and the nightly report"
    )

    mail_transport: MailTransport = MailTransport.FOLDER
    mail_dir: Path = PROJECT_ROOT / ".run" / "mail"
    mail_from: str = "Data Uploader <data-uploader@example.org>"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True

    access_request_url: str = Field(
        "https://example.org/request-database-access", description="how to ask for access to a new database"
    )
    users_file_url: str = Field(
        "https://example.org/data-uploader/users-file", description="how to be added to the users file"
    )
    platform_account_url: str = Field(
        "https://example.org/analytical-platform-account", description="how to get an account on the platform"
    )
    standard_access_file: str = Field(
        "standard_database_access.yaml",
        description="in dev, the file (a name, or an https URL) that lists who may read all databases",
    )
    access_project_template: Path = Field(
        PROJECT_ROOT / "include" / "access_pack" / "project.yaml.jinja", description="of who may read a database"
    )
    access_database_template: Path = Field(
        PROJECT_ROOT / "include" / "access_pack" / "database.yaml.jinja",
        description="of what a database is, in the fields of your organisation",
    )
    access_readme_template: Path = Field(
        PROJECT_ROOT / "include" / "access_pack" / "README.md.jinja", description="of the README.md of a database"
    )
    users_file: Path = PROJECT_ROOT / "include" / "access" / "users.yaml"
    reading_options_file: Path = PROJECT_ROOT / "include" / "tables" / "reading_options.yaml"
    table_owners_file: Path = PROJECT_ROOT / "include" / "tables" / "owners.yaml"
    secret_key: SecretStr | None = Field(
        None, description="keys the hashes of sign-in codes; needed by the front, at least 32 characters"
    )
    sign_in_by_code: bool = Field(default=True, description="may people sign in by a code in the mail")
    sign_in_code_minutes: int = Field(10, gt=0)
    sign_in_source_limit: int = Field(
        60, gt=0, description="codes asked for, and codes entered, from one client address within 15 minutes"
    )
    trusted_proxies: Names = Field(
        (), description="addresses or networks of proxies whose X-Forwarded-For names the client, comma separated"
    )
    session_idle_minutes: int = Field(60, gt=0)
    session_hours: int = Field(12, gt=0)
    api_token_days: int = Field(365, ge=0, description="how long a new API token works if nobody says; 0 for ever")
    api_tokens_per_person: int = Field(20, gt=0, description="API tokens that work, of one person")

    oidc_issuer: str | None = Field(None, description="the identity provider's issuer URL; none: no sign-in by one")
    oidc_discovery_url: str | None = Field(
        None, description="its discovery document, if it is not at the issuer's /.well-known/openid-configuration"
    )
    oidc_client_id: str | None = Field(None, description="what this service is called there")
    oidc_client_secret: SecretStr | None = Field(
        None, description="none for a public client, which proves by PKCE alone"
    )
    oidc_scopes: str = Field("openid email profile", description="what is asked of it; openid and email are needed")
    oidc_label: str = Field("Sign in with your organisation's account", description="the button on the sign-in page")
    oidc_algorithms: Names = Field(("RS256",), description="how its ID tokens may be signed, comma separated")
    oidc_clock_skew_seconds: int = Field(60, ge=0, le=300, description="how far its clock and ours may differ")
    oidc_timeout_seconds: float = Field(10, gt=0, le=60, description="how long it may take to answer us")
    oidc_admit_domains: Names = Field(
        (), description="domains of verified addresses that it may let in without the users file, comma separated"
    )
    oidc_admit_groups: Names = Field(
        (), description="groups whose members it may let in without the users file, comma separated"
    )
    oidc_groups_claim: str = Field("groups", description="the claim that names a person's groups")

    remove_superseded_at_once: bool = Field(
        default=False, description="for a local Athena that reads a table's whole root instead of its partitions"
    )
    widen_max_partitions: int = Field(
        200, ge=0, description="partitions that one widening derives again without a data engineer's approval"
    )
    widen_max_bytes: int = Field(
        20 * 1000**3, ge=0, description="bytes of raw files that one widening reads again without an approval"
    )
    keep_multipart_days: int = Field(7, ge=1, description="how long an unfinished multipart upload is kept")
    keep_staging_days: int = Field(7, ge=1, description="how long the staging of a finished upload is kept")
    keep_failed_days: int = Field(90, ge=1, description="how long a refused file is kept")
    keep_superseded_days: int = Field(7, ge=1, description="how long a revision that no table points at is kept")
    keep_sign_in_days: int = Field(30, ge=1, description="how long used sign-in codes and ended sessions are kept")

    convert_group_bytes: int = Field(
        1024 * MIB, gt=0, description="text of a file that one task converts, in bytes; a larger file has several tasks"
    )
    work_dir: Path | None = Field(
        None, description="scratch space of conversion, with room for what is unpacked; None is the system's own"
    )

    @field_validator("other_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return tuple(host.strip() for host in value.split(",") if host.strip()) if isinstance(value, str) else value

    @field_validator("formats", mode="before")
    @classmethod
    def _split_formats(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower().lstrip(".") for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(each)) for each in value)

    @field_validator("oidc_admit_domains")
    @classmethod
    def _lower_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.lower().lstrip("@") for domain in value)

    @field_validator("oidc_algorithms")
    @classmethod
    def _check_algorithms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not set(value) <= SIGNATURES:
            # A shared secret or none at all would let others sign as the provider.
            raise ValueError(f"only signatures by a private key are taken: {', '.join(sorted(SIGNATURES))}")
        return value

    @model_validator(mode="after")
    def _check_ways_in(self) -> Self:
        if self.oidc_issuer is None:
            if not self.sign_in_by_code:
                raise ValueError("with DATA_UPLOADER_SIGN_IN_BY_CODE off there must be a DATA_UPLOADER_OIDC_ISSUER")
            return self
        if not self.oidc_client_id:
            raise ValueError("DATA_UPLOADER_OIDC_ISSUER needs DATA_UPLOADER_OIDC_CLIENT_ID")
        if not self.oidc_issuer.startswith(("https://", *_LOOPBACK)):
            raise ValueError("DATA_UPLOADER_OIDC_ISSUER must be https")
        if not {"openid", "email"} <= set(self.oidc_scopes.split()):
            raise ValueError("DATA_UPLOADER_OIDC_SCOPES must have openid and email")
        return self

    @property
    def public_endpoint_url(self) -> str | None:
        """The S3 endpoint to put into presigned URLs."""
        return self.aws_public_endpoint_url or self.aws_endpoint_url
