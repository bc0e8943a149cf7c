"""What S3 remembers of multipart uploads and moto forgets: when they began, which are over, the checksums of parts.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html,
…/API_ListMultipartUploads.html, and https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html.
"""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.strict_aws import s3_integrity
from tests.strict_aws.refusals import Refusal
from tests.strict_aws.wsgi import Answer

if TYPE_CHECKING:
    from datetime import datetime

    from tests.strict_aws.s3_request import S3Request

LIST_MAX = 1000  # API_ListMultipartUploads: "1,000 is the maximum number of uploads"
ENDS = frozenset({"CompleteMultipartUpload", "AbortMultipartUpload"})
LEARNT = frozenset({"CreateMultipartUpload", "UploadPart", "UploadPartCopy"}) | ENDS

NO_SUCH_UPLOAD = Refusal(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
    "completed.",
    404,
)
_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass(frozen=True)
class Checksum:
    """The checksum of an object made of parts."""

    algorithm: str
    value: str
    kind: str  # COMPOSITE or FULL_OBJECT


@dataclass
class Begun:
    """One multipart upload: its algorithm is in lower case, and None unless it was begun with one."""

    at: datetime
    algorithm: str | None
    whole: bool = False  # the checksum is of the whole object, not of the parts' checksums
    parts: dict[int, str] = field(default_factory=dict)  # checksums
    over: bool = False


@dataclass
class Multiparts:
    """Every multipart upload since the layer was reset, by its id."""

    uploads: dict[str, Begun] = field(default_factory=dict)
    made: dict[tuple[str, str, str], Checksum] = field(default_factory=dict)  # by bucket, key and ETag
    lock: threading.Lock = field(default_factory=threading.Lock)

    def algorithm(self, request: S3Request, *, whole: bool = False) -> str | None:
        """The algorithm that the upload of this request was begun with; `whole`: if it is of the whole object."""
        begun = self.uploads.get(request.query.get("uploadId", ""))
        return begun.algorithm if begun and (begun.whole or not whole) else None

    def check(self, request: S3Request, body: bytes) -> None:
        """Raise the Refusal for an upload that is over, or for parts without the checksums it was begun with."""
        begun = self.uploads.get(request.query.get("uploadId", ""))
        if begun is None:
            return
        if begun.over:
            raise NO_SUCH_UPLOAD
        if begun.algorithm is None or begun.whole:
            return
        if request.operation == "UploadPart":
            found = next(iter(s3_integrity.given(request)), None)
            if found != begun.algorithm:
                # API_UploadPart: "the checksum value … must be the same for all parts and it match the checksum value
                # supplied in the CreateMultipartUpload request".
                raise Refusal(
                    "InvalidRequest",
                    f"Checksum Type mismatch occurred, expected checksum Type: {begun.algorithm}, "
                    f"actual checksum Type: {found or 'null'}",
                )
        if request.operation == "CompleteMultipartUpload":
            _check_parts(begun, body)

    def learn(self, request: S3Request, answer: Answer, body: bytes, *, now: datetime) -> None:
        """Remember what an answered request began, added or ended."""
        if answer.status >= 300:
            return
        with self.lock:
            if request.operation == "CreateMultipartUpload":
                identifier = _text(answer.body, "UploadId")
                algorithm = request.headers.get("x-amz-checksum-algorithm", "").lower()
                # userguide/checking-object-integrity.html: CRC64NVME is of the whole object only.
                kind = request.headers.get("x-amz-checksum-type", "")
                whole = kind == "FULL_OBJECT" or algorithm == "crc64nvme"
                self.uploads[identifier] = Begun(now, algorithm or None, whole=whole)
                return
            begun = self.uploads.get(request.query["uploadId"])
            if begun is None:
                return
            if request.operation == "UploadPart" and begun.algorithm and not begun.whole:
                begun.parts[int(request.query["partNumber"])] = s3_integrity.given(request)[begun.algorithm]
            if request.operation == "CompleteMultipartUpload" and begun.algorithm and not begun.whole:
                self.learn_made(request, answer, _composite(begun, body))
            begun.over = begun.over or request.operation in ENDS

    def learn_copied(self, request: S3Request, value: str) -> None:
        """Remember the checksum of a part that was copied."""
        self.uploads[request.query["uploadId"]].parts[int(request.query["partNumber"])] = value

    def with_part_checksums(self, request: S3Request, answer: Answer) -> Answer:
        """API_ListParts, Part: the checksum of each, of the algorithm that the upload was begun with."""
        begun = self.uploads.get(request.query.get("uploadId", ""))
        if begun is None or begun.algorithm is None or answer.status >= 300:
            return answer
        name = f"Checksum{begun.algorithm.upper()}"

        def told(part: re.Match[bytes]) -> bytes:
            number = int(_text(part[0], "PartNumber"))
            if f"<{name}>".encode() in part[0] or number not in begun.parts:
                return part[0]
            return part[0].replace(b"</Part>", f"<{name}>{begun.parts[number]}</{name}></Part>".encode())

        body = re.sub(rb"<Part>.*?</Part>", told, answer.body, flags=re.DOTALL)
        return Answer(answer.status, answer.headers, body)

    def learn_made(self, request: S3Request, answer: Answer, checksum: Checksum) -> None:
        """Remember the checksum of the object that was completed."""
        etag = _text(answer.body, "ETag").replace("&quot;", "").strip('"')
        self.made[request.bucket, request.key, etag] = checksum

    def page(self, request: S3Request, listed: list[bytes]) -> Answer:
        """One page of ListMultipartUploads, from everything that the server behind the layer answered."""
        if "delimiter" in request.query:
            raise Refusal("NotImplemented", "The strict layer does not group uploads", 501)
        asked = int(request.query.get("max-uploads", LIST_MAX))
        found = sorted(
            (key, began, identifier) for answer in listed for identifier, key, began in self._uploads_of(answer)
        )
        after = request.query.get("key-marker", "")
        marker = request.query.get("upload-id-marker", "")
        # "sorted in ascending order by upload initiation time within each key"; the marker may be over by now.
        since = _written(self.uploads[marker].at) if marker in self.uploads else ""
        rest = [
            upload
            for upload in found
            if upload[0] > after or (marker and upload[0] == after and upload[1:] > (since, marker))
        ]
        size = min(asked, LIST_MAX)
        return _page(request, rest[:size], size=size, truncated=len(rest) > size)

    def _uploads_of(self, answer: bytes) -> list[tuple[str, str, str]]:
        root = ET.fromstring(answer)  # noqa: S314  what the server behind the layer wrote
        space = {"s3": root.tag[1:].partition("}")[0]} if root.tag.startswith("{") else {"s3": ""}
        uploads = []
        for element in root.findall("s3:Upload" if space["s3"] else "Upload", space):
            values = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
            known = self.uploads.get(values["UploadId"])
            began = _written(known.at) if known else values["Initiated"]
            uploads.append((values["UploadId"], values["Key"], began))
        return uploads


def _composite(begun: Begun, body: bytes) -> Checksum:
    """userguide/checking-object-integrity.html: the checksum of the parts' checksums, and "-N"."""
    assert begun.algorithm
    numbers = [int(number) for number in re.findall(rb"<PartNumber>(\d+)</PartNumber>", body)]
    digests = b"".join(base64.b64decode(begun.parts[number]) for number in numbers)
    value = f"{s3_integrity.checksum(begun.algorithm, digests)}-{len(numbers)}"
    return Checksum(begun.algorithm, value, "COMPOSITE")


def is_truncated(answer: bytes) -> dict[str, str]:
    """The markers of the next page of a list, or nothing when there is none."""
    if _text(answer, "IsTruncated") != "true":
        return {}
    return {"key-marker": _text(answer, "NextKeyMarker"), "upload-id-marker": _text(answer, "NextUploadIdMarker")}


def _check_parts(begun: Begun, body: bytes) -> None:
    assert begun.algorithm
    name = f"Checksum{begun.algorithm.upper()}"
    for part in re.findall(rb"<Part>.*?</Part>", body, re.DOTALL):
        number = int(_text(part, "PartNumber"))
        given = _text(part, name)
        if not given:
            raise Refusal(
                "InvalidRequest",
                f"The upload was created using a {begun.algorithm} checksum. The complete request must include the "
                "checksum for each part.",
            )
        if given != begun.parts.get(number, given):
            # API_CompleteMultipartUpload, InvalidPart: "the specified entity tag might not have matched".
            raise Refusal("InvalidPart", "One or more of the specified parts could not be found.")


def _page(request: S3Request, uploads: list[tuple[str, str, str]], *, size: int, truncated: bool) -> Answer:
    entries = "".join(
        f"<Upload><Key>{escape(key)}</Key><UploadId>{identifier}</UploadId>"
        f"<StorageClass>STANDARD</StorageClass><Initiated>{began}</Initiated></Upload>"
        for key, began, identifier in uploads
    )
    following = ""
    if truncated:
        key, _, identifier = uploads[-1]
        following = f"<NextKeyMarker>{escape(key)}</NextKeyMarker><NextUploadIdMarker>{identifier}</NextUploadIdMarker>"
    prefix = escape(request.query.get("prefix", ""))
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ListMultipartUploadsResult xmlns="{_XMLNS}">'
        f"<Bucket>{request.bucket}</Bucket><Prefix>{prefix}</Prefix><MaxUploads>{size}</MaxUploads>"
        f"<IsTruncated>{str(truncated).lower()}</IsTruncated>{following}{entries}</ListMultipartUploadsResult>"
    )
    return Answer(200, {"Content-Type": "application/xml"}, body.encode())


def _text(document: bytes, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>".encode(), document)
    return found[1].decode() if found else ""


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
