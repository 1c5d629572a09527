"""The codes of problems with expressions."""

from __future__ import annotations

# name, title, why, fix; see codes.Code
EXPRESSIONS = (
    (
        "always-false",
        "A condition that is never true",
        "A filter lets nothing pass, a rule never applies, whatever the data is.",
        "Correct the condition, or take it out; `||` means one of several, `&&` all of them.",
    ),
    (
        "always-true",
        "A condition that is always true",
        "`a == 'x' || 'y'` is true or the text 'y', and `a != 'x' || a != 'y'` can't be false.",
        "Repeat the comparison, `a == 'x' || a == 'y'`; join what must all hold with `&&`.",
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
        "bad-pattern",
        "A pattern or a format that can't be used",
        "A regular expression has to be one of RE2, a format of times one of Python's directives.",
        "Correct it at the place shown. In YAML's double quotes a backslash is written twice.",
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
        "template-text",
        "A text that looks like an expression",
        "Nothing computes in a template outside of braces: the text itself would be shown.",
        "Put the expression into braces, as in `{body.message}`.",
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
