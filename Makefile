# Kefu. 'make serve' starts the assistant, 'make test' checks everything; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.pins-$(shell cat pyproject.toml constraints.txt | sha256sum | cut -c1-16)
# Another index for a smaller CPU build of torch, e.g. TORCH_INDEX=https://…/whl/cpu
TORCH_INDEX ?=
# Folder with the public sets that 'make evaluate' measures on, one folder a set
DATA ?= ../shared/data
# Encoders that left out a public set each, for 'make evaluate'; 'make encoders' makes those that are not there, each in 5
# to 11 minutes of one core, with each of these seeds (SEEDS='7 8 9 10 11'); two at once with -j2
ENCODERS ?= var/encoders
SEEDS ?= 7
# 'make reseeded' makes the adapters that ship for sentiment and search again with these seeds; an hour of one core each
RESEEDS ?= 8 9 10 11
# With how many seeds 'make evaluate' tunes deeply too; each takes an hour of one core
DEEP ?=
# Running servers with Rasa's REST and parse endpoints, which 'make benchmark' measures beside ours
PEER ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: serve test setup fix lint types imports check encoders reseeded evaluate benchmark pins clean

serve: setup
	KEFU_DEMO="$${KEFU_DEMO:-true}" $(BIN)/kefu serve

# threads that wait sleep: where they spin, a test beside other work takes thirty times as long
test: check
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest

setup: $(STAMP)

$(STAMP):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kefu needs Python 3.11 or newer; name one with PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	$(PIP) install --constraint constraints.txt --editable '.[dev,postgres]'
	rm -f $(VENV)/.pins-*
	touch $@

fix: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy .

imports: setup
	$(BIN)/lint-imports

check: lint types imports

encoders: $(foreach seed,$(SEEDS),$(foreach one,all without-clinc150 without-banking search-without-cdc search-without-who,$(ENCODERS)/$(one)-$(seed)/config.json))

$(ENCODERS)/all-%/config.json: | setup
	$(BIN)/kefu train encoder --data $(DATA) --seed $* --out $(@D)

$(ENCODERS)/without-clinc150-%/config.json: | setup
	$(BIN)/kefu train encoder --data $(DATA) --leave CLINC150 --seed $* --out $(@D)

$(ENCODERS)/without-banking-%/config.json: | setup
	$(BIN)/kefu train encoder --data $(DATA) --leave BANKING77 --leave NLU++ --seed $* --out $(@D)

reseeded: $(foreach seed,$(RESEEDS),$(foreach one,search mood,$(ENCODERS)/$(one)-$(seed)/config.json))

$(ENCODERS)/mood-%/config.json: $(ENCODERS)/all-%/config.json | setup
	$(BIN)/kefu train sentiment --data $(DATA) --from $(<D) --seed $* --out $(@D)

$(ENCODERS)/search-%/config.json: | setup
	$(BIN)/kefu train retrieval --data $(DATA) --seed $* --out $(@D)

$(ENCODERS)/search-without-cdc-%/config.json: | setup
	$(BIN)/kefu train retrieval --data $(DATA) --leave 'FeedbackQA CDC' --seed $* --out $(@D)

$(ENCODERS)/search-without-who-%/config.json: | setup
	$(BIN)/kefu train retrieval --data $(DATA) --leave 'FeedbackQA WHO' --seed $* --out $(@D)

evaluate: setup
	@test -d $(DATA) || { echo "no public sets in $(DATA); name their folder: make evaluate DATA=…"; exit 2; }
	$(BIN)/kefu evaluate --data $(DATA) $(if $(wildcard $(ENCODERS)/*/config.json),--encoders $(ENCODERS)) $(addprefix --deep ,$(DEEP)) --table benchmarks/quality.md

benchmark: setup
	$(BIN)/python -m benchmarks $(addprefix --peer ,$(PEER))

pins: setup
	$(PIP) freeze --exclude-editable | sed 's/+[a-z0-9.]*$$//' | { echo "# Exact versions of every package, without local version tags; made by 'make pins'."; cat; } > constraints.txt

clean:
	rm -rf var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
