"""Jobs people start: file a request, check what is stored."""

import dagster as dg

from synth_pipeline.domain.errors import SynthError
from synth_pipeline.domain.request import DEFAULT_NUMBER, Request
from synth_pipeline.refresh import require_cron
from synth_pipeline.services import Services


class SubmitRequestConfig(dg.Config):
    """A request; `year` defaults to the last full year, `seed` to 0."""

    industry: str
    number: int = DEFAULT_NUMBER
    user_id: str
    year: int | None = None
    seed: int | None = None
    refresh_cron: str | None = None


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


@dg.job(description="Ask for so many machines of an industry, for one user.")
def submit_request() -> None:
    """Ask for machines from the launchpad."""
    file_request()


dataset_checks = dg.define_asset_job(
    "dataset_checks",
    selection=dg.AssetSelection.checks_for_assets("dataset"),
    description="Judge stored datasets again, without making anything.",
)
