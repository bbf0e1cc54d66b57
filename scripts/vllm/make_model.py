"""Makes a tiny Qwen3 with random weights and a tokenizer of its own, from nothing but this machine.

usage: make_model.py FOLDER

The answers are nonsense, but everything else is as with a real model: tokens, blocks, caches, counters and streams.
"""

import json
import pathlib
import sys
import sysconfig

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen3Config, Qwen3ForCausalLM

VOCABULARY = 8192
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_tokenizer(folder: pathlib.Path) -> Tokenizer:
    """A byte-level BPE, trained on Python's own library: code and English, about four characters a token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    library = sorted(pathlib.Path(sysconfig.get_path("stdlib")).glob("*.py"))
    tokenizer.train([str(path) for path in library], trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    configuration = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 16384,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(configuration, indent=1))
    return tokenizer


def make_model(folder: pathlib.Path, tokenizer: Tokenizer) -> None:
    torch.manual_seed(1)
    vocabulary = tokenizer.get_vocab_size()
    config = Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=16384,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.token_to_id("<|im_end|>"),
        pad_token_id=tokenizer.token_to_id("<|endoftext|>"),
    )
    model = Qwen3ForCausalLM(config)
    # Never said: special tokens, and parts of characters, which would leave an answer without any text.
    silent = [token for token in range(vocabulary) if not tokenizer.decode([token]).isprintable()]
    silent += [token for token in range(vocabulary) if "\ufffd" in tokenizer.decode([token])]
    silent += [tokenizer.token_to_id(token) for token in SPECIAL]
    with torch.no_grad():
        model.lm_head.weight[silent] = 0
    model.to(torch.bfloat16).save_pretrained(folder)


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    make_model(folder, make_tokenizer(folder))


main()
