"""Work of the Models page in a row of its own: how far it is, Pause where it can rest, Stop, and its end."""

from collections.abc import Callable
from typing import TypeVar

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.models.view import ModelsView
from desktop.words import tr
from engine.engine import Cancel, Hold, Operation
from engine.events import Event, ModelLoading, Progressed

Result = TypeVar("Result")


def start_in_row(
    view: ModelsView, jobs: Jobs, notices: Notices, title: str, work: Callable[[Cancel], Operation[Result]],
    on_done: Callable[[Result], None], hold: Hold | None = None,
) -> None:  # fmt: skip
    """Start `work` and show it until it ends; `on_done` is given what it returns. It can pause by its `hold`."""
    row = view.add_progress(title)
    if hold is not None:
        resting = hold
        row.offer_pause()
        row.pause_chosen.connect(lambda rests: resting.press(resting=rests))

    def show(event: Event) -> None:
        if isinstance(event, Progressed):
            row.show_progress(event)
        elif isinstance(event, ModelLoading):
            row.show_words(tr("Loading the model…"))

    def end(result: Result) -> None:
        view.end_progress(row)
        on_done(result)

    def fail(error: Exception) -> None:
        view.end_progress(row)
        notices.error(error)

    job = jobs.start(
        work, on_event=show, on_done=end, on_error=fail, on_stopped=lambda: view.end_progress(row), owner=view,
        title=title,
    )  # fmt: skip
    row.stop_requested.connect(job.stop)
    row.stop_requested.connect(row.show_stopping)
