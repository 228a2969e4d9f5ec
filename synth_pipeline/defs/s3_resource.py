"""S3 by dagster-aws; apart from `resources`, for its import is wanted only where S3 is used."""

from typing import Any

from dagster_aws.s3 import S3Resource

from synth_pipeline.aws.client import CallOptions, make_client


class S3(S3Resource):
    """S3 as dagster-aws configures it, with this project's time-outs; the store goes through it."""

    def get_client(self) -> Any:
        """A client by what is configured here, else by the standard AWS configuration."""
        options = CallOptions(attempts=self.max_attempts)
        given = self.model_dump(exclude={"max_attempts", "profile_name", "use_unsigned_session"})
        given = {name: value for name, value in given.items() if value is not None}
        return make_client("s3", options, profile_name=self.profile_name, **given)
