"""The one layout of YAML files: `lay_out` writes a file as `gateway fmt` does.

read: the text becomes a tree that keeps comments and blank lines → order: keys stand as in the
reference → quotes: no more of them than needed → write: the tree becomes text again.
"""
