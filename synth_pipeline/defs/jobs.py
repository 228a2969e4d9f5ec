"""Jobs people start: file a request, check what is stored."""

import dagster as dg
from pydantic import Field

from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.request import DEFAULT_NUMBER, Request
from synth_pipeline.making.cron import require_cron
from synth_pipeline.services import Services


class SubmitRequestConfig(dg.Config):
    """A request; `year` defaults to the last full year, `seed` to 0."""

    industry: str = Field(description="What the machines are for, such as semiconductor.")
    number: int = Field(default=DEFAULT_NUMBER, description="How many machines, 1 to 100.")
    user_id: str = Field(description="Who owns them: a-z, 0-9, and - _ . inside.")
    year: int | None = Field(
        default=None, description="Calendar year; where it is left out, the last full year."
    )
    seed: int | None = Field(default=None, description="Seed of all randomness; 0 by default.")
    refresh_cron: str | None = Field(
        default=None, description="Make the data again at these UTC times, such as 0 2 * * 1."
    )


# what the launchpad opens with: the request of `make demo`
EXAMPLE = {"industry": "semiconductor", "number": DEFAULT_NUMBER, "user_id": "demo"}


@dg.op(description="File the request in the registry; sensor on_new_request picks it up.")
def file_request(
    context: dg.OpExecutionContext,
    config: SubmitRequestConfig,
    services: dg.ResourceParam[Services],
) -> None:
    """Validate the request and store it as pending."""
    try:
        request = Request.create(
            industry=config.industry,
            number=config.number,
            user_id=config.user_id,
            year=config.year,
            seed=config.seed,
        )
        services.check()
        record = services.registry.submit(request, require_cron(config.refresh_cron))
    except SynthError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    context.log.info(f"request {record.request_id} is {record.status}")
    context.add_output_metadata({"request": record.request_id, "status": str(record.status)})


@dg.job(
    description="Ask for so many machines of an industry, for one user.",
    config={"ops": {"file_request": {"config": EXAMPLE}}},
)
def submit_request() -> None:
    """Ask for machines from the launchpad."""
    file_request()


dataset_checks = dg.define_asset_job(
    "dataset_checks",
    selection=dg.AssetSelection.checks_for_assets("dataset"),
    description="Judge stored datasets again, without making anything.",
)
