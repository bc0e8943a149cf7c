"""What the API takes and says of the parts of an upload."""

from __future__ import annotations

from pydantic import BaseModel, Field, StrictInt

from include.domain.upload import MAX_PART_SIZE, MAX_PARTS
from include.services.upload_parts import MAX_SIGNED_AT_ONCE
from plugins.front.api.models import Given

_BASE64_SHA256 = "^[A-Za-z0-9+/]{43}=$"
_OF_NOTHING = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


class PartToSignIn(Given):
    """A part to be sent."""

    part_number: StrictInt = Field(ge=1, le=MAX_PARTS)
    size: StrictInt = Field(ge=0, le=MAX_PART_SIZE, description="bytes: `part_size`, of the last part the rest")
    sha256: str = Field(pattern=_BASE64_SHA256, description="of these bytes, in base64", examples=[_OF_NOTHING])


class PartsIn(Given):
    """Which parts to sign, each for the bytes that it has."""

    parts: list[PartToSignIn] = Field(min_length=1, fail_fast=True, max_length=MAX_SIGNED_AT_ONCE)


class SignedPartOut(BaseModel):
    """Where to PUT a part, as it is, with these headers (a client that sets Content-Length itself leaves that out)."""

    part_number: int
    url: str = Field(examples=["https://…"])
    headers: dict[str, str] = Field(
        examples=[{"Content-Length": "16777216", "x-amz-checksum-sha256": _OF_NOTHING}],
    )


class SignedParts(BaseModel):
    """URLs that take these very bytes and no others; each PUT answers with an ETag."""

    parts: list[SignedPartOut]
    expires_in: int = Field(description="seconds", examples=[3600])


class StoredPartOut(BaseModel):
    """A part that has arrived."""

    part_number: int
    size: int
    etag: str
    sha256: str = Field(description="in base64", examples=[_OF_NOTHING])


class StoredParts(BaseModel):
    """What has arrived of an upload under way: the other parts are missing."""

    part_size: int
    part_count: int
    parts: list[StoredPartOut]


class PartIn(Given):
    """A part that was put."""

    part_number: StrictInt = Field(ge=1, le=MAX_PARTS)
    etag: str = Field(
        pattern=r'^"?[A-Za-z0-9+/=_-]{1,128}"?$',
        description="as S3 answered it, with or without its quotes",
        examples=["9b2cf535f27731c974343645a3985328"],
    )
    sha256: str = Field(pattern=_BASE64_SHA256, description="as it was signed", examples=[_OF_NOTHING])


class CompleteIn(Given):
    """All parts of the file."""

    parts: list[PartIn] = Field(min_length=1, fail_fast=True, max_length=MAX_PARTS)
    sha256: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="of the whole file, in hex: a file that arrives otherwise is refused (`changed_while_sent`)",
    )
