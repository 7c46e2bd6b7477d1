"""How a model sees: a projector, from a file of its own, turns a picture into what stands in the prompt in its place.

A picture becomes a few stretches of text tokens, which the projector's kind asks for, and one or several *looks*: each
stands for so many cells of the context and is written into a prompt as one negative number, its mark, repeated. The
same picture has the same marks as long as it is remembered, so a conversation finds its beginning again as it does
with words. No mark comes out of a text: texts are tokenised by themselves, and tokens are never negative.

llama.cpp's own readers of image files are not used. What they would decode comes as pixels.
"""

import ctypes
import time
import weakref
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import llama_cpp as lib
import numpy as np
from llama_cpp import mtmd_cpp as mtmd
from numpy.typing import NDArray

from engine.errors import ModelNotUsable, PictureNotUsable
from engine.worker.model.llama import Flag, complaints
from engine.worker.model.pace import BATCH_TOKENS
from engine.worker.model.pixels import Pixels, pixels

MOST_LOOK_TOKENS = 1024  # of one picture, for projectors that take any size
CONTEXT_SHARE = 4  # and at most this part of the context
REMEMBERED_BYTES = 64 << 20  # of what projectors have made of pictures
NODES_AT_ONCE = 16  # steps of the projector between two looks at the stop flag
SIGN_S = 1.0
ABORTED = 2  # as llama_decode says it


class Look:
    """One stretch of a picture: `tokens` cells of the context, `positions` further on in it."""

    def __init__(self, mark: int, chunk: Any) -> None:
        """Takes a copy of llama.cpp's chunk."""
        self.mark = mark
        self.tokens: int = mtmd.mtmd_input_chunk_get_n_tokens(chunk)
        self.positions: int = mtmd.mtmd_input_chunk_get_n_pos(chunk)
        self.made: NDArray[np.float32] | None = None
        self.pixels: Any = mtmd.mtmd_input_chunk_copy(chunk)
        self._free_pixels = weakref.finalize(self, mtmd.mtmd_input_chunk_free, self.pixels)
        self.place: Any = mtmd.mtmd_input_chunk_get_placeholder(chunk)
        weakref.finalize(self, mtmd.mtmd_input_chunk_free, self.place)

    def keep(self, made: NDArray[np.float32]) -> None:
        """What the projector made of it; the pixels are needed no more."""
        self.made = made
        self._free_pixels()
        self.pixels = None

    @property
    def size_bytes(self) -> int:
        """What is remembered of it."""
        return 0 if self.made is None else self.made.nbytes


Pieces = list[list[int] | Look]


class Sight:
    """A loaded projector. One thread only."""

    def __init__(self, path: str, model: Any, threads: int, flag: Flag, context_tokens: int) -> None:
        """Load the projector in `path` for a loaded `model`.

        Raises `ModelNotUsable` with llama.cpp's reason, and where the two do not belong together.
        """
        self._flag = flag
        self._width = int(lib.llama_model_n_embd_inp(model))
        self._shown: OrderedDict[str, Pieces] = OrderedDict()
        self._positions: dict[int, tuple[int, int]] = {}  # by mark: tokens, positions
        self._marks = 0
        self._sign: Callable[[], None] = lambda: None
        self._signed_at = 0.0
        self._context: Any = None
        complaints.forget()
        mtmd.mtmd_helper_log_set(complaints.callback, ctypes.c_void_p(0))
        params = mtmd.mtmd_context_params_default()
        params.print_timings = params.warmup = False
        params.n_threads = threads
        params.image_max_tokens = max(1, min(MOST_LOOK_TOKENS, context_tokens // CONTEXT_SHARE))
        self._evaluate = lib.llama_cpp.ggml_backend_sched_eval_callback(self._between)
        self._load = mtmd.mtmd_progress_callback(lambda _, __: not flag.raised)
        params.cb_eval, params.progress_callback = self._evaluate, self._load
        self._nodes = 0
        self._context = mtmd.mtmd_init_from_file(path.encode("utf-8", "surrogateescape"), model, params)
        if not self._context:
            raise ModelNotUsable(path=path, why=complaints.why())
        if not mtmd.mtmd_support_vision(self._context):
            self.close()
            raise ModelNotUsable(path=path, why="it is made for sounds and not for pictures")
        self._mrope = bool(mtmd.mtmd_decode_use_mrope(self._context))
        whole = bool(mtmd.mtmd_decode_use_non_causal(self._context, None))
        self.batch_tokens = 2 * MOST_LOOK_TOKENS if whole else BATCH_TOKENS  # some read a picture in one step only

    def close(self) -> None:
        """Free everything."""
        self._shown.clear()
        if self._context:
            mtmd.mtmd_free(self._context)
        self._context = None

    def count(self, width: int, height: int) -> int:
        """How many tokens a picture of that size has in a prompt. Raises `PictureNotUsable`."""
        return sum(
            len(piece) if isinstance(piece, list) else piece.tokens for piece in self._pieces(Pixels(width, height))
        )

    def show(self, digest: str, told: str) -> Pieces:
        """What stands in a prompt for a picture, given as base64. Raises `PictureNotUsable`."""
        pieces = self._shown.get(digest)
        if pieces is None:
            pieces = self._shown[digest] = self._pieces(pixels(digest, told))
            self._positions |= {look.mark: (look.tokens, look.positions) for look in pieces if isinstance(look, Look)}
        self._shown.move_to_end(digest)
        self._forget()
        return pieces

    def positions(self, tokens: Sequence[int]) -> int:
        """How far on the position after `tokens` is. Source: M-RoPE, where a picture takes up less than its tokens."""
        if not self._mrope:
            return len(tokens)
        looks = Counter(token for token in tokens if token < 0)
        saved = (
            times // count * (count - positions) for mark, times in looks.items()
            for count, positions in [self._positions[mark]]
        )  # fmt: skip
        return len(tokens) - sum(saved)

    def read(self, look: Look, context: Any, strand: int, at: int, sign: Callable[[], None]) -> int:
        """Look at it, and have the model read what was seen, from position `at` of a strand; as `llama_decode` says.

        `sign` is called from time to time meanwhile. Raises `PictureNotUsable`.
        """
        if look.made is None:
            self._sign, self._signed_at = sign, time.monotonic()
            sign()
            complaints.forget()
            failed = mtmd.mtmd_encode_chunk(self._context, look.pixels)
            if self._flag.raised:
                return ABORTED
            made = mtmd.mtmd_get_output_embd(self._context)
            if failed or not made:
                raise PictureNotUsable(picture="The picture", why=f"the model cannot look at it ({complaints.why()})")
            look.keep(np.ctypeslib.as_array(made, shape=(look.tokens, self._width)).copy())
        assert look.made is not None
        after = lib.llama_pos(at)
        status: int = mtmd.mtmd_helper_decode_image_chunk(
            self._context, context, look.place, look.made.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), at, strand,
            int(lib.llama_n_batch(context)), ctypes.byref(after), mtmd.mtmd_helper_post_decode_callback(),
            ctypes.c_void_p(0),
        )  # fmt: skip
        return status

    # Its own affairs.

    def _pieces(self, picture: Pixels) -> Pieces:
        bitmap = mtmd.mtmd_bitmap_init(picture.width, picture.height, _bytes(picture.data))
        chunks = mtmd.mtmd_input_chunks_init()
        try:
            complaints.forget()
            part = mtmd.mtmd_input_part(text=None, bitmap=bitmap)
            one = ctypes.POINTER(mtmd.mtmd_input_part)
            if mtmd.mtmd_tokenize_from_parts(self._context, chunks, (one * 1)(ctypes.pointer(part)), 1, False):
                raise PictureNotUsable(picture="The picture", why=f"the model cannot take it ({complaints.why()})")
            found = [mtmd.mtmd_input_chunks_get(chunks, at) for at in range(mtmd.mtmd_input_chunks_size(chunks))]
            return [self._piece(chunk) for chunk in found]
        finally:
            mtmd.mtmd_input_chunks_free(chunks)
            mtmd.mtmd_bitmap_free(bitmap)

    def _piece(self, chunk: Any) -> list[int] | Look:
        if mtmd.mtmd_input_chunk_get_type(chunk) == mtmd.MTMD_INPUT_CHUNK_TYPE_TEXT:
            count = ctypes.c_size_t()
            tokens = mtmd.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(count))
            found = tokens[: count.value] if tokens else []
            return [token for token in found if token >= 0]  # what the vocabulary lacks is told as -1
        self._marks += 1
        return Look(-self._marks, chunk)

    def _forget(self) -> None:
        """Let the pictures go that were shown longest ago; who is still to look at one holds it himself."""
        sizes = {digest: sum(piece.size_bytes for piece in pieces if isinstance(piece, Look))
                 for digest, pieces in self._shown.items()}  # fmt: skip
        total = sum(sizes.values())
        for digest in list(self._shown)[:-1]:
            if total <= REMEMBERED_BYTES:
                break
            total -= sizes[digest]
            del self._shown[digest]

    def _between(self, tensor: object, ask: bool, data: object) -> bool:
        """llama.cpp asks whether to stop after this step (`ask`), and then whether to go on."""
        try:
            if ask:
                self._nodes += 1
                return self._nodes % NODES_AT_ONCE == 0
            now = time.monotonic()
            if now - self._signed_at > SIGN_S:
                self._signed_at = now
                self._sign()
            return not self._flag.raised
        except Exception:  # noqa: BLE001 - an exception cannot cross llama.cpp
            return True


def _bytes(data: bytes | None) -> Any:
    return None if data is None else ctypes.cast(ctypes.c_char_p(data), ctypes.POINTER(ctypes.c_uint8))
