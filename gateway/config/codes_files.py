"""The codes of problems with files: their YAML and what the reader expects."""

from __future__ import annotations

# name, title, why, fix; see codes.Code
YAML = (
    (
        "duplicate-key",
        "A key stands twice",
        "Most YAML readers keep the last value in silence, and the other would be lost.",
        "Remove one of the two, or merge them.",
    ),
    (
        "empty-file",
        "The file is empty",
        "The file holds nothing, or comments only: there is nothing to run.",
        "Write the configuration into it, or delete the file.",
    ),
    (
        "not-utf8",
        "The file is no clean UTF-8",
        "Other encodings and invisible characters are read differently by different programs.",
        "Save the file as UTF-8 without a byte order mark, and delete the invisible character.",
    ),
    (
        "too-large",
        "The file is too large or too deep",
        "Files are bounded (1 MB, 50 levels) so that reading one always ends soon.",
        "Split the file, or name parts of it in `let`.",
    ),
    (
        "yaml-alias",
        "An anchor, alias or merge key",
        "They keep a file from being read top to bottom, and let a small one grow without bound.",
        "Write the value out wherever it is needed.",
    ),
    (
        "yaml-comment",
        "A comment cuts a value",
        "` #` starts a comment, so YAML reads only what stands before it.",
        "Put the whole value into quotes.",
    ),
    (
        "yaml-documents",
        "Several documents in one file",
        "A file holds one mapping or one configuration; what follows `---` would be ignored.",
        "Move each document into a file of its own.",
    ),
    (
        "yaml-indent",
        "The indentation doesn't fit",
        "Indentation says what belongs to what, and this line belongs to nothing above it.",
        "Begin the line below the first letter of the lines that it belongs to.",
    ),
    (
        "yaml-key",
        "A key that isn't text",
        "Keys such as `404` or `true` are numbers or booleans to YAML, and JSON has only text.",
        "Put the key into quotes.",
    ),
    (
        "yaml-quote",
        "A value needs quotes",
        "YAML takes some signs of an expression for its own and reads something else.",
        "Type the corrected line that is shown.",
    ),
    (
        "yaml-space",
        "A space is missing after a colon",
        "Without the space YAML takes key and value for one piece of text.",
        "Put a space behind the colon.",
    ),
    (
        "yaml-surprise",
        "A value that is read in two ways",
        "YAML readers (or people) disagree: `NO` is text or false, `1.10` a version or 1.1.",
        "Quote it for the text, or type the number or boolean plainly.",
    ),
    (
        "yaml-syntax",
        "YAML can't be read",
        "The file breaks off from YAML's rules here, so the rest of it has no sure meaning.",
        "Look at the place shown and at the line above it.",
    ),
    (
        "yaml-tab",
        "A tab outside of quotes",
        "Editors show tabs at different widths, so YAML refuses them where spaces count.",
        "Type spaces; most editors can convert all tabs at once.",
    ),
    (
        "yaml-tag",
        "A tag",
        "Tags such as `!!str` or `!env` make readers build other values than those written.",
        "Remove the tag; quote the value if the `!` belongs to it.",
    ),
)

READER = (
    (
        "bad-value",
        "A value that can't be used here",
        "The key is known, but its value is none of those that it takes.",
        "Type one of the values that the message names.",
    ),
    (
        "conflicting-keys",
        "Keys that exclude each other",
        "Each of them would decide the same thing.",
        "Keep one of them.",
    ),
    (
        "missing-file",
        "A file that isn't there",
        "The configuration names a file that doesn't exist at that path.",
        "Correct the path; it counts from the folder of gateway.yaml.",
    ),
    (
        "missing-key",
        "A key is missing",
        "Nothing sensible can be done without it.",
        "Add the key that the message names.",
    ),
    (
        "secret-literal",
        "A secret in the file",
        "Files are copied, shown and kept in version control; a secret must not be in one.",
        "Put it into an environment variable, `{env: NAME}`, or a file, `{file: PATH}`.",
    ),
    (
        "unknown-key",
        "A key that means nothing here",
        "Nothing is ignored: a mistyped key would otherwise have no effect in silence.",
        "Correct the spelling, or remove the key.",
    ),
    (
        "unknown-contract",
        "There is no such contract",
        "A mapping answers one of the contracts that Nacelle calls.",
        "Use a contract's name, or declare its path in gateway.yaml.",
    ),
    (
        "unreadable-file",
        "A file that can't be read",
        "The file exists, but is empty or may not be read by this process.",
        "Check its content, owner and permissions.",
    ),
    (
        "unset-variable",
        "An environment variable isn't set",
        "The value comes from the environment, and there is none.",
        "Set the variable, or give a default with `{env: NAME, default: …}`.",
    ),
    (
        "wrong-file",
        "A file of another kind",
        "gateway.yaml, mappings and tests of mappings are different files with different keys.",
        "Name the file that the message expects.",
    ),
    (
        "wrong-type",
        "A value of the wrong type",
        "A list, an object, text or a number stands where another of them is needed.",
        "Type what the message expects.",
    ),
    (
        "no-mappings",
        "A folder without mapping files",
        "The configuration names a folder in which there is nothing to load.",
        "Correct the path, or put mapping files (*.yaml) into the folder.",
    ),
)
