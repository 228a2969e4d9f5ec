"""Objects in an S3 bucket under a prefix, by the standard AWS configuration alone."""

import contextlib
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import IncompleteReadError, ReadTimeoutError, ResponseStreamingError

from synth_pipeline.aws.client import MAX_ATTEMPTS, make_client
from synth_pipeline.aws.errors import AwsError, code_of, explain, is_about_settings
from synth_pipeline.domain.errors import (
    NotFoundError,
    StoreError,
    StoreSettingsError,
    UnavailableError,
)
from synth_pipeline.stores.ranges import RangedReader

MEBIBYTE = 1024 * 1024
DELETE_BATCH = 1000  # the most that DeleteObjects takes
UPDATE_ATTEMPTS = 20
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_CHANGED = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
_MULTIPART = TransferConfig(
    multipart_threshold=16 * MEBIBYTE, multipart_chunksize=8 * MEBIBYTE, max_concurrency=4
)


@dataclass(frozen=True, slots=True)
class S3Options:
    """How objects are stored.

    `sse` is None, `AES256` or `aws:kms`, the latter with or without a key id. With `tagging`
    objects carry the tags they are published with.
    """

    sse: str | None = None
    kms_key_id: str | None = None
    tagging: bool = False

    def arguments(self, tags: Mapping[str, str] | None) -> dict[str, str]:
        """The parameters of a PutObject or CreateMultipartUpload."""
        arguments: dict[str, str] = {}
        sse = self.sse or ("aws:kms" if self.kms_key_id else None)
        if sse:
            arguments["ServerSideEncryption"] = sse
        if self.kms_key_id:
            arguments["SSEKMSKeyId"] = self.kms_key_id
        if self.tagging and tags:
            allowed = {name: _tag_value(value) for name, value in tags.items()}
            arguments["Tagging"] = urllib.parse.urlencode(allowed)
        return arguments


def make_s3_client() -> Any:
    """A client by the standard AWS configuration."""
    return make_client("s3")


class S3Objects:
    """One S3 object an object; S3 publishes each whole or not at all."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        options: S3Options = S3Options(),
        client: Callable[[], Any] = make_s3_client,
    ) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.options = options
        self._make_client = client

    def uri(self, key: str) -> str:
        """The `s3://` address of the object."""
        return f"s3://{self.bucket}/{self.prefix}{key}"

    def check(self) -> None:
        """Prove that the prefix can be listed and written; see ObjectStore.

        The write that is tried is an upload that is begun and aborted: it leaves no object,
        and in a versioned bucket no version either.
        """
        place = {"Bucket": self.bucket, "Key": f"{self.prefix}.write-check"}
        try:
            self._client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix, MaxKeys=1)
            upload = self._client.create_multipart_upload(**place, **self.options.arguments(None))
            self._client.abort_multipart_upload(**place, UploadId=upload["UploadId"])
        except (*AwsError, ValueError) as error:
            raise UnavailableError(f"SYNTH_STORE {self.uri('')}: {self._why(error)}") from error

    def size(self, key: str) -> int | None:
        """Bytes of the object, None where there is none."""
        try:
            with self._failures(key):
                return int(self._head(key)["ContentLength"])
        except NotFoundError:
            return None

    def read(self, key: str) -> bytes:
        """The whole object."""
        with self._failures(key):
            return self._get(key)[0]

    def open(self, key: str) -> BinaryIO:
        """A reader of the version that is there now; StoreError once it is replaced."""
        with self._failures(key):
            head = self._head(key)
        fetch = partial(self._fetch, key, head["ETag"])
        return RangedReader.opened(int(head["ContentLength"]), fetch)

    def put(self, key: str, content: bytes | Path, tags: Mapping[str, str] | None = None) -> None:
        """Publish by one PutObject, or for a large file by a multipart upload.

        A multipart upload that fails is aborted. Where even that fails, or the process dies,
        its parts are invisible until the bucket's lifecycle rule drops them.
        """
        extra = self.options.arguments(tags)
        name = self.prefix + key
        with self._failures(key):
            if isinstance(content, bytes):
                self._client.put_object(Bucket=self.bucket, Key=name, Body=content, **extra)
            else:
                self._client.upload_file(
                    str(content), self.bucket, name, ExtraArgs=extra, Config=_MULTIPART
                )

    def update(self, key: str, change: Callable[[bytes | None], bytes]) -> bytes:
        """Replace an object by conditional writes, `UPDATE_ATTEMPTS` at most; see ObjectStore."""
        for _ in range(UPDATE_ATTEMPTS):
            old, condition = self._read_for_update(key)
            new = change(old)
            if new == old:
                return new
            with self._failures(key):
                try:
                    self._client.put_object(
                        Bucket=self.bucket,
                        Key=self.prefix + key,
                        Body=new,
                        **condition,
                        **self.options.arguments(None),
                    )
                except AwsError as error:
                    if code_of(error) not in _CHANGED | _MISSING:
                        raise
                else:
                    return new
        raise StoreError(
            f"{self.uri(key)}: replaced by others {UPDATE_ATTEMPTS} times while it was updated; "
            "try again"
        )

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with `prefix`, in order, which not every S3-like server keeps to."""
        entries = (entry for page in self._pages(prefix) for entry in page.get("Contents", ()))
        yield from sorted(entry["Key"][len(self.prefix) :] for entry in entries)

    def children(self, prefix: str) -> Iterator[str]:
        """Names of the folders directly below `prefix`; SeaweedFS also lists emptied ones."""
        for page in self._pages(prefix, Delimiter="/"):
            for entry in page.get("CommonPrefixes", ()):
                yield entry["Prefix"][len(self.prefix) + len(prefix) : -1]

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, `DELETE_BATCH` a request."""
        remaining = iter(keys)
        while batch := list(islice(remaining, DELETE_BATCH)):
            objects = [{"Key": self.prefix + key} for key in batch]
            with self._failures(batch[0]):
                answer = self._client.delete_objects(
                    Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True}
                )
            for fault in answer.get("Errors", ()):
                if fault.get("Code") not in _MISSING:
                    reason = f"{fault.get('Code')}: {fault.get('Message')}"
                    raise StoreError(f"s3://{self.bucket}/{fault['Key']}: not deleted: {reason}")

    @cached_property
    def _client(self) -> Any:
        return self._make_client()

    def _head(self, key: str) -> Any:
        return self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)

    def _fetch(self, key: str, etag: str, start: int, stop: int) -> bytes:
        with self._failures(key):
            return self._get(key, Range=f"bytes={start}-{stop - 1}", IfMatch=etag)[0]

    def _get(self, key: str, **more: str) -> tuple[bytes, str]:
        """The bytes and their ETag; botocore retries the call, this also a body that breaks off."""
        attempt = 1
        while True:
            answer = self._client.get_object(Bucket=self.bucket, Key=self.prefix + key, **more)
            try:
                return bytes(answer["Body"].read()), str(answer["ETag"])
            except (IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
                if attempt == MAX_ATTEMPTS:
                    raise
                attempt += 1

    def _read_for_update(self, key: str) -> tuple[bytes | None, dict[str, str]]:
        try:
            with self._failures(key):
                content, etag = self._get(key)
                return content, {"IfMatch": etag}
        except NotFoundError:
            return None, {"IfNoneMatch": "*"}

    def _pages(self, prefix: str, **more: str) -> Iterator[Any]:
        with self._failures(prefix):
            paginator = self._client.get_paginator("list_objects_v2")
            yield from paginator.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix, **more)

    @contextlib.contextmanager
    def _failures(self, key: str) -> Iterator[None]:
        try:
            yield
        except (*AwsError, S3UploadFailedError, OSError) as error:
            if code_of(error) in _MISSING:
                raise NotFoundError(f"{self.uri(key)}: no such object") from error
            fault = StoreSettingsError if is_about_settings(error) else StoreError
            raise fault(f"{self.uri(key)}: {self._why(error)}") from error

    def _why(self, error: Exception) -> str:
        code = code_of(error)
        if code == "NoSuchBucket":
            return f"there is no bucket {self.bucket!r}; make it or name another in SYNTH_STORE"
        if code in _CHANGED:
            return "it was replaced while it was read; read it again"
        if code in {"301", "PermanentRedirect", "AuthorizationHeaderMalformed"}:
            return "the bucket lies in another region; set AWS_DEFAULT_REGION to the bucket's"
        if isinstance(error, S3UploadFailedError) and isinstance(error.__context__, AwsError):
            return explain(error.__context__, "s3")
        return explain(error, "s3")


def _tag_value(value: str) -> str:
    """Keep what S3 allows in a tag; another character becomes `_`."""
    return re.sub(r"[^\w\s+\-=.:/@]", "_", value)[:256]
