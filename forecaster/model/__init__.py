"""The network: encoder, decoder, and how the decoder is unrolled."""
