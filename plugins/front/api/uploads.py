"""Uploads over HTTP: announce a file, get URLs for its parts, complete it, follow it, cancel it, withdraw it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query

from include.domain.governance import Governance
from include.domain.option_words import in_words
from include.domain.seeking import Group, Sought
from include.domain.upload import Door, Upload
from include.domain.withdrawal import Withdrawal
from include.domain.wrong_table import Reason, fingerprint
from include.ports import Part, PartToSign
from include.services import reading, upload_parts, uploading
from include.services.announcing import Announcement
from include.services.withdrawal.request import request_withdrawal
from plugins.front.answers import Answers
from plugins.front.api import part_models, upload_models
from plugins.front.api.chosen import chosen_options
from plugins.front.api.models import ColumnOut, ReadingOptionsOut
from plugins.front.api.problems import describe
from plugins.front.api.signing import AuditedSigning, OwnHost
from plugins.front.provided import Context
from plugins.front.visitors import ApiCaller, Caller

router = APIRouter(prefix="/uploads", tags=["uploads"])
signing = APIRouter(prefix="/uploads", tags=["uploads"], route_class=AuditedSigning, dependencies=[OwnHost])

NamePart = Annotated[str, Query(max_length=255, description="a part of the name")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=16,
        max_length=200,
        description="any text that you use for this announcement alone, such as a UUID: under the same key the same "
        "announcement is the same upload",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]
UploadId = Annotated[str, Path(description="the `upload_id` of your upload", examples=[upload_models.UPLOAD_ID])]


@router.post(
    "",
    status_code=201,
    summary="Announce a file",
    responses=describe(401, 403, 404, 405, 409, 413, 422, 503),
)
def start(
    body: upload_models.UploadIn, caller: ApiCaller, context: Context, *, idempotency_key: IdempotencyKey = None
) -> upload_models.UploadStarted:
    """Check names, format, size and governance, and reserve a partition. Then have the parts signed and put them.

    Who has lost the answer sends the same once more, under the same `Idempotency-Key`, and gets the same upload.

    For a table that is there and that you have not used before, or whose columns are unlike the file's, this is a
    conflict (`confirm_needed`, with `confirm` in the problem) until you send `confirm: true`.
    """
    upload = uploading.start_upload(
        context,
        Announcement(
            database=body.database,
            table=body.table,
            filename=body.filename,
            size=body.size,
            document=body.governance.document,
            reference=body.governance.reference,
            classification=body.governance.classification,
            create=body.create,
            reading=chosen_options(body.reading_options),
            columns=tuple(body.columns),
            **_confirmed(body, caller),
        ),
        uploader=caller.email,
        door=caller.door,
        key=idempotency_key,
    )
    return upload_models.UploadStarted(
        upload_id=upload.id,
        extraction_timestamp=upload.extraction_timestamp,
        part_size=upload.part_size,
        part_count=upload.part_count,
    )


@router.get("", summary="List your uploads", responses=describe(401, 422, 503))
def mine(
    caller: ApiCaller,
    context: Context,
    *,
    group: Annotated[Group | None, Query(description="states that mean the same to who looks for an upload")] = None,
    database: NamePart = "",
    table: NamePart = "",
    filename: NamePart = "",
    limit: Annotated[int, Query(ge=1, le=reading.PAGE_MAX)] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None,
) -> upload_models.UploadsPage:
    """Your uploads, newest first. Names are looked for by a part of them, without regard to case."""
    sought = Sought(group=group, database=database, table=table, filename=filename)
    page = reading.my_uploads(context, by=caller.email, sought=sought, limit=limit, cursor=cursor)
    return upload_models.UploadsPage(
        uploads=[upload_models.UploadSummary(**_summary(upload)) for upload in page.uploads],
        next_cursor=page.next_cursor,
    )


@router.get("/{upload_id}/parts", summary="List the parts that have arrived", responses=describe(401, 404, 409, 503))
def stored(upload_id: UploadId, caller: ApiCaller, context: Context) -> part_models.StoredParts:
    """Of an upload under way: go on by comparing these with your file and sending those that are missing."""
    found = upload_parts.stored_parts(context, upload_id, by=caller.email)
    upload = reading.own_upload(context, upload_id, by=caller.email)
    return part_models.StoredParts(
        part_size=upload.part_size,
        part_count=upload.part_count,
        parts=[
            part_models.StoredPartOut(part_number=part.number, size=part.size, etag=part.etag, sha256=part.sha256)
            for part in found
        ],
    )


@signing.post(
    "/{upload_id}/parts", summary="Get URLs for parts", responses=describe(401, 403, 404, 409, 413, 421, 422, 503)
)
def parts(
    upload_id: UploadId, body: part_models.PartsIn, caller: ApiCaller, context: Context
) -> part_models.SignedParts:
    """Sign URLs, each for the bytes of its part alone; sign again whenever one has expired."""
    wanted = [PartToSign(part.part_number, part.size, part.sha256) for part in body.parts]
    signed = upload_parts.sign_parts(context, upload_id, parts=wanted, by=caller.email)
    return part_models.SignedParts(
        parts=[
            part_models.SignedPartOut(part_number=part.number, url=part.url, headers=dict(part.headers))
            for part in signed
        ],
        expires_in=context.settings.presign_seconds,
    )


@router.post("/{upload_id}/complete", summary="Complete", responses=describe(401, 403, 404, 409, 413, 422, 503))
def complete(
    upload_id: UploadId, body: part_models.CompleteIn, caller: ApiCaller, context: Context
) -> upload_models.UploadOut:
    """Make the file out of its parts. Asking again, when an answer was lost, answers the same."""
    done = [Part(part.part_number, part.etag.strip('"'), part.sha256) for part in body.parts]
    uploading.complete_upload(context, upload_id, parts=done, by=caller.email, sha256=body.sha256)
    return _detail(context, upload_id, caller)


@router.get("/{upload_id}", summary="Follow an upload", responses=describe(401, 404, 503))
def status(upload_id: UploadId, caller: ApiCaller, context: Context) -> upload_models.UploadOut:
    """State and history, what was found in the file, and where its data are.

    For its uploader; for the owner of a table whose columns it has changed, without the values of the file.
    """
    return _detail(context, upload_id, caller)


@router.delete("/{upload_id}", summary="Cancel", responses=describe(401, 403, 404, 409, 503))
def cancel(upload_id: UploadId, caller: ApiCaller, context: Context) -> upload_models.UploadOut:
    """Give up an upload that has not landed, or that waits for its table: `widening`, `waiting_for_approval`.

    Repeating it is harmless; in other states it is a conflict.
    """
    uploading.cancel_upload(context, upload_id, by=caller.email)
    return _detail(context, upload_id, caller)


@router.post("/{upload_id}/withdraw", summary="Withdraw", responses=describe(401, 403, 404, 409, 413, 422, 503))
def withdraw(
    upload_id: UploadId, body: upload_models.WithdrawIn, caller: ApiCaller, context: Context
) -> upload_models.UploadOut:
    """Take a published upload out of its table again; see `withdrawal` of the answer for how far that is.

    Until its promotion to the Analytical Platform begins this needs no reason and is done at once. Afterwards a data
    engineer approves or declines it. Asking again while a request waits or stands answers the same.
    """
    request_withdrawal(context, upload_id, by=caller.email, reason=body.reason)
    return _detail(context, upload_id, caller)


def _confirmed(body: upload_models.UploadIn, caller: Caller) -> dict[str, Any]:
    """What is confirmed of the table: all that is asked; of a page, what it showed: its box is about columns alone."""
    if caller.door is not Door.PAGE:
        return {"confirmed": frozenset(Reason) if body.confirm else frozenset()}
    of_page = caller.answers if caller.answers.destination == (body.database, body.table) else Answers()
    reasons, columns = of_page.confirmed_reasons(tuple(body.columns)), of_page.confirmed_columns
    if body.confirm and body.columns:
        return {
            "confirmed": reasons | {Reason.COLUMNS_UNLIKE},
            "confirmed_columns": columns | {fingerprint(body.columns)},
        }
    return {"confirmed": reasons, "confirmed_columns": columns}


def _detail(context: Context, upload_id: str, caller: ApiCaller) -> upload_models.UploadOut:
    detail = reading.upload_detail(context, upload_id, by=caller.email)
    upload = detail.upload
    return upload_models.UploadOut(
        **_summary(upload),
        history=[upload_models.StateChangeOut(state=line.state, at=line.at, note=line.note) for line in detail.history],
        athena_reference=detail.athena_reference,
        s3_path=detail.s3_path,
        columns=[ColumnOut(name=name, type=kind) for name, kind in upload.columns],
        findings=[upload_models.FindingOut(**finding.as_dict()) for finding in upload.findings],
        reading_options=ReadingOptionsOut(**in_words(upload.reading_options)),
        sha256=upload.sha256,
        sent_sha256=upload.sent_sha256,
        sha256_agrees=upload.sha256_agrees,
        governance=_governance(upload.governance) if detail.own else None,
        uploader=upload.uploader,
        published_at=upload.published_at,
        promoted_at=upload.promoted_at,
        withdrawal=_withdrawal(detail.withdrawal),
    )


def _governance(told: Governance) -> upload_models.GovernanceOut:
    return upload_models.GovernanceOut(
        document=told.document,
        reference=told.reference,
        classification=told.classification,
        confirmed_by=told.confirmed_by,
        confirmed_at=told.confirmed_at,
    )


def _withdrawal(asked: Withdrawal | None) -> upload_models.WithdrawalOut | None:
    if asked is None:
        return None
    return upload_models.WithdrawalOut(
        progress=asked.progress,
        reason=asked.reason,
        requested_by=asked.requested_by,
        requested_at=asked.requested_at,
        decided_by=asked.decided_by,
        decided_at=asked.decided_at,
        done_at=asked.done_at,
    )


def _summary(upload: Upload) -> dict[str, object]:
    return {
        "upload_id": upload.id,
        "state": upload.state,
        "database": upload.database,
        "table": upload.table,
        "extraction_timestamp": upload.extraction_timestamp,
        "filename": upload.filename,
        "size": upload.size,
        "rows": upload.rows,
        "created_at": upload.created_at,
    }
