"""What an answer cost, in words."""

from desktop.widgets.amounts import count_text
from desktop.widgets.guide_words import told_name
from desktop.words import later, number_text, tr
from engine.types import Speed

THREADS_WHY = {
    "chosen": later("as the settings say"),
    "busy": later("other programs were at work"),
    "battery": later("on battery"),
    "share": later("as many as the container allows"),
    "fast": later("the fast cores"),
    "measured": later("more were no faster"),
    "seed": later("always as many with a seed"),
}


def seconds_text(seconds: float) -> str:
    """A duration; two decimals below ten seconds, where they matter."""
    if seconds < 10:
        return tr("{seconds} s", seconds=number_text(seconds, 2))
    return tr("{seconds} s", seconds=number_text(seconds))


def rate_text(tokens_per_s: float) -> str:
    """How fast a model writes; one decimal below a hundred."""
    return number_text(tokens_per_s, 0 if tokens_per_s >= 100 else 1)


def threads_text(speed: Speed) -> str:
    """How many threads read and wrote, and why not all cores had one."""
    if speed.reading_threads not in (0, speed.threads):
        found = tr(
            "{reading} threads to read, {writing} to write", reading=speed.reading_threads, writing=speed.threads
        )
    else:
        found = tr("1 thread") if speed.threads == 1 else tr("{count} threads", count=speed.threads)
    if why := THREADS_WHY.get(speed.threads_why):
        return tr("{threads} ({why})", threads=found, why=tr(why))
    return found


def answer_figures(speed: Speed, model: str) -> str:
    """One line: rate, time to the first token, tokens, what was guessed right, threads, model."""
    parts = []
    if speed.tokens_per_s > 0:
        parts.append(tr("{rate} tokens per second", rate=rate_text(speed.tokens_per_s)))
    if speed.tokens > 0:
        parts.append(tr("first token after {time}", time=seconds_text(speed.first_token_s)))
        parts.append(tr("1 token") if speed.tokens == 1 else tr("{count} tokens", count=count_text(speed.tokens)))
    if speed.guessed > 0:
        right, guessed = count_text(speed.guessed_right), count_text(speed.guessed)
        parts.append(tr("guessed right: {right} of {guessed}", right=right, guessed=guessed))
    if speed.speed_up > 1:
        parts.append(tr("{times} times as fast by guessing", times=number_text(speed.speed_up, 1)))
    if speed.threads > 0:
        parts.append(threads_text(speed))
    if model:
        parts.append(told_name(model))
    return " · ".join(parts)
