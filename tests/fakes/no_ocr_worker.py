"""The process of OCR on a computer without Tesseract."""

from engine import wire
from engine.worker.desk import Desk


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("ocr")
    desk.serve({wire.FindOcr: lambda request: desk.report(wire.OcrFound(job=request.job))})


if __name__ == "__main__":
    main()
