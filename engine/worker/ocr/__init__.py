"""The process that reads pictures of text with Tesseract, where the person has it."""
