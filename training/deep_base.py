"""What deep tuning begins with: the encoder of the release, in torch, fresh for each run."""

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from tokenizers import Tokenizer
from transformers import BertModel

from bot.encoder import EncoderSettings
from bot.loading import BASE
from training.encoders import find_base
from training.errors import TrainingError
from training.export import export_encoder
from training.models import ModelPlan
from training.pooled import ExportSettings
from training.sentiment_adapter import load_adapted


@dataclass(frozen=True, slots=True)
class DeepBase:
    """An encoder to tune copies of.

    Attributes:
        name: Where its weights come from.
        fingerprint: Changes whenever the weights do.
        model: In evaluation mode; never tuned itself.
        tokenizer: Without padding; cuts to ``max_length`` tokens.
        pooling: ``mean`` or ``cls``.
        prefix: Put before every text.
    """

    name: str
    fingerprint: str
    model: BertModel = field(repr=False)
    tokenizer: Tokenizer = field(repr=False)
    max_length: int
    pooling: str = "mean"
    prefix: str = ""

    def fresh(self) -> BertModel:
        """Return a copy to tune."""
        return deepcopy(self.model)

    def export(self, tuned: BertModel, folder: Path) -> EncoderSettings:
        """Write a tuned copy as an int8 encoder for use.

        Raises:
            TrainingError: What was exported does not do what the model does.
        """
        whole = Tokenizer.from_str(self.tokenizer.to_str())
        whole.no_truncation()
        settings = ExportSettings(
            f"{self.name} + intents",
            pooling=self.pooling,
            prefix=self.prefix,
            max_length=self.max_length,
        )
        return export_encoder(tuned, whole, folder, settings)


def open_deep_base(plan: ModelPlan, max_length: int) -> DeepBase:
    """Load the encoder of a plan as it is served.

    Raises:
        TrainingError: It is not there, or no BERT.
        ArtifactError: The adapter is missing, corrupt, or made for another base.
    """
    base = find_base(plan.encoder or plan.sentiment_base)
    (weights,) = (one.fingerprint for one in plan.sources() if BASE in one.groups)
    name, model = base.name, base.model
    if not plan.encoder:
        name = f"{base.name} + {plan.adapter.name}"
        model = load_adapted(base.folder, plan.adapter)
    if not isinstance(model, BertModel) or model.config.is_decoder:
        raise TrainingError(
            f"{plan.encoder} is a {type(model).__name__}, and only BERT encoders can be tuned deeply; "
            "leave --deep out, or name another KEFU_ENCODER"
        )
    length = min(max_length, base.max_length)
    tokenizer = Tokenizer.from_str(base.tokenizer.to_str())
    tokenizer.enable_truncation(length)
    return DeepBase(name, weights, model, tokenizer, length, base.pooling, base.prefix)
