"""What embedding models were taught to read before a question and before a text: one table.

Many were trained with a few words in front that say what follows, and find less without them; GGUF files do not
carry those words. A model is known by what its file calls itself. One that is not known here gets none.
Sources: the model cards on huggingface.co of the repositories named at each row.
"""

import re
from typing import NamedTuple


class Prompts(NamedTuple):
    """What goes before a question, and what before a text that is searched."""

    question: str = ""
    text: str = ""


_PASSAGES = "Represent this sentence for searching relevant passages: "
_INSTRUCTION = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
# The first that fits counts. Names are compared in lower case, with "-" for whatever is no letter and no digit.
KNOWN: tuple[tuple[str, Prompts], ...] = (
    # intfloat/multilingual-e5-large-instruct; a text goes as it is
    (r"e5-.*instruct", Prompts(f"{_INSTRUCTION} ")),
    # intfloat/e5-small-v2, intfloat/multilingual-e5-base and the others of the family
    (r"(^|-)e5-(small|base|large)", Prompts("query: ", "passage: ")),
    # nomic-ai/nomic-embed-text-v1.5, nomic-ai/nomic-embed-text-v2-moe
    (r"nomic-embed-text", Prompts("search_query: ", "search_document: ")),
    # Qwen/Qwen3-Embedding-0.6B: no space after the colon, no instruction for texts
    (r"qwen3-embedding", Prompts(_INSTRUCTION)),
    # google/embeddinggemma-300m; "none" stands for a title that is not known
    (r"embedding-?gemma", Prompts("task: search result | query: ", "title: none | text: ")),
    # cl-nagoya/ruri-v3-310m
    (r"ruri-v3", Prompts("検索クエリ: ", "検索文書: ")),
    # cl-nagoya/ruri-base-v2, cl-nagoya/ruri-large
    (r"(^|-)ruri-", Prompts("クエリ: ", "文章: ")),
    # Snowflake/snowflake-arctic-embed-l-v2.0
    (r"arctic-embed-.*v2", Prompts("query: ")),
    # Snowflake/snowflake-arctic-embed-m-v1.5 and those before it
    (r"arctic-embed", Prompts(_PASSAGES)),
    # mixedbread-ai/mxbai-embed-large-v1
    (r"mxbai-embed", Prompts(_PASSAGES)),
    # BAAI/bge-small-en-v1.5, BAAI/bge-large-en-v1.5
    (r"bge-(small|base|large)-en", Prompts(_PASSAGES)),
)


def prompts(*names: str) -> Prompts:
    """What a model called by any of `names` was taught; the first name that is known counts."""
    for name in names:
        told = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        for pattern, known in KNOWN:
            if re.search(pattern, told):
                return known
    return Prompts()
