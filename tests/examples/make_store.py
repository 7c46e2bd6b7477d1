"""Writes a store of today's shape, for every later version to open.

    python tests/examples/make_store.py

Run it once after adding a step to the migrations and commit the file; a published file is never
written again. Its key is the bytes 0 to 31: there is nothing in it to hide.
"""

import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from engine.context import Context, Entry, Part, WhenFull  # noqa: E402
from engine.forms import Form, FormKind, Judged, Verdict  # noqa: E402
from engine.network import Connection, Outcome  # noqa: E402 - run as a script from anywhere
from engine.settings import Settings, changed  # noqa: E402
from engine.store import Store, migrations  # noqa: E402
from engine.store.documents import FileFacts, Settled  # noqa: E402
from engine.store.pages import PageKept, Stretch  # noqa: E402
from engine.types import (  # noqa: E402
    Cost,
    CostSide,
    Download,
    MessageState,
    ModelFacts,
    ModelOrigin,
    Picture,
    Place,
    Refusal,
    Role,
    Source,
    Speed,
)  # fmt: skip

KEY = bytes(range(32))
PIXEL = bytes.fromhex(  # a PNG of one grey point
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c636800000082008177cd72b6"
    "0000000049454e44ae426082"
)
TEXT = "Stone the plums before you boil them."


def main() -> None:
    """Write the file, unless it is there."""
    path = Path(__file__).parent / "stores" / f"step-{len(migrations.STEPS):03}.db"
    if path.exists():
        raise SystemExit(f"{path} is there already")
    store = Store(path, KEY)
    fill(store)
    store.close()


def fill(store: Store) -> None:
    """One of each kind of thing."""
    store.preferences.keep(changed(Settings(), theme="dark"))
    model = store.models.add(
        path=Path("/home/ume/models/ume.gguf"), name="Ume 0.1B", origin=ModelOrigin.DISK,
        facts=ModelFacts(
            architecture="llama", name="Ume", parameters=100_000_000, quantization="Q4_K_M", context_tokens=4096,
            layers=12, embedding=512, vocabulary=32000, size_bytes=70_000_000, tensor_bytes=69_000_000,
            key_numbers=6144, value_numbers=6144, template="{{ messages }}",
        ),
        mtime_ns=1,
    )  # fmt: skip
    store.models.set_loading(model.id, {"key_cache": "q8_0"})
    formal = store.models.add(
        path=Path("/home/ume/models/formal.gguf"), name="formal", origin=ModelOrigin.DISK,
        facts=replace(model.facts, name="Formal", use="adapter", base="Ume", size_bytes=1_000_000), mtime_ns=1,
    )  # fmt: skip
    store.models.attach(model.id, formal.id, 0.5)
    side = CostSide(
        name=model.name, size_bytes=70_000_000, perplexity=9.5, reading_per_s=80.0, writing_per_s=20.0,
        memory_bytes=120_000_000,
    )  # fmt: skip
    store.costs.keep(Cost(
        model_id=model.id, against_id=99, small=side, large=replace(side, name="Ume 0.1B F16", size_bytes=200_000_000),
        text="the sample text", chunks=20, words=5100, divergence=0.02, divergence_99=0.2, same=0.95,
    ))  # fmt: skip
    plums = Path("/home/ume/plums.pdf")
    place = Place(kind="page", number=1)
    stretch = Stretch(start=0, end=len(TEXT), words=TEXT.lower(), place=place)
    facts = FileFacts(path=plums, kind="pdf", size_bytes=1000, mtime_ns=1, sha256="0" * 64)
    pages = (PageKept(text=TEXT, stretches=(stretch,)), PageKept(text="", stretches=(), pictured=True))
    store.documents.settle([Settled(facts=facts, paged=True, pages=pages)])
    store.documents.folders.add(facts.path.parent)
    (document,) = store.documents.all()
    store.documents.collections.make("Preserves", "preserves")
    (preserves,) = store.documents.collections.all()
    store.documents.collections.add(preserves.id, [document.id], [1])
    receipt = Stretch(start=0, end=5, words="sugar", place=Place(kind="page", number=2))
    store.documents.pictures.keep(document.id, 2, PageKept(text="Sugar", stretches=(receipt,)), "eng", 0.9, bytes(16))
    chat = store.chats.add("Plum jam")
    store.chats.use_model(chat.id, model.id)
    asked = store.chats.add_message(
        chat.id, None, Role.USER, "How do I make plum jam?", pictures=[
            Picture(digest=sha256(PIXEL).hexdigest(), kind="png", width=1, height=1, name="plums.png", thumbnail=PIXEL,
                    data=PIXEL)
        ],
    )  # fmt: skip
    first = store.chats.add_message(chat.id, asked.id, Role.ASSISTANT, "Boil the plums.", model=model.name)
    store.chats.show_version(first.id)
    source = Source(number=1, document_id=document.id, path=plums, page=1, start=0, end=15, text=TEXT[:15], paged=True)
    answer = store.chats.add_message(
        chat.id, asked.id, Role.ASSISTANT, "", state=MessageState.WRITING, model=model.name, sources=(source,)
    )
    store.chats.finish_message(
        answer.id, "Stone the plums [1].", MessageState.COMPLETE, speed=Speed(tokens=5, tokens_per_s=50.0),
        sources=(source,),
        context=Context(
            context_tokens=4096, prompt_tokens=30,
            entries=(Entry(part=Part.PASSAGE, tokens=18, of=1), Entry(part=Part.QUESTION, tokens=12, of=asked.id)),
        ),
        form=FormKind.SCHEMA, judged=Judged(verdict=Verdict.INVALID, problem="it is no JSON object"),
    )  # fmt: skip
    store.chats.set_when_full(chat.id, WhenFull.SUMMARY)
    store.chats.set_form(chat.id, Form(kind=FormKind.SCHEMA, source='{"type": "object"}'))
    store.chats.set_thinking(chat.id, True)
    store.connections.add(
        Connection(
            process="fetcher", why="download", what="ume/Ume-GGUF/ume.gguf", host="huggingface.co", port=443,
            began_at="2026-01-01T09:00:00.000000+00:00", ended_at="2026-01-01T09:00:02.000000+00:00",
            sent_bytes=812, received_bytes=5140, outcome=Outcome.CLOSED,
        )
    )  # fmt: skip
    other = store.chats.add("Penguins")
    asked = store.chats.add_message(other.id, None, Role.USER, "What do penguins eat?")
    store.chats.add_message(
        other.id, asked.id, Role.ASSISTANT, "", sources=(source,), refused=Refusal.UNSUPPORTED, withheld="Krill [1]."
    )
    store.downloads.add(Download(id=0, repository="ume/Ume-GGUF", file="ume-00001-of-00002.gguf", with_token=True))
    trash = store.chats.add("Deleted")
    store.chats.delete(trash.id)


if __name__ == "__main__":
    main()
