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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SPACE = "\u2581"  # how a vocabulary of this kind writes a space
UNKNOWN, BEGIN, END, SYSTEM, USER, GUIDE = range(6)
SPOKEN = ("<unk>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|guide|>")
BYTES = 256
FIRST_BYTE = len(SPOKEN)
NORMAL_TOKEN, UNKNOWN_TOKEN, CONTROL_TOKEN, BYTE_TOKEN = 1, 2, 3, 6
LONGEST_PIECE = 12  # letters; longer ones are whole answers, and teach nothing about questions
# Where pieces may not reach across: words with the space before them, one script, one digit, one sign.
CUTS = (
    f"{SPACE}?[A-Za-z\u00c0-\u024f]+|{SPACE}?\\p{{Han}}+|{SPACE}?\\p{{Hiragana}}+|{SPACE}?[\\p{{Katakana}}\u30fc]+"
    f"|{SPACE}?[^A-Za-z\u00c0-\u024f\\p{{Han}}\\p{{Hiragana}}\\p{{Katakana}}\u30fc{SPACE}]|{SPACE}"
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A vocabulary: first the six tokens of a conversation, then bytes, then `pieces`, then `topics`.

    `scores` are those of the pieces: a lone letter has 0, what is made of others a worse one the later it was learned.
    A topic is a token that stands for a page or a block of the corpus; it is written, and shows as nothing.
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    topics: tuple[str, ...]
    _numbers: dict[str, int]
    _known: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False)  # texts that were cut before

    @classmethod
    def of(cls, pieces: Sequence[str], scores: Sequence[float], topics: Sequence[str]) -> "Spelling":
        """Put one together."""
        numbers = {piece: number for number, piece in enumerate(pieces, start=FIRST_BYTE + BYTES)}
        return cls(tuple(pieces), tuple(scores), tuple(topics), numbers)

    def __len__(self) -> int:
        return FIRST_BYTE + BYTES + len(self.pieces) + len(self.topics)

    @property
    def first_topic(self) -> int:
        """The number of the first topic; no person's text has one from there on."""
        return FIRST_BYTE + BYTES + len(self.pieces)

    @property
    def pages(self) -> int:
        """How many of the topics are pages; they come first."""
        return sum("/" not in topic for topic in self.topics)

    def topic(self, name: str) -> int:
        """The token of a topic. Raises ValueError where there is none of that name."""
        return self.first_topic + self.topics.index(name)

    def tokens(self) -> tuple[list[str], list[float], list[int]]:
        """The text, the score and the type of every token, as GGUF has them."""
        spelled_bytes = [f"<0x{byte:02X}>" for byte in range(BYTES)]
        topics = [f"<|{topic}|>" for topic in self.topics]
        texts = [*SPOKEN, *spelled_bytes, *self.pieces, *topics]
        scores = [0.0] * (FIRST_BYTE + BYTES) + list(self.scores) + [0.0] * len(topics)
        types = [UNKNOWN_TOKEN] + [CONTROL_TOKEN] * (len(SPOKEN) - 1) + [BYTE_TOKEN] * BYTES
        types += [NORMAL_TOKEN] * len(self.pieces) + [CONTROL_TOKEN] * len(topics)
        return texts, scores, types

    def encode(self, text: str, *, skipped: float = 0.0, chance: random.Random | None = None) -> list[int]:
        """The tokens of a text that stands after a control token: a space is put before it, as llama.cpp does.

        With `skipped`, that share of the unions is passed over by `chance`, so that a word is met in many spellings.
        """
        if not text:
            return []
        if not skipped:
            if text not in self._known:
                self._known[text] = tuple(self._cut(text, 0.0, None))
            return list(self._known[text])
        return self._cut(text, skipped, chance)

    def _cut(self, text: str, skipped: float, chance: random.Random | None) -> list[int]:
        parts = list((" " + text).replace(" ", SPACE))
        after = [*range(1, len(parts)), -1]
        before = list(range(-1, len(parts) - 1))
        waiting: list[tuple[float, int, int, int]] = []

        def offer(left: int, right: int) -> None:
            if left < 0 or right < 0:
                return
            number = self._numbers.get(parts[left] + parts[right])
            if number is None or (skipped and chance and chance.random() < skipped):
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
        """The text of tokens, without the space before it; control tokens and topics are nothing."""
        found = bytearray()
        for token in tokens:
            if FIRST_BYTE <= token < FIRST_BYTE + BYTES:
                found.append(token - FIRST_BYTE)
            elif FIRST_BYTE + BYTES <= token < self.first_topic:
                found += self.pieces[token - FIRST_BYTE - BYTES].replace(SPACE, " ").encode()
        return found.decode("utf-8", "replace").removeprefix(" ")

    def save(self, path: Path) -> None:
        """Keep it as JSON. Raises OSError."""
        kept = {"pieces": self.pieces, "scores": self.scores, "topics": self.topics}
        path.write_text(json.dumps(kept, ensure_ascii=False, indent=0), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Spelling":
        """Take what `save` kept. Raises OSError, ValueError."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls.of(kept["pieces"], kept["scores"], kept["topics"])

    def _spelled(self, part: str) -> list[int]:
        number = self._numbers.get(part)
        return [number] if number is not None else [FIRST_BYTE + byte for byte in part.encode()]


def learned(texts: Iterable[str], topics: Sequence[str], most_pieces: int, seldom: int = 2) -> Spelling:
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
    return Spelling.of(pieces, scores, topics)
