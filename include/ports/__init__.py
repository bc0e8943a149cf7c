"""Ports: what the use cases need from the outside, in their own words; one module for each outside thing."""

from include.ports.audit import AuditEntry, AuditTrail
from include.ports.catalogue import Catalogue, CataloguePartition, CatalogueTable
from include.ports.clock import Clock
from include.ports.identity import (
    ApiToken,
    IdentityLedger,
    IdentityProvider,
    KnownToken,
    ProvidedIdentity,
    Session,
    SignInCode,
)
from include.ports.mail import Mail, Mailer
from include.ports.nights import Night, NightLedger
from include.ports.objects import (
    MultipartUploads,
    ObjectStore,
    Part,
    PartToSign,
    PendingUpload,
    SignedPart,
    StoredFile,
    StoredObject,
    StoredPart,
)
from include.ports.publications import ConfirmedGovernance, PublicationLedger, PublishedDatabase
from include.ports.reviewed import ReviewedOptions, ReviewedOwners, Users
from include.ports.rows import RowSampler, SampledRows
from include.ports.templates import AccessTemplates
from include.ports.uploads import Page, PublishedTable, UploadLedger
from include.ports.validation import Validation
from include.ports.withdrawals import WithdrawalLedger

__all__ = [
    "AccessTemplates",
    "ApiToken",
    "AuditEntry",
    "AuditTrail",
    "Catalogue",
    "CataloguePartition",
    "CatalogueTable",
    "Clock",
    "ConfirmedGovernance",
    "IdentityLedger",
    "IdentityProvider",
    "KnownToken",
    "Mail",
    "Mailer",
    "MultipartUploads",
    "Night",
    "NightLedger",
    "ObjectStore",
    "Page",
    "Part",
    "PartToSign",
    "PendingUpload",
    "ProvidedIdentity",
    "PublicationLedger",
    "PublishedDatabase",
    "PublishedTable",
    "ReviewedOptions",
    "ReviewedOwners",
    "RowSampler",
    "SampledRows",
    "Session",
    "SignInCode",
    "SignedPart",
    "StoredFile",
    "StoredObject",
    "StoredPart",
    "UploadLedger",
    "Users",
    "Validation",
    "WithdrawalLedger",
]
