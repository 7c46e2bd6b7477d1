"""What can go wrong with the other processes and their walls."""

from engine.errors.failing import EngineError


class WorkerDied(EngineError):
    """A helper process ended by itself."""

    sentence = "The {process} process stopped unexpectedly ({how})."


class WorkerNotSealed(EngineError):
    """A wall that the system offers did not hold a helper process, which was given nothing and ended."""

    sentence = "The {process} process could not be shut off ({walls}), though this system says that it can do it."


class WorkerSilent(EngineError):
    """A helper process did not answer in time and was ended."""

    sentence = "The {process} process did not answer for {seconds:.0f} seconds and was ended."


class WorkerKeepsDying(EngineError):
    """A kind of process died several times in a row; starting it again has to wait a little."""

    sentence = (
        "The {process} process stopped {times} times in a row, so it is started again in {wait_s:.0f} seconds at the "
        "earliest."
    )


class WitnessNotPossible(EngineError):
    """This computer gives a program no network of its own, whose counters would be the proof."""

    sentence = "The proof that nothing is sent cannot be made here: {why}."
