"""A stage is done once for what it reads, and a training that was stopped goes on to the same end."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from guide_model import training, words_first
from guide_model.corpus import Block, divided
from guide_model.curves import draw
from guide_model.network import Shape
from guide_model.samples import Samples
from guide_model.spelling import Spelling
from guide_model.stages import Done, Stage
from guide_model.training import Learned, Schedule

SCHEDULE = Schedule(epochs=2, batch_tokens=512)


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


@pytest.mark.parametrize("stops", [(1,), (3,), (2, 4)])  # among the words, after them, and in both
def test_a_training_that_was_stopped_comes_to_the_same_weights(
    tmp_path: Path, blocks: tuple[Block, ...], samples: Samples, spelling: Spelling, shape: Shape,
    stops: tuple[int, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(words_first, "EPOCHS", 3)

    def train(folder: Path, told: Callable[[Learned], None]) -> None:
        training.train(folder, shape, SCHEDULE, samples, spelling, divided(blocks).held_back, told)

    def stop(learned: Learned) -> None:
        if learned.epoch in stops:
            raise KeyboardInterrupt

    train(tmp_path / "whole", lambda learned: None)
    for _ in stops:
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "stopped", stop)
    train(tmp_path / "stopped", stop)
    for epoch in range(1, 6):
        whole, stopped = training.weights(tmp_path / "whole", epoch), training.weights(tmp_path / "stopped", epoch)
        assert all(torch.equal(whole[name], stopped[name]) for name in whole)
    history = training.read_history(tmp_path / "stopped")
    assert [one.epoch for one in history] == [1, 2, 3, 4, 5]
    assert history[2].loss < history[0].loss


def test_the_picture_of_a_training_names_both_languages(tmp_path: Path) -> None:
    one = Learned(1, 5.0, {"en": 0.4, "ja": 0.5}, {"en": 0.3, "ja": 0.3}, 2.0)
    path = tmp_path / "curves.svg"
    draw(path, [one, replace(one, epoch=2, loss=3.0)])
    picture = path.read_text(encoding="utf-8")
    assert "English, answer 30%" in picture
    assert "Japanese, page 50%" in picture


def test_the_weights_of_several_epochs_are_their_mean(tmp_path: Path) -> None:
    for epoch, value in ((1, 1.0), (2, 2.0), (3, 6.0)):
        save_file({"one": torch.full((2,), value)}, tmp_path / training.weights_name(epoch))
    assert training.weights(tmp_path, 3)["one"].tolist() == [6.0, 6.0]
    assert training.weights(tmp_path, 3, 2)["one"].tolist() == [4.0, 4.0]
    assert training.weights(tmp_path, 1, 3)["one"].tolist() == [1.0, 1.0]


def test_the_best_epoch_is_the_one_with_most_right_answers_of_all_languages() -> None:
    def epoch(number: int, en: float, ja: float) -> Learned:
        return Learned(number, 5.0 - number, {"en": 0.9, "ja": 0.9}, {"en": en, "ja": ja}, 1.0)

    assert training.best_epoch([epoch(1, 0.3, 0.3), epoch(2, 0.5, 0.6), epoch(3, 0.6, 0.4)]) == 2
