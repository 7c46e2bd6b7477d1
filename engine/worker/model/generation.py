"""One answer: read the prompt in steps, then write token by token until there is a reason to end.

The loop is lean on purpose: between two tokens Python does some ten microseconds of work, and at
most twenty-five times a second a short line goes down the pipe.
"""

import time
from collections.abc import Callable, Sequence

from engine import wire
from engine.errors import PromptTooLong
from engine.worker.model.llama import Flag
from engine.worker.model.loaded_model import BATCH_TOKENS, STEP_TOKENS, LoadedModel
from engine.worker.model.process_limits import peak_bytes
from engine.worker.model.replies.choosing import reply_parser
from engine.worker.model.reply import Reply
from engine.worker.model.sampler import Sampler
from engine.worker.model.threads import Threads

STEP_S = 2.0  # how long one step of reading may take before the next is made smaller
MOST_BYTES_PER_TOKEN = 64  # a text of more bytes than this per token of room cannot fit
BYTES_PER_TOKEN = 4  # to say about how many tokens such a text has


class Generation:
    """Does one `wire.Generate` and reports `Reading`, `Token` and `Done`."""

    def __init__(
        self,
        model: LoadedModel,
        threads: Threads,
        flag: Flag,
        report: Callable[[wire.Message], None],
        request: wire.Generate,
    ) -> None:
        """Nothing happens before `run`."""
        self._model = model
        self._threads = threads
        self._flag = flag
        self._report = report
        self._request = request
        self._template, self._why = "model", ""
        self._reply = Reply(report, request, model.vocabulary, None)
        self._started = time.perf_counter()
        self._first_at = self._last_at = 0.0
        self._written = 0

    def run(self) -> None:
        """Raises `PromptTooLong`."""
        prompt = self._prompt()
        if self._request.seed >= 0 and self._request.temperature > 0:
            self._model.forget()  # the last digits depend on how many tokens are read at once, and a seed is a promise
        reused = self._model.keep_common(prompt)
        started = time.perf_counter()
        end = "stopped"
        if self._read(prompt, reused):
            reading_s = time.perf_counter() - started
            end = self._write(prompt)
        else:
            reading_s = time.perf_counter() - started
        now = time.perf_counter()
        writing_s = self._last_at - self._first_at
        read = len(prompt) - reused
        self._report(
            wire.Done(
                job=self._request.job, end=end, prompt_tokens=len(prompt), reused_tokens=reused,
                tokens=self._written, first_token_s=self._first_at - self._started if self._written else 0.0,
                tokens_per_s=(self._written - 1) / writing_s if self._written > 1 and writing_s > 0 else 0.0,
                reading_tokens_per_s=read / reading_s if reading_s > 0 and end != "stopped" else 0.0,
                total_s=now - self._started, peak_bytes=peak_bytes(), threads=self._threads.now,
                template=self._template, template_why=self._why,
                thinking_s=self._reply.thinking_s,
            )
        )  # fmt: skip

    def _prompt(self) -> list[int]:
        room = self._model.context_tokens
        size = len(self._request.prompt) + sum(len(turn["content"]) for turn in self._request.messages)
        if size > room * MOST_BYTES_PER_TOKEN:
            raise PromptTooLong(tokens=size // BYTES_PER_TOKEN, context_tokens=room)
        if self._request.messages:
            template, tools = self._model.template, self._request.tools
            parts, self._template = template.render(self._request.messages, tools, thinking=self._request.thinking)
            self._why = template.why if self._template != "model" else ""
            prompt_end = parts[-1][0] if parts[-1][1] else ""  # a person's text opens no thought
            parser = reply_parser(template.source, prompt_end, calls=bool(tools))
            self._reply = Reply(self._report, self._request, self._model.vocabulary, parser)
        else:
            parts, self._template = [(self._request.prompt, False)], ""
        tokens = self._model.vocabulary.tokens(parts)
        if not tokens:
            tokens = [max(0, self._model.vocabulary.bos)]
        if len(tokens) >= room:
            raise PromptTooLong(tokens=len(tokens), context_tokens=room)
        return tokens

    def _read(self, prompt: list[int], done: int) -> bool:
        """Read the prompt from `done` on; False when stopped."""
        self._report(wire.Reading(job=self._request.job, done=done, total=len(prompt)))
        while done < len(prompt):
            if self._flag.raised:
                return False
            tokens = prompt[done : done + self._model.step_tokens]
            started = time.perf_counter()
            if not self._step(tokens, pick_after=done + len(tokens) == len(prompt)):
                return False
            done += len(tokens)
            if len(tokens) >= STEP_TOKENS:
                in_time = int(len(tokens) * STEP_S / (time.perf_counter() - started))
                self._model.step_tokens = min(BATCH_TOKENS, max(STEP_TOKENS, in_time // STEP_TOKENS * STEP_TOKENS))
            self._report(wire.Reading(job=self._request.job, done=done, total=len(prompt)))
        return True

    def _write(self, prompt: Sequence[int]) -> str:
        """Write until the end; the word for how it ended."""
        request, model = self._request, self._model
        sampler = Sampler(request, model.vocabulary)
        sampler.read(prompt)
        try:
            while True:
                token = sampler.pick(model.context)
                if model.vocabulary.is_end(token) and not request.ignore_end:
                    return "end"
                if request.likeliest:
                    self._report(wire.Weighed(job=request.job, **vars(sampler.odds(model.context, token))))
                self._count()
                self._reply.add(token, self._last_at)
                if self._reply.ended:
                    return "end"
                if self._written >= request.max_tokens or len(model.held) >= model.context_tokens:
                    return "cut"
                if self._flag.raised:
                    return "stopped"
                if not self._step((token,)):
                    return "stopped"
        finally:
            self._reply.finish()
            sampler.close()

    def _step(self, tokens: Sequence[int], *, pick_after: bool = True) -> bool:
        """Decode with the right number of threads, and tell what it took; False when stopped."""
        self._model.use_threads(self._threads.next_step())
        started = time.perf_counter()
        finished = self._model.read(tokens, pick_after=pick_after)
        self._threads.took(time.perf_counter() - started, len(tokens))
        return finished

    def _count(self) -> None:
        self._last_at = time.perf_counter()
        self._written += 1
        if self._written == 1:
            self._first_at = self._last_at
