"""Finding a model: the catalogue with what suits this computer, the hub's search, and what a repository holds.

Nothing is asked of the hub but by a click or a command, through the fetcher process, and each connection stands in the
ledger with what it was for.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from pathlib import Path

from engine import wire
from engine.errors import HubModelNotFound, HubModelRefused, TextNotAccepted
from engine.events import Changed, Event, Progressed
from engine.ledger import Errand, Ledger
from engine.loading import LoadOptions, options_of
from engine.models.catalog import Sizes, catalogue, keep_sizes, known_sizes, with_sizes
from engine.models.download import Wanted, told
from engine.models.hub_reports import is_projector, model_of, offers_of
from engine.models.hub_token import HubToken
from engine.models.outlook import Unfetched, outlook
from engine.models.pace import Pace, pace
from engine.models.recommending import recommended
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.runtime.process import Process
from engine.types import (
    CatalogModel,
    HubFound,
    HubKind,
    HubModel,
    HubOffer,
    HubRepository,
    HubSort,
    Model,
    Recommendations,
)

MOST_FOUND, MOST_WORDS = 50, 200
# Architectures of safetensors, by transformers' names, of which GGUF files can be made here.
CONVERTED = frozenset({"llama", "qwen2", "qwen3", "gemma2", "gemma3", "gemma3_text"})


class Finding:
    """Looks for models; changes nothing but what is known of the catalogue's files. Every method from any thread."""

    def __init__(
        self,
        ledger: Ledger,
        places: Places,
        endpoint: str,
        here: Callable[[], Iterable[Model]],
        everywhere: Callable[[], LoadOptions],
        written: Callable[[], Iterable[tuple[int, float]]],
        *,
        catalog: Path | None = None,
        hub_token: HubToken | None = None,
    ) -> None:
        """`here` are the models of the library, `everywhere` how they are loaded, `written` as `pace` takes it.

        `hub_token` keeps the token with which `open` asks for what opens to nobody else.
        """
        self._ledger, self._places, self._endpoint = ledger, places, endpoint
        self._here, self._everywhere, self._written = here, everywhere, written
        self._catalog = catalog or places.catalog
        self._hub_token = hub_token
        self._guessed: Pace | None = None

    @property
    def catalogue(self) -> tuple[CatalogModel, ...]:
        """The models worth trying, with the sizes that are known of them. Raises `CatalogDamaged`."""
        sizes = known_sizes(self._places.sizes)
        return tuple(with_sizes(model, sizes.get(model.repository, {})) for model in catalogue(self._catalog))

    # Without the network.

    def recommended(self, cancel: Cancel) -> Operation[Recommendations]:
        """What to take on this computer, the best first. Raises `CatalogDamaged`, `Cancelled`."""
        yield from ()
        models, found = self.catalogue, self._paced()
        cancel.check()
        here = {model.repository for model in self._here() if not model.missing}
        return recommended(models, here, options_of(self._everywhere()), found)

    # With it, when somebody asks for it.

    def refresh(self, cancel: Cancel) -> Operation[int]:
        """Ask the hub for the files of every model in the catalogue and keep their sizes; how many it told of.

        Yields Progressed(unit="models") and Changed("connections"), in the end Changed("catalogue"). Raises
        `CatalogDamaged`, `HubUnreachable`, `DiskFull`, `FileNotReadable`, `Cancelled`.
        """
        models = catalogue(self._catalog)
        sizes: dict[str, dict[str, tuple[str, int]]] = {}
        with self._process() as process:
            for done, model in enumerate(models):
                yield Progressed(done=done, total=len(models), unit="models", now=model.name)
                try:
                    repository = yield from self._described(process, model.repository, "", "catalogue", cancel)
                except (HubModelNotFound, HubModelRefused):
                    continue  # it is gone, or takes a token: what was known of it stays
                offers = [offer for offer in repository.offers if _is_plain(offer)]
                sizes[model.repository] = {
                    offer.quantization: (offer.file, offer.size_bytes) for offer in reversed(offers)
                }
        kept: Sizes = {**known_sizes(self._places.sizes), **sizes}
        keep_sizes(self._places.sizes, kept)
        yield Changed(what="catalogue")
        return len(sizes)

    def search(
        self, words: str, cancel: Cancel, *, kind: HubKind = HubKind.GGUF, sort: HubSort = HubSort.DOWNLOADS,
        token: str = "",
    ) -> Operation[HubFound]:  # fmt: skip
        """The repositories of the hub with `words` in their names, at most `MOST_FOUND`.

        Yields Changed("connections"). Raises `TextNotAccepted`, `HubUnreachable`, `HubSearchRefused`, `Cancelled`.
        """
        wanted = " ".join(words.split())
        if not wanted or len(wanted) > MOST_WORDS or not wanted.isprintable():
            why = f"it takes words that stand in the name of a model, at most {MOST_WORDS} characters"
            raise TextNotAccepted(what="A search", value=f"“{wanted[:40]}”", why=why)
        Wanted.checked("owner/name", "model.gguf", "main", token)
        request = wire.SearchHub(
            endpoint=self._endpoint, words=wanted, holds=kind.value, sort=sort.value, most=MOST_FOUND,
            folder=str(self._places.models), token=token,
        )  # fmt: skip
        rows: tuple[HubModel, ...] = ()
        with self._process() as process:
            for report in self._asked(process, request, "search", wanted, cancel):
                if isinstance(report, Changed):
                    yield report
                elif isinstance(report, wire.HubSearched):
                    rows = tuple(model for model in map(model_of, report.models[:MOST_FOUND]) if model is not None)
        if kind is HubKind.GGUF:
            return HubFound(models=rows)
        able = tuple(model for model in rows if model.architecture in CONVERTED)
        return HubFound(models=able, left_out=len(rows) - len(able))

    def open(
        self, repository: str, cancel: Cancel, token: str = "", *, kept_token: bool = False
    ) -> Operation[HubRepository]:
        """What a repository is, and which files of a model it holds, each with how it would do here.

        With `kept_token` one that does not open is asked for again with the kept token: what opens to everybody is
        never told whose question it is. Yields Changed("connections"). Raises `TextNotAccepted`, `HubUnreachable`,
        `HubModelRefused`, `HubModelNotFound`, `TokenKeychainRefused`, `Cancelled`.
        """
        Wanted.checked(repository, "model.gguf", "main", token)
        with self._process() as process:
            try:
                return (yield from self._described(process, repository, token, "search", cancel))
            except (HubModelRefused, HubModelNotFound):
                if not kept_token or self._hub_token is None or not self._hub_token.kept_in:
                    raise
            token = yield from self._hub_token.read(cancel)
            found = yield from self._described(process, repository, token, "search", cancel)
            return replace(found, with_token=True)

    # Its own affairs.

    def _process(self) -> Process:
        return Process("fetcher", "engine.worker.fetcher", private=self._places.private)

    def _asked(
        self, process: Process, request: wire.Message, why: str, what: str, cancel: Cancel
    ) -> Generator[wire.Message | Changed, None, None]:
        with self._ledger.keeping(Errand(process=process.name, why=why, what=what)) as page:
            yield from told(process, request, page, cancel)

    def _described(
        self, process: Process, repository: str, token: str, why: str, cancel: Cancel
    ) -> Generator[Event, None, HubRepository]:
        request = wire.DescribeRepository(
            endpoint=self._endpoint, repository=repository, folder=str(self._places.models), token=token
        )
        for report in self._asked(process, request, why, repository, cancel):
            if isinstance(report, Changed):
                yield report
            elif isinstance(report, wire.RepositoryDescribed):
                return self._repository(repository, report)
        raise AssertionError("a question ends with its answer, or with an error")

    def _repository(self, repository: str, report: wire.RepositoryDescribed) -> HubRepository:
        model = model_of(report.model) or HubModel(repository=repository)
        offers, refused = offers_of(report.files, repository)
        return HubRepository(
            model=model, offers=tuple(self._seen(offer, model) for offer in offers), left_out=report.left_out + refused
        )

    def _seen(self, offer: HubOffer, model: HubModel) -> HubOffer:
        """With how it would do on this computer."""
        if is_projector(offer.file):
            return offer
        of = Unfetched(
            size_bytes=offer.size_bytes, quantization=offer.quantization, parameters=model.parameters,
            context_tokens=model.context_tokens,
        )  # fmt: skip
        seen = outlook(of, options_of(self._everywhere()), self._paced().bytes_per_s)
        return replace(offer, outlook=seen, fetchable=_is_gguf(offer.file) or _can_be_converted(offer, model))

    def _paced(self) -> Pace:
        """How fast this computer is: by answers that were written here, else as it was found the first time."""
        written = tuple(self._written())
        if written or self._guessed is None:
            found = pace(written)
            self._guessed = self._guessed if found.measured else found
            return found
        return self._guessed


def _is_plain(offer: HubOffer) -> bool:
    """A whole model in a form that has a name."""
    return offer.whole and bool(offer.quantization) and not is_projector(offer.file) and _is_gguf(offer.file)


def _can_be_converted(offer: HubOffer, model: HubModel) -> bool:
    """Whether these weights are of a kind that is made into a GGUF file here, and called so that they are found."""
    try:
        wanted = Wanted.checked(model.repository, offer.file, "main", "")
        return wanted.is_checkpoint and len(wanted.parts()) > 0 and model.architecture in CONVERTED
    except TextNotAccepted:
        return False


def _is_gguf(file: str) -> bool:
    return file.lower().endswith(".gguf")
