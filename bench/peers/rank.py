"""One other library ranks: `rank.py NAME GIVEN FOUND`, started by `bench.peers` in the libraries' environment.

GIVEN is a JSON file with `texts`, `questions`, `most` and `model`, the embedding model's folder. FOUND gets, for each
question, the places of the best texts. Every library is used as the first page of its documentation does it.
"""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

Rankings = list[list[int]]


def main(name: str, given: str, found: str) -> None:
    """Rank, connected to nothing."""
    sys.addaudithook(_refuse)
    with open(given, encoding="utf-8") as file:
        asked = json.load(file)
    texts, questions = asked["texts"], asked["questions"]
    most = min(asked["most"], len(texts))
    ranked = RANK[name](texts, questions, most, asked["model"])
    with open(found, "w", encoding="utf-8") as file:
        json.dump(ranked, file)


def bm25s(texts: list[str], questions: list[str], most: int, model: str) -> Rankings:
    """BM25 with the library's own words and stop words."""
    import bm25s as library

    return _bm25s(library.tokenize(texts, show_progress=False), library.tokenize(questions, show_progress=False), most)


def stems(texts: list[str], questions: list[str], most: int, model: str) -> Rankings:
    """The same with the English stems of Snowball."""
    import bm25s as library
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    held, asked = (library.tokenize(some, stemmer=stemmer, show_progress=False) for some in (texts, questions))
    return _bm25s(held, asked, most)


def pairs(texts: list[str], questions: list[str], most: int, model: str) -> Rankings:
    """The same with overlapping pairs of characters, as is usual for Japanese."""

    def cut(text: str) -> list[str]:
        return [word[at : at + 2] for word in re.findall(r"\w+", text) for at in range(max(1, len(word) - 1))]

    return _bm25s([cut(text) for text in texts], [cut(text) for text in questions], most)


def vectors(texts: list[str], questions: list[str], most: int, model: str) -> Rankings:
    """One vector a text, and the exact cosine with each."""
    import numpy as np
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(model, device="cpu")
    rows, asked = (encoder.encode(some, normalize_embeddings=True) for some in (texts, questions))
    order: Rankings = np.argsort(-(asked @ rows.T), axis=1, kind="stable")[:, :most].tolist()
    return order


def txtai(texts: list[str], questions: list[str], most: int, model: str, **options: Any) -> Rankings:
    """Its index of embeddings."""
    from txtai import Embeddings

    index = Embeddings(path=model, **options)
    index.index(texts)
    return [[place for place, _ in found] for found in index.batchsearch(questions, most)]


def hybrid(texts: list[str], questions: list[str], most: int, model: str) -> Rankings:
    """Its index of embeddings and words."""
    return txtai(texts, questions, most, model, hybrid=True)


def llama_index(texts: list[str], questions: list[str], most: int, model: str) -> Rankings:
    """Its index of vectors."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    documents = [Document(text=text, id_=str(place)) for place, text in enumerate(texts)]
    embedding = HuggingFaceEmbedding(model_name=model, device="cpu")
    retriever = VectorStoreIndex.from_documents(documents, embed_model=embedding).as_retriever(similarity_top_k=most)
    found = ([int(one.node.ref_doc_id) for one in retriever.retrieve(question)] for question in questions)
    return [list(dict.fromkeys(places)) for places in found]


RANK: dict[str, Callable[..., Rankings]] = {
    "bm25s": bm25s, "bm25s with stems": stems, "bm25s with pairs of characters": pairs, "vectors alone": vectors,
    "txtai": txtai, "txtai, hybrid": hybrid, "LlamaIndex": llama_index,
}  # fmt: skip


def _bm25s(texts: Any, questions: Any, most: int) -> Rankings:
    import bm25s as library

    index = library.BM25()
    index.index(texts, show_progress=False)
    places, scores = index.retrieve(questions, k=most, show_progress=False)
    # What has none of the words is no find, though it fills the list.
    return [
        [int(place) for place, score in zip(*pair, strict=True) if score > 0]
        for pair in zip(places, scores, strict=True)
    ]


def _refuse(event: str, _: object) -> None:
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise PermissionError("nothing may be connected to")


if __name__ == "__main__":
    main(*sys.argv[1:])
