"""The run queue, with every run of one user's machines tagged so that limits apply per user."""

from collections.abc import Mapping

from dagster import DagsterRun, QueuedRunCoordinator, SubmitRunContext

from synth_pipeline.defs.partitions import RANGE_END, RANGE_START, USER_TAG


class PerUserRunCoordinator(QueuedRunCoordinator):
    """Adds `synth/user` to runs that declarative automation launches, which carry no tags."""

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        """Queue the run, tagged with its user where all its partitions are one user's."""
        run = context.dagster_run
        user_id = user_of_tags(run.tags)
        if user_id is not None and USER_TAG not in run.tags:
            self._instance.add_run_tags(run.run_id, {USER_TAG: user_id})
        return super().submit_run(context)


def user_of_tags(tags: Mapping[str, str]) -> str | None:
    """The user whose machines a run is about; None for none or for several."""
    first = tags.get(RANGE_START) or tags.get("dagster/partition", "")
    last = tags.get(RANGE_END) or first
    users = {key.partition("/")[0] for key in (first, last) if "/" in key}
    return users.pop() if len(users) == 1 else None
