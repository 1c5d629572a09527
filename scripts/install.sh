#!/usr/bin/env bash
# Installs what LOCK pins, by hash, and the project in the current folder into VENV.
# Usage: scripts/install.sh VENV LOCK. PYTHON names the interpreter to use; unset, one is found.
set -euo pipefail
venv=$1
lock=$2

suitable='import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))'

find_python() {
    local name
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if "$name" -c "$suitable" >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    {
        echo "No Python 3.11 or newer with its venv module was found (looked for: ${PYTHON:-python3.13 python3.12 python3.11 python3})."
        echo "Install one (on Debian and Ubuntu: python3 and python3-venv), or name one: make PYTHON=/path/to/python3"
    } >&2
    return 1
}

if ! "$venv/bin/python" -c "$suitable" >/dev/null 2>&1; then
    python=$(find_python)
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi

echo "Installing $lock"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check -qq "$@"; }
pip install --require-hashes -r "$lock"
# The build needs setuptools only, which the lock pins too: nothing is fetched without a hash.
pip install --no-deps --no-build-isolation -e .
