#!/usr/bin/env bash
# Puts what the image holds into FOLDER: the project's tree and a virtual environment for it.
# Usage: scripts/assemble.sh FOLDER. The Dockerfile runs it; a test runs it without any engine.
# The environment knows FOLDER by its absolute path, so the image keeps it there.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
cd "$1"

tar -C "$source" --exclude=__pycache__ -cf - \
    gateway simulators schemas mappings gateway.yaml pyproject.toml README.md requirements.lock |
    tar -xf - --no-same-owner
"$source/scripts/install.sh" .venv requirements.lock

# What only the installation needed; a running gateway has no installer.
.venv/bin/python -m pip --disable-pip-version-check -qq uninstall -y setuptools pip
rm pyproject.toml README.md requirements.lock

# Nothing is written once it runs, so the bytecode is made now. The user of the image owns none of
# it: everybody may read, nobody may write, whatever the umask here.
.venv/bin/python -m compileall -q gateway simulators
chmod -R a+rX,a-w .
