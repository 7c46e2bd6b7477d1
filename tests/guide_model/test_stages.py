"""A stage is done once for what it reads, and a training that was stopped goes on to the same end."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from guide_model import training, words_first
from guide_model.corpus import Block, divided
from guide_model.curves import draw
from guide_model.network import Shape
from guide_model.samples import Samples
from guide_model.spelling import Spelling
from guide_model.stages import Done, Stage
from guide_model.training import Learned, Schedule

SCHEDULE = Schedule(epochs=3, batch_tokens=512)


def test_a_stage_is_done_again_only_when_what_it_reads_changes_or_what_it_wrote_is_gone(tmp_path: Path) -> None:
    read, wrote, kept = tmp_path / "read.txt", tmp_path / "wrote.txt", tmp_path / "done.json"
    read.write_text("one", encoding="utf-8")
    stage = Stage("Copying", (read,), (wrote,), lambda: wrote.write_bytes(read.read_bytes()) and None)
    said: list[str] = []
    for _ in range(2):
        Done(kept).carry_out(stage, said.append)
    read.write_text("two", encoding="utf-8")
    Done(kept).carry_out(stage, said.append)
    assert wrote.read_text(encoding="utf-8") == "two"
    wrote.unlink()
    Done(kept).carry_out(stage, said.append)
    assert said == ["Copying …", "Copying: nothing has changed", "Copying …", "Copying …"]


def test_a_training_that_was_stopped_comes_to_the_same_weights(
    tmp_path: Path, blocks: tuple[Block, ...], samples: Samples, spelling: Spelling, shape: Shape
) -> None:
    words: list[int] = []

    def train(folder: Path, stop_after: int) -> dict[str, torch.Tensor]:
        def told(learned: Learned) -> None:
            if learned.epoch == stop_after:
                raise KeyboardInterrupt

        def go_on(told: Callable[[Learned], None]) -> None:
            training.train(
                folder, shape, SCHEDULE, samples, spelling, divided(blocks).held_back,
                lambda epoch, loss: words.append(epoch), told,
            )  # fmt: skip

        try:
            go_on(told)
        except KeyboardInterrupt:
            go_on(lambda learned: None)
        return training.weights(folder, SCHEDULE.epochs)

    whole, stopped = train(tmp_path / "whole", 0), train(tmp_path / "stopped", 2)
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)
    assert words == [*range(1, words_first.EPOCHS + 1)] * 2  # the stopped one did not learn them twice
    history = training.read_history(tmp_path / "stopped")
    assert [one.epoch for one in history] == [1, 2, 3]
    assert history[-1].loss < history[0].loss


def test_the_picture_of_a_training_names_both_languages(tmp_path: Path) -> None:
    one = Learned(1, 5.0, {"en": 0.4, "ja": 0.5}, {"en": 0.3, "ja": 0.3}, 1000, 2.0)
    path = tmp_path / "curves.svg"
    draw(path, [one, replace(one, epoch=2, loss=3.0)])
    picture = path.read_text(encoding="utf-8")
    assert "English, answer 30%" in picture
    assert "Japanese, page 50%" in picture
