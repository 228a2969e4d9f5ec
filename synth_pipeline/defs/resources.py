"""The project's parts as Dagster resources: what was chosen stands on the UI's Resources page."""

from typing import Any

import dagster as dg
from pydantic import Field

from synth_pipeline.defs.dataset_reader import DatasetReader
from synth_pipeline.services import Services
from synth_pipeline.settings import S3Location, Settings


class ServicesResource(dg.ConfigurableResource[Services]):
    """The parts that the environment of this code location has chosen, for all its runs."""

    author: str = Field(description="SYNTH_AUTHOR: who lists machines and writes generators.")
    store: str = Field(description="SYNTH_STORE: where datasets lie.")
    registry: str = Field(description="SYNTH_REGISTRY: where requests are kept.")
    sandbox: str = Field(description="SYNTH_SANDBOX: what generators run in.")


def services_resource(services: Services) -> ServicesResource:
    """The given parts as a resource; a run whose config names others is refused."""
    settings = services.settings
    chosen = {name: str(getattr(settings, name)) for name in ServicesResource.model_fields}

    class ChosenParts(ServicesResource):
        __doc__ = ServicesResource.__doc__

        def create_resource(self, context: dg.InitResourceContext) -> Services:  # noqa: ARG002
            asked = {name: getattr(self, name) for name in chosen}
            if asked != chosen:
                raise dg.Failure(
                    f"resource services: {asked} is not what the environment chose, {chosen}; set "
                    "the SYNTH_ variables of the code location, not the config of one run",
                    allow_retries=False,
                )
            return services

    return ChosenParts(**chosen)


def make_resources(settings: Settings) -> dict[str, Any]:
    """The resources on the parts that the settings choose."""
    if not isinstance(settings.store, S3Location):
        return resources_on(Services(settings))
    from synth_pipeline.defs.s3_resource import S3  # noqa: PLC0415

    s3 = S3()
    return resources_on(Services(settings, s3_client=s3.get_client)) | {"s3": s3}


def resources_on(services: Services) -> dict[str, Any]:
    """The resources on given parts."""
    return {
        "services": services_resource(services),
        "dataset_reader": DatasetReader(services),
    }
