"""What a model writes, told apart while it is written: answer, thoughts, calls of tools.

`choosing.reply_parser` picks the parser that fits the model's chat template. Every parser takes text in any
pieces and gives `Piece`s whose `raw` together is what came in: nothing is lost, however it is cut.
"""
