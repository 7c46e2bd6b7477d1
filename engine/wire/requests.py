"""What the engine asks of its processes."""

from dataclasses import dataclass, field
from typing import Any

from engine.formats import MOST_OCR_PIXELS
from engine.loading import LoadOptions
from engine.quantizations import Recipe
from engine.sampling import Sampling
from engine.wire.envelope import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Message, LoadOptions):
    """Load one GGUF file; `threads` and `battery` as in `SetThreads`. Far over `need_bytes` is refused (0: never).

    `adapters` are the files of LoRA adapters; how strongly each works is for `Generate` to say.
    `projector` is the file with which the model sees pictures, "" for none.
    For graphics cards: it has so many `layers`, and each takes `layer_bytes` with what it remembers.
    An encoder takes `context_tokens` as the longest text it will be given (0: what is useful there).
    """

    path: str
    threads: int = 0
    battery: bool = False
    need_bytes: int = 0
    adapters: tuple[str, ...] = ()
    projector: str = ""
    layers: int = 0
    layer_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate(Message, Sampling):
    """Answer the last of `messages` ({"role", "content", "reasoning_content"}), or go on from `prompt` as it is.

    A message with "pictures" names them by SHA-256 and size, "0a1b…:640:480 …"; `pictures` holds each, in base64.
    `tools` are described as OpenAI's API does; `thinking` asks for it first; `ignore_end` goes on past the end token.
    `strengths` are how strongly the adapters of `Load` work, in their order. `begun` is the beginning of the
    answer, and `begun_thoughts` what was thought before it: what is written goes on from there.
    `form` is a value of `engine.forms.FormKind` and `form_source` its schema or grammar; an answer that has one calls
    no tools and ends where it is complete.
    The state of a `chat` above 0 may be asked for later with `HoldState`. `saved` are the tokens of a state of it that
    is kept, with `saved_stretches` and `saved_marks` as in `StateHeld`; the process says `StateWanted` where it is of
    use.
    `guess_ahead` lets several tokens be weighed in one step, where that is faster.
    """

    messages: tuple[dict[str, str], ...] = ()
    prompt: str = ""
    tools: tuple[dict[str, Any], ...] = ()
    thinking: bool = False
    max_tokens: int = 1024
    ignore_end: bool = False
    strengths: tuple[float, ...] = ()
    form: str = "text"
    form_source: str = ""
    pictures: dict[str, str] = field(default_factory=dict, repr=False)
    begun: str = ""
    begun_thoughts: str = ""
    guess_ahead: bool = True
    chat: int = 0
    saved: tuple[int, ...] = ()
    saved_stretches: tuple[tuple[int, int], ...] = ()
    saved_marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePiece(Message):
    """The next piece of the state that job `job` said `StateWanted` for."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSent(Message):
    """All pieces for job `job` are sent; with `whole` False there will be no more, and what came is of no use."""

    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldState(Message):
    """Copy the state of a chat aside, as it is now, in place of one held before; `chat` 0 lets go of that one.

    `kept` are the tokens of what is kept of it already, in stretches that end at `ends`: what of it still holds is
    not copied again.
    """

    chat: int
    kept: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeState(Message):
    """Send at most `size` bytes of what is held, from `start` on."""

    start: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Message):
    """Count the tokens of each of `messages` ({"role", "content", "pictures"}) as `Generate` would read them."""

    messages: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Message):
    """Say how likely `text` is as the answer to `messages`, with `thoughts` before it; fields as in `Generate`."""

    messages: tuple[dict[str, str], ...]
    text: str
    thoughts: str = ""
    thinking: bool = False
    strengths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThreads(Message):
    """From the next decode on, use `threads` threads (0: as suits the computer, which runs on its `battery`)."""

    threads: int
    battery: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Message):
    """End job `job` as soon as possible; it still reports `Done` or `Failed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat(Message):
    """Say `Alive` at once, also while a job is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed(Message):
    """Turn texts into unit vectors; with `question` they are questions, else what is searched for an answer."""

    texts: tuple[str, ...]
    question: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerank(Message):
    """Say how well each of `texts` answers `question`."""

    question: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classify(Message):
    """Say which of the model's labels fits each pair of texts: the first says what is so, the other is judged by it."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Message):
    """Read one document into pages of text. `reader` names the kind of document."""

    path: str
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTogether(Message):
    """Read several small documents of kinds that plain Python reads; `readers` as in `Read`, one for each path."""

    paths: tuple[str, ...]
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPictures(Message):
    """Draw these pages of a document, counted as `Read` counts them, for OCR: those that show text as a picture."""

    path: str
    reader: str
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw(Message):
    """Draw one page of a paged document, `width` pixels wide, and find the boxes of a span."""

    path: str
    reader: str
    page: int
    width: int
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakePicture(Message):
    """Make a picture anew from the bytes of somebody's file, in base64."""

    data: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOcr(Message):
    """Say which Tesseract is on this computer, and for which languages it has data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognize(Message):
    """Read a picture of text; `grey` as in `PageSeen`, `languages` as Tesseract takes them: "eng+jpn"."""

    width: int
    height: int
    dpi: int
    grey: str = field(repr=False)
    languages: str

    def __post_init__(self) -> None:
        """Raises `ValueError` for a size that none of our pictures has."""
        if min(self.width, self.height) < 1 or self.width * self.height > MOST_OCR_PIXELS:
            raise ValueError(self.width, self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(Message):
    """Download files of `repository` into `folder`, all of them or none: what one model consists of.

    Of each: its name in the repository, the key of what is unfinished of it, and its name here without a folder ("" to
    name it by its hash). Nothing is fetched unless there is room for all and for `more_bytes`, which are to follow.
    """

    endpoint: str
    repository: str
    files: tuple[tuple[str, str, str], ...]
    folder: str
    revision: str = "main"
    token: str = ""
    more_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFiles(Message):
    """Say which GGUF files of `repository` have `mark` in their names, or which of `names` it has.

    `file` is the one that was asked for with them.
    `folder` is all that the process may open, and it writes nothing there.
    """

    endpoint: str
    repository: str
    file: str
    folder: str
    mark: str
    names: tuple[str, ...] = ()
    revision: str = "main"
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHub(Message):
    """Say which repositories of the hub have `words` in their names and hold files as `holds` says, at most `most`.

    `holds` is a value of `types.HubKind`, `sort` one of `types.HubSort`. `folder` is all that the process may open, and
    it writes nothing there.
    """

    endpoint: str
    words: str
    holds: str
    sort: str
    most: int
    folder: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeRepository(Message):
    """Say what the hub tells of `repository`, its files with their sizes; writes nothing to `folder`."""

    endpoint: str
    repository: str
    folder: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeModels(Message):
    """Write the test models into `folder`."""

    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeEmbedder(Message):
    """Write the embedding model that Hanare comes with into `folder` as a GGUF file; answered with `ModelsMade`."""

    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSizes(Message, Recipe):
    """Say how large the model in `path` would be in each of `quantizations`, the rest being as the recipe has it.

    `weighed`: with an importance matrix, which has some tensors kept otherwise.
    """

    path: str
    quantizations: tuple[str, ...]
    weighed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantize(Message, Recipe):
    """Make the model in `path` anew by the recipe, in the file `to`; `matrix` is the file of an importance matrix.

    `to` lies in a folder that holds nothing else. `threads` 0: as many as the computer has. `hashes`: tell the
    SHA-256 of `path`.
    """

    path: str
    to: str
    matrix: str = ""
    threads: int = 0
    hashes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureImportance(Message):
    """Have the model in `path` read `text`, and write which of its weights that uses into the file `to`, as GGUF.

    At most `chunks` pieces of `chunk_tokens` tokens are read; `to`, `threads` as in `Quantize`. `called` is what the
    file says that the text was.
    """

    path: str
    to: str
    text: str = field(repr=False)
    chunks: int
    chunk_tokens: int = 512
    threads: int = 0
    called: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureCost(Message):
    """Have the model in `path` and the larger one in `against` read `text`, and tell what the first one lost.

    At most `chunks` pieces of `chunk_tokens` tokens are read. "" for `to`: both are loaded at once; otherwise one after
    the other, and what the larger one expects is kept in the file `to` meanwhile. `threads` as in `Quantize`.
    """

    path: str
    against: str
    text: str = field(repr=False)
    chunks: int
    chunk_tokens: int = 512
    to: str = ""
    threads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(Message):
    """Make a GGUF file of the checkpoint in `folder`, in the file `to`, which lies in a folder that holds nothing else.

    `files` are what the folder holds: their names there, and where each lies. `form` is a name of
    `engine.quantizations.CONVERTED_FORMS`, "" for what its weights are in. `base` is the GGUF file of a model for which
    an adapter was trained, "" for a model. `name` and `repository` are what the file says of itself and its source.
    """

    folder: str
    files: dict[str, str]
    to: str
    form: str = ""
    base: str = ""
    name: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Message):
    """Rest from job `job` at the next good moment, or go on with it."""

    resting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskKeychain(Message):
    """Have `keychain` ("": the session's own) "find", "read" (for `answer_s`), "write" or "forget" its `entry`."""

    do: str
    keychain: str = ""
    entry: str = ""
    secret: str = field(default="", repr=False)
    answer_s: float = 0.0
