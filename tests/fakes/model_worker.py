"""A model process without a model: the real wire, a made-up answer.

`Runtime(private, module="tests.fakes.model_worker")` starts it. It writes back the last turn's
text, word by word, those that it is told to have begun with left out, unless that text holds a command:

    !slow   writes "tick " again and again, 20 a second, until it is stopped or reaches the limit
    !die    writes "dying " and dies
    !mute   reads the prompt, then says nothing more and hears no Stop
    !garble writes "half " and then a line that is no message
    !long   fails with PromptTooLong
    !nosum  fails where it is asked to sum up a conversation with this word in it
    !native is in native code for three seconds, which lets other threads run, before it writes
    !hold   is in native code for a minute and lets no other thread run
    !muse   thinks "hm hm" for a while before it writes
    !judged:VERDICT writes what follows and says that its form is VERDICT
    !mood   writes whether it was asked to think first
    !think  reads the prompt in ten steps of 50 ms each before it writes
    !note   writes of each passage the words mark1, mark2 … in it with its number, or NONE; of notes, these, shortened

Several answers are written at once, as by the real one. A word counts as one token. An answer that it is to weigh has
half a nat for each word that stands in its prompt, 2.5 for any other; with !think it can be stopped meanwhile.
Loading fails with ModelNotUsable where the file's name has "refused", dies where it has "deadly" and goes on for ever
where it has "endless".
"""

import ctypes
import os
import re
import threading
import time

from engine import wire
from engine.errors import Cancelled, ModelNotUsable, PromptTooLong
from engine.worker.desk import Desk


class FakeModel:
    """Answers requests as a model would."""

    def __init__(self) -> None:
        self.desk = Desk("model")
        self.context_tokens = 0
        self.threads, self.battery = 1, False
        self.narrow = False
        self.stopped: set[int] = set()
        self.stop_heard = threading.Condition()

    def load(self, request: wire.Load) -> None:
        name = os.path.basename(request.path)
        if "refused" in name:
            raise ModelNotUsable(path=request.path, why="its name says so")
        if "deadly" in name:
            os.abort()
        while "endless" in name:
            self.desk.report(wire.Loading(job=request.job, fraction=0.5))
            self.waits(request.job, 0.02)
        self.narrow = "narrow" in name
        self.context_tokens, self.threads = request.context_tokens, request.threads or 1
        self.battery = request.battery
        for fraction in (0.5, 1.0):
            self.desk.report(wire.Loading(job=request.job, fraction=fraction))
        self.desk.report(
            wire.Loaded(job=request.job, context_tokens=self.context_tokens, threads=self.threads, seconds=0.01)
        )

    def set_threads(self, request: wire.SetThreads) -> None:
        self.threads, self.battery = request.threads or 1, request.battery

    def stop(self, request: wire.Stop) -> None:
        with self.stop_heard:
            self.stopped.add(request.job)
            self.stop_heard.notify_all()

    def waits(self, job: int, seconds: float) -> bool:
        """Pass the time; True when Stop was heard."""
        with self.stop_heard:
            return self.stop_heard.wait_for(lambda: job in self.stopped, timeout=seconds)

    def measure(self, request: wire.Measure) -> None:
        words = tuple(len(turn["content"].split()) for turn in request.messages)
        self.desk.report(wire.Measured(job=request.job, tokens=words, turn_tokens=0, fixed_tokens=0))

    def begin(self, request: wire.Generate) -> None:
        threading.Thread(target=self.desk.do, args=(self.generate, request), daemon=True).start()

    def weigh(self, request: wire.Score) -> None:
        threading.Thread(target=self.desk.do, args=(self.score, request), daemon=True).start()

    def score(self, request: wire.Score) -> None:
        asked = " ".join(turn["content"] for turn in request.messages).split()
        for done in range(10):
            self.desk.report(wire.Reading(job=request.job, done=done, total=10))
            if "!think" in asked and self.waits(request.job, 0.02):
                raise Cancelled
        words = request.text.split()
        nats = sum(0.5 if word in asked else 2.5 for word in words)
        self.desk.report(wire.Scored(job=request.job, log_probability=-nats, tokens=len(words)))

    def generate(self, request: wire.Generate) -> None:
        started = time.perf_counter()
        asked = request.prompt or request.messages[-1]["content"]
        prompt_tokens = sum(len(turn["content"].split()) for turn in request.messages) or len(asked.split())
        if self.narrow and prompt_tokens > 100:
            raise PromptTooLong(tokens=prompt_tokens, context_tokens=100)
        if "!nosum" in asked and "<conversation>" in asked:
            raise ModelNotUsable(path="a model", why="it cannot sum this up")
        if "!long" in asked:
            raise PromptTooLong(tokens=self.context_tokens + 1, context_tokens=self.context_tokens)
        steps = 10 if "!think" in asked else 2
        end = "end"
        for step in range(1, steps + 1):
            done = prompt_tokens * step // steps
            self.desk.report(wire.Reading(job=request.job, done=done, total=prompt_tokens))
            if "!think" in asked and self.waits(request.job, 0.05):
                end = "stopped"
                break
        first_token_s = time.perf_counter() - started
        tokens = 0
        if end == "end":
            end, tokens = self.write(request, asked)
        verdict = asked.partition("!judged:")[2].split(" ")[0] if request.form != "text" else ""
        problem = "it is no JSON object" if verdict == "invalid" else ""
        self.desk.report(
            wire.Done(
                job=request.job, end=end, prompt_tokens=prompt_tokens, tokens=tokens, first_token_s=first_token_s,
                tokens_per_s=100.0, reading_tokens_per_s=1000.0, total_s=time.perf_counter() - started,
                peak_bytes=64 * 1024 * 1024, threads=self.threads, verdict=verdict, problem=problem,
                threads_why="battery" if self.battery else "",
            )
        )  # fmt: skip

    def write(self, request: wire.Generate, asked: str) -> tuple[str, int]:
        """Write the answer; how it ended and how many tokens it has."""
        job = request.job
        if "!die" in asked:
            self.desk.report(wire.Token(job=job, text="dying "))
            os.abort()
        if "!mute" in asked:
            threading.Event().wait()
        if "!native" in asked:
            ctypes.CDLL(None).usleep(3_000_000)
        if "!hold" in asked:
            ctypes.PyDLL(None).usleep(60_000_000)
        if "!garble" in asked:
            self.desk.report(wire.Token(job=job, text="half "))
            os.write(self.desk._out.fileno(), b"this is no message\n")
            threading.Event().wait()
        if "!muse" in asked:
            for _ in range(2):
                self.desk.report(wire.Token(job=job, text="hm ", thought=True))
                self.waits(job, 0.05)
        slow = "!slow" in asked
        if "!note" in asked and request.messages:
            asked = noted(asked)
        if "!mood" in asked:
            asked = "thinking" if request.thinking else "at once"
        words = [word + " " for word in asked.split()][len(request.begun.split()) :]
        tokens = 0
        while slow or tokens < len(words):
            if self.waits(job, 0.05) if slow else job in self.stopped:
                return "stopped", tokens
            if tokens >= request.max_tokens:
                return "cut", tokens
            text = "tick " if slow else words[tokens] if tokens < len(words) - 1 else words[tokens].rstrip()
            tokens += 1
            if request.likeliest:
                others = ((text, -0.1), ("other ", -2.4))[: request.likeliest]
                self.desk.report(wire.Weighed(job=job, text=text, log_probability=-0.1, others=others))
            self.desk.report(wire.Token(job=job, text=text, tokens=tokens))
        return "end", tokens


def noted(asked: str) -> str:
    """The notes of a careful reader. Notes that are to be joined become one word, and are written as they are else."""
    passages = re.findall(r"<passage>\n\[(\d+)\] \([^\n]*\)\n(.*?)\n</passage>", asked, re.DOTALL)
    if not passages:
        notes = asked.partition("<passages>")[2].partition("</passages>")[0].split()
        return ("" if "Join the notes" in asked else " ").join(notes)
    found = [f"{mark} [{number}]" for number, text in passages for mark in re.findall(r"mark\d+", text)]
    return "\n".join(found) or "NONE"


def main() -> None:
    fake = FakeModel()
    fake.desk.serve(
        {wire.Load: fake.load, wire.Measure: fake.measure},
        at_once={
            wire.Generate: fake.begin,
            wire.Score: fake.weigh,
            wire.SetThreads: fake.set_threads,
            wire.Stop: fake.stop,
        },
    )


if __name__ == "__main__":
    main()
