"""Train an LSTM encoder-decoder with scheduled sampling and export it to ONNX."""
