"""What may go wrong at one call or commit, and where each kind can happen at all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEDGER = "ledger"
OWN, PLATFORM = "own", "platform"  # whose account a call goes to
COMMIT = "Commit"
BEGIN = "Begin"


class Kind(StrEnum):
    """What happens to one call, or to one commit of the ledger."""

    UNREACHABLE = "unreachable"  # it fails before, and so does every try of it
    ANSWER_LOST = "answer_lost"  # it is carried out, and its answer never arrives; what is tried again is answered
    BUSY_TWICE = "busy_twice"  # refused twice: 503 from AWS; from the ledger two commits in a row
    CONFLICT = "conflict"  # what AWS answers when another was there first
    KILLED_BEFORE = "killed_before"  # SIGKILL, and nothing was sent
    KILLED_AFTER = "killed_after"  # SIGKILL, and it was carried out
    MEANWHILE = "meanwhile"  # nothing goes wrong, but somebody else does something at this moment


class Recovery(StrEnum):
    """How a run goes on that was broken off."""

    RETRY = "retry"  # from the task that was broken off
    CLEARED = "cleared"  # from its first task


@dataclass(frozen=True)
class Call:
    """The nth call of one operation within one task; a commit of the ledger is the operation Commit of `ledger`."""

    service: str
    operation: str
    nth: int

    @property
    def name(self) -> str:
        """How it is shown: `s3:PutObject 2`."""
        return f"{self.service}:{self.operation} {self.nth}"


@dataclass(frozen=True)
class Point:
    """One thing that goes wrong at one moment of a scenario, and how the run goes on."""

    number: int
    scenario: str
    step: str
    call: Call
    kind: Kind
    recovery: Recovery

    @property
    def name(self) -> str:
        """How it is shown."""
        return f"{self.number}: {self.scenario}, {self.step}, {self.call.name}, {self.kind}, {self.recovery}"


CHANGES = frozenset(  # operations that leave something changed: being killed after one is another state than before it
    {
        (LEDGER, COMMIT),
        ("s3", "PutObject"),
        ("s3", "CopyObject"),
        ("s3", "DeleteObject"),
        ("s3", "DeleteObjects"),
        ("s3", "CreateMultipartUpload"),
        ("s3", "UploadPart"),
        ("s3", "UploadPartCopy"),
        ("s3", "CompleteMultipartUpload"),
        ("s3", "AbortMultipartUpload"),
        ("glue", "CreateDatabase"),
        ("glue", "CreateTable"),
        ("glue", "UpdateTable"),
        ("glue", "DeleteTable"),
        ("glue", "CreatePartition"),
        ("glue", "UpdatePartition"),
        ("glue", "DeletePartition"),
        ("glue", "BatchCreatePartition"),
        ("glue", "BatchUpdatePartition"),
        ("glue", "BatchDeletePartition"),
    }
)
# https://docs.aws.amazon.com/glue/latest/webapi/API_<operation>.html, "Errors": which answer AlreadyExistsException
# or ConcurrentModificationException. S3 answers 412 to a condition that does not hold.
CREATES = frozenset({("glue", "CreateDatabase"), ("glue", "CreateTable"), ("glue", "CreatePartition")})
VERSIONED = frozenset({("glue", "UpdateTable"), ("glue", "DeleteTable")})


def kinds_at(call: Call, *, conditional: bool, meanwhile: bool = False) -> tuple[tuple[Kind, Recovery], ...]:
    """Everything that is tried at a call.

    A killed run goes on in both ways. Killed after a call that only reads is killed before the next one. Another acts
    before a call, or before a transaction begins: inside of one nobody else's has a place.
    """
    what = (call.service, call.operation)
    if meanwhile:
        return () if what == (LEDGER, COMMIT) else ((Kind.MEANWHILE, Recovery.RETRY),)
    if what == (LEDGER, BEGIN):
        return ()
    kinds = [
        (Kind.UNREACHABLE, Recovery.RETRY),
        (Kind.ANSWER_LOST, Recovery.RETRY),
        (Kind.BUSY_TWICE, Recovery.RETRY),
        (Kind.KILLED_BEFORE, Recovery.RETRY),
        (Kind.KILLED_BEFORE, Recovery.CLEARED),
    ]
    if what in CHANGES:
        kinds += [(Kind.KILLED_AFTER, Recovery.RETRY), (Kind.KILLED_AFTER, Recovery.CLEARED)]
    if conditional or what in CREATES | VERSIONED:
        kinds.append((Kind.CONFLICT, Recovery.RETRY))
    return tuple(kinds)
