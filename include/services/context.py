"""What the use cases are given: the ports, wired once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from include.ports import (
        AccessTemplates,
        Catalogue,
        Clock,
        IdentityLedger,
        IdentityProvider,
        Mailer,
        MultipartUploads,
        NightLedger,
        ObjectStore,
        PublicationLedger,
        ReviewedOptions,
        ReviewedOwners,
        RowSampler,
        UploadLedger,
        Users,
        Validation,
        WithdrawalLedger,
    )
    from include.settings import Settings


@dataclass(frozen=True, kw_only=True)
class FrontContext:
    """For pages and API. It holds the front's own AWS credentials and none of Airflow's."""

    settings: Settings
    clock: Clock
    new_id: Callable[[], str]  # 32 hex digits
    ledger: UploadLedger
    withdrawals: WithdrawalLedger
    publications: PublicationLedger
    identity: IdentityLedger
    users: Users
    objects: ObjectStore
    multipart: MultipartUploads
    catalogue: Catalogue
    rows: RowSampler
    mailer: Mailer
    reviewed_options: ReviewedOptions
    reviewed_owners: ReviewedOwners
    access_templates: AccessTemplates
    provider: IdentityProvider | None = None  # where people may sign in instead of by a code


@dataclass(frozen=True, kw_only=True)
class PipelineContext:
    """For the ingestion: everything in the service's own account."""

    settings: Settings
    clock: Clock
    ledger: UploadLedger
    withdrawals: WithdrawalLedger
    objects: ObjectStore
    catalogue: Catalogue
    mailer: Mailer
    validation: Validation
    reviewed_options: ReviewedOptions
    reviewed_owners: ReviewedOwners


@dataclass(frozen=True, kw_only=True)
class PromotionContext(PipelineContext):
    """For the promotion: the Analytical Platform's account too."""

    ap_objects: ObjectStore
    ap_catalogue: Catalogue
    nights: NightLedger


@dataclass(frozen=True, kw_only=True)
class HousekeepingContext(PromotionContext):
    """For housekeeping: what is left half sent in both accounts, and who was signed in."""

    multipart: MultipartUploads
    ap_multipart: MultipartUploads
    identity: IdentityLedger
