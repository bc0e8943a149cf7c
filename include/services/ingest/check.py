"""The first stage: may this file come in, and is it whole?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from include import conversion
from include.domain import governance, names
from include.domain.append_findings import same_file_again
from include.domain.errors import NotFound, Refused
from include.domain.partition_key import parse_key
from include.domain.reading_options import choose_from
from include.domain.taking_findings import changed_while_sent
from include.domain.upload import LIVE, Door, State, Upload
from include.domain.wrong_table import Reason, columns_unlike_table
from include.services import wrong_table
from include.services.areas import SIDECAR, Areas
from include.services.ingest.claimed import claimed_file, of_claimed_file
from include.services.ingest.manifest import is_raw_file_of
from include.services.ingest.plain import PLAIN, limits
from include.services.ingest.stage import (
    CHECKED,
    FINDINGS,
    REFUSAL,
    Staging,
    Verdict,
    as_finding,
    conclude,
    enter,
    workspace,
)
from include.services.ownership import refuse_foreign
from include.services.restrictions import may_append, refuse_restricted
from include.services.table_options import bind

if TYPE_CHECKING:
    from include.conversion import CheckReport
    from include.domain.findings import Finding
    from include.domain.reading_options import ReadingOptions
    from include.ports import StoredObject
    from include.services.context import PipelineContext


@of_claimed_file
def check(context: PipelineContext, upload_id: str) -> Verdict:
    """Read the whole file once: SHA-256, encoding, header, records; for a hand-dropped file its names and cover too."""
    upload = enter(context, upload_id, State.CHECKING)
    if upload is None:
        return Verdict.FINISHED
    staging = Staging(context, upload_id)
    staging.drop(REFUSAL)
    staging.drop(FINDINGS)
    upload = context.ledger.amend(upload_id, findings=())
    stored = claimed_file(context, upload)
    refusal = _admit(context, upload)
    if refusal is not None:
        return conclude(context, upload, [refusal], stage=State.CHECKING)
    upload = context.ledger.amend(upload_id, findings=())  # with what the sidecar of a hand-dropped file said
    report = _read(context, upload, stored)
    staging.write(CHECKED, report.to_json())
    upload = context.ledger.amend(upload_id, sha256=report.sha256, size=report.size, rows=report.rows)
    found = (
        *_changed(upload),
        *report.findings,
        *_again(context, upload, report),
        *_unlike(context, upload, report),
    )
    return conclude(context, upload, found, stage=State.CHECKING)


def _changed(upload: Upload) -> tuple[Finding, ...]:
    """What arrived must be what its sender read."""
    if upload.sha256_agrees is not False:
        return ()
    return (changed_while_sent(sent=str(upload.sent_sha256), arrived=str(upload.sha256)),)


def _read(context: PipelineContext, upload: Upload, stored: StoredObject) -> CheckReport:
    """Check the file's text; that of a container goes to staging, where the later stages read it."""
    with workspace(context) as folder:
        report = conversion.check(
            context.objects.file(stored),
            filename=upload.filename,
            options=upload.reading_options,
            into=folder,
            limits=limits(context.settings),
        )
        if report.container and not report.refused:
            context.objects.send(folder / conversion.PLAIN, Staging(context, upload.id).uri(PLAIN))
    return report


def _again(context: PipelineContext, upload: Upload, report: CheckReport) -> tuple[Finding, ...]:
    """The finding for a file that its table has already, which it takes all the same: only its sender can tell."""
    other = context.ledger.with_bytes(upload.database, upload.table, sha256=report.sha256, besides=upload.id)
    if report.refused or other is None:
        return ()
    again = same_file_again(
        filename=other.filename,
        uploader=other.uploader,
        extraction_timestamp=other.extraction_timestamp,
        rows=report.rows,
        is_in=other.state in LIVE,
    )
    return (again,)


def _unlike(context: PipelineContext, upload: Upload, report: CheckReport) -> tuple[Finding, ...]:
    """The finding for a file whose columns are unlike its table's, unless its uploader has confirmed these columns.

    Not of one whose publication has begun: it may be a part of the table already.
    """
    if report.refused:
        return ()
    found = wrong_table.compare(context, upload.database, upload.table, columns=report.columns)
    if found is None or not found.unlike or is_raw_file_of(context, upload.key, upload.id):
        return ()
    if not wrong_table.is_confirmed(upload, report.columns):
        return (columns_unlike_table(found),)
    wrong_table.audit_confirmed(
        context,
        upload.database,
        upload.table,
        by=upload.governance.confirmed_by,
        reasons=[Reason.COLUMNS_UNLIKE],
        upload_id=upload.id,
    )
    return ()


def _admit(context: PipelineContext, upload: Upload) -> Finding | None:
    """What the front asks before a byte is sent, asked of what came by other doors too.

    A table that was restricted after the upload's publication began does not keep the rest of it out.
    """
    settings = context.settings
    try:
        if upload.door is Door.LANDING:
            _admit_hand_drop(context, upload)
        if not names.is_taken(upload.filename, settings.formats):
            raise Refused(
                names.format_refusal(upload.filename, settings.formats),
                code="unsupported_format",
                title="File format is not supported",
            )
        if upload.size > settings.max_bytes:
            raise Refused(
                f"The file has {upload.size} bytes; at most {settings.max_bytes} are taken.",
                code="file_too_large",
                title="File is too large",
            )
        refuse_foreign(context.catalogue, Areas(settings).database(upload.database), upload.table, env=settings.env)
        whose = upload.database, upload.table
        if not may_append(context, *whose, by=upload.uploader) and not is_raw_file_of(context, upload.key, upload.id):
            refuse_restricted(context, *whose, by=upload.uploader)
    except Refused as error:
        return as_finding(error)
    return None


def _admit_hand_drop(context: PipelineContext, upload: Upload) -> None:
    settings = context.settings
    key, _ = parse_key(upload.landing_uri.removeprefix(settings.landing_uri + "/"))
    names.check_database_name(key.database, env=settings.env)
    names.check_table_name(key.table)
    if upload.extraction_timestamp == upload.id:
        raise Refused(
            f"Another upload already has extraction_timestamp {key.extraction_timestamp} of this table. Drop the file "
            "again under another timestamp.",
            code="partition_taken",
            title="Extraction timestamp is taken",
        )
    if not upload.may_create and not any(
        table.table == upload.table for table in context.ledger.tables(upload.database)
    ):
        raise NotFound(
            f"There is no table {upload.database}.{upload.table}, and a file dropped into landing may not create one. "
            "Upload the first file through the Data Uploader.",
            code="table_not_found",
            title="Table does not exist",
        )
    cover, chosen, confirmed = _sidecar(context, upload)
    bound = upload.bound_options
    if upload.options_since is None:  # what a run before this one bound stays
        bound = bind(context, upload.database, upload.table, chosen=chosen, by=upload.uploader, at=upload.created_at)
    context.ledger.amend(
        upload.id,
        governance=cover,
        reading_options=bound.options,
        options_since=bound.since,
        confirmed=upload.confirmed or confirmed,
    )


def _sidecar(context: PipelineContext, upload: Upload) -> tuple[governance.Governance, ReadingOptions | None, bool]:
    """What lies beside a hand-dropped file: governance, or "not recorded"; reading options, if any; whether to confirm.

    To confirm is to say that the file belongs into its table, though its columns are unlike the table's.
    """
    uri = upload.landing_uri.rpartition("/")[0] + "/" + SIDECAR
    now = context.clock.now()
    if context.objects.head(uri) is None:
        return governance.not_recorded(by=upload.uploader, at=now, env=context.settings.env), None, False
    try:
        facts = json.loads(context.objects.read(uri))
        document, classification = str(facts["document"]), str(facts["classification"])
        reference, by = str(facts.get("reference", "")), str(facts.get("confirmed_by", upload.uploader))
        chosen = choose_from(facts["reading_options"]) if "reading_options" in facts else None
        sure = facts.get("confirm", False)
        if not isinstance(sure, bool):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            f"{SIDECAR} must be a JSON object with document, reference and classification, and may have "
            "reading_options and confirm (true or false).",
            code="bad_governance_sidecar",
            title="Data governance cannot be read",
        ) from error
    cover = governance.confirm(
        document=document,
        reference=reference,
        classification=classification,
        by=by,
        at=now,
        env=context.settings.env,
    )
    return cover, chosen, sure
