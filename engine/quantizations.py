"""The forms in which llama.cpp can keep a model's weights: one table, and what a person may wish of a new form.

Numbers, names and which form stands on which are llama.cpp's (enum llama_ftype in include/llama.h, the table of
options in tools/quantize/quantize.cpp). Bits a weight are those of the Llama 3.1 8B shape, whole file by all weights,
as llama.cpp's own trial run reckons them; other shapes differ by some hundredths.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class MatrixUse(StrEnum):
    """What an importance matrix is to a form."""

    NEEDED = "needed"  # llama.cpp refuses without one
    HELPS = "helps"  # the same size, and closer to the original
    UNUSED = "unused"  # makes no difference


class Quantization(NamedTuple):
    """One form of a whole model: its number in the file, its size, and when to take it, in a sentence for a person."""

    number: int
    bits: float
    matrix: MatrixUse
    advice: str


_N, _H, _U = MatrixUse.NEEDED, MatrixUse.HELPS, MatrixUse.UNUSED
QUANTIZATIONS: dict[str, Quantization] = {
    "F32": Quantization(0, 32.0, _U, "Every weight in full. Twice the size of what most models are published in, and "
                        "no better; for tools that ask for it."),
    "BF16": Quantization(32, 16.0, _U, "How most models are published. The form to start from; larger than needed to "
                         "chat."),
    "F16": Quantization(1, 16.0, _U, "As good as BF16 and read by more programs. The form to start from."),
    "Q8_0": Quantization(7, 8.5, _U, "Hardly to be told from the original at half its size. Take it where memory is "
                         "plenty."),
    "Q6_K": Quantization(18, 6.56, _H, "Very close to the original. Take it where it fits with room to spare."),
    "Q5_K_M": Quantization(17, 5.7, _H, "Close to the original, and a little more careful than Q4_K_M."),
    "Q5_K_S": Quantization(16, 5.57, _H, "Like Q5_K_M, a little smaller."),
    "Q5_1": Quantization(9, 6.04, _H, "An older form. Q5_K_M is smaller and better."),
    "Q5_0": Quantization(8, 5.57, _H, "An older form. Q5_K_S is about as large and better."),
    "Q4_1": Quantization(3, 5.1, _H, "An older form. Q4_K_M is about as large and better."),
    "Q4_K_M": Quantization(15, 4.89, _H, "The usual choice: a third of the original size, quick, and in a chat the "
                           "loss is rarely noticed."),
    "Q4_K_S": Quantization(14, 4.67, _H, "Like Q4_K_M, a little smaller and a little less careful."),
    "IQ4_NL": Quantization(25, 4.68, _H, "About as good as Q4_K_S; for models whose rows no K form fits."),
    "Q4_0": Quantization(2, 4.64, _H, "An older form, the quickest on many processors. Answers are a little worse than "
                         "with Q4_K_S."),
    "IQ4_XS": Quantization(30, 4.46, _H, "Smaller than Q4_K_S and about as good with an importance matrix; slower on "
                           "processors."),
    "MXFP4": Quantization(38, 8.5, _U, "For models of experts that were trained in this form. Others gain nothing."),
    "Q3_K_L": Quantization(13, 4.3, _H, "Where Q4_K_S does not fit. Mistakes begin to show."),
    "Q3_K_M": Quantization(12, 4.0, _H, "Where Q4_K_S does not fit by far. Small models suffer visibly."),
    "IQ3_M": Quantization(27, 3.76, _H, "About as good as Q3_K_M and smaller, with an importance matrix."),
    "IQ3_S": Quantization(26, 3.66, _H, "Like IQ3_M, a little smaller."),
    "Q3_K_S": Quantization(11, 3.64, _H, "IQ3_S is about as large and better."),
    "IQ3_XS": Quantization(22, 3.5, _N, "For large models that fit no other way. Takes an importance matrix."),
    "IQ3_XXS": Quantization(23, 3.25, _N, "For large models that fit no other way; mistakes are common."),
    "Q2_K": Quantization(10, 3.16, _H, "A large model becomes worse than a smaller one in Q4_K_M. Compare both."),
    "Q2_K_S": Quantization(21, 2.97, _N, "Smaller than Q2_K and worse."),
    "IQ2_M": Quantization(29, 2.93, _N, "For models of 70 billion weights and more. Compare with a smaller model."),
    "IQ2_S": Quantization(28, 2.74, _N, "Like IQ2_M, smaller and worse."),
    "IQ2_XS": Quantization(20, 2.59, _N, "For very large models only; much is lost."),
    "IQ2_XXS": Quantization(19, 2.38, _N, "For very large models only; much is lost."),
    "TQ2_0": Quantization(37, 2.52, _U, "For models trained with three values a weight. Others write noise in it."),
    "TQ1_0": Quantization(36, 2.19, _U, "Smaller than TQ2_0, for the same models. Others write noise in it."),
    "Q2_0": Quantization(41, 2.68, _U, "For models trained with few values a weight. Others write noise in it."),
    "IQ1_M": Quantization(31, 2.15, _N, "To try what is left of a very large model. Most models break."),
    "IQ1_S": Quantization(24, 2.0, _N, "To try what is left of a very large model. Most models break."),
    "Q1_0": Quantization(40, 1.48, _U, "For models trained with two values a weight. Others write noise in it."),
}  # fmt: skip
RECOMMENDED = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS")  # what to look at first, the largest first
USUAL = "Q4_K_M"
CONVERTED_FORMS = ("F16", "BF16", "F32", "Q8_0")  # what safetensors are converted to
# What a single tensor may be kept in, by llama.cpp's names in lower case.
TENSOR_FORMS = (
    "f32", "bf16", "f16", "q8_0", "q6_k", "q5_k", "q5_1", "q5_0", "q4_k", "q4_1", "q4_0", "iq4_nl", "iq4_xs", "mxfp4",
    "q3_k", "iq3_s", "iq3_xxs", "q2_k", "iq2_s", "iq2_xs", "iq2_xxs", "tq2_0", "tq1_0", "q2_0", "iq1_m", "iq1_s",
    "q1_0",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """In what a model is to be kept.

    `quantization` is a name of `QUANTIZATIONS`. `tensors` overrule it: (pattern, form), the first whose pattern, a
    regular expression, is found in a tensor's name; forms are names of `TENSOR_FORMS`. `output` and `embedding` are
    the forms of the tensors that make words and that look them up, "" for what the quantization has. `pruned` are
    layers, counted from 0, that are left out. `again` lets weights that are quantized already lose a second time.
    """

    quantization: str = USUAL
    tensors: tuple[tuple[str, str], ...] = ()
    output: str = ""
    embedding: str = ""
    pruned: tuple[int, ...] = ()
    again: bool = False
