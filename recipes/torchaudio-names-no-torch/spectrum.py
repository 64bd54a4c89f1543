"""The strongest frequency of a recording, by its spectrum."""

import torchaudio


def strongest(path):
    wave, rate = torchaudio.load(path)
    return wave.mean(0).stft(1024, return_complex=True).abs().mean(1).argmax() * rate / 1024
