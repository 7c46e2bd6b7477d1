"""One answer: what it has of its prompt, what it has written, and what it reports.

Lean on purpose: between two tokens Python does some ten microseconds of work, and at most twenty-five times a
second a short line goes down the pipe. When it is read and written is the scheduler's business.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine import wire
from engine.errors import EngineError, FormNotUsable, PictureNotUsable, PromptTooLong
from engine.forms import Form, FormKind
from engine.worker.model.aside import common_length
from engine.worker.model.forms.gate import Gate
from engine.worker.model.forms.guide import Guide, guided
from engine.worker.model.forms.judging import judged
from engine.worker.model.loaded_model import LoadedModel
from engine.worker.model.memory import Strand
from engine.worker.model.process_limits import peak_bytes
from engine.worker.model.prompt_lookup import PromptLookup
from engine.worker.model.replies.choosing import reply_parser
from engine.worker.model.replies.pieces import ReplyParser
from engine.worker.model.reply import Reply
from engine.worker.model.sampler import Sampler
from engine.worker.model.template import Parts, Picture
from engine.worker.model.threads import Used

if TYPE_CHECKING:
    from engine.worker.model.sight import Look

MOST_BYTES_PER_TOKEN = 64  # a text of more bytes than this per token of room cannot fit
BYTES_PER_TOKEN = 4  # to say about how many tokens such a text has
MARK_TOKENS = 4  # of a prompt are read again by another try; reading one by itself costs as much
NOTHING: Sequence[int] = ()
LONG_TOKENS = 64  # fewer are read again sooner than a place is marked


class Generation:
    """Does one `wire.Generate` and reports `Reading`, `Token` and `Done`.

    `tokens` are the prompt and what was written so far; `strand` holds the state of the first of them, and is
    None while the answer waits for room.
    """

    def __init__(self, model: LoadedModel, report: Callable[[wire.Message], None], request: wire.Generate) -> None:
        """Makes the prompt. Raises `PromptTooLong`, `PictureNotUsable`, `FormNotUsable`."""
        self._model = model
        self._report = report
        self._request = request
        self._template, self._why = "model", ""
        self.job = request.job
        self._started = time.perf_counter()
        self._reading_at = self._read_at = self._first_at = self._last_at = 0.0
        self._reused: int | None = None  # of the prompt; None until reading has begun
        self._written = 0
        self.strand: Strand | None = None
        self._looks: dict[int, Look] = {}  # by where each begins
        self._asked: Parts = []  # the prompt without what the answer has begun with
        self._places: tuple[int, ...] = ()  # to which a model that cannot go back at will is to go back
        self.marks: tuple[int, ...] = ()  # where the reading pauses, for the memory of a recurrent model to be marked
        self.tokens, parser = self._prompt()
        self._look_at = sorted(self._looks)
        self._reply = Reply(report, request, model.vocabulary, parser)
        self._form = _form(request)
        self._guide = self._guided()
        self._failure: EngineError | None = None
        self._prompt_tokens = len(self.tokens)
        self.strengths = request.strengths
        # the last digits depend on how many tokens are read at once, with what others, and a seed is a promise
        self.by_itself = request.seed >= 0
        self.exact = request.temperature == 0  # guesses beside it would change the last digits, and so its text
        words_only = min(self.tokens) >= 0  # what stands for a picture is no token
        guesses = request.guess_ahead and words_only and not (self.by_itself or self.exact or model.recurrent)
        self.lookup = PromptLookup(self.tokens) if guesses else None
        self._guessed = self._right = 0
        self._saved_s = 0.0
        self._sampler = Sampler(request, model.vocabulary, self._guide)
        self._sampler.read([token for token in self.tokens if token >= 0])

    @property
    def may_be_held(self) -> list[int]:
        """The tokens that need not be read where their state is held already."""
        return self.tokens

    @property
    def weighed_from(self) -> int:
        """From where on what comes after a token is of interest."""
        return len(self.tokens) - 1

    def begin(self, strand: Strand) -> None:
        """Go on from what the strand holds."""
        self.strand = strand
        strand.chat, strand.places = self._request.chat, self._places
        if self._reused is None:
            self._reused = len(strand.held)
            self._reading_at = time.perf_counter()
        self.tell()

    def tell(self) -> None:
        """Report how much of the prompt is read; also a sign of life while it waits."""
        done = self._prompt_tokens if self._read_at else len(self.strand.held) if self.strand else 0
        self._report(wire.Reading(job=self.job, done=done, total=self._prompt_tokens))

    def words_end(self, at: int) -> int:
        """Where the words from `at` on end: at the next picture, or with the last token."""
        if not self._look_at:
            return len(self.tokens)
        after = bisect_left(self._look_at, at)
        return self._look_at[after] if after < len(self._look_at) else len(self.tokens)

    def look(self, at: int) -> "Look | None":
        """The stretch of a picture that begins at `at`."""
        return self._looks.get(at)

    def tell_looking(self) -> None:
        """Report that a picture is being looked at."""
        done = len(self.strand.held) if self.strand else 0
        self._report(wire.Looking(job=self.job, done=done, total=self._prompt_tokens))

    @property
    def room(self) -> int:
        """How many guesses may come before its last token."""
        rest = self._request.max_tokens - self._written - 1
        return min(rest, self._model.context_tokens - len(self.tokens))

    def weighed(self, guesses: int, right: int, saved_s: float) -> None:
        """A step weighed so many guesses for it; so many were right, which saved it about `saved_s`."""
        self._guessed += guesses
        self._right += right
        self._saved_s += saved_s

    def pick(self, row: int) -> str:
        """Pick a token after row `row` of the step just done, and take what must come after it.

        How the answer ended with that, "" where it goes on.
        """
        request, model = self._request, self._model
        if not self._read_at:
            self._read_at = time.perf_counter()
            self.tell()
        try:
            token = self._sampler.pick(model.context, row)
            given = NOTHING
            if self._guide is not None and not request.likeliest:  # how likely each was is asked of the model
                given = self._guide.given()
        except FormNotUsable as error:  # the others that have a part in this step go on
            self._failure = error
            return "cut"
        if model.vocabulary.is_end(token) and not (request.ignore_end and self._guide is None):
            return "end"
        if request.likeliest:
            self._report(wire.Weighed(job=self.job, **vars(self._sampler.odds(model.context, token, row))))
        end = self._take(token)
        for token in given:
            if end:
                break
            self._sampler.take(token)
            end = self._take(token)
        return end

    def _take(self, token: int) -> str:
        """One token more of the answer; how that ended with it, "" where it goes on."""
        request, model = self._request, self._model
        self.tokens.append(token)
        if self.lookup is not None:
            self.lookup.add()
        self._written += 1
        self._last_at = time.perf_counter()
        if self._written == 1:
            self._first_at = self._last_at
        if self._guide is not None and self._guide.began:
            self._reply.answer_only()
        self._reply.add(token, self._last_at)
        if self._reply.ended or (self._guide is not None and self._guide.finished):
            return "end"
        if self._written >= request.max_tokens or len(self.tokens) > model.context_tokens:
            return "cut"
        return ""

    def finish(self, end: str, read: Used, written: Used) -> None:
        """Report that it ended as `end` says, and the threads that most of it was read and written with."""
        self._reply.finish()
        if self._failure is not None:
            self._report(wire.Failed(job=self.job, code=self._failure.code, facts=self._failure.facts))
            return
        form = judged(self._form, self._request.begun + self._reply.text, ended=end == "end")
        now = time.perf_counter()
        writing_s = self._last_at - self._first_at
        reused = self._reused or 0
        reading_s = self._read_at - self._reading_at if self._read_at else 0.0
        self._report(
            wire.Done(
                job=self.job, end=end, prompt_tokens=self._prompt_tokens, reused_tokens=reused,
                tokens=self._written, first_token_s=self._first_at - self._started if self._written else 0.0,
                tokens_per_s=(self._written - 1) / writing_s if self._written > 1 and writing_s > 0 else 0.0,
                reading_tokens_per_s=(self._prompt_tokens - reused) / reading_s if reading_s > 0 else 0.0,
                total_s=now - self._started, peak_bytes=peak_bytes(), aside_bytes=self._model.memory.aside.most_bytes,
                threads=written.threads,
                reading_threads=read.threads, threads_why=written.why or read.why, template=self._template,
                template_why=self._why, verdict=form.verdict.value, problem=form.problem, problem_at=form.place,
                guessed=self._guessed, guessed_right=self._right,
                speed_up=max(0.0, 1 + self._saved_s / writing_s) if self._guessed and writing_s > 0 else 0.0,
            )
        )  # fmt: skip

    def close(self) -> None:
        """Free what it had of llama.cpp."""
        self._sampler.close()

    def _guided(self) -> Guide | None:
        """What keeps the answer to its form, where it is to have one. Raises `FormNotUsable`."""
        if self._form.kind is FormKind.TEXT:
            return None
        vocabulary, gate = self._model.vocabulary, None
        if self._request.messages:
            parser = reply_parser(self._model.template.source, self._prompt_end, calls=False)
            gate = Gate(parser, vocabulary, may_think=self._request.thinking)
        guide = guided(self._form, self._model.token_table, vocabulary, gate)
        if self._request.begun:
            guide.go_on_from(self._request.begun)
        return guide

    def _prompt(self) -> tuple[list[int], ReplyParser | None]:
        """Its tokens, and what reads the reply to it."""
        room = self._model.context_tokens
        request = self._request
        size = len(request.prompt + request.begun + request.begun_thoughts) + sum(
            len(turn["content"]) for turn in self._request.messages
        )
        if size > room * MOST_BYTES_PER_TOKEN:
            raise PromptTooLong(tokens=size // BYTES_PER_TOKEN, context_tokens=room)
        parser = None
        if self._request.messages:
            template, tools = self._model.template, self._request.tools if self._request.form == "text" else ()
            parts, self._template = template.render(self._request.messages, tools, thinking=self._request.thinking)
            self._why = template.why if self._template != "model" else ""
            last = parts[-1]  # a person's text opens no thought
            self._prompt_end = last[0] if not isinstance(last, Picture) and last[1] else ""
            parser = reply_parser(template.source, self._prompt_end, calls=bool(tools))
            self._asked = parts
            if self._request.begun or self._request.begun_thoughts:
                parts = [*parts, *parser.begin(self._request.begun_thoughts, self._request.begun)]
        else:
            parts, self._template = [(self._request.prompt, False)], ""
        tokens = self._tokens(parts)
        if not tokens:
            tokens = [max(0, self._model.vocabulary.bos)]
        if len(tokens) >= room:
            raise PromptTooLong(tokens=len(tokens), context_tokens=room)
        self._place_marks(parts, tokens)
        return tokens, parser

    def _tokens(self, parts: Parts) -> list[int]:
        """With each picture told by what stands for it. Raises `PictureNotUsable`."""
        ready: list[tuple[str, bool] | list[int]] = []
        looks: list[Look] = []
        for part in parts:
            if not isinstance(part, Picture):
                ready.append(part)
                continue
            if self._model.sight is None or part.digest not in self._request.pictures:
                raise PictureNotUsable(picture="The picture", why="the model's process was not given it")
            for piece in self._model.sight.show(part.digest, self._request.pictures[part.digest]):
                if isinstance(piece, list):
                    ready.append(piece)
                else:
                    ready.append([piece.mark] * piece.tokens)
                    looks.append(piece)
        tokens = self._model.vocabulary.tokens(ready)
        at = 0
        for look in looks:
            at = tokens.index(look.mark, at)
            self._looks[at] = look
            at += look.tokens
        return tokens

    def _place_marks(self, parts: Parts, tokens: list[int]) -> None:
        """Find where the last turn begins: from there on another try, or an edit, differs.

        A model that cannot go back is to go back there, and shortly before the end where the turn is long.
        """
        told = [part for part in parts if not isinstance(part, Picture)]
        if not (self._model.recurrent or self._model.window) or len(told) < len(parts):
            return
        last = max((at for at, (text, from_template) in enumerate(told) if text and not from_template), default=0)
        before = self._model.vocabulary.tokens(told[:last])
        turn, end = common_length(before, tokens, min(len(before), len(tokens))), len(tokens) - MARK_TOKENS
        self._places = tuple(at for at, saved in ((turn, turn), (end, end - turn)) if saved > LONG_TOKENS)
        self.marks = self._places if self._model.recurrent else ()


def _form(request: wire.Generate) -> Form:
    """What the answer is to be. Raises `FormNotUsable` for a kind that there is not."""
    if request.form not in set(FormKind):
        raise FormNotUsable(what="form", place="in the request", why="there is no form of that kind")
    return Form(kind=FormKind(request.form), source=request.form_source)
