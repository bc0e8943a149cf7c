"""Ports: what the use cases need from the outside, in their own words; one module for each outside thing."""

from include.ports.catalogue import Catalogue, CataloguePartition, CatalogueTable
from include.ports.clock import Clock
from include.ports.identity import IdentityLedger, Session, SignInCode
from include.ports.mail import Mail, Mailer
from include.ports.nights import Night, NightLedger
from include.ports.objects import MultipartUploads, ObjectStore, Part, PendingUpload, StoredFile, StoredObject
from include.ports.reviewed import ReviewedOptions, ReviewedOwners, Users
from include.ports.uploads import Page, PublishedTable, UploadLedger
from include.ports.validation import Validation
from include.ports.withdrawals import WithdrawalLedger

__all__ = [
    "Catalogue",
    "CataloguePartition",
    "CatalogueTable",
    "Clock",
    "IdentityLedger",
    "Mail",
    "Mailer",
    "MultipartUploads",
    "Night",
    "NightLedger",
    "ObjectStore",
    "Page",
    "Part",
    "PendingUpload",
    "PublishedTable",
    "ReviewedOptions",
    "ReviewedOwners",
    "Session",
    "SignInCode",
    "StoredFile",
    "StoredObject",
    "UploadLedger",
    "Users",
    "Validation",
    "WithdrawalLedger",
]
