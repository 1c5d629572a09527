"""The codes of problems with what mappings make of expressions and files."""

from __future__ import annotations

# name, title, why, fix; see codes.Code
PLANS = (
    (
        "call-order",
        "A call that comes too late",
        "A call uses only the answers of calls above it, so this one isn't there yet.",
        "Move the call above the one that needs it.",
    ),
    (
        "deadline-too-short",
        "Calls that may outlast the deadline",
        "The last ones would be cut off when all are slow, and an effect be left in doubt.",
        "Lower timeouts or attempts until the sum fits.",
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
        "Everything is read and checked before the first effect runs.",
        "Write the reads first, then the effects.",
    ),
    (
        "first-page",
        "A request that can't ask for the first page",
        "`page.next` is what the page before gave, and before the first there is none.",
        "End the key with `?`, so that it is left out while it is null.",
    ),
    (
        "graphql-syntax",
        "A GraphQL document that can't be read",
        "The vendor would refuse it each time.",
        "Write one query or one mutation.",
    ),
    (
        "graphql-variable",
        "A variable that doesn't fit its GraphQL operation",
        "The vendor would refuse the operation each time.",
        "Declare, use and give the same variables.",
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
        "never-shared",
        "A call that is to be shared, and never can be",
        "What differs from exchange to exchange decides on its answer, beside the keys.",
        "Make the request from the keys and the settings alone, or don't share it.",
    ),
    (
        "no-effect",
        "A consume contract that changes nothing",
        "Nacelle takes the answer 200 for done, and nothing would have been done.",
        "Add the call that does it, or leave `effect: false` out of it.",
    ),
    (
        "no-undo",
        "An effect that nothing takes back",
        "When a later effect fails for good, the order stays done in part, and is held.",
        "Say with `undo` how the vendor takes it back.",
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
        "schema-keyword",
        "A keyword that JSON Schema doesn't know",
        "Validators pass over it in silence, so what it was to say isn't held.",
        "Correct the spelling.",
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
        "stock-taken-twice",
        "Stock that two mappings take",
        "One takes an order's items as stock, the other sends the order, which takes them too.",
        "Load one of the two, or send orders for which the vendor takes nothing.",
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
        "unused-page",
        "Pages that nobody asks for",
        "A request that doesn't say which page it wants gets the first again and again.",
        "Put `page.next`, `page.offset` or `page.number` where the vendor looks for it.",
    ),
    (
        "unused-idempotency",
        "An idempotency key that isn't sent",
        "The vendor recognises a repeat only by a key in the request.",
        "Put the key where the vendor looks for it.",
    ),
)
