"""The card of what leaves this computer."""

from collections.abc import Callable

from desktop.jobs import Jobs
from desktop.pages.privacy.view import PrivacyView
from engine.types import Model


def test_the_page_says_how_many_models_were_downloaded(
    page: PrivacyView, jobs: Jobs, add_model: Callable[..., Model]
) -> None:
    assert page.leaving.count.text() == "None of the models here was downloaded by Hanare."
    add_model()
    jobs.changed.emit("models")
    assert page.leaving.count.text() == "None of the models here was downloaded by Hanare."
