"""Kinds of series that the network is pretrained on: seasons, and how a recurrent step cuts them."""

from dataclasses import dataclass

from forecaster.config import ModelConfig
from forecaster.config.config import Normalization

HIDDEN, MAPS = 128, 12
# Steps of the decoder that are trained; further ones are like the last.
DECODER_STEPS = 6
NORMALIZATIONS: tuple[Normalization, ...] = ("log-last-difference", "last-difference", "mean-std")


@dataclass(frozen=True)
class Kind:
    """Series of one season and their windows. Lengths are in steps of the series."""

    season: int  # 1: none
    patch: int  # values of a recurrent step
    context: int  # patches of a history
    share: float  # of all updates
    longer: bool = False  # whether seven seasons may make another, as days a week

    def config(self, normalization: Normalization) -> ModelConfig:
        """Return the shape of the network that forecasts such series."""
        return ModelConfig(
            context_length=self.context * self.patch,
            horizon=DECODER_STEPS * self.patch,
            patch_length=self.patch,
            season=self.season,
            hidden_size=HIDDEN,
            highway=MAPS,
            normalization=normalization,
        )


KINDS = (
    Kind(1, 6, 6, 0.16),
    Kind(4, 4, 12, 0.14),
    Kind(12, 12, 12, 0.18),
    Kind(24, 24, 16, 0.2, longer=True),
    Kind(7, 7, 16, 0.08),
    Kind(52, 26, 10, 0.07),
    Kind(5, 5, 12, 0.03),
    Kind(13, 13, 8, 0.03),
    Kind(48, 24, 16, 0.04, longer=True),
    Kind(60, 30, 12, 0.02),
    Kind(96, 32, 16, 0.03),
)
