"""A tiny, randomly initialised BERT with its tokenizer: a plain transformers folder, or as sentence-transformers writes it."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Module, Transformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel

WORDS = ["good", "bad", "parcel", "where", "is", "my", "tent", "thanks", "awful", "great", "lovely"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def write_tiny_bert(folder: Path, *, seed: int = 0, words: Sequence[str] = WORDS) -> Path:
    """Write config, weights and tokenizer of a two-layer encoder with 16 dimensions."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: place for place, word in enumerate([*SPECIAL, *words])}
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    torch.manual_seed(seed)
    model = BertModel(config, add_pooling_layer=False)
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()},
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text(json.dumps(config.to_dict()), encoding="utf-8")
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token=SPECIAL[1]))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    # The real base's file asks for padding and cutting too: whoever encodes must set both aside.
    tokenizer.enable_padding(length=24)
    tokenizer.enable_truncation(24)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def write_sentence_encoder(
    folder: Path,
    *,
    pooling: str = "mean",
    prompt: str = "",
    more: Sequence[Module] = (),
    words: Sequence[str] = WORDS,
) -> Path:
    """Write such an encoder with everything that sentence-transformers keeps beside it; at most 24 tokens."""
    with TemporaryDirectory() as plain:
        transformer = Transformer(
            str(write_tiny_bert(Path(plain), words=words)),
            processor_kwargs={"model_max_length": 24},
        )
        made = SentenceTransformer(
            modules=[transformer, Pooling(16, pooling), *more, Normalize()],
            prompts={"any": prompt},
            default_prompt_name="any" if prompt else None,
            device="cpu",
        )
        made.save(str(folder), create_model_card=False)
    return folder
