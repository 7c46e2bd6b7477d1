"""The network: a small transformer of the llama architecture, as llama.cpp reckons it.

RMS norms before attention and feed-forward, rotary positions on neighbouring pairs, grouped queries, SwiGLU, and one
matrix for reading and writing tokens. Sizes are numbers of values.
Source: the graph of `llama` in llama.cpp's src/models/llama.cpp; pairs are rotated as its rope type NORM does.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ROPE_BASE = 10_000.0
EPSILON = 1e-5
SHORT = 192  # tokens


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is."""

    vocabulary: int
    width: int = 256
    layers: int = 2
    heads: int = 8
    key_heads: int = 8
    feed_forward: int = 768
    context: int = 2048

    @property
    def head(self) -> int:
        """The width of one head."""
        return self.width // self.heads

    def told(self) -> dict[str, Any]:
        """Its numbers by name."""
        return asdict(self)


class Layer(nn.Module):
    """Attention and feed-forward, each added to what comes in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        keys = shape.key_heads * shape.head
        self.attn_norm = nn.Parameter(torch.ones(shape.width))
        self.attn_q = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_k = nn.Linear(shape.width, keys, bias=False)
        self.attn_v = nn.Linear(shape.width, keys, bias=False)
        self.attn_output = nn.Linear(shape.width, shape.width, bias=False)
        self.ffn_norm = nn.Parameter(torch.ones(shape.width))
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], dropped: float) -> Tensor:
        """From (batch, tokens, width) to the same; `turn` as `_turns` gives it."""
        batch, tokens, width = x.shape
        shape = self.shape
        inner = F.rms_norm(x, (width,), self.attn_norm, EPSILON)
        query = _turned(self.attn_q(inner).view(batch, tokens, shape.heads, shape.head), turn)
        key = _turned(self.attn_k(inner).view(batch, tokens, shape.key_heads, shape.head), turn)
        value = self.attn_v(inner).view(batch, tokens, shape.key_heads, shape.head)
        shared = shape.heads // shape.key_heads
        key, value = key.repeat_interleave(shared, 2), value.repeat_interleave(shared, 2)
        seen = _attended(query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2))
        x = x + F.dropout(self.attn_output(seen.transpose(1, 2).reshape(batch, tokens, width)), dropped, self.training)
        inner = F.rms_norm(x, (width,), self.ffn_norm, EPSILON)
        thought = self.ffn_down(F.silu(self.ffn_gate(inner)) * self.ffn_up(inner))
        return x + F.dropout(thought, dropped, self.training)


class Network(nn.Module):
    """Tokens in, for each place what may come next out."""

    def __init__(self, shape: Shape, seed: int = 0) -> None:
        """Weights by chance, the same ones for one seed."""
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = nn.Parameter(torch.ones(shape.width))
        chance = torch.Generator().manual_seed(seed)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                spread = (
                    0.02 if "attn_output" not in name and "ffn_down" not in name else 0.02 / math.sqrt(2 * shape.layers)
                )
                with torch.no_grad():
                    weight.normal_(0.0, spread, generator=chance)

    def forward(self, tokens: Tensor, dropped: float = 0.0) -> Tensor:
        """What the last layer says, (batch, tokens, width). What stands behind a text changes nothing before it."""
        turn = _turns(tokens.shape[1], self.shape.head, tokens.device)
        x = F.dropout(self.token_embd(tokens), dropped, self.training)
        for layer in self.blk:
            x = layer(x, turn, dropped)
        return F.rms_norm(x, (self.shape.width,), self.output_norm, EPSILON)

    def scores(self, said: Tensor) -> Tensor:
        """The logits of every token for what `forward` said of some places, (places, vocabulary)."""
        return F.linear(said, self.token_embd.weight)

    def size(self) -> int:
        """How many values it has."""
        return sum(weight.numel() for weight in self.parameters())


def _attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention to what stands before, all (batch, heads, tokens, head). Short texts are faster done plainly."""
    tokens = query.shape[2]
    if tokens > SHORT:
        return F.scaled_dot_product_attention(query, key, value, is_causal=True)
    later = torch.full((tokens, tokens), -torch.inf, device=query.device, dtype=query.dtype).triu(1)
    scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[3]) + later
    return torch.softmax(scores, -1, dtype=query.dtype) @ value


def _turns(tokens: int, head: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosine and sine of every place and pair, each (tokens, 1, head / 2)."""
    speeds = ROPE_BASE ** (-torch.arange(0, head, 2, device=device, dtype=torch.float32) / head)
    angles = torch.outer(torch.arange(tokens, device=device, dtype=torch.float32), speeds)
    return angles.cos()[:, None], angles.sin()[:, None]


def _turned(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Pairs of neighbours of (batch, tokens, heads, head), turned by their place."""
    cosine, sine = turn
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2).to(x.dtype)
