"""The tokenizer: how text becomes numbers, exactly as llama.cpp does it with the vocabulary that is exported.

Pieces are learned by byte-pair merging over the corpus. Text is cut as llama.cpp cuts it for vocabularies of the kind
"llama": of all neighbours whose union is a piece, the best-scored are joined first, the leftmost of equals; what is no
piece in the end is spelled in bytes. No learned piece reaches across a space, or from one script into another, so that
words that are new are still cut where they would be.
Source of the algorithm: `llm_tokenizer_spm_session` in llama.cpp's src/llama-vocab.cpp.
"""

import heapq
import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.chat.guide import LONGEST_PIECE

SPACE = "\u2581"  # how a vocabulary of this kind writes a space
UNKNOWN, BEGIN, END, SYSTEM, USER, GUIDE = range(6)
SPOKEN = ("<unk>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|guide|>")
BYTES = 256
FIRST_BYTE = len(SPOKEN)
NORMAL_TOKEN, UNKNOWN_TOKEN, CONTROL_TOKEN, BYTE_TOKEN = 1, 2, 3, 6
PASSED_OVER = 0.25  # of the unions in a stretch that is cut otherwise
# Where pieces may not reach across: words with the space before them, one script, one digit, one sign.
_LATIN, _HAN, _HIRAGANA, _KATAKANA = (
    "A-Za-z\u00c0-\u024f",
    "\u3005\u3400-\u4dbf\u4e00-\u9fff",
    "\u3041-\u309f",
    "\u30a0-\u30ff",
)
CUTS = (
    f"{SPACE}?[{_LATIN}]+|{SPACE}?[{_HAN}]+|{SPACE}?[{_HIRAGANA}]+|{SPACE}?[{_KATAKANA}]+"
    f"|{SPACE}?[^{_LATIN}{_HAN}{_HIRAGANA}{_KATAKANA}{SPACE}]|{SPACE}"
)
_STRETCHES = re.compile(CUTS)


def prompt(question: Sequence[int]) -> list[int]:
    """The tokens that ask a question, as the model's template has it."""
    return [BEGIN, USER, *question, END, GUIDE]


@dataclass(frozen=True, slots=True)
class Spelling:
    """A vocabulary: first the six tokens of a conversation, then bytes, then `pieces`, then `answers`.

    `scores` are those of the pieces: a lone letter has 0, what is made of others a worse one the later it was learned.
    An answer is one token, whose text is all of it; no text that is asked is cut into one. `pages` has the page of
    the guide that each answer is from.
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    answers: tuple[str, ...]
    pages: tuple[str, ...]
    _numbers: dict[str, int]
    _by_text: dict[str, int]
    _known: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False)  # stretches that were cut before

    @classmethod
    def of(cls, pieces: Sequence[str], scores: Sequence[float], answers: dict[str, str]) -> "Spelling":
        """Put one together; `answers` are texts with the page of each."""
        numbers = {piece: number for number, piece in enumerate(pieces, start=FIRST_BYTE + BYTES)}
        first = FIRST_BYTE + BYTES + len(pieces)
        by_text = {answer: number for number, answer in enumerate(answers, start=first)}
        return cls(tuple(pieces), tuple(scores), tuple(answers), tuple(answers.values()), numbers, by_text)

    def __len__(self) -> int:
        return self.first_answer + len(self.answers)

    @property
    def first_answer(self) -> int:
        """The number of the first answer; no person's text has one from there on."""
        return FIRST_BYTE + BYTES + len(self.pieces)

    def answer(self, text: str) -> int:
        """The token of an answer. Raises KeyError where there is none of that text."""
        return self._by_text[text]

    def tokens(self) -> tuple[list[str], list[float], list[int]]:
        """The text, the score and the type of every token, as GGUF has them."""
        spelled_bytes = [f"<0x{byte:02X}>" for byte in range(BYTES)]
        texts = [*SPOKEN, *spelled_bytes, *self.pieces, *(answer.replace(" ", SPACE) for answer in self.answers)]
        scores = [0.0] * (FIRST_BYTE + BYTES) + list(self.scores) + [-float(len(self))] * len(self.answers)
        types = [UNKNOWN_TOKEN] + [CONTROL_TOKEN] * (len(SPOKEN) - 1) + [BYTE_TOKEN] * BYTES
        types += [NORMAL_TOKEN] * (len(self.pieces) + len(self.answers))
        return texts, scores, types

    def encode(self, text: str, *, otherwise: float = 0.0, chance: random.Random | None = None) -> list[int]:
        """The tokens of a text that stands after a control token: a space is put before it, as llama.cpp does.

        `otherwise` is the share of its stretches that are cut otherwise by `chance`, some unions being passed over, so
        that a word is met in many spellings.
        """
        found: list[int] = []
        for stretch in _STRETCHES.findall((" " + text).replace(" ", SPACE)) if text else ():
            if chance is not None and chance.random() < otherwise:
                found += self._cut(stretch, chance)
                continue
            known = self._known.get(stretch)
            if known is None:
                known = self._known[stretch] = tuple(self._cut(stretch, None))
            found += known
        return found

    def _cut(self, stretch: str, chance: random.Random | None) -> list[int]:
        parts = list(stretch)
        after = [*range(1, len(parts)), -1]
        before = list(range(-1, len(parts) - 1))
        waiting: list[tuple[float, int, int, int]] = []

        def offer(left: int, right: int) -> None:
            if left < 0 or right < 0:
                return
            number = self._numbers.get(parts[left] + parts[right])
            if number is None or (chance is not None and chance.random() < PASSED_OVER):
                return
            score = self.scores[number - FIRST_BYTE - BYTES]
            heapq.heappush(waiting, (-score, left, right, len(parts[left]) + len(parts[right])))

        for left in range(len(parts) - 1):
            offer(left, left + 1)
        while waiting:
            _, left, right, length = heapq.heappop(waiting)
            if not parts[left] or not parts[right] or len(parts[left]) + len(parts[right]) != length:
                continue
            parts[left] += parts[right]
            parts[right] = ""
            after[left] = after[right]
            if after[left] >= 0:
                before[after[left]] = left
            offer(before[left], left)
            offer(left, after[left])
        return [token for part in parts if part for token in self._spelled(part)]

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of tokens, without the space before it; control tokens are nothing."""
        found = bytearray()
        for token in tokens:
            if FIRST_BYTE <= token < FIRST_BYTE + BYTES:
                found.append(token - FIRST_BYTE)
            elif FIRST_BYTE + BYTES <= token < self.first_answer:
                found += self.pieces[token - FIRST_BYTE - BYTES].replace(SPACE, " ").encode()
            elif token >= self.first_answer:
                found += self.answers[token - self.first_answer].encode()
        return found.decode("utf-8", "replace").removeprefix(" ")

    def save(self, path: Path) -> None:
        """Keep it as JSON. Raises OSError."""
        answers = dict(zip(self.answers, self.pages, strict=True))
        kept = {"pieces": self.pieces, "scores": self.scores, "answers": answers}
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=0), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Spelling":
        """Take what `save` kept. Raises OSError, ValueError."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls.of(kept["pieces"], kept["scores"], kept["answers"])

    def _spelled(self, part: str) -> list[int]:
        number = self._numbers.get(part)
        return [number] if number is not None else [FIRST_BYTE + byte for byte in part.encode()]


def learned(texts: Iterable[str], answers: dict[str, str], most_pieces: int, seldom: int = 2) -> Spelling:
    """Learn at most `most_pieces` pieces from texts; letters met less than `seldom` times are left to bytes."""
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import Split
    from tokenizers.trainers import BpeTrainer

    marked = [(" " + text).replace(" ", SPACE) for text in texts]
    counts: dict[str, int] = {}
    for text in marked:
        for letter in text:
            counts[letter] = counts.get(letter, 0) + 1
    printable = {chr(code) for code in range(33, 127)} | {SPACE}
    letters = printable | {letter for letter, count in counts.items() if count >= seldom and letter.isprintable()}
    kept = ["".join(letter if letter in letters else "\n" for letter in text) for text in marked]
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = Split(Regex(CUTS), "isolated")
    trainer = BpeTrainer(
        vocab_size=most_pieces, min_frequency=3, show_progress=False, initial_alphabet=sorted(letters),
        max_token_length=LONGEST_PIECE, special_tokens=[],
    )  # fmt: skip
    tokenizer.train_from_iterator((piece for text in kept for piece in text.split("\n") if piece), trainer)
    numbers = tokenizer.get_vocab()
    pieces = sorted(numbers, key=lambda piece: (len(piece) > 1, numbers[piece]))
    scores = [0.0 if len(piece) == 1 else -float(rank) for rank, piece in enumerate(pieces)]
    return Spelling.of(pieces, scores, answers)
