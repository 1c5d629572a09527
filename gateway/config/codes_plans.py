"""The codes of problems with expressions and with what mappings make of them."""

from __future__ import annotations

# name, title, why, fix; see codes.Code
EXPRESSIONS = (
    (
        "always-false",
        "A filter that nothing passes",
        "Its condition is never true, so the result is always empty.",
        "Correct the condition, or take the filter out.",
    ),
    (
        "argument-count",
        "A function with too many or too few arguments",
        "The function would fail each time it ran.",
        "Write the call as the message shows it.",
    ),
    (
        "argument-type",
        "A function with the wrong kind of argument",
        "The function would fail each time it ran.",
        "Write the argument as the message shows it.",
    ),
    (
        "double-quotes",
        "Double quotes where text was meant",
        "To JMESPath double quotes name a field; text stands in single quotes.",
        "Write text as `'text'`.",
    ),
    (
        "expression-syntax",
        "An expression that can't be read",
        "The expression isn't JMESPath.",
        "Correct it at the place shown.",
    ),
    (
        "impossible-comparison",
        "A comparison that always comes out the same",
        "By their schemas the two sides can never be equal, or can't be ordered.",
        "Compare with a value that can occur; `to_number()` and `to_string()` change the type.",
    ),
    (
        "literal-word",
        "A literal without backticks",
        "A bare `true`, `false` or `null` names a field of that name.",
        "Write it in backticks.",
    ),
    (
        "misplaced-expression",
        "`&` outside of a function's arguments",
        "`&` hands an expression to a function; elsewhere it has no meaning.",
        "Remove the `&`.",
    ),
    (
        "negation-first",
        "`!` takes less than was meant",
        "`!a.b` is read as `(!a).b`, which is always null.",
        "Put what is negated into parentheses.",
    ),
    (
        "no-current-value",
        "Nothing to take a part of",
        "At its start an expression has names, but no value of its own.",
        "Begin with one of the names in scope.",
    ),
    (
        "no-elements",
        "Elements of what is no array",
        "By its schema the value is no array, so this is always null.",
        "Leave the brackets out; for the first of a projection's results write `… | [0]`.",
    ),
    (
        "no-fields",
        "Fields of what is no object",
        "By its schema the value is no object, so this is always null.",
        "Take an element first, as in `rows[0].sku`, or all of them, as in `rows[].sku`.",
    ),
    (
        "no-scope",
        "`var()` without a scope",
        "`var()` reaches names around an expression, and here there are none.",
        "Write the path itself.",
    ),
    (
        "slice-step",
        "A slice that doesn't move",
        "A slice with the step 0 would never end.",
        "Use another step.",
    ),
    (
        "slipping-lists",
        "Lists that slip against each other",
        "A projection leaves nulls out, so the same index may mean different elements.",
        "Pick the element first and take both values of it.",
    ),
    (
        "template-brace",
        "A brace that doesn't fit",
        "In a template `{…}` holds an expression, and this one isn't whole.",
        "Close the brace, or write it as the message shows.",
    ),
    (
        "template-doubled-braces",
        "Doubled braces",
        "Other template languages double them; here one pair holds an expression.",
        "Write one pair.",
    ),
    (
        "type-mismatch",
        "A value of the wrong type",
        "By the schemas it can never be what is wanted here.",
        "Change the expression, or the schema where it is wrong.",
    ),
    (
        "unknown-field",
        "There is no such field",
        "The schema doesn't name it, so it would be null each time, in silence.",
        "Correct the name; one that is there all the same belongs into the schema.",
    ),
    (
        "unknown-function",
        "There is no such function",
        "The expression would fail each time it ran.",
        "Correct the name; the reference lists all functions.",
    ),
    (
        "unknown-name",
        "There is no such name",
        "It would be null each time, in silence.",
        "Use a name in scope, or quote it if text was meant.",
    ),
    (
        "var-name",
        "`var()` without a name",
        "Which name is reached is decided when the file is loaded.",
        "Write the name as text: `var('name')`.",
    ),
)

PLANS = (
    (
        "call-order",
        "A call that comes too late",
        "Calls run in the order of the file, so this answer isn't there yet.",
        "Move the call above the one that needs it.",
    ),
    (
        "duplicate-contract",
        "Two mappings for one contract",
        "Nacelle calls a contract once, so only one mapping can answer.",
        "Keep one of the two.",
    ),
    (
        "duplicate-mapping",
        "Two mappings of one name",
        "The name says in logs and in the journal which mapping ran.",
        "Give each mapping a name of its own.",
    ),
    (
        "effect-in-validate",
        "An effect in a validate contract",
        "Validation is asked again and again and must change nothing.",
        "Use a call that reads, or a consume contract.",
    ),
    (
        "effect-order",
        "An effect in the wrong place",
        "Everything is read and checked before the one effect runs.",
        "Follow the message: one effect, after the reads that it needs.",
    ),
    (
        "let-circle",
        "Names that need each other",
        "None of them could be computed first.",
        "Break the circle.",
    ),
    (
        "missing-property",
        "A required property is missing",
        "The schema of the request requires it: every request would be refused.",
        "Add the property.",
    ),
    (
        "no-effect",
        "A consume contract that changes nothing",
        "Nacelle takes the answer 200 for done, and nothing would have been done.",
        "Add the call that does it, or leave `effect: false` out of it.",
    ),
    (
        "not-an-effect",
        "A setting for effects on a call that reads",
        "It would have no consequence.",
        "Remove it, or mark the call with `effect: true`.",
    ),
    (
        "not-owned",
        "A field that the contract keeps",
        "Nacelle takes only some fields back from a mapping.",
        "Set one of the fields that the contract owns.",
    ),
    (
        "schema-invalid",
        "A schema that is no JSON Schema",
        "Nothing can be checked against it.",
        "Correct it at the place that the message names.",
    ),
    (
        "schema-json",
        "A schema file that is no JSON",
        "Schemas are JSON files.",
        "Correct the file.",
    ),
    (
        "schema-ref",
        "A schema that refers to nothing",
        "A `$ref` leads to a schema that isn't there; none is fetched from the network.",
        "Add the missing file below schemas/, or correct the reference.",
    ),
    (
        "shadowed-name",
        "A name that is taken",
        "Two meanings of one name would make expressions ambiguous.",
        "Choose another name.",
    ),
    (
        "unknown-call",
        "There is no such call",
        "The name refers to none of the mapping's calls.",
        "Correct the spelling.",
    ),
    (
        "unknown-directive",
        "There is no such directive",
        "Keys that start with `$` direct how a tree grows.",
        "Correct the spelling, or write `$$` for a key that starts with `$`.",
    ),
    (
        "unknown-property",
        "A property that the schema doesn't know",
        "The schema refuses it, or it is a misspelt one of those that it names.",
        "Correct the name, or add it to the schema.",
    ),
    (
        "unknown-schema",
        "There is no such schema",
        "Bodies can't be checked against a schema that isn't there.",
        "Correct the name, or add the file below schemas/.",
    ),
    (
        "unknown-vendor",
        "There is no such vendor",
        "Calls go to the vendors that gateway.yaml declares.",
        "Correct the spelling, or declare the vendor.",
    ),
    (
        "unreachable-rule",
        "An error rule that no answer reaches",
        "Each answer is taken by the first rule that applies.",
        "Remove the rule, or move it up.",
    ),
    (
        "unsafe-repeat",
        "A repeat that the vendor can't recognise",
        "After a lost answer the effect would be held instead of repeated.",
        "Send a key that is the same in every repeat, and name it in `idempotency`.",
    ),
    (
        "unused-idempotency",
        "An idempotency key that isn't sent",
        "The vendor recognises a repeat only by a key in the request.",
        "Put the key where the vendor looks for it.",
    ),
)
