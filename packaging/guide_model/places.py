"""Where the recipe finds and puts what it needs."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORPUS = HERE / "corpus"
GUIDE_PAGES = ROOT / "docs" / "guide"
BUILD = ROOT / "build" / "guide_model"
TRAINING = BUILD / "training"
SPELLING = BUILD / "spelling.json"
WHOLE = BUILD / "hanare-guide-f32.gguf"
CURVES = ROOT / "docs" / "images" / "guide-model.svg"
MODELS = ROOT / "resources" / "models"
MODEL = MODELS / "hanare-guide.gguf"
