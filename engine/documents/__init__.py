"""The person's files, from path to cited passage.

documents = Documents(store.documents, places)
report = finish(documents.add([folder], Cancel()))
hits = finish(documents.search("two words", Cancel()))
"""

from engine.documents.documents import Documents

__all__ = ["Documents"]
