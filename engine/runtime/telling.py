"""How turns and their pictures are told to a model's process, and what it tells of the answer."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from engine import wire
from engine.forms import Judged, Verdict
from engine.sampling import figures_of
from engine.types import Speed, Turn, Wanted


def told(turn: Turn) -> dict[str, str]:
    """A turn as templates name its parts."""
    thoughts = {"reasoning_content": turn.thoughts} if turn.thoughts else {}
    seen = " ".join(f"{one.digest}:{one.width}:{one.height}" for one in turn.pictures)
    return {"role": turn.role.value, "content": turn.text, **thoughts, **({"pictures": seen} if seen else {})}


def shown(turns: Sequence[Turn]) -> dict[str, str]:
    """The pictures of turns, by their digests."""
    return {
        picture.digest: base64.b64encode(picture.data).decode("ascii") for turn in turns for picture in turn.pictures
    }


def asked(
    turns: Sequence[Turn], wanted: Wanted, strengths: tuple[float, ...], kept: Mapping[str, Any]
) -> wire.Generate:
    """The request for an answer. `strengths` are those of the adapters, `kept` what `Reopening.offer` says."""
    return wire.Generate(
        messages=tuple(map(told, turns)), tools=wanted.tools, thinking=wanted.thinking, pictures=shown(turns),
        begun=wanted.begun, begun_thoughts=wanted.begun_thoughts, max_tokens=wanted.answer_tokens, strengths=strengths,
        form=wanted.form.kind.value, form_source=wanted.form.source, guess_ahead=wanted.guess_ahead,
        **figures_of(wanted), **kept,
    )  # fmt: skip


def judged(done: wire.Done) -> Judged:
    """Whether an answer has the form that it was to have, from the report of its end."""
    known = done.verdict in set(Verdict)
    verdict = Verdict(done.verdict) if known else Verdict.UNCHECKED
    return Judged(verdict=verdict, problem=done.problem, place=done.problem_at)


def speed(done: wire.Done) -> Speed:
    """What an answer cost, as its process told it."""
    return Speed(
        prompt_tokens=done.prompt_tokens, reused_tokens=done.reused_tokens, tokens=done.tokens,
        first_token_s=done.first_token_s, tokens_per_s=done.tokens_per_s,
        reading_tokens_per_s=done.reading_tokens_per_s, total_s=done.total_s, peak_bytes=done.peak_bytes,
        threads=done.threads, reading_threads=done.reading_threads, threads_why=done.threads_why,
        guessed=done.guessed, guessed_right=done.guessed_right, speed_up=done.speed_up,
    )  # fmt: skip
