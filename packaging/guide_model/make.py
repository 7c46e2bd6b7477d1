"""Make the guide: `make guide-model`. From the corpus to the file, each stage once; a stop costs one epoch at most.

PYTHONPATH=packaging python -m guide_model.make
"""

import json
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from guide_model import (
    answering,
    checking,
    corpus,
    curves,
    gguf_out,
    guide_text,
    network,
    samples,
    shrinking,
    spelling,
    training,
)
from guide_model.examine import main as examine
from guide_model.places import BUILD, CORPUS, CURVES, GUIDE_PAGES, HERE, MODEL, MODELS, SPELLING, TRAINING, WHOLE
from guide_model.stages import Done, Stage, hashed
from guide_model.unknown import Strange
from guide_model.variation import Alike, english, japanese

MOST_PIECES = 5000
SCHEDULE = training.Schedule()
MEAN_OF = 3  # epochs, of which the last is the best: their mean answers better than any of them
LEARNING = (1, 3, 6)  # epochs whose weights are kept beside the finished ones, to be compared
COMPARED = 20  # prompts that are answered by llama.cpp and by PyTorch
WEIGHED = 200  # questions that tell what quantizing costs
ODD = (
    "",
    " ",
    "a",
    "  two  spaces ",
    "tab\tand\nline",
    "<|user|>",
    "é ß ñ",
    "ｗｉｄｅ",
    "鬱龘",
    "🙂",
    "0123456789",
    "<0x41>",
)


class CorpusWrong(Exception):
    """The corpus has faults; each is named with its place."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(["The corpus has faults:", *faults]))


class Recipe:
    """The stages, over one reading of the corpus."""

    def __init__(self, found: corpus.Corpus) -> None:
        """Raises `CorpusWrong`, OSError."""
        if found.faults or not found.blocks:
            raise CorpusWrong(found.faults or ["it is empty"])
        self.blocks = found.blocks
        self.divided = corpus.divided(found.blocks)
        self.pages = list(guide_text.guide_pages(GUIDE_PAGES))

    def stages(self) -> list[Stage]:
        """In the order in which they are done."""
        texts = (*sorted(CORPUS.rglob("*.txt")), *sorted(GUIDE_PAGES.rglob("*.md")))
        every = [TRAINING / training.weights_name(epoch) for epoch in range(1, SCHEDULE.all_epochs + 1)]
        learning = [TRAINING / training.weights_name(epoch) for epoch in LEARNING]
        progress = TRAINING / training.PROGRESS
        exporting = _code("gguf_out", "checking", "network", "training")
        return [
            Stage("Spelling", (*texts, *_code("corpus", "guide_text", "samples", "spelling")), (SPELLING,), self.spell),
            Stage("Training", self._learned_from(), (*every, progress), self.train),
            Stage("Export", (SPELLING, progress, *exporting), (WHOLE,), self.export),
            Stage("Quantizing", (WHOLE, *_code("shrinking")), (MODEL, BUILD / "cost.json"), self.shrink),
            Stage("Stages of learning", (*learning, SPELLING, *_code("gguf_out", "shrinking")), (), self.keep_learning),
            Stage("Curves", (progress, *_code("curves")), (CURVES,), self.draw),
            Stage("Validation", (MODEL, *_code("corpus", "answering")), (BUILD / "validation.json",), self.validate),
        ]  # fmt: skip

    def spell(self) -> None:
        """Learn the vocabulary from everything that is learned from."""
        texts = [text for block in self.divided.learned for text in (*block.asked, *block.answers, *block.passages)]
        texts += [paragraph for page in self.pages for paragraph in page.paragraphs]
        texts.append(samples.reading("a", ["b"]))
        spelling.learned(texts, samples.answers(self.blocks), MOST_PIECES).save(SPELLING)

    def train(self) -> None:
        """Train, or go on with a training of the same inputs."""
        key, kept = hashed(self._learned_from()), TRAINING / "inputs.txt"
        if not kept.exists() or kept.read_text(encoding="utf-8") != key:
            shutil.rmtree(TRAINING, ignore_errors=True)
            TRAINING.mkdir(parents=True)
            kept.write_text(key, encoding="utf-8")
        known = self._spelling()
        training.train(
            TRAINING, self._shape(known), SCHEDULE, self._samples(known), known, self.divided.held_back, _say_epoch
        )  # fmt: skip

    def export(self) -> None:
        """Write the whole file, and see that llama.cpp reads it as it was trained."""
        known, best = self._spelling(), training.best_epoch(training.read_history(TRAINING))
        weights = training.weights(TRAINING, best, MEAN_OF)
        print(f"  the best epoch: {best}")
        gguf_out.write(WHOLE, self._shape(known), known, weights)
        texts = [text for block in self.blocks for text in (*block.asked, *block.answers)]
        cut = checking.check_spelling(WHOLE, known, [*ODD, *texts])
        shape = self._shape(known)
        tokens = checking.check_answers(WHOLE, training.with_weights(shape, weights), self._some(COMPARED))
        print(f"  llama.cpp cuts {cut} texts as they were learned, and agrees on {tokens} tokens of {COMPARED} answers")

    def shrink(self) -> None:
        """Quantize, and weigh what it cost."""
        MODELS.mkdir(exist_ok=True)
        shrinking.shrink(WHOLE, MODEL, BUILD)
        told = shrinking.cost(WHOLE, MODEL, self._some(WEIGHED))
        (BUILD / "cost.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        print("  " + ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in told.items()))

    def keep_learning(self) -> None:
        """Small files of the weights as they were earlier."""
        known = self._spelling()
        for epoch in LEARNING:
            whole = BUILD / f"after-{epoch:02d}.gguf"
            note = f"As it was after {epoch} of {SCHEDULE.all_epochs} epochs of its training."
            gguf_out.write(whole, self._shape(known), known, training.weights(TRAINING, epoch), note)
            shrinking.shrink(whole, MODELS / f"hanare-guide-after-{epoch:02d}.gguf", BUILD, shrinking.SMALLEST)

    def draw(self) -> None:
        """The picture of the training."""
        curves.draw(CURVES, training.read_history(TRAINING))

    def validate(self) -> None:
        """Ask the finished file what was held back, and count the answers that are one of the block's."""
        right: dict[str, list[bool]] = {}
        with answering.Answering(MODEL) as asked:
            for block, question in self.divided.held_back:
                if not block.passages:
                    right.setdefault(block.language, []).append(asked.answer(question) == block.answers[0])
        told = {language: {"right": sum(ones) / len(ones), "of": len(ones)} for language, ones in right.items()}
        (BUILD / "validation.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        for language, one in told.items():
            print(f"  {language}: {one['right']:.1%} of {one['of']} ways of asking that were held back")

    # Its own affairs.

    def _learned_from(self) -> tuple[Path, ...]:
        names = (
            "corpus",
            "guide_text",
            "learner",
            "make",
            "network",
            "samples",
            "training",
            "unknown",
            "variation",
            "words_first",
        )
        alike = tuple(HERE / f"alike.{language}.tsv" for language in corpus.LANGUAGES)
        return (SPELLING, *sorted(CORPUS.rglob("*.txt")), *sorted(GUIDE_PAGES.rglob("*.md")), *alike, *_code(*names))

    def _spelling(self) -> spelling.Spelling:
        return spelling.Spelling.load(SPELLING)

    def _shape(self, known: spelling.Spelling) -> network.Shape:
        return network.Shape(vocabulary=len(known))

    def _samples(self, known: spelling.Spelling) -> samples.Samples:
        alike = {language: Alike.read(HERE / f"alike.{language}.tsv") for language in corpus.LANGUAGES}
        variations = {"en": english(alike["en"]), "ja": japanese(alike["ja"])}
        strange = {}
        for language in corpus.LANGUAGES:
            mine = [block for block in self.blocks if block.language == language and block.page != corpus.OUTSIDE]
            strange[language] = Strange(text for block in mine for text in (*block.asked, *block.answers))
        return samples.Samples(self.divided.learned, self.pages, known, variations, strange, SCHEDULE.seed)

    def _some(self, count: int) -> list[str]:
        """Some of the questions that were held back, the same ones each time."""
        asked = [question for block, question in self.divided.held_back if not block.passages]
        return random.Random(0).sample(asked, min(count, len(asked)))


def _code(*names: str) -> tuple[Path, ...]:
    return tuple(HERE / f"{name}.py" for name in names)


def _say_epoch(learned: training.Learned) -> None:
    right = ", ".join(
        f"{language} {learned.right_pages[language]:.1%} / {learned.right_answers[language]:.1%}"
        for language in learned.right_answers
    )
    told = f"loss {learned.loss:.3f}; page / answer right: {right}; {learned.seconds:.0f} s"
    print(f"  epoch {learned.epoch} of {SCHEDULE.all_epochs}: {told}", flush=True)


def main() -> int:
    """Carry out what is not done yet, then examine."""
    BUILD.mkdir(parents=True, exist_ok=True)
    recipe = Recipe(corpus.read(CORPUS))
    blocks = recipe.blocks
    for language in corpus.LANGUAGES:
        mine = [block for block in blocks if block.language == language]
        print(f"{language}: {len(mine)} blocks, {sum(len(block.asked) for block in mine)} ways of asking")
    done = Done(BUILD / "done.json")
    for stage in recipe.stages():
        done.carry_out(stage, print)
    return examine([])


if __name__ == "__main__":
    sys.exit(main())
